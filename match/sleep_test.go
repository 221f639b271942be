package match_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// beats notes when Loops ran, since noon.
type beats []time.Duration

func (b *beats) add(c turn) { *b = append(*b, c.tick.At.Sub(noon)) }

func (b *beats) take() []time.Duration {
	taken := *b
	*b = nil
	return taken
}

func TestSetRateInALoop(t *testing.T) {
	for _, c := range []struct {
		name string
		to   time.Duration
		want []time.Duration // after the tick at 200 ms
	}{
		{"faster", 10 * time.Millisecond, ms(210, 220, 230, 240)},
		{"slower", time.Second, ms(1200, 2200)},
		{"the same", every, ms(300, 400, 500)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ran beats
			w := newWorld(t, &script{loop: func(c2 turn, _ []match.Message) error {
				ran.add(c2)
				if c2.tick.N == 1 {
					return c2.SetRate(c.to)
				}
				return nil
			}}, match.Config{})
			id := w.create()
			w.tick(2)
			require.Equal(t, ms(100, 200), ran.take())
			w.clock.Advance(time.Duration(len(c.want)) * c.to)
			require.Equal(t, c.want, ran.take())
			info, err := w.Get(id)
			require.NoError(t, err)
			require.Equal(t, c.to, info.Every)
		})
	}
}

func TestSetRateBetweenTicks(t *testing.T) {
	for _, c := range []struct {
		name string
		from time.Duration
		to   time.Duration
		want []time.Duration // from 130 ms on
	}{
		{"counts from the last tick", every, 50 * time.Millisecond, ms(150, 200, 250)},
		{"or from now, if that is past", every, 10 * time.Millisecond, ms(140, 150, 160)},
		{"however slow it was", time.Hour, 10 * time.Millisecond, ms(140, 150, 160)},
		{"slower", every, 200 * time.Millisecond, ms(300, 500, 700)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ran beats
			w := newWorld(t, &script{
				set:    match.Settings{Every: c.from},
				loop:   func(c turn, _ []match.Message) error { ran.add(c); return nil },
				signal: func(c2 turn, _ string) (string, error) { return "", c2.SetRate(c.to) },
			}, match.Config{})
			id := w.create()
			w.clock.Advance(130 * time.Millisecond)
			ran.take()
			_, err := w.Signal(t.Context(), id, "")
			require.NoError(t, err)
			w.clock.Advance(c.want[2] - 130*time.Millisecond)
			require.Equal(t, c.want, ran.take())
		})
	}
}

func TestSetRateErrorsAndListing(t *testing.T) {
	var d *match.Dispatcher
	w := newWorld(t, &script{set: match.Settings{Label: "x"}, signal: func(c turn, _ string) (string, error) {
		d = c.Dispatcher
		require.ErrorIs(t, c.SetRate(time.Millisecond), match.ErrSettings)
		require.ErrorIs(t, c.SetRate(0), match.ErrSettings)
		require.NoError(t, c.SetLabel("y"))
		return "", c.SetRate(match.PerSecond(60))
	}}, match.Config{})
	id := w.create()
	_, err := w.Signal(t.Context(), id, "")
	require.NoError(t, err)
	require.ErrorIs(t, d.SetRate(time.Second), match.ErrOutside)
	require.ErrorIs(t, d.SleepUntil(time.Time{}), match.ErrOutside)
	q := "+tick_rate:60"
	page, err := w.List(match.ListRequest{Query: q})
	require.NoError(t, err)
	require.Len(t, page.Matches, 1)
	require.Equal(t, "y", page.Matches[0].Label)
	w.tick(3)
	f := w.figures(id)
	require.EqualValues(t, 18, f.Took.Count(), "who was refused has changed nothing: it does not sleep, and keeps its rate")
}

func TestSetRateForgivesWhatTheMatchIsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r, _ := live(t, &script{set: match.Settings{MaxBehind: 2}, loop: func(c turn, _ []match.Message) error {
			n++
			if n <= 10 {
				time.Sleep(2 * every)
				return c.SetRate(every + time.Duration(n%2))
			}
			return nil
		}}, tick.Config{}, match.Config{})
		id := create(t, r)
		pause(time.Minute)
		_, err := r.Get(id)
		require.NoError(t, err)
	})
}

