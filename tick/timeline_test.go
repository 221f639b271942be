package tick

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What comes up of a timeline is what was put in and not given up, in order of time, and first come, first served
// among those with the same time.
func TestTimelineComesUpInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &lane{}
		entries := make([]*entry, 40)
		for i := range entries {
			entries[i] = &entry{due: never}
			entries[i].lane.Store(l)
		}
		var want []*entry // in the order they were put in
		forget := func(e *entry) {
			for i := range want {
				if want[i] == e {
					want = append(want[:i], want[i+1:]...)
					return
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put in, or move": func(t *rapid.T) {
				e := rapid.SampledFrom(entries).Draw(t, "entry")
				due := rapid.Int64Range(0, 30).Draw(t, "due")
				if e.due != due {
					forget(e)
					want = append(want, e)
				}
				l.schedule(e, due)
			},
			"give up": func(t *rapid.T) {
				e := rapid.SampledFrom(entries).Draw(t, "entry")
				forget(e)
				l.schedule(e, never)
			},
			"sweep": func(*rapid.T) { l.timeline.sweep(l) },
			"come up": func(t *rapid.T) {
				room := make([]*entry, rapid.IntRange(1, 20).Draw(t, "room"))
				if l.timeline.first() == never {
					require.Empty(t, want)
					return
				}
				n, due := l.timeline.take(room)
				require.Positive(t, n)
				for _, e := range room[:n] {
					if !l.live(e, due) {
						l.timeline.dropped()
						continue
					}
					var first *entry
					for _, o := range want {
						if first == nil || o.due < first.due {
							first = o
						}
					}
					require.Equal(t, first.due, due)
					forget(e)
					e.due = never
				}
			},
			"": func(t *rapid.T) {
				places := 0
				for _, n := range l.timeline.nodes {
					require.False(t, n.run.entries.empty())
					require.Equal(t, n.due, n.run.due)
					require.GreaterOrEqual(t, n.due, l.timeline.first())
					places += n.run.entries.len()
				}
				require.Equal(t, places, l.timeline.size)
				require.GreaterOrEqual(t, l.timeline.size, len(want))
			},
		})
	})
}

// A timeline that is never empty must not remember all that has come up, and tasks that are put off again and again must not
// fill it.
func TestTimelineStaysSmall(t *testing.T) {
	l := &lane{}
	entries := make([]*entry, 100)
	for i := range entries {
		entries[i] = &entry{due: never}
		entries[i].lane.Store(l)
	}
	for i := range int64(100_000) {
		l.schedule(entries[i%100], 1000+i)
	}
	require.Less(t, l.timeline.size, 300)
	for range 100_000 { // all have the same time, and want the same again
		l.timeline.insert(1, entries[0])
		l.timeline.insert(1, entries[1])
		var room [1]*entry
		l.timeline.take(room[:])
		l.timeline.insert(1, entries[2])
		var more [2]*entry
		l.timeline.take(more[:])
	}
	require.LessOrEqual(t, len(l.timeline.nodes[0].run.entries.entries), 10)
	require.LessOrEqual(t, len(l.timeline.spare), maxSpare)
}

// Of a task that was due then, was not, and is again, a sweep keeps one place.
func TestSweepKeepsOnePlace(t *testing.T) {
	for other := int64(1001); other < 1100; other++ { // some share a slot with 1000, so that there are many runs of one time
		l := &lane{}
		e := &entry{due: never}
		e.lane.Store(l)
		for range 25 {
			l.schedule(e, 1000)
			l.schedule(e, other)
		}
		l.schedule(e, 1000)
		l.timeline.sweep(l)
		require.Equal(t, 1, l.timeline.size)
		require.EqualValues(t, 1000, e.due)
		require.EqualValues(t, 1000, l.timeline.first())
	}
}
