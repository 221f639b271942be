package nakama_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
)

// inBubble runs a statement on a network in memory, where time is virtual.
func inBubble(t *testing.T, check statement) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, nil)
		defer w.run()()
		check(t, w, first, second)
	})
}

// withMeta is a join with metadata.
func withMeta(id string, meta map[string]string) *rtapi.Envelope {
	e := join(id)
	e.GetMatchJoin().Metadata = meta
	return e
}

func TestJoiningStatements(t *testing.T) {
	for name, check := range map[string]statement{
		"R016": func(t *testing.T, w *world, first, _ transport.Kind) {
			id := w.on(&stage{attempt: func(_ *match.Dispatcher, who match.Joiner) error {
				if reason, ok := who.Meta["refuse"]; ok {
					return match.Reject(reason)
				}
				return nil
			}})
			ann := w.connect("ann", first)
			ann.refused(withMeta(id, map[string]string{"refuse": "full up"}), 5, "full up")
			ann.refused(withMeta(id, map[string]string{"refuse": ""}), 5, "Match join rejected")
			require.NotNil(t, ann.ask(withMeta(id, map[string]string{"else": "x"})).GetMatch())
		},
		"R017": func(t *testing.T, w *world, first, second transport.Kind) {
			var metas []map[string]string
			id := w.on(&stage{attempt: func(_ *match.Dispatcher, who match.Joiner) error {
				metas = append(metas, who.Meta)
				return nil
			}})
			meta := map[string]string{"team": "red", "ü": "", "": "\"\\\n"}
			w.connect("ann", first).ask(withMeta(id, meta))
			w.connect("bob", second).ask(join(id))
			require.Equal(t, meta, metas[0])
			require.Empty(t, metas[1])
		},
		"R019": func(t *testing.T, w *world, first, second transport.Kind) {
			id := w.on(&stage{})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			in := ann.ask(join(id)).GetMatch()
			require.Equal(t, id, in.MatchId)
			require.True(t, in.Authoritative)
			require.NotNil(t, in.Label)
			require.Empty(t, in.Label.Value)
			require.Equal(t, "ann", in.Self.Username)
			require.Empty(t, in.Presences)
			require.Zero(t, in.Size)
			in = bob.ask(join(id)).GetMatch()
			require.Equal(t, "ann", names(in.Presences))
			require.EqualValues(t, 1, in.Size)
			require.Equal(t, "bob", in.Self.Username)
		},
		"R020": func(t *testing.T, w *world, first, second transport.Kind) {
			asked := 0
			id := w.on(&stage{attempt: func(*match.Dispatcher, match.Joiner) error { asked++; return nil }})
			ann := w.connect("ann", first)
			ann.enter(id)
			w.connect("bob", second).enter(id)
			ann.next()
			again := ann.ask(join(id)).GetMatch()
			require.Equal(t, 2, asked)
			require.EqualValues(t, 2, again.Size)
			require.ElementsMatch(t, []string{"ann", "bob"}, strings.Split(names(again.Presences), ","))
			ann.nothing()
		},
		"R022": func(t *testing.T, w *world, first, _ transport.Kind) {
			id := w.on(&stage{join: func(d *match.Dispatcher, _ []presence.Presence) error {
				return d.Broadcast(match.Outgoing{Op: 1, Data: []byte("welcome")})
			}})
			ann := w.connect("ann", first)
			ann.enter(id)
			require.Equal(t, "welcome", string(ann.next().GetMatchData().Data))
		},
		"R023": func(t *testing.T, w *world, first, second transport.Kind) {
			id := w.on(&stage{})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			ann.enter(id)
			bob.enter(id)
			e := ann.next().GetMatchPresenceEvent()
			require.Equal(t, id, e.MatchId)
			require.Equal(t, "bob", names(e.Joins))
			require.Empty(t, e.Leaves)
			ann.nothing()
			bob.nothing()
		},
		"R024": func(t *testing.T, w *world, first, second transport.Kind) {
			id := w.on(&stage{attempt: func(_ *match.Dispatcher, who match.Joiner) error {
				if who.Meta["end"] != "" {
					return match.ErrEnd
				}
				return nil
			}})
			w.connect("bob", second).enter(id)
			ann := w.connect("ann", first)
			ann.refused(withMeta(id, map[string]string{"end": "1"}), 5, "Match join rejected")
			ann.refused(join(id), 4, "Match not found")
		},
		"R025_differs": func(t *testing.T, w *world, first, _ transport.Kind) {
			id := w.on(&stage{})
			ann := w.connect("ann", first)
			for _, malformed := range []string{"zzz", "zzz."} {
				ann.refused(join(malformed), 3, "Invalid match ID")
			}
			ann.refused(join("b84ed8ed-a7b1-502f-83f6-90132e68adef.shoal"), 4, "Match not found")
			elsewhere := match.ID(id).UUID() + ".elsewhere"
			require.Equal(t, id, ann.ask(join(elsewhere)).GetMatch().MatchId, "the node is a hint")
		},
		"R026": queueOfJoins,
		"R027": func(t *testing.T, w *world, first, second transport.Kind) {
			id := w.on(&stage{attempt: func(_ *match.Dispatcher, who match.Joiner) error {
				if who.Username == "ann" {
					time.Sleep(11 * time.Second)
				}
				return nil
			}})
			ann := w.connect("ann", first)
			before := time.Now()
			ann.refused(join(id), 5, "Match join rejected")
			require.Equal(t, 10*time.Second, time.Since(before))
			time.Sleep(2 * time.Second)
			require.Zero(t, w.connect("bob", second).ask(join(id)).GetMatch().Size, "nothing is left of it")
		},
	} {
		t.Run(name, func(t *testing.T) { inBubble(t, check) })
	}
	t.Run("R018", func(t *testing.T) { overTCP(t, nil, whoIsJoining) })
}