// sleeper sleeps in the given Loops and writes down when each ran.
func sleeper(t *testing.T, until func(n int64) (time.Time, bool)) (*world, match.ID, *beats) {
	t.Helper()
	var ran beats
	w := newWorld(t, &script{
		loop: func(c turn, _ []match.Message) error {
			ran.add(c)
			if at, ok := until(c.tick.N); ok {
				return c.SleepUntil(at)
			}
			return nil
		},
	}, match.Config{})
	return w, w.create(ann), &ran
}

func TestSleepUntilADeadline(t *testing.T) {
	w, _, ran := sleeper(t, func(n int64) (time.Time, bool) { return noon.Add(time.Hour + 1), n == 1 })
	w.clock.Advance(time.Hour)
	require.Equal(t, ms(100, 200), ran.take(), "no ticks")
	w.clock.Advance(1 + 2*every)
	const woken = time.Hour + 1
	require.Equal(t, []time.Duration{woken, woken + every, woken + 2*every}, ran.take())
}

// A match that is woken late counts from its deadline: its Loop knows when it should have been.
func TestTheTurnAfterADeadlineIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var woken tick.Tick
		// One worker, and nobody who takes it away from a slow match.
		r, _ := live(t, &script{loop: func(c turn, _ []match.Message) error {
			if c.tick.N == 1 {
				woken = c.tick
			}
			return c.SleepUntil(begun.Add(time.Minute))
		}}, tick.Config{Workers: 1, Slow: time.Hour}, match.Config{})
		match.Register(r, "blocker", &script{
			set:    match.Settings{Every: time.Hour},
			signal: func(turn, string) (string, error) { time.Sleep(5 * time.Second); return "", nil },
		})
		create(t, r)
		blocker, err := r.Create(t.Context(), "blocker", nil)
		require.NoError(t, err)
		pause(time.Minute - time.Second)
		_, err = r.Signal(t.Context(), blocker, "")
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, time.Minute, woken.Scheduled.Sub(begun))
		require.Equal(t, time.Minute+4*time.Second, woken.At.Sub(begun))
	})
}

func TestSleepUntilInput(t *testing.T) {
	for _, c := range []struct {
		name string
		wake func(w *world, id match.ID) error
	}{
		{"a message", func(w *world, id match.ID) error { return w.Send(id, "ann", match.Message{}) }},
		{"a join", func(w *world, id match.ID) error { return w.join(id, bob) }},
		{"a leave", func(w *world, id match.ID) error { return w.Leave(id, "ann", match.Left) }},
		{"a kick", func(w *world, id match.ID) error { return w.Kick(id, ann) }},
		{"a reservation", func(w *world, id match.ID) error { return w.reserve(id, time.Minute, bob) }},
		{"a signal", func(w *world, id match.ID) error { _, err := w.Signal(w.t.Context(), id, ""); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, id, ran := sleeper(t, func(n int64) (time.Time, bool) { return time.Time{}, n == 0 || n == 2 })
			w.clock.Advance(time.Hour)
			require.Equal(t, ms(100), ran.take())
			require.NoError(t, c.wake(w, id))
			require.Equal(t, []time.Duration{time.Hour}, ran.take(), "at once")
			w.clock.Advance(time.Hour)
			require.Equal(t, []time.Duration{time.Hour + every}, ran.take(), "evenly spaced, until it sleeps again")
		})
	}
}

func TestWokenMatchKeepsItsDistance(t *testing.T) {
	w, id, ran := sleeper(t, func(int64) (time.Time, bool) { return time.Time{}, true })
	w.clock.Advance(every)
	w.clock.Advance(30 * time.Millisecond)
	for range 5 {
		require.NoError(t, w.Send(id, "ann", match.Message{}))
	}
	w.clock.Advance(time.Hour)
	require.Equal(t, ms(100, 200), ran.take(), "not sooner than an interval after the last Loop")
}

func TestMatchDoesNotSleepOverInput(t *testing.T) {
	var ran beats
	var w *world
	var id match.ID
	w = newWorld(t, &script{loop: func(c turn, in []match.Message) error {
		ran.add(c)
		if c.tick.N == 0 {
			require.NoError(t, w.Send(id, "ann", match.Message{}), "comes while the Loop runs")
		}
		return c.SleepUntil(time.Time{})
	}}, match.Config{})
	id = w.create(ann)
	w.clock.Advance(time.Hour)
	require.Equal(t, ms(100, 200), ran.take())
}

