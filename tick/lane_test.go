package tick

import (
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Each turn begins with an entry that is in no cache.
func TestEntryFitsCacheLine(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(entry{}), uintptr(64))
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
		s.finish(e, e.task.Turn(s.at(now)), now)
	}
	require.Len(t, l.woken.entries[l.woken.head:], 3)
	require.Less(t, cap(l.woken.entries), 100)
}
