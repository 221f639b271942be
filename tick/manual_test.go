package tick_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/tick"
)

var dawn = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

func TestManualGivesTurnsInOrderOfTime(t *testing.T) {
	m := tick.NewManual(dawn)
	var log []string
	add := func(name string, every time.Duration) *metronome {
		mt := &metronome{every: every}
		mt.work = func(n int64) { log = append(log, fmt.Sprintf("%s%d@%s", name, n, m.Now().Sub(dawn))) }
		return mt.add(m)
	}
	add("a", 30*time.Millisecond)
	add("b", 20*time.Millisecond)
	m.Advance(60 * time.Millisecond)
	require.Equal(t, []string{"b0@20ms", "a0@30ms", "b1@40ms", "a1@60ms", "b2@60ms"}, log)
	require.Equal(t, dawn.Add(60*time.Millisecond), m.Now())
}

func TestManualRunsWokenTasksOnTheCallersGoroutine(t *testing.T) {
	m := tick.NewManual(dawn)
	turns := 0 // no lock: there is one goroutine
	var inner, outer tick.Handle
	inner = m.Add(turnFunc(func(time.Time) time.Time { turns++; outer.Wake(); return time.Time{} }))
	outer = m.Add(turnFunc(func(time.Time) time.Time {
		if turns++; turns == 1 {
			inner.Wake()
		}
		return time.Time{}
	}))
	outer.Wake()
	require.Equal(t, 3, turns, "outer, inner inside it, and outer again because inner woke it")
	outer.Remove()
	outer.Wake()
	m.Advance(time.Hour)
	require.Equal(t, 3, turns)
}

func TestManualSurvivesATurnThatEndsItsGoroutine(t *testing.T) {
	m := tick.NewManual(dawn)
	bad := m.Add(turnFunc(func(time.Time) time.Time { runtime.Goexit(); return time.Time{} }))
	done := make(chan struct{})
	go func() { defer close(done); bad.Wake() }()
	<-done
	good := (&metronome{every: time.Second}).add(m)
	m.Advance(3 * time.Second)
	require.EqualValues(t, 3, good.n)
}

func TestAdvanceInsideATurn(t *testing.T) {
	m := tick.NewManual(dawn)
	m.Add(turnFunc(func(time.Time) time.Time { m.Advance(time.Minute); return time.Time{} })).Wake()
	require.Equal(t, dawn.Add(time.Minute), m.Now())
	m.Advance(time.Second)
	require.Equal(t, dawn.Add(61*time.Second), m.Now())
}

func ExampleManual() {
	clock := tick.NewManual(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	beat := clock.Add(turnFunc(func(now time.Time) time.Time {
		fmt.Println(now.Format(time.TimeOnly))
		return now.Add(20 * time.Second)
	}))
	beat.Wake()
	clock.Advance(time.Minute)
	// Output:
	// 12:00:00
	// 12:00:20
	// 12:00:40
	// 12:01:00
}

func TestElapsedOfAManualSource(t *testing.T) {
	m := tick.NewManual(time.Unix(0, 0))
	var h tick.Handle
	h = m.Add(turnFunc(func(time.Time) time.Time {
		require.Zero(t, h.Elapsed())
		m.Advance(time.Second)
		require.Equal(t, time.Second, h.Elapsed())
		return time.Time{}
	}))
	h.Wake()
}
