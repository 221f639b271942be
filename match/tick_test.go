package match_test

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func TestTicksAreEvenlySpacedWithoutDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ticks []tick.Tick
		r, stop := live(t, &script{loop: func(c turn, _ []match.Message) error {
			time.Sleep(time.Duration(len(ticks)%10) * 9 * time.Millisecond) // never a whole interval
			ticks = append(ticks, c.tick)
			return nil
		}}, tick.Config{}, match.Config{})
		start := time.Now()
		create(t, r)
		pause(10*time.Minute + every/2)
		stop()
		require.Len(t, ticks, 6000)
		for i, tk := range ticks {
			due := start.Add(time.Duration(i+1) * every)
			require.Equal(t, int64(i), tk.N)
			require.True(t, due.Equal(tk.Scheduled), "tick %d is due at %v, not %v", i, due, tk.Scheduled)
			require.True(t, due.Equal(tk.At), "tick %d begins when it is due", i)
			require.Equal(t, every, tk.Delta)
			require.Zero(t, tk.Missed)
		}
	})
}

func TestCallbacksBetweenTicksSeeTheNextOne(t *testing.T) {
	var seen []tick.Tick
	w := newWorld(t, &script{join: func(c turn, _ []presence.Presence) error {
		seen = append(seen, c.tick)
		return nil
	}}, match.Config{})
	id := w.create(ann)
	w.clock.Advance(3*every + 40*time.Millisecond)
	require.NoError(t, w.join(id, bob))
	require.Equal(t, []tick.Tick{
		{N: 0, Scheduled: noon.Add(every), At: noon},
		{N: 3, Scheduled: noon.Add(4 * every), At: noon.Add(340 * time.Millisecond), Delta: 40 * time.Millisecond},
	}, seen)
}

func TestDeltaIsNeverNegative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scheduler := tick.NewScheduler(tick.Config{Stagger: time.Second}) // schedules start up to a second late
		h := &script{join: func(c turn, _ []presence.Presence) error {
			require.Zero(t, c.tick.Delta)
			return match.ErrEnd
		}}
		r, err := match.New(match.Config{Source: scheduler})
		require.NoError(t, err)
		match.Register(r, "m", h)
		go func() { _ = scheduler.Run(t.Context()) }()
		for range 5 {
			id := create(t, r)
			info, err := r.Get(id)
			require.NoError(t, err)
			require.True(t, info.Created.Equal(time.Now()), "it was created now, whenever its schedule starts")
			require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		}
	})
}

// stall takes so long in the given ticks, and writes down when each began.
type stall struct {
	slow   map[int64]time.Duration
	always time.Duration
	begins []time.Duration
	missed []int64
}

func (s *stall) loop(start time.Time) func(c turn, _ []match.Message) error {
	return func(c turn, _ []match.Message) error {
		s.begins = append(s.begins, time.Since(start).Round(time.Millisecond))
		s.missed = append(s.missed, c.tick.Missed)
		time.Sleep(s.always + s.slow[c.tick.N])
		return nil
	}
}

func ms(ns ...int) (ds []time.Duration) {
	for _, n := range ns {
		ds = append(ds, time.Duration(n)*time.Millisecond)
	}
	return ds
}

func TestWhatHappensToLateTicks(t *testing.T) {
	for _, c := range []struct {
		name    string
		overrun match.Overrun
		begins  []time.Duration
		missed  []int64
	}{
		{
			"CatchUp runs them at once until the match is on time", match.CatchUp,
			ms(100, 200, 550, 550, 550, 600, 700),
			[]int64{0, 0, 0, 0, 0, 0, 0},
		},
		{
			"Skip leaves them out and says so", match.Skip,
			ms(100, 200, 550, 600, 700, 800, 900),
			[]int64{0, 0, 2, 0, 0, 0, 0},
		},
		{
			"SlowDown moves the schedule", match.SlowDown,
			ms(100, 200, 550, 650, 750, 850, 950),
			[]int64{0, 0, 0, 0, 0, 0, 0},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stall{slow: map[int64]time.Duration{1: 350 * time.Millisecond}} // from 200 to 550
				r, stop := live(t, &script{
					set: match.Settings{Overrun: c.overrun}, loop: s.loop(time.Now()),
				}, tick.Config{}, match.Config{})
				id := create(t, r)
				require.NoError(t, r.Join(t.Context(), seat(id, ann)))
				for range 35 { // calls and messages change nothing, also those that come while the match is late
					time.Sleep(30 * time.Millisecond)
					require.NoError(t, r.Send(id, "ann", match.Message{}))
					go func() { _, _ = r.Signal(t.Context(), id, "") }()
				}
				synctest.Wait()
				stop()
				require.Equal(t, c.begins, s.begins[:len(c.begins)])
				require.Equal(t, c.missed, s.missed[:len(c.missed)])
			})
		})
	}
}

