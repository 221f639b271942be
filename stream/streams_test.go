package stream_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/stream"
)

func who(session string) presence.Presence {
	return presence.Presence{User: "u-" + session, Session: session, Username: "n-" + session}
}

var (
	ann, bob, cid = who("ann"), who("bob"), who("cid")
	news          = stream.Key{Mode: 100, Label: "news"}
	lobby         = stream.Key{Mode: 100, Label: "lobby"}
)

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

func (r *recorder) StreamData(k stream.Key, to []presence.Presence, m stream.Message) {
	text := fmt.Sprintf("%s %s: %s", k.Label, m.From.Session, m.Data)
	if m.Unreliable {
		text += " unreliable"
	}
	r.note(to, text)
}

func (r *recorder) StreamPresence(k stream.Key, to []presence.Presence, joined, left []stream.Member) {
	r.note(to, k.Label+signed("+", joined)+signed("-", left))
}

func (r *recorder) Flush(_ stream.Key, to []presence.Presence) { r.note(to, "|") }

func signed(sign string, all []stream.Member) string {
	var b strings.Builder
	for _, m := range all {
		b.WriteString(" " + sign + m.Session + m.Status)
	}
	return b.String()
}

// take returns what a session got since the last take; flushes are bars.
func (r *recorder) take(p presence.Presence) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := strings.Join(r.got[p.Session], " ")
	delete(r.got, p.Session)
	return got
}

// world is a Streams with its surroundings.
type world struct {
	*stream.Streams
	*recorder
	t *testing.T
}

func newWorld(t *testing.T, c stream.Config, all ...presence.Presence) *world {
	t.Helper()
	w := &world{t: t, recorder: &recorder{}}
	c.Outbox = w.recorder
	var err error
	w.Streams, err = stream.New(c)
	require.NoError(t, err)
	for _, p := range all {
		w.Enter(p)
	}
	return w
}

func (w *world) join(k stream.Key, as stream.As, all ...presence.Presence) {
	w.t.Helper()
	for _, p := range all {
		in, err := w.Join(k, p.Session, as)
		require.NoError(w.t, err)
		require.True(w.t, in)
	}
}

func (w *world) silence(all ...presence.Presence) {
	for _, p := range all {
		w.take(p)
	}
}

func TestNewRefusesAWrongConfig(t *testing.T) {
	for name, c := range map[string]stream.Config{
		"no outbox":       {},
		"negative number": {Outbox: &recorder{}, MaxJoined: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := stream.New(c)
			require.ErrorContains(t, err, "stream: ")
		})
	}
}

func TestMembersComeAndGo(t *testing.T) {
	w := newWorld(t, stream.Config{}, ann, bob)
	w.join(news, stream.As{Status: "!"}, ann)
	require.Equal(t, "news +ann! |", w.take(ann), "one sees oneself come")
	w.join(news, stream.As{}, bob)
	require.Equal(t, "news +bob |", w.take(ann))
	require.Equal(t, "news +bob |", w.take(bob))
	in, err := w.Join(news, bob.Session, stream.As{Status: "?"})
	require.NoError(t, err)
	require.False(t, in, "again changes nothing")
	require.Equal(t, []stream.Member{{ann, stream.As{Status: "!"}}, {bob, stream.As{}}}, w.List(news, false))
	require.Equal(t, 2, w.Count(news))
	require.Zero(t, w.Count(lobby))
	require.Empty(t, w.List(lobby, true))

	require.NoError(t, w.Update(news, bob.Session, stream.As{Status: "?", Persistence: true}))
	require.Equal(t, "news +bob? -bob |", w.take(ann))
	w.take(bob)
	require.NoError(t, w.Leave(news, ann.Session))
	require.ErrorIs(t, w.Leave(news, ann.Session), stream.ErrNotMember)
	require.ErrorIs(t, w.Leave(lobby, ann.Session), stream.ErrNotMember)
	require.Empty(t, w.take(ann))
	require.Equal(t, "news -ann! |", w.take(bob))
	require.NoError(t, w.Leave(news, bob.Session))
	require.Zero(t, w.Count(news))
	require.ErrorIs(t, w.Update(news, bob.Session, stream.As{}), stream.ErrNotMember)
	w.join(news, stream.As{}, ann)
	require.ErrorIs(t, w.Update(news, bob.Session, stream.As{}), stream.ErrNotMember)
}

