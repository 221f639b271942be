package match_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// inLoop runs f in the first Loop of a match with members ann, bob and cid, and returns what came of it.
func inLoop(t *testing.T, f func(c turn)) []string {
	t.Helper()
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error {
		if c.tick.N == 0 {
			f(c)
		}
		return nil
	}}, match.Config{})
	w.create(ann, bob, cid)
	w.tick(2)
	return w.take()
}

func TestBroadcastRecipients(t *testing.T) {
	type ps = []presence.Presence
	for _, c := range []struct {
		name       string
		to, except ps
		want       string
	}{
		{"nil is everybody", nil, nil, "ann,bob,cid"},
		{"empty is nobody", ps{}, nil, ""},
		{"some, in the order given", ps{cid, ann}, nil, "cid,ann"},
		{"no non-members", ps{dan, bob}, nil, "bob"},
		{"only non-members is nobody", ps{dan}, nil, ""},
		{"all but some", nil, ps{bob, dan}, "ann,cid"},
		{"all but all", nil, ps{ann, bob, cid}, ""},
		{"some but some", ps{ann, bob}, ps{bob}, "ann"},
		{"an empty exception is none", nil, ps{}, "ann,bob,cid"},
	} {
		for name, send := range map[string]func(*match.Dispatcher, match.Outgoing) error{
			"Broadcast": (*match.Dispatcher).Broadcast, "BroadcastDeferred": (*match.Dispatcher).BroadcastDeferred,
		} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				got := inLoop(t, func(d turn) {
					require.NoError(t, send(d.Dispatcher, match.Outgoing{Op: 7, Data: []byte("x"), To: c.to, Except: c.except}))
				})
				if c.want == "" {
					require.Empty(t, got)
					return
				}
				require.Equal(t, []string{`data 7 "x" to ` + c.want, "flush " + c.want}, got)
			})
		}
	}
}

func TestOutboxGetsTheMessageAsItWas(t *testing.T) {
	out := &capture{}
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error {
		data := []byte("later")
		o := match.Outgoing{
			Op: 3, Data: data, To: []presence.Presence{{Session: "ann"}}, Except: []presence.Presence{bob},
			From: bob, Unreliable: true, Replace: 9,
		}
		require.NoError(t, c.BroadcastDeferred(o))
		copy(data, "XXXXX")
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 4}))
		return nil
	}}, match.Config{Outbox: out})
	id := w.create(ann, bob)
	w.tick(1)
	require.Equal(t, []match.Outgoing{
		{Op: 4},
		{Op: 3, Data: []byte("later"), From: bob, Unreliable: true, Replace: 9},
	}, out.sent)
	require.Equal(t, id, out.id)
	require.Equal(t, ann, out.to[0], "recipients are told as they joined")
}

// capture keeps messages whole.
type capture struct {
	journal
	id   match.ID
	to   []presence.Presence
	sent []match.Outgoing
}

func (c *capture) MatchData(id match.ID, to []presence.Presence, m match.Outgoing) {
	c.id, c.to, c.sent = id, append([]presence.Presence(nil), to...), append(c.sent, m)
}

func TestDeferredMessagesFollowAllOthers(t *testing.T) {
	got := inLoop(t, func(c turn) {
		require.NoError(t, c.BroadcastDeferred(match.Outgoing{Op: 1}))
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 2}))
		require.NoError(t, c.BroadcastDeferred(match.Outgoing{Op: 3, To: []presence.Presence{ann}}))
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 4}))
	})
	require.Equal(t, []string{
		`data 2 "" to ann,bob,cid`, `data 4 "" to ann,bob,cid`,
		`data 1 "" to ann,bob,cid`, `data 3 "" to ann`, "flush ann,bob,cid",
	}, got)
}

// Whom a deferred message is for is fixed when it is sent, also if that member is kicked by the same callback.
func TestDeferredMessagesLeaveAfterAnyCallback(t *testing.T) {
	w := newWorld(t, &script{
		attempt: func(c turn, _ match.Joiner) error { return c.BroadcastDeferred(match.Outgoing{Op: 1}) },
		signal: func(c turn, _ string) (string, error) {
			require.NoError(t, c.Kick(ann))
			return "", c.BroadcastDeferred(match.Outgoing{Op: 2})
		},
		leave: func(c turn, _ []match.Departure) error { return c.BroadcastDeferred(match.Outgoing{Op: 3}) },
	}, match.Config{})
	id := w.create(ann)
	require.NoError(t, w.join(id, bob))
	require.Equal(t, []string{`data 1 "" to ann`, "flush ann", "presence +bob - to ann,bob", "flush ann,bob"}, w.take())
	_, err := w.Signal(t.Context(), id, "")
	require.NoError(t, err)
	require.Equal(t, []string{
		`data 2 "" to ann,bob`, "flush ann,bob",
		"presence + -ann to bob", "presence + -ann to ann", `data 3 "" to bob`, "flush bob", "flush ann",
	}, w.take())
}

