package match_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// books are what must be true of a match whatever happens to it. They are its handler, its outbox and its hooks.
type books struct {
	*holder
	t        *rapid.T
	capacity int
	seats    map[string]string // user to session, as Join, Return and Leave tell
	in       map[string]bool   // sessions that Hooks.Joined told of and Hooks.Left did not
	lastOp   map[string]int64  // by session
	over     bool              // the hook has told of the end
	told     bool              // the clients have been told
}

func newBooks(t *rapid.T, capacity int) *books {
	b := &books{
		holder: &holder{}, t: t, capacity: capacity,
		seats: make(map[string]string), in: make(map[string]bool), lastOp: make(map[string]int64),
	}
	b.set = match.Settings{Capacity: capacity, Inbox: 4}
	b.attempt = func(turn, match.Joiner) error {
		b.running()
		if rapid.IntRange(0, 9).Draw(t, "refuse") == 0 {
			return match.Reject("no")
		}
		return nil
	}
	b.join = func(c turn, who []presence.Presence) error {
		b.running()
		for _, p := range who {
			require.NotContains(t, b.seats, p.User, "joined twice")
			b.seats[p.User] = p.Session
		}
		require.LessOrEqual(t, len(b.seats), capacity)
		require.LessOrEqual(t, len(c.Members()), len(b.seats))
		return c.Broadcast(match.Outgoing{Op: 1})
	}
	b.leave = func(c turn, gone []match.Departure) error {
		b.running()
		for _, d := range gone {
			require.Equal(t, d.Session, b.seats[d.User], "left without a seat")
			delete(b.seats, d.User)
		}
		return c.BroadcastDeferred(match.Outgoing{Op: 2})
	}
	b.hold = func(turn, presence.Presence) (time.Duration, error) {
		b.running()
		return time.Duration(rapid.IntRange(0, 3).Draw(t, "hold")) * every, nil
	}
	b.takeBack = func(_ turn, old, now presence.Presence) error {
		b.running()
		require.Equal(t, old.Session, b.seats[old.User])
		if rapid.IntRange(0, 3).Draw(t, "refuse return") == 0 {
			return match.Reject("no")
		}
		b.seats[now.User] = now.Session
		return nil
	}
	b.loop = b.read
	b.signal = func(c turn, data string) (string, error) {
		b.running()
		if data == "end" {
			return data, match.ErrEnd
		}
		return data, c.Kick(who(data))
	}
	return b
}

// read is the Loop.
func (b *books) read(c turn, in []match.Message) error {
	b.running()
	for _, m := range in {
		require.Equal(b.t, m.From.Session, b.seats[m.From.User], "heard without a seat")
		require.Greater(b.t, m.Op, b.lastOp[m.From.Session], "out of order")
		b.lastOp[m.From.Session] = m.Op
	}
	return c.Broadcast(match.Outgoing{Op: 3})
}

// running is called by all callbacks and for all that is sent to members.
func (b *books) running() { require.False(b.t, b.over || b.told, "after the end") }

func (b *books) MatchData(match.ID, []presence.Presence, match.Outgoing) { b.running() }
func (b *books) MatchPresence(_ match.ID, _, _, _ []presence.Presence)   { b.running() }
func (b *books) MatchEnded(_ match.ID, _ []presence.Presence, _ error)   { b.running(); b.told = true }

func (b *books) Flush(match.ID, []presence.Presence) { require.False(b.t, b.over) }

func (b *books) joined(_ match.ID, p presence.Presence) {
	require.False(b.t, b.in[p.Session])
	b.in[p.Session] = true
}

func (b *books) left(_ match.ID, d match.Departure) {
	require.True(b.t, b.in[d.Session], "left twice, or never joined")
	delete(b.in, d.Session)
}

func (b *books) ended(_ match.Info, roster []presence.Presence, _ error) {
	require.False(b.t, b.over)
	b.over = true
	for _, p := range roster {
		require.True(b.t, b.in[p.Session], "in the roster and not in the match")
		delete(b.in, p.Session)
	}
	require.Empty(b.t, b.in, "neither left nor in the roster")
}

// TestWhateverHappens plays random sequences of all that can happen to a match.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBooks(t, rapid.IntRange(1, 4).Draw(t, "capacity"))
		clock := tick.NewManual(noon)
		r, err := match.New(match.Config{Source: clock, Outbox: b, Hooks: match.Hooks{
			Joined: b.joined, Left: b.left, Ended: b.ended,
		}})
		require.NoError(t, err)
		match.Register(r, "m", match.Handler[none](b))
		id, err := r.Create(t.Context(), "m", nil)
		require.NoError(t, err)
		player := rapid.Custom(func(t *rapid.T) presence.Presence {
			p := who(rapid.SampledFrom([]string{"ann", "bob", "cid", "dan", "eve"}).Draw(t, "who"))
			for range rapid.IntRange(0, 2).Draw(t, "session") {
				p = again(p)
			}
			return p
		})
		op := int64(0)
		send := func(t *rapid.T) {
			p := player.Draw(t, "p")
			for range rapid.IntRange(1, 6).Draw(t, "n") {
				op++
				_ = r.Send(id, p.Session, match.Message{Op: op})
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"join":       func(t *rapid.T) { _ = r.Join(t.Context(), seat(id, player.Draw(t, "p"))) },
			"join more":  func(t *rapid.T) { _ = r.Join(t.Context(), seat(id, player.Draw(t, "p"))) },
			"bot":        func(t *rapid.T) { q, _ := bot(id, player.Draw(t, "p")); _ = r.Join(t.Context(), q) },
			"watch":      func(t *rapid.T) { q, _ := bot(id, player.Draw(t, "p")); _ = r.Watch(t.Context(), q, every) },
			"leave":      func(t *rapid.T) { _ = r.Leave(id, player.Draw(t, "p").Session, match.Left) },
			"disconnect": func(t *rapid.T) { _ = r.Leave(id, player.Draw(t, "p").Session, match.Disconnected) },
			"kick":       func(t *rapid.T) { _ = r.Kick(id, player.Draw(t, "p")) },
			"reserve": func(t *rapid.T) {
				span := time.Duration(rapid.IntRange(0, 3).Draw(t, "ticks")) * every
				_ = r.Reserve(t.Context(), id, []presence.Presence{player.Draw(t, "p")}, span)
			},
			"send": send, "send more": send,
			"signal": func(t *rapid.T) { _, _ = r.Signal(t.Context(), id, player.Draw(t, "p").Session) },
			"tick":   func(t *rapid.T) { clock.Advance(every * time.Duration(rapid.IntRange(1, 10).Draw(t, "n")) / 4) },
			"end": func(t *rapid.T) {
				if b.over {
					return // what the others do now must do nothing
				}
				switch rapid.IntRange(0, 40).Draw(t, "how") {
				case 0:
					require.NoError(t, r.End(t.Context(), id, 0))
				case 1:
					_, err := r.Signal(t.Context(), id, "end")
					require.NoError(t, err)
				default:
					return
				}
				require.True(t, b.over)
			},
			"": func(t *rapid.T) {
				info, err := r.Get(id)
				require.Equal(t, b.over, err != nil)
				require.LessOrEqual(t, info.Taken, b.capacity)
				require.LessOrEqual(t, info.Size, info.Taken)
			},
		})
		if !b.over {
			require.NoError(t, r.End(t.Context(), id, 0))
		}
		require.True(t, b.over)
	})
}