// queueOfJoins fills the queue of a match that is busy for a while.
func queueOfJoins(t *testing.T, w *world, first, _ transport.Kind) {
	id := w.on(&stage{set: match.Settings{Every: time.Second}, loop: func(d *match.Dispatcher, _ []match.Message) error {
		time.Sleep(5 * time.Second)
		return d.SetRate(time.Hour)
	}})
	ann := w.connect("ann", first)
	time.Sleep(2 * time.Second)
	joined := make(chan error, 128)
	for i := range cap(joined) {
		name := fmt.Sprint("p", i)
		who := match.Joiner{Presence: presence.Presence{User: userID(name), Session: name, Username: name}}
		go func() { joined <- w.matches.Join(t.Context(), match.JoinRequest{ID: match.ID(id), Who: who}) }()
	}
	synctest.Wait()
	ann.refused(join(id), 5, "Match is not currently accepting join requests")
	for range cap(joined) {
		require.NoError(t, <-joined)
	}
	require.EqualValues(t, 128, ann.ask(join(id)).GetMatch().Size, "the match lives")
}

// whoIsJoining looks at what the server knows of a player.
func whoIsJoining(t *testing.T, w *world, first, _ transport.Kind) {
	seen := make(chan match.Joiner, 1)
	seated := make(chan presence.Presence, 1)
	id := w.on(&stage{
		attempt: func(_ *match.Dispatcher, who match.Joiner) error { seen <- who; return nil },
		join:    func(_ *match.Dispatcher, who []presence.Presence) error { seated <- who[0]; return nil },
	})
	expires := time.Now().Add(time.Hour).Truncate(time.Second)
	ann := w.connect("ann", first, func(h *nakama.Hello) { h.Expires = expires })
	self := ann.ask(join(id)).GetMatch().Self
	who := <-seen
	require.Equal(t, userID("ann"), who.User)
	require.Equal(t, "ann", who.Username)
	require.Equal(t, self.SessionId, who.Session)
	require.Equal(t, map[string]string{"of": "ann"}, who.Vars)
	require.True(t, who.Expires.Equal(expires), "%v", who.Expires)
	require.True(t, who.Addr.IsLoopback())
	require.Equal(t, who.Presence, <-seated, "a seat has none of it")
}

