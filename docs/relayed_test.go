package docs_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

// relayHub is how a host lets its players make relayed matches.
func relayHub(out *nakama.Outbox) (*relay.Hub, error) {
	return relay.New(relay.Config{
		Outbox:     out.Relay(),
		MaxCreated: 4, // matches at once that one user has created
		Hooks: relay.Hooks{
			Created: func(id relay.ID) { slog.Info("relayed match began", "id", id) },
			Ended:   func(id relay.ID) { slog.Info("relayed match ended", "id", id) },
		},
	})
}

func TestRelayHub(t *testing.T) {
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: transport.NewSessions(transport.Config{})})
	require.NoError(t, err)
	hub, err := relayHub(out)
	require.NoError(t, err)
	ann := presence.Presence{User: "u", Session: "s", Username: "ann"}
	for range 4 {
		_, err = hub.Create(relay.CreateRequest{Who: ann})
		require.NoError(t, err)
	}
	_, err = hub.Create(relay.CreateRequest{Who: ann})
	require.ErrorIs(t, err, relay.ErrTooMany)
	hub.LeaveAll(ann.Session)
}
