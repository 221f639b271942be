package match

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// buckets is how many buckets a Histogram has.
const buckets = 12

// bounds are the upper bounds of all buckets but the last, which has none.
var bounds = [buckets - 1]time.Duration{
	10 * time.Microsecond, 30 * time.Microsecond, 100 * time.Microsecond, 300 * time.Microsecond,
	time.Millisecond, 3 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond,
	100 * time.Millisecond, 300 * time.Millisecond, time.Second,
}

// Histogram says how many durations were how long.
type Histogram struct {
	Sum    time.Duration
	Counts [buckets]uint64 // those up to the bound of each bucket and above that of the one before; see Bounds
}

// Bounds are the upper bounds of the buckets, from 10 us to 1 s; the last bucket has none.
func (Histogram) Bounds() []time.Duration { return slices.Clone(bounds[:]) }

// Count is how many durations there were.
func (h Histogram) Count() (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Refusal says why a join was refused.
type Refusal uint8

// Reasons for a refusal.
const (
	RefusedFull    Refusal = iota // all seats were taken
	RefusedBusy                   // too many joins waited
	RefusedHandler                // the handler said no
	refusals
)

// Traffic is an amount of messages.
type Traffic struct {
	Messages, Bytes uint64
}

// Counts counts what has happened in one match or in many.
type Counts struct {
	Took    Histogram        // how long Loops took, with all that they sent
	Late    Histogram        // how late Loops began
	Missed  uint64           // ticks left out, see Tick.Missed
	Busy    time.Duration    // spent in turns: all callbacks and what they sent
	Joins   uint64           // seats taken
	Refused [refusals]uint64 // joins refused, by Refusal
	In      Traffic          // put into the inbox
	Dropped [drops]uint64    // messages of members that reached no Loop, by Drop
	Out     Traffic          // sent; a message to three players counts as three

	Members    int // now
	Spectators int // now
	Inbox      int // messages that wait for a Loop now
	Calls      int // joins, leaves, signals and ends that wait for a turn now
}

// add adds the figures of another match.
func (f *Counts) add(o *Counts) {
	f.Took.add(&o.Took)
	f.Late.add(&o.Late)
	f.Missed += o.Missed
	f.Busy += o.Busy
	f.Joins += o.Joins
	for i := range f.Refused {
		f.Refused[i] += o.Refused[i]
	}
	for i := range f.Dropped {
		f.Dropped[i] += o.Dropped[i]
	}
	f.In.add(o.In)
	f.Out.add(o.Out)
	f.Members += o.Members
	f.Spectators += o.Spectators
	f.Inbox += o.Inbox
	f.Calls += o.Calls
}

func (h *Histogram) add(o *Histogram) {
	for i := range h.Counts {
		h.Counts[i] += o.Counts[i]
	}
	h.Sum += o.Sum
}

func (t *Traffic) add(o Traffic) {
	t.Messages += o.Messages
	t.Bytes += o.Bytes
}

// Figures are those of one match.
type Figures struct {
	Info
	Counts
	Players []PlayerFigures // members
}

// Budget is the share of the time between ticks that Loops have used, at the present rate: above 1 the match is falling
// behind.
func (f *Figures) Budget() float64 {
	ticks := f.Took.Count()
	if ticks == 0 {
		return 0
	}
	return float64(f.Took.Sum) / (float64(ticks) * float64(f.Every))
}

// PlayerFigures are those of one member.
type PlayerFigures struct {
	presence.Presence
	In      Traffic // put into the inbox
	Dropped int     // messages that reached no Loop
	Waiting int     // messages in the inbox now
	Out     Traffic // sent to the player
}

// Totals are those of all matches of a registry, also of those that have ended.
type Totals struct {
	Counts
	Matches int    // that run now
	Created uint64 // since the registry was made
}

// Totals adds up all matches. It takes a few hundred nanoseconds for each match that runs, and holds up none.
func (r *Registry) Totals() Totals {
	r.mu.RLock()
	total := Totals{Counts: r.past, Matches: len(r.matches), Created: r.seq}
	matches := slices.Collect(maps.Values(r.matches))
	r.mu.RUnlock()
	for _, m := range matches {
		f := m.figures()
		total.add(&f)
	}
	return total
}

// Figures are those of one match; it does not wait for the match. ErrNotFound.
func (r *Registry) Figures(id ID) (Figures, error) {
	m := r.find(id)
	if m == nil {
		return Figures{}, ErrNotFound
	}
	return Figures{Info: m.info(), Counts: m.figures(), Players: m.playerFigures()}, nil
}

// observe adds a duration.
func (h *Histogram) observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.Counts[i]++
	h.Sum += d
}