func TestDataStatements(t *testing.T) {
	for name, check := range map[string]statement{
		"R030": func(t *testing.T, w *world, first, _ transport.Kind) {
			got := make(chan []match.Message, 1)
			id := w.on(&stage{set: match.Settings{Every: time.Minute}, loop: func(_ *match.Dispatcher, in []match.Message) error {
				got <- append([]match.Message{}, in...)
				return match.ErrEnd
			}})
			ann := w.connect("ann", first)
			ann.enter(id)
			for i := range int64(300) {
				ann.send(data(id, i, ""))
			}
			ann.nothing()
			in := <-got
			require.Len(t, in, 128)
			for i, m := range in {
				require.EqualValues(t, i, m.Op)
			}
		},
		"R031": func(t *testing.T, w *world, first, second transport.Kind) {
			got := make(chan int, 1)
			id := w.on(&stage{set: match.Settings{Every: time.Minute}, loop: func(_ *match.Dispatcher, in []match.Message) error {
				got <- len(in)
				return match.ErrEnd
			}})
			ann := w.connect("ann", first)
			ann.send(data(id, 1, "from outside"))
			ann.nothing()
			bob := w.connect("bob", second)
			bob.enter(id)
			bob.ask(leave(id))
			bob.send(data(id, 1, "from one who has left"))
			bob.nothing()
			require.Zero(t, <-got)
		},
		"R032": func(t *testing.T, w *world, first, _ transport.Kind) {
			ann := w.connect("ann", first)
			for _, id := range []string{"", "zzz", "zzz."} {
				e := data(id, 1, "x")
				e.Cid = "7"
				ann.send(e)
				got := ann.next()
				require.EqualValues(t, 3, got.GetError().Code)
				require.Equal(t, "Invalid match ID", got.GetError().Message)
				require.Empty(t, got.Cid)
			}
		},
		"R036": func(t *testing.T, w *world, first, second transport.Kind) {
			id := w.on(&stage{join: func(d *match.Dispatcher, who []presence.Presence) error {
				return errors.Join(d.Broadcast(match.Outgoing{Op: 1, From: who[0]}), d.Broadcast(match.Outgoing{Op: 2}))
			}})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			ann.enter(id)
			ann.next()
			ann.next()
			self := bob.ask(join(id)).GetMatch().Self
			ann.next()
			from := ann.next().GetMatchData()
			require.EqualValues(t, 1, from.OpCode)
			require.Equal(t, self.SessionId, from.Presence.SessionId)
			require.Equal(t, self.UserId, from.Presence.UserId)
			require.Equal(t, "bob", from.Presence.Username)
			require.Nil(t, ann.next().GetMatchData().Presence)
		},
		"R037": func(t *testing.T, w *world, first, _ transport.Kind) {
			id := w.on(&stage{join: func(d *match.Dispatcher, _ []presence.Presence) error {
				return errors.Join(
					d.BroadcastDeferred(match.Outgoing{Op: 3}), d.Broadcast(match.Outgoing{Op: 1}),
					d.BroadcastDeferred(match.Outgoing{Op: 4}), d.Broadcast(match.Outgoing{Op: 2}),
				)
			}})
			ann := w.connect("ann", first)
			ann.enter(id)
			for i := range 4 {
				require.EqualValues(t, i+1, ann.next().GetMatchData().OpCode)
			}
		},
		"R039": func(t *testing.T, w *world, first, _ transport.Kind) {
			later := func(d *match.Dispatcher, op int64) error { return d.BroadcastDeferred(match.Outgoing{Op: op}) }
			id := w.on(&stage{ // with no tick for an hour
				join:   func(d *match.Dispatcher, _ []presence.Presence) error { return later(d, 1) },
				signal: func(d *match.Dispatcher, _ string) (string, error) { return "", later(d, 2) },
			})
			before := time.Now()
			ann := w.connect("ann", first)
			ann.enter(id)
			require.EqualValues(t, 1, ann.next().GetMatchData().OpCode)
			_, err := w.matches.Signal(t.Context(), match.ID(id), "")
			require.NoError(t, err)
			require.EqualValues(t, 2, ann.next().GetMatchData().OpCode)
			require.Less(t, time.Since(before), time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) { inBubble(t, check) })
	}
	t.Run("R033", func(t *testing.T) { overTCP(t, nil, whatArrives) })
}

