package match_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// holder is a script that keeps seats: for a minute if hold is nil.
type holder struct {
	script
	hold     func(c turn, who presence.Presence) (time.Duration, error)
	takeBack func(c turn, old, now presence.Presence) error
}

func (h *holder) Hold(
	ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, who presence.Presence,
) (time.Duration, error) {
	if h.hold == nil {
		return time.Minute, nil
	}
	return h.hold(turn{ctx, d, t}, who)
}

func (h *holder) Return(ctx context.Context, d *match.Dispatcher, t tick.Tick, _ *none, old, now presence.Presence) error {
	if h.takeBack == nil {
		return nil
	}
	return h.takeBack(turn{ctx, d, t}, old, now)
}

// newHoldingWorld is a world whose handler writes its callbacks to the journal, and whose hooks do too.
func newHoldingWorld(t *testing.T, h *holder, set match.Settings) *world {
	t.Helper()
	j := &journal{}
	hold, takeBack := h.hold, h.takeBack
	h.set = set
	h.attempt = func(_ turn, who match.Joiner) error { j.add("attempt %s", who.Session); return nil }
	h.join = func(_ turn, who []presence.Presence) error { j.add("join %s", names(who)); return nil }
	h.leave = func(_ turn, gone []match.Departure) error { j.add("leave %s", sessions(gone)); return nil }
	h.hold = func(c turn, who presence.Presence) (time.Duration, error) {
		j.add("hold %s, members %s", who.Session, names(c.Members()))
		if hold == nil {
			return time.Minute, nil
		}
		return hold(c, who)
	}
	h.takeBack = func(c turn, old, now presence.Presence) error {
		j.add("return %s for %s, members %s", now.Session, old.Session, names(c.Members()))
		if takeBack == nil {
			return nil
		}
		return takeBack(c, old, now)
	}
	hooks := j.hooks()
	hooks.Created = nil
	hooks.Held = func(_ match.ID, p presence.Presence, d time.Duration) { j.add("hook held %s %v", p.Session, d) }
	w := newWorld(t, h, match.Config{Outbox: j, Hooks: hooks})
	w.journal = j
	return w
}

// again is another session of a user.
func again(p presence.Presence) presence.Presence {
	p.Session += "2"
	return p
}

func (w *world) size(id match.ID) int {
	w.t.Helper()
	info, err := w.Get(id)
	require.NoError(w.t, err)
	return info.Size
}

// rejoin joins and writes the reply to the journal.
func (w *world) rejoin(id match.ID, p presence.Presence) error {
	q := seat(id, p)
	q.Accepted = func(j match.Joined) {
		w.add("accepted %s, others %s, again %t", j.Self.Session, names(j.Members), j.Again)
	}
	return w.Join(w.t.Context(), q)
}

func TestSeatOfADisconnectedPlayerIsHeld(t *testing.T) {
	w := newHoldingWorld(t, &holder{}, match.Settings{Capacity: 2})
	id := w.create(ann, bob)
	require.NoError(t, w.Leave(id, "bob", match.Disconnected))
	require.Equal(t, []string{
		"presence + -bob to ann", "hold bob, members ann", "flush ann", "hook held bob 1m0s",
	}, w.take(), "the others see the leave at once; no Leave")
	require.Equal(t, 1, w.size(id))
	require.ErrorIs(t, w.join(id, cid), match.ErrFull, "the seat is bob's")
	require.ErrorIs(t, w.Send(id, "bob", match.Message{}), match.ErrNotMember)
	require.ErrorIs(t, w.Leave(id, "bob", match.Disconnected), match.ErrNotMember)
	w.take()

	require.NoError(t, w.rejoin(id, again(bob)))
	require.Equal(t, []string{
		"return bob2 for bob, members ann",
		"accepted bob2, others ann, again false",
		"presence +bob2 - to ann,bob2",
		"hook left bob displaced", "hook joined bob2",
		"flush ann,bob2",
	}, w.take())
	require.Equal(t, 2, w.size(id))
	w.clock.Advance(2 * time.Minute)
	require.Empty(t, w.take(), "the hold is over")
	require.NoError(t, w.Leave(id, "bob2", match.Left))
	require.Equal(t, []string{"presence + -bob2 to ann", "hook left bob2 left", "leave bob2 left", "flush ann"}, w.take(),
		"who asks to leave is not held")
}

func TestHeldSeatIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		name string
		hold func(c turn, who presence.Presence) (time.Duration, error)
		then func(w *world, id match.ID)
		want []string
	}{
		{
			"when its time is over", nil, func(w *world, _ match.ID) { w.clock.Advance(time.Minute) },
			[]string{"hook held bob 1m0s", "hook left bob hold expired", "leave bob hold expired"},
		},
		{
			"not before", nil, func(w *world, _ match.ID) { w.clock.Advance(time.Minute - 1) },
			[]string{"hook held bob 1m0s"},
		},
		{
			"at once", func(turn, presence.Presence) (time.Duration, error) { return 0, nil }, nil,
			[]string{"hook left bob disconnected", "leave bob disconnected"},
		},
		{
			"by a kick", nil, func(w *world, id match.ID) { require.NoError(w.t, w.Kick(id, bob)) },
			[]string{"hook held bob 1m0s", "hook left bob kicked", "leave bob kicked"},
		},
		{
			"by a kick in Hold", func(c turn, p presence.Presence) (time.Duration, error) { return time.Hour, c.Kick(p) }, nil,
			[]string{"hook left bob kicked", "leave bob kicked"},
		},
		{
			"not when the match ends", nil, func(w *world, id match.ID) { require.NoError(w.t, w.End(w.t.Context(), id, 0)) },
			[]string{"hook held bob 1m0s", "ended (match: stopped) to ann", "flush ann", "hook ended m [ann,bob] (match: stopped)"},
		},
		{
			"not when Hold ends the match",
			func(turn, presence.Presence) (time.Duration, error) { return time.Hour, match.ErrEnd }, nil,
			[]string{"ended (<nil>) to ann", "flush ann", "hook ended m [ann,bob] (<nil>)"},
		},
		{
			"not when Hold fails",
			func(turn, presence.Presence) (time.Duration, error) { return 0, errors.New("oh") }, nil,
			[]string{"ended (oh) to ann", "flush ann", "hook ended m [ann,bob] (oh)"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newHoldingWorld(t, &holder{hold: c.hold}, match.Settings{Capacity: 2})
			id := w.create(ann, bob)
			require.NoError(t, w.Leave(id, "bob", match.Disconnected))
			if c.then != nil {
				c.then(w, id)
			}
			want := append([]string{"presence + -bob to ann", "hold bob, members ann", "flush ann"}, c.want...)
			require.Equal(t, want, w.take())
			if w.Len() == 1 && len(c.want) > 1 {
				require.NoError(t, w.join(id, cid), "the seat is free")
			}
		})
	}
}

func TestUserWithASeatUnderAnotherSessionTakesItOver(t *testing.T) {
	w := newHoldingWorld(t, &holder{}, match.Settings{Capacity: 2})
	id := w.create(bob, ann)
	require.NoError(t, w.rejoin(id, again(bob)))
	require.Equal(t, []string{
		"return bob2 for bob, members bob,ann",
		"accepted bob2, others ann, again false",
		"presence + -bob to ann", "presence + -bob to bob",
		"presence +bob2 - to ann,bob2",
		"hook left bob displaced", "hook joined bob2",
		"flush ann,bob2", "flush bob",
	}, w.take())
	require.ErrorIs(t, w.Leave(id, "bob", match.Disconnected), match.ErrNotMember)
	require.Equal(t, 2, w.size(id))

	require.NoError(t, w.rejoin(id, again(bob)))
	require.Equal(t, []string{"accepted bob2, others ann,bob2, again true", "flush bob2"}, w.take(), "the same session")
}

