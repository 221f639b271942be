package dashboard

import (
	"math"
	"time"

	"github.com/shoal-go/shoal/match"
)

const (
	// keptPoints is how many points the sparklines have.
	keptPoints = 60
	// smooth is how much the latest second counts in the load of a match: a list that is sorted by it must not jump.
	smooth = 0.2
)

// sample is what was collected of the matches at one moment. It does not change.
type sample struct {
	at     time.Time
	live   []live
	totals match.Totals
	rates  rates
}

// live is a match at that moment.
type live struct {
	match.Info
	counts match.Counts
	rates  rates
	load   float64
}

// point is one second of a match: how long its Loops took and how late they began, on average, in microseconds; -1 if
// there were none.
type point [2]int64

// rates is what happened in the last second, and for each second.
type rates struct {
	now     point
	history []point // the last of them is now
	ticks   float64
	busy    float64 // seconds
	in, out struct{ messages, bytes float64 }
}

// track remembers what is needed to say what has changed.
type track struct {
	at      time.Time
	counts  match.Counts
	history []point
	load    float64
}

// advance says what has happened since the last time.
func (t *track) advance(c *match.Counts, now time.Time) rates {
	seconds := max(now.Sub(t.at).Seconds(), 1e-3)
	per := func(now, before uint64) float64 { return float64(now-before) / seconds }
	var r rates
	ticks := c.Took.Count() - t.counts.Took.Count()
	r.ticks = float64(ticks) / seconds
	r.busy = (c.Busy - t.counts.Busy).Seconds() / seconds
	r.in.messages, r.in.bytes = per(c.In.Messages, t.counts.In.Messages), per(c.In.Bytes, t.counts.In.Bytes)
	r.out.messages, r.out.bytes = per(c.Out.Messages, t.counts.Out.Messages), per(c.Out.Bytes, t.counts.Out.Bytes)
	r.now = point{-1, -1}
	if ticks > 0 {
		took := (c.Took.Sum - t.counts.Took.Sum) / time.Duration(ticks)
		late := (c.Late.Sum - t.counts.Late.Sum) / time.Duration(ticks)
		r.now = point{took.Microseconds(), late.Microseconds()}
	}
	t.at, t.counts = now, *c
	t.keep(r.now)
	r.history = t.history[max(0, len(t.history)-keptPoints):]
	return r
}

// keep adds a point. Points that were handed out do not change: the slice is only appended to, and copied when it has
// become too long.
func (t *track) keep(p point) {
	if len(t.history) >= 2*keptPoints {
		t.history = append(make([]point, 0, 2*keptPoints), t.history[keptPoints:]...)
	}
	t.history = append(t.history, p)
}

// sampler collects samples.
type sampler struct {
	matches Matches
	at      time.Time
	tracks  map[match.ID]*track
	all     *track
}

// collect looks at all matches, and waits for none.
func (s *sampler) collect(now time.Time) *sample {
	out := &sample{at: now}
	if now.Sub(s.at) > stale { // nobody has watched for a while
		s.tracks, s.all = nil, nil
	}
	s.at = now
	page, err := s.matches.List(match.ListRequest{Limit: math.MaxInt})
	if err != nil { // in a list of everything there is nothing that could be wrong
		return out
	}
	tracks := make(map[match.ID]*track, len(page.Matches))
	out.live = make([]live, 0, len(page.Matches))
	for i := range page.Matches {
		f, err := s.matches.Figures(page.Matches[i].ID)
		if err != nil {
			continue // it has ended meanwhile
		}
		t := s.tracks[f.ID]
		if t == nil {
			t = &track{at: f.Created, load: f.Budget()}
		}
		tracks[f.ID] = t
		r := t.advance(&f.Counts, now)
		t.weigh(r.now, f.Every)
		out.live = append(out.live, live{f.Info, f.Counts, r, t.load})
	}
	s.tracks = tracks
	out.totals = s.matches.Totals()
	if s.all == nil {
		s.all = &track{at: now, counts: out.totals.Counts}
	}
	out.rates = s.all.advance(&out.totals.Counts, now)
	return out
}

// weigh brings the load up to date.
func (t *track) weigh(now point, every time.Duration) {
	load := 0.0
	if now[0] > 0 {
		load = float64(now[0]) / float64(every.Microseconds())
	}
	t.load += smooth * (load - t.load)
}