// meter is what a match counts in its turns. Only the turn changes it, and what is not atomic under the lock of the
// mailbox, once in a turn. What callers bring is counted in the mailbox.
type meter struct {
	busy   time.Duration
	full   atomic.Uint64 // joins refused because all seats were taken
	out    Traffic       // to each recipient
	joins  atomic.Uint64
	late   Histogram
	toAll  Traffic       // what went to all members, once
	no     atomic.Uint64 // joins refused by the handler
	took   Histogram
	missed uint64
}

// tally is what a turn has still to add to the meter.
type tally struct {
	called bool          // calls were handled before the Loop
	ticked bool          // there was a Loop
	told   bool          // something is in said
	warm   atomic.Bool   // never set: see match.Warm
	before time.Duration // what the turn took before it
	late   time.Duration // how late it was
}

// said is what a turn has sent and has still to add to the meter.
type said struct{ out, toAll Traffic }

// sent notes a message to so many recipients.
func (m *match) sent(to, bytes int) {
	m.tally.told = true
	m.said.out.Messages += uint64(to)
	m.said.out.Bytes += uint64(to * bytes)
}

// sentToAll is what has gone to all members so far.
func (m *match) sentToAll() Traffic {
	all := m.meter.toAll
	all.add(m.said.toAll)
	return all
}

// count adds a turn, which took so long, to the meter.
func (m *match) count(took time.Duration) {
	t, f := &m.tally, &m.meter
	m.mu.Lock()
	f.busy += took
	if t.ticked {
		f.took.observe(took - t.before)
		f.late.observe(t.late)
		t.ticked = false
	}
	if t.told {
		f.out.add(m.said.out)
		f.toAll.add(m.said.toAll)
		t.told, m.said = false, said{}
	}
	m.mu.Unlock()
}

// leftOut counts ticks that did not come.
func (m *match) leftOut(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.meter.missed += uint64(n)
}

// refused counts a join that did not succeed.
func (m *meter) refused(err error) {
	if errors.Is(err, ErrFull) {
		m.full.Add(1)
	} else {
		m.no.Add(1)
	}
}

// figures may be called at any time by anybody.
func (m *match) figures() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := &m.meter
	return Counts{
		Took: f.took, Late: f.late, Missed: f.missed, Busy: f.busy, Joins: f.joins.Load(),
		Refused: [refusals]uint64{RefusedFull: f.full.Load(), RefusedBusy: m.turnedAway, RefusedHandler: f.no.Load()},
		In:      m.in, Dropped: m.lostBy, Out: f.out,
		Members: int(m.size.Load()), Spectators: int(m.spectators.Load()),
		Inbox: len(m.inbox), Calls: len(m.mailbox.calls),
	}
}

// last are the figures of a match that has ended: those of what has happened, without those of how it stands.
func (m *match) last() *Counts {
	f := m.figures()
	f.Members, f.Spectators, f.Inbox, f.Calls = 0, 0, 0, 0
	return &f
}

// playerFigures may be called at any time by anybody. Players are sorted by session.
func (m *match) playerFigures() []PlayerFigures {
	m.mu.Lock()
	defer m.mu.Unlock()
	players := make([]PlayerFigures, 0, len(m.members))
	for _, p := range m.members {
		f := PlayerFigures{Presence: p.Presence, In: p.in, Dropped: p.lost, Out: p.out}
		if all := m.meter.toAll; all.Messages > p.before.Messages { // the turn in which it came may not be counted yet
			f.Out.Messages += all.Messages - p.before.Messages
			f.Out.Bytes += all.Bytes - p.before.Bytes
		}
		if p.batch == m.mailbox.batch {
			f.Waiting = p.waiting
		}
		players = append(players, f)
	}
	slices.SortFunc(players, func(a, b PlayerFigures) int { return strings.Compare(a.Session, b.Session) })
	return players
}
