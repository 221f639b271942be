package tick

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Each turn begins with an entry that is in no cache.
func TestEntryFitsCacheLine(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(entry{}), uintptr(64))
}

// sleeper is due so long after its turn, by the time of day alone: such is a time that was stored.
type sleeper time.Duration

func (d sleeper) Turn(now time.Time) time.Time { return now.Round(0).Add(time.Duration(d)) }

// Somebody has set the clock since the scheduler was made.
func TestATimeOfDayIsMetAfterTheClockWasSet(t *testing.T) {
	for _, step := range []time.Duration{-time.Hour, 0, time.Hour} {
		s := NewScheduler(Config{Workers: 1})
		s.Add(sleeper(time.Minute)).Wake()
		l, now := s.lanes[0], s.since()
		w := &worker{s: s, now: now, day: timeOfDay{epoch: s.epoch, seen: s.at(now).Round(0).Add(step), since: now}}
		l.mu.Lock()
		e, _ := l.pick(now)
		l.mu.Unlock()
		require.Same(t, l, w.turn(e))
		require.Equal(t, now+int64(time.Minute), e.due, step)
		l.mu.Unlock()
		l.guard.Stop()
	}
}

// unseen passes on that something is done without the race detector's knowledge, so that it sees no order but the scheduler's.
type unseen bool

//go:norace
//go:noinline
func (u *unseen) set() { *u = true }

//go:norace
//go:noinline
func (u *unseen) isSet() bool { return bool(*u) }

// A turn sees what was done before a Wake that found another one waiting. Only the race detector can tell.
func TestATurnSeesWhatWasDoneBeforeASharedWake(t *testing.T) {
	s := NewScheduler(Config{Workers: 1})
	h := s.Add(sleeper(0))
	h.Wake()
	var done unseen
	posted := 0
	go func() {
		posted = 1
		h.Wake()
		done.set()
	}()
	for !done.isSet() {
		runtime.Gosched()
	}
	l := s.lanes[0]
	l.mu.Lock()
	e, _ := l.pick(0)
	l.mu.Unlock()
	require.Same(t, h, e)
	require.Equal(t, 1, posted)
	l.guard.Stop()
}

// nagger wakes itself in each turn.
type nagger struct{ h Handle }

func (n *nagger) Turn(time.Time) time.Time { n.h.Wake(); return time.Time{} }

// A worker that is never done must not remember all that it has done.
func TestQueueThatNeverRunsEmptyStaysSmall(t *testing.T) {
	s := NewScheduler(Config{Workers: 1})
	for range 3 {
		n := &nagger{}
		n.h = s.Add(n)
		n.h.Wake()
	}
	l := s.lanes[0]
	l.mu.Lock()
	defer l.mu.Unlock()
	for range 10_000 {
		now := s.since()
		e, _ := l.pick(now)
		l.mu.Unlock()
		e.task.Turn(s.at(now))
		s.finish(e, never, now)
	}
	require.Len(t, l.woken.entries[l.woken.head:], 3)
	require.Less(t, cap(l.woken.entries), 100)
}

// Only a worker with many tasks pays for waking up to the microsecond.
func TestACrowdIsWokenExactly(t *testing.T) {
	s := NewScheduler(Config{Workers: 1})
	l := s.lanes[0]
	for n := 1; n <= crowd; n++ {
		e := &entry{due: never}
		e.lane.Store(l)
		l.schedule(e, int64(n)*1000)
		_, wait := l.pick(0)
		require.Equal(t, 1000, int(wait))
		require.Equal(t, n == crowd, l.crowded)
	}
}