func TestDeferredMessagesAreBoundedPerCallback(t *testing.T) {
	rounds := &script{loop: func(c turn, _ []match.Message) error {
		for range 100 {
			require.NoError(t, c.BroadcastDeferred(match.Outgoing{Op: 1}))
		}
		return nil
	}}
	w := newWorld(t, rounds, match.Config{})
	w.create(ann)
	w.tick(3)
	require.Len(t, w.take(), 3*(100+1), "those of other callbacks do not count")

	got := inLoop(t, func(c turn) {
		for range 128 {
			require.NoError(t, c.BroadcastDeferred(match.Outgoing{Op: 1}))
		}
		require.ErrorIs(t, c.BroadcastDeferred(match.Outgoing{Op: 1}), match.ErrTooManyDeferred)
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 2}))
	})
	require.Len(t, got, 1+128+1)
}

func TestLogNamesTheMatch(t *testing.T) {
	var out strings.Builder
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error { c.Log().Info("hello"); return nil }},
		match.Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	id := w.create()
	w.tick(1)
	require.Contains(t, out.String(), "msg=hello match="+string(id)+" handler=m")
}

func TestFlushTellsExactlyThoseWhoGotSomething(t *testing.T) {
	got := inLoop(t, func(c turn) {
		c.Flush()
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 1, To: []presence.Presence{ann}}))
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 2, To: []presence.Presence{cid, ann}}))
		c.Flush()
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 3, To: []presence.Presence{bob, dan}}))
		c.Flush()
		c.Flush()
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 4, To: []presence.Presence{bob}}))
		require.NoError(t, c.Broadcast(match.Outgoing{Op: 5}))
	})
	require.Equal(t, []string{
		`data 1 "" to ann`, `data 2 "" to cid,ann`, "flush ann,cid",
		`data 3 "" to bob`, "flush bob",
		`data 4 "" to bob`, `data 5 "" to ann,bob,cid`, "flush ann,bob,cid",
	}, got)
}

func TestDispatcherOutsideOfACallback(t *testing.T) {
	var kept *match.Dispatcher
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error {
		kept = c.Dispatcher
		return nil
	}}, match.Config{})
	id := w.create(ann)
	w.tick(1)
	check := func() {
		require.ErrorIs(t, kept.Broadcast(match.Outgoing{}), match.ErrOutside)
		require.ErrorIs(t, kept.BroadcastDeferred(match.Outgoing{}), match.ErrOutside)
		require.ErrorIs(t, kept.Kick(ann), match.ErrOutside)
		require.ErrorIs(t, kept.SetLabel(""), match.ErrOutside)
		require.Nil(t, kept.Members())
		kept.Flush()
	}
	check()
	require.Empty(t, w.take())
	require.NoError(t, w.End(t.Context(), id, 0))
	w.take()
	check()
	require.Empty(t, w.take())
	require.Equal(t, id, kept.ID())
}

func TestLabelChangesTheMomentTheCallbackEnds(t *testing.T) {
	var w *world
	listed := func() string {
		all, err := w.List(match.ListRequest{})
		require.NoError(t, err)
		require.Len(t, all.Matches, 1)
		return all.Matches[0].Label
	}
	out := &listing{journal: &journal{}, listed: listed}
	w = newWorld(t, &script{
		set: match.Settings{Label: "first"},
		loop: func(c turn, _ []match.Message) error {
			require.NoError(t, c.Broadcast(match.Outgoing{}))
			require.NoError(t, c.SetLabel("second"))
			require.Equal(t, "first", listed(), "not before")
			return nil
		},
	}, match.Config{Outbox: out})
	w.create(ann)
	w.tick(1)
	require.Equal(t, "second", listed())
	require.Equal(t, "second", out.last, "who is told of it finds it")
}

// listing lists the match at each Flush.
type listing struct {
	*journal
	listed func() string
	last   string
}

func (l *listing) Flush(match.ID, []presence.Presence) { l.last = l.listed() }

func TestLabelsAreBounded(t *testing.T) {
	for _, c := range []struct {
		bytes int
		err   error
		want  int
	}{{0, nil, 0}, {2048, nil, 2048}, {2049, match.ErrLabel, 3}} {
		t.Run(fmt.Sprint(c.bytes), func(t *testing.T) {
			w := newWorld(t, &script{set: match.Settings{Label: "old"}, signal: func(d turn, _ string) (string, error) {
				return "", d.SetLabel(strings.Repeat("x", c.bytes))
			}}, match.Config{})
			id := w.create()
			_, err := w.Signal(t.Context(), id, "")
			require.ErrorIs(t, err, c.err)
			info, err := w.Get(id)
			require.NoError(t, err)
			require.Len(t, info.Label, c.want)
		})
	}
}