func TestReturnRefuses(t *testing.T) {
	broken := errors.New("database is down")
	for _, c := range []struct {
		name string
		err  error
	}{{"the player", match.Reject("no")}, {"by failing", broken}} {
		for _, connected := range []bool{true, false} {
			t.Run(c.name, func(t *testing.T) {
				err := c.err
				w := newHoldingWorld(t, &holder{takeBack: func(c turn, _, now presence.Presence) error {
					require.NoError(t, c.BroadcastDeferred(match.Outgoing{To: []presence.Presence{now}}))
					return err
				}}, match.Settings{})
				id := w.create(bob)
				if !connected {
					require.NoError(t, w.Leave(id, "bob", match.Disconnected))
					w.take()
				}
				require.ErrorIs(t, w.rejoin(id, again(bob)), c.err)
				require.Len(t, w.take(), 2, "Return and the hook; nobody hears of it")
				err = nil
				require.NoError(t, w.rejoin(id, again(bob)), "the seat stays")
				require.Contains(t, w.take(), `data 0 "" to bob2`)
			})
		}
	}
}

var errNotYou = errors.New("not you")

func TestReturnThatEndsTheMatchOrKicksThePlayer(t *testing.T) {
	for _, c := range []struct {
		name  string
		back  func(c turn, old, now presence.Presence) error
		ended bool
		err   error
	}{
		{"ends", func(turn, presence.Presence, presence.Presence) error { return match.ErrEnd }, true, nil},
		{"panics", func(turn, presence.Presence, presence.Presence) error { panic("oh") }, true, nil},
		{"kicks", func(c turn, old, _ presence.Presence) error { return c.Kick(old) }, false, match.ErrNotMember},
		{"kicks and refuses", func(c turn, old, _ presence.Presence) error {
			_ = c.Kick(old)
			return errNotYou
		}, false, errNotYou},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newHoldingWorld(t, &holder{takeBack: c.back}, match.Settings{})
			id := w.create(bob)
			require.NoError(t, w.Leave(id, "bob", match.Disconnected))
			err := w.rejoin(id, again(bob))
			require.Error(t, err)
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
			}
			require.Equal(t, c.ended, w.Len() == 0)
			require.NotContains(t, w.take(), "hook joined bob2")
		})
	}
}

// A Return may have the match ended though it lets the player in: then there is nothing to return to.
func TestReturnIntoTheEnd(t *testing.T) {
	h := &holder{takeBack: func(c turn, _, _ presence.Presence) error { return c.Kick(ann) }}
	h.leave = func(turn, []match.Departure) error { return match.ErrEnd }
	w := newWorld(t, h, match.Config{})
	id := w.create(ann, bob)
	q := seat(id, again(bob))
	q.Accepted = func(match.Joined) { t.Error("accepted") }
	require.ErrorIs(t, w.Join(t.Context(), q), match.ErrNotFound)
	require.Contains(t, w.take(), "ended (<nil>) to bob")
}

// What Return sends with Broadcast reaches those who are in; what it defers reaches the player too, after the reply.
func TestReturnTellsThePlayerHowThingsStand(t *testing.T) {
	w := newHoldingWorld(t, &holder{takeBack: func(c turn, old, now presence.Presence) error {
		for op, o := range []match.Outgoing{
			{To: []presence.Presence{now}}, {}, {Except: []presence.Presence{now}}, {To: []presence.Presence{old}},
		} {
			o.Op = int64(op)
			require.NoError(t, c.BroadcastDeferred(o))
		}
		return c.Broadcast(match.Outgoing{Op: 9})
	}}, match.Settings{})
	id := w.create(ann, bob)
	require.NoError(t, w.rejoin(id, again(bob)))
	require.Equal(t, []string{
		"return bob2 for bob, members ann,bob",
		`data 9 "" to ann,bob`, "flush ann,bob",
		"accepted bob2, others ann, again false",
		"presence + -bob to ann", "presence + -bob to bob", "presence +bob2 - to ann,bob2",
		"hook left bob displaced", "hook joined bob2",
		`data 0 "" to bob2`, `data 1 "" to ann,bob2`, `data 2 "" to ann`,
		"flush ann,bob2", "flush bob",
	}, w.take())
}

