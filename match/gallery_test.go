package match_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// counter is a match that says the number of each tick: to all, to ann, and to all but ann.
func counter(set match.Settings) *script {
	return &script{set: set, loop: func(c turn, _ []match.Message) error {
		only := []presence.Presence{ann}
		_ = c.Broadcast(match.Outgoing{Op: c.tick.N})
		_ = c.Broadcast(match.Outgoing{Op: 100 + c.tick.N, To: only})
		return c.Broadcast(match.Outgoing{Op: 200 + c.tick.N, Except: only})
	}}
}

func (w *world) watch(id match.ID, p presence.Presence, delay time.Duration) error {
	return w.Watch(w.t.Context(), seat(id, p), delay)
}

func TestSpectatorReceivesWhatGoesToAll(t *testing.T) {
	w := newWorld(t, counter(match.Settings{Capacity: 2}), match.Config{})
	id := w.create(ann)
	q := seat(id, cid)
	q.Accepted = func(j match.Joined) { w.add("accepted %s of %s %v", j.Self.Session, names(j.Members), j.Again) }
	require.NoError(t, w.Watch(t.Context(), q, 0))
	require.Equal(t, []string{"accepted cid of ann false", "flush cid"}, w.take(), "nobody else is told")
	require.NoError(t, w.Watch(t.Context(), q, 0))
	require.Equal(t, []string{"accepted cid of ann true", "flush cid"}, w.take())
	sink := watchBy(t, w, id, dan, 0)
	require.Equal(t, []string{"EOF"}, heard(t, watchBy(t, w, id, dan, 0)), "the first sink goes on")
	require.Equal(t, 2, w.figures(id).Spectators)

	require.NoError(t, w.join(id, bob), "a spectator takes no seat")
	w.tick(1)
	require.Equal(t, []string{
		"presence +bob - to ann,bob,cid", "flush ann,bob,cid",
		`data 0 "" to ann,bob,cid`, `data 100 "" to ann`, `data 200 "" to bob`, "flush ann,bob,cid",
	}, w.take())
	require.Equal(t, []string{"presence +bob -", `data 0 ""`}, heard(t, sink))

	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, 2, info.Size)
	require.Equal(t, 2, info.Taken)
	require.ErrorIs(t, w.Send(id, "cid", match.Message{}), match.ErrNotMember)

	require.NoError(t, w.Leave(id, "cid", match.Left))
	require.ErrorIs(t, w.Leave(id, "cid", match.Left), match.ErrNotMember)
	require.Empty(t, w.take())
	require.NoError(t, w.watch(id, cid, 0))
	require.NoError(t, w.Kick(id, cid, dan))
	require.Equal(t, []string{"presence + -cid to cid", "flush cid"}, w.take(), "who is kicked is told")
	require.Equal(t, []string{"presence + -dan", "EOF"}, heard(t, sink))
	require.Zero(t, w.figures(id).Spectators)

	require.NoError(t, w.watch(id, cid, 0))
	sink = watchBy(t, w, id, dan, 0)
	require.NoError(t, w.End(t.Context(), id, 0))
	require.Equal(t, []string{"ended (match: stopped) to ann,bob,cid", "flush ann,bob,cid"}, w.take())
	require.Equal(t, []string{"ended (match: stopped)", "EOF"}, heard(t, sink))
	require.ErrorIs(t, w.watch(id, cid, 0), match.ErrNotFound)
}

func watchBy(t *testing.T, w *world, id match.ID, p presence.Presence, delay time.Duration) *match.Sink {
	t.Helper()
	q, sink := bot(id, p)
	require.NoError(t, w.Watch(t.Context(), q, delay))
	return sink
}

// The handler of a match cannot tell whether anybody watches, but for being woken.
func TestSpectatorsAreNotSeenByTheHandler(t *testing.T) {
	w := newWorld(t, &script{
		attempt: func(_ turn, who match.Joiner) error { require.Equal(t, "ann", who.Session); return nil },
		join:    func(_ turn, who []presence.Presence) error { require.Equal(t, "ann", names(who)); return nil },
		leave:   func(turn, []match.Departure) error { t.Error("leave"); return nil },
		loop: func(c turn, _ []match.Message) error {
			require.Equal(t, "ann", names(c.Members()))
			return c.Kick(bob)
		},
	}, match.Config{Hooks: match.Hooks{
		Joined: func(_ match.ID, p presence.Presence) { require.Equal(t, ann, p) },
		Ended:  func(_ match.Info, roster []presence.Presence, _ error) { require.Equal(t, "ann", names(roster)) },
	}})
	id := w.create(ann)
	require.NoError(t, w.watch(id, bob, 0))
	w.tick(1)
	require.Equal(t, []string{"presence + -bob to bob", "flush bob"}, w.take())
	require.NoError(t, w.watch(id, bob, 0))
	require.NoError(t, w.Leave(id, "bob", match.Disconnected))
	require.NoError(t, w.watch(id, bob, 0))
	require.NoError(t, w.End(t.Context(), id, 0))
}

