package match

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/tick"
)

// schedule is when the ticks of a match are due. Start points are evenly spaced from the match's start, or from the last
// change of its rate or sleep: each due time is the one before it plus the interval, whatever time it really was.
type schedule struct {
	due     time.Time   // when the next tick is
	warm    atomic.Bool // never set: see match.Warm
	overrun Overrun
	every   time.Duration
	n       int64     // number of the next tick
	last    time.Time // when the last one began

	// work is the time callbacks have taken since the last tick, and debt by how much they have exceeded the
	// interval so far: what the match is behind by its own doing. A late worker or machine does not count.
	work, debt, limit time.Duration
}

func newSchedule(set *Settings, start time.Time) schedule {
	return schedule{
		every: set.Every, overrun: set.Overrun, due: start.Add(set.Every), last: start, limit: set.behind(),
	}
}

// behind is how much later than planned callbacks may make the match.
func (s *Settings) behind() time.Duration {
	ticks := int64(s.MaxBehind)
	if ticks == 0 {
		ticks = max(3, int64(time.Second/s.Every))
	}
	every := int64(s.Every)
	return time.Duration(min(ticks, math.MaxInt64/every) * every) // the product must fit
}

// change gives the schedule another interval: the next tick comes so long after the one before it or, if that is
// past, after now.
func (s *schedule) change(set *Settings, now time.Time) {
	s.due = s.due.Add(set.Every - s.every)
	if s.due.Before(now) {
		s.due = now.Add(set.Every)
	}
	s.every, s.limit = set.Every, set.behind()
	s.work, s.debt = 0, 0
}

// resume goes on after a pause: the next tick is due at once, but not sooner than an interval after the last one.
func (s *schedule) resume(at time.Time) {
	if at.After(s.due) {
		s.due = at
	}
	s.work, s.debt = 0, 0
}

// at is the tick that callbacks between ticks see: the number of the next one. A match may be joined a few
// milliseconds before its schedule starts.
func (s *schedule) at(now time.Time) tick.Tick {
	return tick.Tick{N: s.n, Scheduled: s.due, At: now, Delta: max(0, now.Sub(s.last))}
}

// settle adds up the work since the last tick and reports whether it has put the match too far behind.
func (s *schedule) settle() bool {
	s.debt = max(0, s.debt+s.work-s.every)
	s.work = 0
	return s.debt > s.limit
}

// behind is why a match ends that settle found too late.
func (s *schedule) behind() error {
	return &BehindError{Behind: s.debt, Limit: s.limit, Every: s.every}
}

// begin starts the tick that is due.
func (s *schedule) begin(now time.Time) tick.Tick {
	var missed int64
	if late := now.Sub(s.due); late >= s.every {
		switch s.overrun {
		case Skip:
			missed = int64(late / s.every)
			s.due = s.due.Add(time.Duration(missed) * s.every)
		case SlowDown:
			s.due = now
		case CatchUp:
		}
	}
	t := tick.Tick{N: s.n, Scheduled: s.due, At: now, Delta: now.Sub(s.last), Missed: missed}
	s.n++
	s.due = s.due.Add(s.every)
	s.last = now
	return t
}