func TestCallbackMaySleepAgain(t *testing.T) {
	var ran beats
	w := newWorld(t, &script{
		loop:   func(c turn, _ []match.Message) error { ran.add(c); return nil },
		signal: func(c turn, _ string) (string, error) { return "", c.SleepUntil(noon.Add(time.Hour)) },
	}, match.Config{})
	id := w.create()
	for range 10 {
		_, err := w.Signal(t.Context(), id, "")
		require.NoError(t, err)
		w.clock.Advance(time.Second)
	}
	require.Empty(t, ran)
	w.clock.Advance(time.Hour - 10*time.Second)
	require.Equal(t, []time.Duration{time.Hour}, ran.take())
}

func TestSleeperIsEndedInTime(t *testing.T) {
	sleep := func(c turn, _ []match.Message) error { return c.SleepUntil(time.Time{}) }
	for _, c := range []struct {
		name string
		set  match.Settings
		do   func(w *world, id match.ID)
		want time.Duration
	}{
		{
			"when it is empty for too long",
			match.Settings{EmptyAfter: time.Minute},
			func(w *world, id match.ID) { require.NoError(w.t, w.Leave(id, "ann", match.Left)) }, time.Minute,
		},
		{
			"when its grace is over",
			match.Settings{},
			func(w *world, id match.ID) { go func() { _ = w.End(w.t.Context(), id, time.Minute) }() }, time.Minute,
		},
		{"when it has to", match.Settings{}, func(w *world, id match.ID) {
			require.NoError(w.t, w.End(w.t.Context(), id, 0))
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, &script{set: c.set, loop: sleep}, match.Config{})
				id := w.create(ann)
				w.tick(1)
				c.do(w, id)
				synctest.Wait()
				if c.want > 0 {
					w.clock.Advance(c.want - 1)
					require.Equal(t, 1, w.Len())
					w.clock.Advance(1)
				}
				require.Zero(t, w.Len())
				synctest.Wait()
			})
		})
	}
}

func TestHoldExpiresWhileTheMatchSleeps(t *testing.T) {
	var gone []match.Departure
	loops := 0
	h := &holder{}
	h.loop = func(c turn, _ []match.Message) error { loops++; return c.SleepUntil(time.Time{}) }
	h.leave = func(_ turn, d []match.Departure) error { gone = append(gone, d...); return errors.New("enough") }
	w := newWorld(t, h, match.Config{})
	id := w.create(ann)
	require.NoError(t, w.Leave(id, "ann", match.Disconnected))
	w.tick(1)
	w.clock.Advance(time.Minute)
	require.Equal(t, []match.Departure{{Presence: ann, Reason: match.HoldExpired}}, gone)
	require.Zero(t, w.Len())
	require.Equal(t, 1, loops, "the failed match has no further Loop")
}

// When a seat expires at the time of a tick, and the Leave ends the match, that tick does not come.
func TestHoldExpiresWithATick(t *testing.T) {
	var calls []string
	h := &holder{}
	h.hold = func(turn, presence.Presence) (time.Duration, error) { return 3 * every, nil }
	h.loop = func(c turn, _ []match.Message) error {
		calls = append(calls, fmt.Sprint("loop ", c.tick.N))
		return nil
	}
	h.leave = func(_ turn, d []match.Departure) error { calls = append(calls, sessions(d)); return match.ErrEnd }
	w := newWorld(t, h, match.Config{})
	id := w.create(ann)
	require.NoError(t, w.Leave(id, "ann", match.Disconnected))
	w.tick(10)
	require.Equal(t, []string{"loop 0", "loop 1", "ann hold expired"}, calls)
	require.Zero(t, w.Len())
}

// A thousand sleeping matches on the wall clock: none runs, and each wakes for its message.
func TestManySleepers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := make(chan presence.Presence, 1000)
		loops := make(chan match.ID, 5000)
		r, _ := live(t, &script{loop: func(c turn, in []match.Message) error {
			loops <- c.ID()
			for _, m := range in {
				got <- m.From
			}
			return c.SleepUntil(time.Time{})
		}}, tick.Config{Workers: 4}, match.Config{})
		var ids []match.ID
		for range 1000 {
			ids = append(ids, create(t, r))
			require.NoError(t, r.Join(t.Context(), seat(ids[len(ids)-1], ann)))
		}
		pause(time.Hour)
		require.Len(t, loops, 1000)
		for _, id := range ids {
			require.NoError(t, r.Send(id, "ann", match.Message{}))
		}
		synctest.Wait()
		require.Len(t, got, 1000, "no time has passed")
		pause(time.Hour)
		require.Len(t, loops, 2000)
	})
}