func TestMatchLimitsItsSpectators(t *testing.T) {
	w := newWorld(t, &script{set: match.Settings{Spectators: 2}}, match.Config{})
	id := w.create()
	require.NoError(t, w.watch(id, ann, 0))
	require.NoError(t, w.watch(id, bob, time.Second))
	require.ErrorIs(t, w.watch(id, cid, 0), match.ErrFull)
	require.NoError(t, w.watch(id, bob, 0), "again")
	require.NoError(t, w.Leave(id, "ann", match.Left))
	require.NoError(t, w.watch(id, cid, 0))

	w = newWorld(t, &script{set: match.Settings{Spectators: -1}}, match.Config{})
	id = w.create(ann)
	require.ErrorIs(t, w.watch(id, bob, 0), match.ErrNoSpectators)
	require.NoError(t, w.watch(id, ann, 0), "a member receives all of it anyway")
}

func TestSpectatorTakesASeat(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Second} {
		w := newWorld(t, counter(match.Settings{}), match.Config{})
		id := w.create(ann)
		require.NoError(t, w.watch(id, bob, delay))
		w.tick(1)
		w.take()
		require.NoError(t, w.join(id, bob))
		require.Equal(t, []string{"presence +bob - to ann,bob", "flush ann,bob"}, w.take())
		w.tick(20)
		for _, line := range w.take() {
			require.NotEqual(t, `data 0 "" to bob`, line, "what was still to come is not sent")
		}
		require.NoError(t, w.Leave(id, "bob", match.Left))
		w.take()
		w.tick(20)
		for _, line := range w.take() {
			require.NotContains(t, line, "bob", "it does not watch any more")
		}
	}
}

func TestDelayedSpectators(t *testing.T) {
	w := newWorld(t, counter(match.Settings{}), match.Config{})
	id := w.create(ann)
	w.tick(1)
	require.NoError(t, w.watch(id, bob, 150*time.Millisecond)) // while tick 1 is the next
	sink := watchBy(t, w, id, dan, 150*time.Millisecond)
	require.NoError(t, w.join(id, cid))
	w.tick(1)
	require.NoError(t, w.watch(id, again(bob), 150*time.Millisecond))
	w.take()
	w.clock.Advance(40 * time.Millisecond)
	require.Empty(t, w.take())
	require.Empty(t, heard(t, sink))
	w.clock.Advance(10 * time.Millisecond)
	require.Equal(t, []string{"presence +cid - to bob", "flush bob"}, w.take()[:2:2])
	require.Equal(t, []string{"presence +cid -"}, heard(t, sink))
	w.clock.Advance(100 * time.Millisecond)
	require.Contains(t, w.take(), `data 1 "" to bob`, "who came later does not get it")
	require.Equal(t, []string{`data 1 ""`}, heard(t, sink))
	w.clock.Advance(100 * time.Millisecond)
	require.Contains(t, w.take(), `data 2 "" to bob,bob2`)
	require.NoError(t, w.Leave(id, "bob2", match.Left))
	w.clock.Advance(100 * time.Millisecond)
	require.Contains(t, w.take(), `data 3 "" to bob`)
}

// Each spectator has its own delay, and hears everything once.
func TestSpectatorsWithDifferentDelays(t *testing.T) {
	w := newWorld(t, counter(match.Settings{}), match.Config{})
	id := w.create(ann)
	require.NoError(t, w.watch(id, bob, 150*time.Millisecond))
	require.NoError(t, w.watch(id, cid, 350*time.Millisecond))
	sooner, later := watchBy(t, w, id, dan, 150*time.Millisecond), watchBy(t, w, id, again(dan), 350*time.Millisecond)
	w.take()
	w.clock.Advance(460 * time.Millisecond)
	ofSpectators := slices.DeleteFunc(w.take(), func(line string) bool { return strings.Contains(line, "ann") })
	require.Equal(t, []string{
		`data 0 "" to bob`, "flush bob", `data 1 "" to bob`, "flush bob",
		`data 2 "" to bob`, "flush bob", `data 0 "" to cid`, "flush cid",
	}, ofSpectators)
	require.Equal(t, []string{`data 0 ""`, `data 1 ""`, `data 2 ""`}, heard(t, sooner))
	require.Equal(t, []string{`data 0 ""`}, heard(t, later))
}