func TestHiddenMembersHearAndAreNotSeen(t *testing.T) {
	w := newWorld(t, stream.Config{}, ann, bob)
	w.join(news, stream.As{}, ann)
	w.take(ann)
	w.join(news, stream.As{Hidden: true}, bob)
	require.Empty(t, w.take(ann))
	require.Empty(t, w.take(bob))
	require.Len(t, w.List(news, false), 1)
	require.Len(t, w.List(news, true), 2)
	require.Equal(t, 2, w.Count(news))
	require.NoError(t, w.Send(news, stream.Message{Data: "hi"}))
	require.Equal(t, "news : hi |", w.take(bob))
	require.NoError(t, w.Update(news, ann.Session, stream.As{Status: "!"}))
	require.Equal(t, "news +ann! -ann |", w.take(bob))
	w.take(ann)

	require.NoError(t, w.Update(news, bob.Session, stream.As{}))
	require.Equal(t, "news +bob |", w.take(ann), "who shows itself comes")
	require.NoError(t, w.Update(news, bob.Session, stream.As{Hidden: true}))
	require.Equal(t, "news -bob |", w.take(ann), "who hides goes")
	require.NoError(t, w.Leave(news, bob.Session))
	require.Empty(t, w.take(ann))
}

func TestSend(t *testing.T) {
	w := newWorld(t, stream.Config{}, ann, bob, cid)
	require.NoError(t, w.Send(news, stream.Message{Data: "to nobody"}))
	w.join(news, stream.As{}, ann, bob)
	w.join(lobby, stream.As{}, cid)
	w.silence(ann, bob, cid)
	require.NoError(t, w.Send(news, stream.Message{From: ann, Data: "hi", Unreliable: true}))
	require.Equal(t, "news ann: hi unreliable |", w.take(ann))
	require.Equal(t, "news ann: hi unreliable |", w.take(bob))
	require.Empty(t, w.take(cid))
	require.NoError(t, w.Send(news, stream.Message{Data: "you", To: []string{"bob", "cid", "bob"}}))
	require.NoError(t, w.Send(news, stream.Message{Data: "nobody", To: []string{"cid"}}))
	require.Empty(t, w.take(ann))
	require.Equal(t, "news : you |", w.take(bob))
	require.Empty(t, w.take(cid))
}

func TestTextsAreUTF8(t *testing.T) {
	w := newWorld(t, stream.Config{}, ann)
	const bad = "\xff"
	for _, k := range []stream.Key{{Subject: bad}, {Subcontext: bad}, {Label: bad}} {
		_, err := w.Join(k, ann.Session, stream.As{})
		require.ErrorIs(t, err, stream.ErrText)
	}
	_, err := w.Join(news, ann.Session, stream.As{Status: bad})
	require.ErrorIs(t, err, stream.ErrText)
	w.join(news, stream.As{}, ann)
	require.ErrorIs(t, w.Update(news, ann.Session, stream.As{Status: bad}), stream.ErrText)
	require.ErrorIs(t, w.Send(news, stream.Message{Data: bad}), stream.ErrText)
}

func TestClose(t *testing.T) {
	w := newWorld(t, stream.Config{}, ann, bob)
	w.join(news, stream.As{}, ann, bob)
	w.silence(ann, bob)
	w.Close(news)
	w.Close(news)
	require.Zero(t, w.Count(news))
	w.LeaveAll(ann.Session)
	require.Empty(t, w.take(bob), "nobody is told")
	w.join(news, stream.As{}, bob)
}

func TestLeaveAll(t *testing.T) {
	w := newWorld(t, stream.Config{MaxJoined: 2}, ann, bob)
	w.Enter(ann)
	w.join(news, stream.As{}, ann, bob)
	w.join(lobby, stream.As{}, ann, bob)
	_, err := w.Join(stream.Key{Mode: 101}, ann.Session, stream.As{})
	require.ErrorIs(t, err, stream.ErrTooMany)
	require.Zero(t, w.Count(stream.Key{Mode: 101}))
	w.silence(ann, bob)
	w.LeaveAll(ann.Session)
	w.LeaveAll(ann.Session)
	require.Equal(t, "news -ann | lobby -ann |", w.take(bob))
	for _, session := range []string{ann.Session, "unknown"} {
		_, err := w.Join(news, session, stream.As{})
		require.ErrorIs(t, err, stream.ErrNoSession)
	}
}

// Sessions come, are put into streams by the host, hear, and go, all at once: the race detector looks on, and in the end
// no stream has a member left.
func TestEverythingAtOnce(t *testing.T) {
	w := newWorld(t, stream.Config{})
	keys := []stream.Key{news, lobby}
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for i := range 50 {
				me := who(fmt.Sprint(g, "/", i))
				k := keys[i%2]
				w.Enter(me)
				var host sync.WaitGroup
				host.Go(func() { // it does not know when the session ends
					if _, err := w.Join(k, me.Session, stream.As{Hidden: i%3 == 0}); err != nil {
						assert.ErrorIs(t, err, stream.ErrNoSession)
					}
					_ = w.Update(k, me.Session, stream.As{Status: "!"})
				})
				if err := w.Send(k, stream.Message{Data: "hi"}); err != nil {
					t.Error(err)
				}
				w.List(k, true)
				if i%10 == 0 {
					w.Close(k)
				}
				w.LeaveAll(me.Session)
				host.Wait()
			}
		})
	}
	wg.Wait()
	require.Zero(t, w.Count(news))
	require.Zero(t, w.Count(lobby))
}
