package nakama_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/transport"
)

// strict is a room that takes two messages a second of each player, and says so.
type strict struct{ room }

func (s strict) Init(ctx context.Context, q match.Params) (struct{}, match.Settings, error) {
	state, set, err := s.room.Init(ctx, q)
	set.SenderRate, set.TellDrops = 2, true
	return state, set, err
}

func TestPlayersAreToldOfDroppedMessages(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, func(w *world, _ *nakama.Config) {
			match.Register(w.matches, "strict", match.Handler[struct{}](strict{}))
		})
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		id, err := w.matches.Create(t.Context(), "strict", nil)
		require.NoError(t, err)
		bob.ask(join(string(id)))
		bob.next()
		bob.next()
		ann.ask(join(string(id)))
		for _, c := range []*client{ann, bob} {
			c.next()
			c.next()
		}
		for range 5 {
			ann.send(data(string(id), 1, "x"))
		}
		told := ann.next().GetNotifications().GetNotifications()
		require.Len(t, told, 1)
		require.Equal(t, "match_data_dropped", told[0].Subject)
		require.EqualValues(t, -100, told[0].Code)
		require.False(t, told[0].Persistent)
		var content struct {
			Match   string `json:"match_id"`
			Dropped int    `json:"dropped"`
		}
		require.NoError(t, json.Unmarshal([]byte(told[0].Content), &content))
		require.Equal(t, string(id), content.Match)
		require.Equal(t, 3, content.Dropped)
		for _, c := range []*client{ann, bob} {
			require.NotNil(t, c.next().GetMatchData())
			require.NotNil(t, c.next().GetMatchData())
		}
		time.Sleep(time.Second)
		bob.nothing()
	})
}
