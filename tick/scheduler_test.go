package tick_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/tick"
)

// metronome is due at start + n*every, like a match that is never late.
type metronome struct {
	every time.Duration
	h     tick.Handle
	n     int64
	late  time.Duration // the most it was late
	busy  atomic.Bool
	work  func(n int64)
}

func (m *metronome) Turn(now time.Time) time.Time {
	if m.busy.Swap(true) {
		panic("two turns at once")
	}
	defer m.busy.Store(false)
	due := m.h.Start(m.every).Add(time.Duration(m.n+1) * m.every)
	if now.Before(due) {
		return due
	}
	m.late = max(m.late, now.Sub(due))
	if m.work != nil {
		m.work(m.n)
	}
	m.n++
	return due.Add(m.every)
}

func (m *metronome) add(s tick.Source) *metronome {
	m.h = s.Add(m)
	m.h.Wake()
	return m
}

// run runs a scheduler inside a synctest bubble and returns what stops it.
func run(t *testing.T, c tick.Config) (*tick.Scheduler, func()) {
	t.Helper()
	s := tick.NewScheduler(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		require.NoError(t, <-done)
	}
}

func TestOneHourAtTenHertzIsExactly36000Ticks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 2})
		ms := make([]*metronome, 5)
		for i := range ms {
			ms[i] = (&metronome{every: 100 * time.Millisecond}).add(s)
		}
		time.Sleep(time.Hour + 30*time.Millisecond) // 30 ms: longer than any shift of the start
		stop()
		for _, m := range ms {
			require.EqualValues(t, 36000, m.n)
			require.Zero(t, m.late, "turns come when they are due")
		}
	})
}

// Tasks added together are spread, but not over more times than it takes: each time is a wake-up.
func TestTasksAddedTogetherStartAtFewTimes(t *testing.T) {
	for _, every := range []time.Duration{time.Second / 240, time.Second / 30, time.Second / 20, time.Second, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := tick.NewScheduler(tick.Config{})
			const n = 1000
			starts := map[time.Duration]int{}
			for range n {
				starts[time.Until(s.Add(nothing{}).Start(every))]++
			}
			require.LessOrEqual(t, len(starts), 10)
			for shift, got := range starts {
				require.GreaterOrEqual(t, shift, time.Duration(0))
				require.Less(t, shift, 20*time.Millisecond)
				require.Less(t, got, n/6, "after %v", shift)
			}
		})
	}
}

// Tasks with the same interval are due at the same times, whenever they were added.
func TestTasksOfOneIntervalShareTheirTimes(t *testing.T) {
	for _, every := range []time.Duration{time.Second / 240, time.Second / 60, time.Second / 30, time.Second / 20, time.Second / 7, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := tick.NewScheduler(tick.Config{})
			zero := time.Now()
			phases := map[time.Duration]bool{}
			for range 1000 {
				time.Sleep(1234567 * time.Nanosecond)
				start := s.Add(nothing{}).Start(every)
				require.Less(t, time.Until(start), 20*time.Millisecond)
				phases[start.Sub(zero)%every] = true
			}
			require.LessOrEqual(t, len(phases), int(every/(2500*time.Microsecond))+1)
		})
	}
}

func TestStaggerIsASetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short := tick.NewScheduler(tick.Config{Stagger: time.Millisecond})
		none := tick.NewScheduler(tick.Config{Stagger: -1})
		for range 100 {
			require.Less(t, time.Until(short.Add(nothing{}).Start(time.Second)), time.Millisecond)
			require.Zero(t, time.Until(none.Add(nothing{}).Start(time.Second)))
		}
	})
}

func TestWakeGivesATurnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1})
		defer stop()
		var turns atomic.Int64
		h := s.Add(turnFunc(func(time.Time) time.Time { turns.Add(1); return time.Time{} }))
		time.Sleep(time.Hour)
		require.Zero(t, turns.Load(), "no turn before the first wake")
		h.Wake()
		synctest.Wait()
		require.EqualValues(t, 1, turns.Load())
		h.Remove()
		h.Wake()
		synctest.Wait()
		require.EqualValues(t, 1, turns.Load(), "no turn after Remove")
	})
}

func TestAWakeDuringATurnIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1})
		defer stop()
		var h tick.Handle
		turns := 0
		h = s.Add(turnFunc(func(time.Time) time.Time {
			if turns++; turns < 3 {
				h.Wake()
			}
			return time.Time{}
		}))
		h.Wake()
		synctest.Wait()
		require.Equal(t, 3, turns)
	})
}

func TestWhatWasPostedBeforeWakeIsSeen(t *testing.T) {
	s, stop := run(t, tick.Config{Workers: 2})
	defer stop()
	var mu sync.Mutex
	var box, seen int
	all := make(chan struct{})
	const posters, each = 8, 2000
	h := s.Add(turnFunc(func(time.Time) time.Time {
		mu.Lock()
		defer mu.Unlock()
		if seen += box; box > 0 && seen == posters*each {
			close(all)
		}
		box = 0
		return time.Time{}
	}))
	for range posters {
		go func() {
			for range each {
				mu.Lock()
				box++
				mu.Unlock()
				h.Wake()
			}
		}()
	}
	<-all // hangs if a wake is lost
}

// The time that a turn has taken is not that of the next one: each begins when the one before it has ended.
func TestElapsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1, Slow: time.Second})
		zero := time.Now()
		var began []time.Duration
		for _, asks := range []bool{true, false, true} {
			var h tick.Handle
			h = s.Add(turnFunc(func(now time.Time) time.Time {
				began = append(began, now.Sub(zero))
				time.Sleep(30 * time.Millisecond)
				if asks {
					require.Equal(t, 30*time.Millisecond, h.Elapsed())
				}
				return time.Time{}
			}))
			h.Wake()
		}
		time.Sleep(time.Second)
		stop()
		require.Equal(t, []time.Duration{0, 30 * time.Millisecond, 60 * time.Millisecond}, began)
	})
}

// What a turn does after its last look at the clock makes nobody late who is due after it.
func TestElapsedIsNotCalledLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1, Slow: time.Second})
		zero := time.Now()
		const due = 50 * time.Millisecond
		var came time.Duration
		s.Add(turnFunc(func(now time.Time) time.Time {
			if came = now.Sub(zero); came < due {
				return zero.Add(due)
			}
			return time.Time{}
		})).Wake()
		var h tick.Handle
		h = s.Add(turnFunc(func(time.Time) time.Time {
			_ = h.Elapsed()
			time.Sleep(30 * time.Millisecond)
			return time.Time{}
		}))
		time.Sleep(10 * time.Millisecond)
		h.Wake()
		time.Sleep(time.Second)
		stop()
		require.Equal(t, due, came)
	})
}

// Times no better than random share wake-ups: nobody waits long for that, and a time that is alone is met.
func TestWakeUpsHaveARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1})
		zero := time.Now()
		at := map[time.Duration]time.Duration{}
		for _, us := range []int{1000, 1100, 1200, 9000} {
			due := time.Duration(us) * time.Microsecond
			s.Add(turnFunc(func(now time.Time) time.Time {
				if since := now.Sub(zero); since >= due {
					at[due] = since
					return time.Time{}
				}
				return zero.Add(due)
			})).Wake()
		}
		time.Sleep(time.Second)
		stop()
		require.Equal(t, map[time.Duration]time.Duration{
			1000 * time.Microsecond: 1000 * time.Microsecond,
			1100 * time.Microsecond: 1500 * time.Microsecond,
			1200 * time.Microsecond: 1500 * time.Microsecond,
			9000 * time.Microsecond: 9000 * time.Microsecond,
		}, at)
	})
}

func TestAStuckTaskHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = 10 * time.Millisecond
		s, stop := run(t, tick.Config{Workers: 1, Slow: slow})
		stuck := (&metronome{every: time.Second, work: func(int64) { time.Sleep(500 * time.Millisecond) }}).add(s)
		others := make([]*metronome, 50)
		for i := range others {
			others[i] = (&metronome{every: 50 * time.Millisecond}).add(s)
		}
		time.Sleep(20*time.Second + 600*time.Millisecond)
		stop()
		require.EqualValues(t, 20, stuck.n)
		for _, m := range others {
			require.GreaterOrEqual(t, m.n, int64(411))
			require.LessOrEqual(t, m.late, 2*slow, "once, until the guard sees it")
		}
	})
}

func TestASlowTaskComesBackWhenItBehaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1, Slow: 10 * time.Millisecond})
		task := (&metronome{every: 100 * time.Millisecond, work: func(n int64) {
			if n == 3 || n == 200 {
				time.Sleep(50 * time.Millisecond)
			}
		}}).add(s)
		time.Sleep(40*time.Second + 30*time.Millisecond)
		task.h.Wake()
		stop()
		require.EqualValues(t, 400, task.n)
	})
}

func TestDetachFreesTheWorkerAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1, Slow: time.Hour})
		defer stop()
		answer := make(chan struct{})
		other := s.Add(turnFunc(func(time.Time) time.Time { close(answer); return time.Time{} }))
		var h tick.Handle
		asked := false
		h = s.Add(turnFunc(func(time.Time) time.Time {
			h.Detach()
			other.Wake()
			<-answer // without Detach nobody could give the other task its turn
			asked = true
			return time.Time{}
		}))
		h.Wake()
		synctest.Wait()
		require.True(t, asked)
	})
}

func TestRemovingASlowTaskEndsItsWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the bubble fails if a goroutine is left
		s, stop := run(t, tick.Config{Workers: 1, Slow: time.Millisecond})
		inTurn := (&metronome{every: time.Second, work: func(int64) { time.Sleep(10 * time.Millisecond) }})
		inTurn.add(s)
		time.Sleep(3 * time.Second)
		inTurn.h.Remove()
		time.Sleep(time.Second)
		stop()
		require.EqualValues(t, 2, inTurn.n)
	})
}

func TestATurnThatEndsItsGoroutineLeavesTheWorkerToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1})
		other := (&metronome{every: time.Second}).add(s)
		s.Add(turnFunc(func(time.Time) time.Time { runtime.Goexit(); return time.Time{} })).Wake()
		time.Sleep(10*time.Second + 30*time.Millisecond)
		stop()
		require.EqualValues(t, 10, other.n)
	})
}

// Many tasks change their mind about when they are due, are woken and removed, all at once.
func TestRandomTasksUnderLoad(t *testing.T) {
	s, stop := run(t, tick.Config{Workers: 4, Slow: time.Millisecond})
	const tasks, turns = 200, 50
	var wg sync.WaitGroup
	wg.Add(tasks)
	for i := range tasks {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		var busy atomic.Bool
		left := turns
		var h tick.Handle
		h = s.Add(turnFunc(func(now time.Time) time.Time {
			if busy.Swap(true) {
				panic("two turns at once")
			}
			defer busy.Store(false)
			if left--; left == 0 {
				h.Remove()
				wg.Done()
				return now
			}
			if r.IntN(20) == 0 {
				h.Detach()
			}
			if r.IntN(2) == 0 {
				h.Wake()
			}
			return now.Add(time.Duration(r.IntN(2000)) * time.Microsecond)
		}))
		h.Wake()
		go h.Wake()
	}
	wg.Wait()
	stop()
}

type turnFunc func(now time.Time) time.Time

func (f turnFunc) Turn(now time.Time) time.Time { return f(now) }

type nothing struct{}

func (nothing) Turn(time.Time) time.Time { return time.Time{} }

// cold is a task that is warmed.
type cold struct {
	metronome
	warmed atomic.Int64
}

func (c *cold) Warm() { c.warmed.Add(1) }

// A task is warmed before each turn that its time brings.
func TestWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := run(t, tick.Config{Workers: 1})
		tasks := make([]*cold, 100)
		for i := range tasks {
			c := &cold{metronome: metronome{every: 10 * time.Millisecond}}
			c.work = func(n int64) {
				if got := c.warmed.Load(); got != n+1 {
					t.Errorf("warmed %d times before its turn %d", got, n)
				}
			}
			c.h = s.Add(c)
			c.h.Wake()
			tasks[i] = c
		}
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		for _, c := range tasks {
			require.Greater(t, c.n, int64(90))
			require.Zero(t, c.late)
		}
	})
}