func TestMatchThatFallsTooFarBehind(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   match.Settings
		slow  map[int64]time.Duration // of single Loops
		loop  time.Duration           // of all Loops
		ends  bool
		after time.Duration // it ends
		why   match.BehindError
	}{
		// Each Loop loses 50 ms; more than a second is lost after the 21st, which ends at 100 + 21*150.
		{name: "ends when a second is lost", loop: 150 * time.Millisecond, ends: true, after: 3250 * time.Millisecond, why: match.BehindError{
			Behind: 1050 * time.Millisecond, Limit: time.Second, Every: every,
		}},
		{
			name: "ends when 3 ticks are lost", loop: 150 * time.Millisecond, set: match.Settings{MaxBehind: 3}, ends: true,
			after: 1150 * time.Millisecond,
			why:   match.BehindError{Behind: 350 * time.Millisecond, Limit: 300 * time.Millisecond, Every: every},
		},
		{
			name: "at a slow rate it may lose 3 ticks", set: match.Settings{Every: time.Second},
			slow: map[int64]time.Duration{5: 3900 * time.Millisecond},
		},
		{
			name: "but not 4", set: match.Settings{Every: time.Second},
			slow: map[int64]time.Duration{5: 4100 * time.Millisecond}, ends: true, after: 10100 * time.Millisecond,
			why: match.BehindError{Behind: 3100 * time.Millisecond, Limit: 3 * time.Second, Every: time.Second},
		},
		{name: "what was caught up does not count", slow: map[int64]time.Duration{
			0: 900 * time.Millisecond, 20: 900 * time.Millisecond, 40: 900 * time.Millisecond, 60: 900 * time.Millisecond,
		}},
		{name: "a limit no one reaches", loop: time.Second, set: match.Settings{MaxBehind: math.MaxInt}},
		{name: "Skip never ends it", loop: time.Second, set: match.Settings{Overrun: match.Skip}},
		{name: "SlowDown never ends it", loop: time.Second, set: match.Settings{Overrun: match.SlowDown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, j := &stall{slow: c.slow, always: c.loop}, &journal{}
				start := time.Now()
				var ended time.Duration
				r, stop := live(t, &script{set: c.set, loop: s.loop(start)}, tick.Config{}, match.Config{
					Outbox: j, Hooks: match.Hooks{Ended: func(_ match.Info, _ []presence.Presence, cause error) {
						if ended = time.Since(start); !c.ends {
							return
						}
						require.ErrorIs(t, cause, match.ErrBehind)
						why, ok := errors.AsType[*match.BehindError](cause)
						require.True(t, ok)
						require.Equal(t, c.why, *why)
						require.Contains(t, cause.Error(), why.Behind.String())
					}},
				})
				require.NoError(t, r.Join(t.Context(), seat(create(t, r), ann)))
				pause(20 * time.Second)
				if !c.ends {
					require.Zero(t, ended)
					return
				}
				stop()
				require.Equal(t, c.after, ended)
				require.Contains(t, j.take(), "ended ("+c.why.Error()+") to ann")
			})
		})
	}
}

// Other callbacks count as well: they too make the match late.
func TestTimeOfAllCallbacksCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := live(t, &script{attempt: func(turn, match.Joiner) error {
			time.Sleep(1200 * time.Millisecond)
			return nil
		}}, tick.Config{}, match.Config{})
		id := create(t, r)
		require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		pause(0)
		require.Zero(t, r.Len())
	})
}

