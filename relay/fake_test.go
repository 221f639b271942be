package relay_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
)

func who(session string) presence.Presence {
	return presence.Presence{User: "u-" + session, Session: session, Username: "n-" + session, Node: "here"}
}

var ann, bob, cid = who("ann"), who("bob"), who("cid")

// recorder is an Outbox that writes down what each session gets.
type recorder struct {
	mu  sync.Mutex
	got map[string][]string
}

func (r *recorder) note(to []presence.Presence, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.got == nil {
		r.got = make(map[string][]string)
	}
	for _, p := range to {
		r.got[p.Session] = append(r.got[p.Session], text)
	}
}

func (r *recorder) RelayData(_ relay.ID, to []presence.Presence, m relay.Message) {
	text := fmt.Sprintf("%s: %d %s", m.From.Username, m.Op, m.Data)
	if m.Unreliable {
		text += " unreliable"
	}
	r.note(to, text)
}

func (r *recorder) RelayPresence(_ relay.ID, to, joined, left []presence.Presence) {
	r.note(to, strings.TrimSpace(signed("+", joined)+signed("-", left)))
}

func (r *recorder) Flush(_ relay.ID, to []presence.Presence) { r.note(to, "|") }

// accept writes the reply to a join down where the events go.
func (r *recorder) accept(j relay.Joined) {
	r.note([]presence.Presence{j.Self}, fmt.Sprintf("reply %d%s", j.Size, signed("", j.Members)))
}

// take returns what a session got since the last take; flushes are bars.
func (r *recorder) take(session presence.Presence) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := strings.Join(r.got[session.Session], " ")
	delete(r.got, session.Session)
	return got
}

func signed(sign string, all []presence.Presence) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(" " + sign + p.Session)
	}
	return b.String()
}

func newHub(t *testing.T, c relay.Config) (*relay.Hub, *recorder) {
	t.Helper()
	out := &recorder{}
	c.Outbox = out
	h, err := relay.New(c)
	require.NoError(t, err)
	return h, out
}

// matchOf returns a match with the given members, whose events are taken.
func matchOf(t *testing.T, h *relay.Hub, out *recorder, members ...presence.Presence) relay.ID {
	t.Helper()
	id := relay.NewID()
	for _, p := range members {
		require.NoError(t, h.Join(relay.JoinRequest{ID: id, Who: p, Create: true}))
	}
	for _, p := range members {
		out.take(p)
	}
	return id
}