// What other callbacks defer after a return goes to whom it went to before.
func TestAReturnIsOverWhenItIsOver(t *testing.T) {
	h := &holder{}
	h.loop = func(c turn, _ []match.Message) error {
		return c.BroadcastDeferred(match.Outgoing{Op: 1, Except: []presence.Presence{ann}})
	}
	h.takeBack = func(_ turn, _, now presence.Presence) error {
		if now.Session == "bob22" {
			return match.Reject("no")
		}
		return nil
	}
	w := newHoldingWorld(t, h, match.Settings{})
	id := w.create(ann, bob)
	require.NoError(t, w.rejoin(id, again(bob)))
	w.take()
	w.tick(1)
	require.Equal(t, []string{`data 1 "" to bob2`, "flush bob2"}, w.take())
	require.Error(t, w.rejoin(id, again(again(bob))))
	w.take()
	w.tick(1)
	require.Equal(t, []string{`data 1 "" to bob2`, "flush bob2"}, w.take())
}

func TestDroppedInputIsCountedOverTheReturn(t *testing.T) {
	var gone []match.Departure
	h := &holder{}
	h.leave = func(_ turn, d []match.Departure) error { gone = append(gone, d...); return nil }
	w := newWorld(t, h, match.Config{})
	id := w.create(bob)
	for i, p := range []presence.Presence{bob, again(bob)} {
		require.NoError(t, w.Send(id, p.Session, match.Message{}))
		if i == 0 {
			require.NoError(t, w.Leave(id, p.Session, match.Disconnected))
			require.NoError(t, w.join(id, again(bob)))
		}
	}
	require.NoError(t, w.Leave(id, "bob2", match.Left))
	require.Equal(t, []match.Departure{{Presence: again(bob), Reason: match.Left, Dropped: 2}}, gone)
}

func TestHeldSeatKeepsAnEmptyMatch(t *testing.T) {
	w := newHoldingWorld(t, &holder{}, match.Settings{EmptyAfter: time.Second})
	id := w.create(bob)
	require.NoError(t, w.Leave(id, "bob", match.Disconnected))
	w.clock.Advance(time.Minute)
	require.Equal(t, 1, w.Len())
	w.clock.Advance(time.Second)
	require.Zero(t, w.Len())
}

func TestReserveForWhoHasASeat(t *testing.T) {
	w := newHoldingWorld(t, &holder{}, match.Settings{Capacity: 2})
	id := w.create(ann, bob)
	require.NoError(t, w.Leave(id, "bob", match.Disconnected))
	require.NoError(t, w.reserve(id, time.Hour, again(ann), again(bob)), "each has a seat already")
	w.clock.Advance(time.Minute)
	require.NoError(t, w.join(id, cid), "the hold is over")
}

// A caller who gives up while Return runs is in: Return may have changed the state and is not called back.
func TestCallerWhoGivesUpWhileReturnRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &holder{takeBack: func(turn, presence.Presence, presence.Presence) error { time.Sleep(2 * time.Second); return nil }}
		h.set.Overrun = match.Skip
		r, _ := live(t, h, tick.Config{}, match.Config{})
		id := create(t, r)
		require.NoError(t, r.Join(t.Context(), seat(id, bob)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.NoError(t, r.Join(ctx, seat(id, again(bob))))
		require.NoError(t, r.Leave(id, "bob2", match.Left))
	})
}