// Who watches with a delay sees the match to its end.
func TestDelayedSpectatorsSeeTheEnd(t *testing.T) {
	w := newWorld(t, counter(match.Settings{}), match.Config{})
	id := w.create(ann)
	require.NoError(t, w.watch(id, bob, 10*every))
	require.NoError(t, w.watch(id, cid, 10*every))
	require.NoError(t, w.watch(id, dan, 10*every))
	sink := watchBy(t, w, id, again(dan), 10*every)
	w.tick(3)
	require.NoError(t, w.End(t.Context(), id, 0))
	require.Zero(t, w.Len())
	require.Contains(t, w.take(), "ended (match: stopped) to ann")
	require.NoError(t, w.Leave(id, "cid", match.Disconnected))
	require.ErrorIs(t, w.Leave(id, "ann", match.Left), match.ErrNotFound)
	require.NoError(t, w.Kick(id, dan))
	require.Equal(t, []string{"presence + -dan to dan", "flush dan"}, w.take())
	w.tick(9)
	require.Equal(t, []string{`data 0 "" to bob`, "flush bob", `data 1 "" to bob`, "flush bob"}, w.take())
	w.tick(1)
	require.Equal(t, []string{
		`data 2 "" to bob`, "ended (match: stopped) to bob", "flush bob",
	}, w.take())
	require.Equal(t, []string{`data 0 ""`, `data 1 ""`, `data 2 ""`, "ended (match: stopped)", "EOF"}, heard(t, sink))
	require.ErrorIs(t, w.Leave(id, "bob", match.Left), match.ErrNotFound)
}

func TestStoppingRegistryWaitsForNoDelay(t *testing.T) {
	for name, ended := range map[string]bool{"running": false, "ended": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, stop := live(t, counter(match.Settings{}), tick.Config{}, match.Config{})
				id := create(t, r)
				q, sink := bot(id, bob)
				require.NoError(t, r.Watch(t.Context(), q, time.Hour))
				pause(every)
				if ended {
					require.NoError(t, r.End(t.Context(), id, 0))
				}
				began := time.Now()
				stop()
				require.Zero(t, time.Since(began))
				require.Equal(t, []string{`data 0 ""`, "ended (match: stopped)", "EOF"}, heard(t, sink))
			})
		})
	}
}

func TestSleepingMatchIsSeenWithItsDelay(t *testing.T) {
	loops := 0
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error {
		loops++
		_ = c.Broadcast(match.Outgoing{Op: c.tick.N})
		return c.SleepUntil(time.Time{})
	}}, match.Config{})
	id := w.create()
	require.NoError(t, w.watch(id, bob, time.Minute))
	w.tick(1)
	w.take()
	w.clock.Advance(time.Hour)
	require.Equal(t, []string{`data 0 "" to bob`, "flush bob"}, w.take())
	require.Equal(t, 1, loops, "what spectators receive wakes nobody")
}

func TestCallerOfWatchMayGiveUp(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{})
	id := w.create()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q, sink := bot(id, bob)
	require.ErrorIs(t, w.Watch(ctx, q, 0), context.Canceled)
	require.NoError(t, w.Watch(t.Context(), q, 0), "the sink has not been used")
	require.Empty(t, heard(t, sink))
}

func TestSlowSpectatorIsRemoved(t *testing.T) {
	for _, delay := range []time.Duration{0, every} {
		w := newWorld(t, counter(match.Settings{}), match.Config{})
		id := w.create(ann)
		q := seat(id, bob)
		q.Sink = &match.Sink{Limit: 2}
		require.NoError(t, w.Watch(t.Context(), q, delay))
		w.tick(5)
		require.Equal(t, []string{`data 0 ""`, `data 1 ""`, match.ErrTooSlow.Error()}, heard(t, q.Sink))
		require.ErrorIs(t, w.Leave(id, "bob", match.Left), match.ErrNotMember)
	}
}

// Those whose seats are held when a match ends are in the roster of the hook, and in nothing that lingers.
func TestSpectatorLeavesAfterAnEndWithHeldSeats(t *testing.T) {
	h := &holder{hold: func(turn, presence.Presence) (time.Duration, error) { return time.Hour, nil }}
	w := newWorld(t, h, match.Config{})
	id := w.create(ann)
	q, _ := bot(id, bob)
	require.NoError(t, w.Join(t.Context(), q))
	require.NoError(t, w.watch(id, dan, every))
	require.NoError(t, w.Leave(id, "ann", match.Disconnected))
	require.NoError(t, w.End(t.Context(), id, 0))
	require.NoError(t, w.Leave(id, "dan", match.Left))
	require.ErrorIs(t, w.Leave(id, "dan", match.Left), match.ErrNotFound)
}
