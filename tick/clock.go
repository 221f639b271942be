package tick

import "time"

// dayFor is how long one look at the time of day will do.
const dayFor = 10 * time.Millisecond

// timeOfDay turns a worker's time into one with the time of day. The clocks drift apart, so it looks again once in a
// while, but not for each turn: it would take as long as all else that the worker does for one.
type timeOfDay struct {
	epoch time.Time
	seen  time.Time
	since int64 // seen, after the epoch
}

// at is the time so many nanoseconds after the epoch.
func (d *timeOfDay) at(ns int64) time.Time {
	if ns-d.since > int64(dayFor) || d.seen.IsZero() {
		d.seen = time.Now()
		d.since = int64(d.seen.Sub(d.epoch))
	}
	return d.seen.Add(time.Duration(ns - d.since))
}