func TestBeingGivenTurnsLateDoesNotEndAMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// One worker, and nobody who takes it away from a slow match.
		r, stop := live(t, &script{}, tick.Config{Workers: 1, Slow: time.Hour}, match.Config{})
		s := &stall{}
		match.Register(r, "blocker", &script{
			set:    match.Settings{Every: time.Hour},
			signal: func(turn, string) (string, error) { time.Sleep(9 * time.Second); return "", nil },
		})
		match.Register(r, "victim", &script{set: match.Settings{MaxBehind: 1}, loop: s.loop(time.Now())})
		blocker, err := r.Create(t.Context(), "blocker", nil)
		require.NoError(t, err)
		victim, err := r.Create(t.Context(), "victim", nil)
		require.NoError(t, err)
		pause(150 * time.Millisecond)
		_, err = r.Signal(t.Context(), blocker, "")
		require.NoError(t, err)
		pause(0)
		require.Len(t, s.begins, 91, "it has caught up with everything it was not given")
		_, err = r.Get(victim)
		require.NoError(t, err)
		stop()
	})
}

func TestEmptyMatch(t *testing.T) {
	t.Run("runs for ever unless its settings say otherwise", func(t *testing.T) {
		loops := 0
		w := newWorld(t, &script{loop: func(turn, []match.Message) error { loops++; return nil }}, match.Config{})
		id := w.create(ann)
		require.NoError(t, w.Leave(id, "ann", match.Left))
		w.clock.Advance(time.Hour)
		require.Equal(t, 36000, loops)
	})
	t.Run("ends after EmptyAfter, also between ticks", func(t *testing.T) {
		var cause error
		w := newWorld(t, &script{set: match.Settings{Every: time.Minute, EmptyAfter: 5 * time.Second}}, match.Config{
			Hooks: match.Hooks{Ended: func(_ match.Info, _ []presence.Presence, err error) { cause = err }},
		})
		id := w.create()
		w.clock.Advance(4 * time.Second)
		require.NoError(t, w.join(id, ann))
		w.clock.Advance(time.Hour)
		require.NoError(t, w.Leave(id, "ann", match.Left))
		w.clock.Advance(5*time.Second - 1)
		require.Equal(t, 1, w.Len())
		w.clock.Advance(1)
		require.Zero(t, w.Len())
		require.ErrorIs(t, cause, match.ErrEmpty)
		w.create()
		w.clock.Advance(5 * time.Second)
		require.Zero(t, w.Len(), "one that nobody ever joined ends too")
	})
}

// From one Loop in a month to 240 a second the start points are where they should be.
func TestRatesFromVerySlowToVeryFast(t *testing.T) {
	for name, set := range map[string]match.Settings{
		"240 a second": {Every: match.PerSecond(240)},
		"60 a second":  {Every: match.PerSecond(60)},
		"1 a minute":   {Every: time.Minute},
		"1 a day":      {Every: 24 * time.Hour},
		"1 in 30 days": {Every: match.PerSecond(1.0 / (30 * 24 * 3600))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ticks []tick.Tick
				r, stop := live(t, &script{set: set, loop: func(c turn, _ []match.Message) error {
					ticks = append(ticks, c.tick)
					return nil
				}}, tick.Config{}, match.Config{})
				start := time.Now()
				create(t, r)
				pause(240*set.Every + set.Every/2)
				stop()
				require.Len(t, ticks, 240)
				for i, tk := range ticks {
					require.True(t, start.Add(time.Duration(i+1)*set.Every).Equal(tk.At), "tick %d begins at %v", i, tk.At)
					require.Equal(t, set.Every, tk.Delta)
				}
			})
		})
	}
}

// What follows the callbacks takes time too: it belongs to no other match.
func TestTheNextTurnBeginsAfterAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := func(match.Info, []presence.Presence, error) { time.Sleep(5 * time.Millisecond) }
		ends := &script{loop: func(turn, []match.Message) error { return match.ErrEnd }}
		r, stop := live(t, ends, tick.Config{Workers: 1}, match.Config{Hooks: match.Hooks{Ended: ended}})
		var began time.Time
		match.Register(r, "next", &script{loop: func(c turn, _ []match.Message) error {
			began = c.tick.At
			return match.ErrEnd
		}})
		for _, name := range []string{"m", "next"} { // both are due at the same time
			_, err := r.Create(t.Context(), name, nil)
			require.NoError(t, err)
		}
		due := time.Now().Add(every)
		pause(time.Second)
		stop()
		require.Equal(t, 5*time.Millisecond, began.Sub(due))
	})
}