// whatArrives compares a message as it was sent and as the match gets it.
func whatArrives(t *testing.T, w *world, first, _ transport.Kind) {
	got := make(chan match.Message, 2)
	id := w.on(&stage{set: match.Settings{Every: 10 * time.Millisecond}, loop: func(_ *match.Dispatcher, in []match.Message) error {
		for _, m := range in {
			got <- m
		}
		return nil
	}})
	ann := w.connect("ann", first)
	self := ann.ask(join(id)).GetMatch().Self
	for _, reliable := range []bool{true, false} {
		e := data(id, 1<<53+1, "\x00\xff exact")
		e.GetMatchDataSend().Reliable = reliable
		before := time.Now()
		ann.send(e)
		m := <-got
		require.EqualValues(t, 1<<53+1, m.Op)
		require.Equal(t, "\x00\xff exact", string(m.Data))
		require.Equal(t, !reliable, m.Unreliable)
		require.Equal(t, self.SessionId, m.From.Session)
		require.False(t, m.At.Before(before))
		require.False(t, m.At.After(time.Now()))
	}
}

func TestLeavingStatements(t *testing.T) {
	for name, check := range map[string]statement{
		"R041": func(t *testing.T, w *world, first, second transport.Kind) {
			gone := make(chan match.Departure, 1)
			id := w.on(&stage{leave: func(d []match.Departure) { gone <- d[0] }})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			ann.enter(id)
			bob.enter(id)
			ann.next()
			require.Nil(t, bob.ask(leave(id)).Message)
			require.Equal(t, match.Left, (<-gone).Reason)
			require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().Leaves))
			bob.nothing()
		},
		"R042": func(t *testing.T, w *world, first, second transport.Kind) {
			gone := make(chan match.Departure, 1)
			id := w.on(&stage{leave: func(d []match.Departure) { gone <- d[0] }})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			ann.enter(id)
			bob.enter(id)
			ann.next()
			bob.conn.Cut()
			require.Equal(t, match.Disconnected, (<-gone).Reason)
			require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().Leaves))
		},
		"R043_differs": func(t *testing.T, w *world, first, second transport.Kind) {
			var order []string
			got := 0
			id := w.on(&stage{
				set: match.Settings{Every: time.Second},
				signal: func(d *match.Dispatcher, _ string) (string, error) {
					err := d.Kick(d.Members()[1])
					order = append(order, "kicked")
					return "", err
				},
				leave: func(gone []match.Departure) { order = append(order, gone[0].Username+" "+gone[0].Reason.String()) },
				loop:  func(_ *match.Dispatcher, in []match.Message) error { got += len(in); return nil },
			})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			ann.enter(id)
			bob.enter(id)
			ann.next()
			_, err := w.matches.Signal(t.Context(), match.ID(id), "")
			require.NoError(t, err)
			require.Equal(t, "bob", names(bob.next().GetMatchPresenceEvent().Leaves), "it is told")
			require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().Leaves))
			bob.send(data(id, 1, "still here"))
			bob.nothing()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			require.Equal(t, []string{"kicked", "bob kicked"}, order)
			require.Zero(t, got)
		},
		"R044_differs": func(t *testing.T, w *world, first, second transport.Kind) {
			id := w.on(&stage{
				set:  match.Settings{Every: time.Second},
				loop: func(*match.Dispatcher, []match.Message) error { return match.ErrEnd },
			})
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			ann.enter(id)
			bob.enter(id)
			ann.next()
			for _, c := range []*client{ann, bob} {
				require.Equal(t, c.name, names(c.next().GetMatchPresenceEvent().Leaves), "told of the end as of one's own leave")
				c.refused(join(id), 4, "Match not found")
				c.nothing()
			}
		},
	} {
		t.Run(name, func(t *testing.T) { inBubble(t, check) })
	}
}
