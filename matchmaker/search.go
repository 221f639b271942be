package matchmaker

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/shoal-go/shoal/internal/column"
)

// workPerStep is how many terms may be tested on tickets, for each of Config.Steps.
const workPerStep = 2

// reserved is the part of the work, one in so many, that the search for candidates leaves for the group among them.
const reserved = 4

// finder looks for the group of one ticket. Its memory is used again from one search to the next.
type finder struct {
	limit    int // candidates for a ticket; see most
	maxSteps int // for a search
	score    func(a, b *Ticket) float64
	form     func(*Ticket, iter.Seq[*Ticket]) []*Ticket

	work  int  // that is left for all searches of one arrival, or of one ticket in a run
	tired bool // the search has not been finished for lack of steps or work

	serial     uint64 // of the search
	ticket     *ticket
	full       bool        // only groups of the ticket's MaxCount will do
	flat       bool        // all candidates have the same score
	hungry     bool        // only hungry tickets are candidates
	enough     int         // candidates that are looked for
	more       bool        // there may be more of them
	since      int         // where those of the class begin that is searched
	stopped    uint64      // the serial of the ticket that was too much work to look at, or 0
	candidates []candidate // best first
	known      []verdict   // on pairs of candidates: known[i*len(candidates)+j] with i < j

	// For groups of one size:
	steps  int   // that are left
	usable []int // the candidates that accept the size, by index
	rest   []int // how many players wait with usable[i:]
	chosen []int // the group as far as it is found, by index
}

type candidate struct {
	*ticket
	score float64
}

type verdict uint8

const (
	unknown verdict = iota
	good
	bad
)

// renew grants the work for one ticket. Looking at tickets may take much more of it than a search among candidates.
func (f *finder) renew() { f.work = workPerStep * min(f.maxSteps, math.MaxInt/workPerStep) }

// find returns the tickets of the largest group for t, oldest first, or nil. Own are tickets that t cannot be grouped
// with. If full, only groups of t's MaxCount will do. The error is that of Form.
func (f *finder) find(p *pool, t *ticket, own []*ticket, full bool) ([]*ticket, error) {
	f.begin(t, full)
	steps := f.maxSteps
	if need := t.MaxCount - t.size(); f.form == nil && f.flat && need < f.most(t)/2 {
		// In a pool of many the oldest candidates are enough.
		f.collect(p, own, max(2*need-1, 0))
		f.steps = steps / 2
		if f.ofSize(t.MaxCount) {
			return f.group(), nil
		}
		f.tired = f.stopped != 0
		steps -= steps/2 - max(f.steps, 0)
	} else {
		f.more = true
	}
	if f.more {
		f.collect(p, own, f.most(t))
	}
	if f.form != nil && t.backfill == nil {
		return f.formed()
	}
	return f.largest(steps), nil
}

// most is how many candidates a ticket has at most: never too few for the largest group that it asks for.
func (f *finder) most(t *ticket) int { return max(f.limit, min(t.MaxCount-t.size(), maxCandidates)) }

func (f *finder) begin(t *ticket, full bool) {
	f.ticket, f.full, f.hungry, f.tired = t, full, false, false
	f.flat = t.plan.flat && f.score == nil
}

// largest returns the largest group among the candidates, or nil.
func (f *finder) largest(steps int) []*ticket {
	t := f.ticket
	largest := t.size()
	for _, c := range f.candidates {
		largest += c.size()
	}
	largest = min(largest, t.MaxCount)
	largest -= largest % t.CountMultiple
	smallest := max(t.MinCount, t.size())
	if f.full {
		smallest = t.MaxCount
	}
	for size := largest; size >= smallest; size -= t.CountMultiple {
		// Each size gets an equal share of what is left, so that a hopeless one does not hide those after it.
		share := steps / ((size-smallest)/t.CountMultiple + 1)
		f.steps = share
		if f.ofSize(size) {
			return f.group()
		}
		steps -= share - max(f.steps, 0)
	}
	return nil
}

// among returns the tickets of a class that may be candidates.
func (f *finder) among(c *class) *column.Set {
	if f.hungry {
		return &c.hungry
	}
	return &c.live
}

// collect finds the best candidates, up to a number. If more, there may be others.
func (f *finder) collect(p *pool, own []*ticket, enough int) {
	clear(f.candidates) // lets go of their tickets
	f.candidates = f.candidates[:0]
	f.enough, f.more, f.stopped = enough, false, 0
	f.serial++
	f.ticket.mark = f.serial
	for _, t := range own {
		t.mark = f.serial
	}
	reserve := f.work / reserved
	f.work -= reserve
	p.search(f)
	f.work += reserve
	f.keepBest()
	if !f.hungry {
		f.ticket.from = f.stopped
	}
	n := len(f.candidates)
	f.known = slices.Grow(f.known[:0], n*n)[:n*n]
	clear(f.known)
}

// keepBest puts the best candidates first, and lets go of those that are too many.
func (f *finder) keepBest() {
	slices.SortFunc(f.candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), byAge(a.ticket, b.ticket))
	})
	if len(f.candidates) > f.enough {
		f.more = true
		f.candidates = slices.Delete(f.candidates, f.enough, len(f.candidates))
	}
}

// next is called before the tickets of each class.
func (f *finder) next() { f.since = len(f.candidates) }

// consider makes a ticket a candidate if the two want each other. The tickets of a class come oldest first; it returns
// false when no other one of them can be of use.
func (f *finder) consider(c *class, o *ticket) bool {
	t := f.ticket
	if o.mark == f.serial || o.serial < t.from || f.hungry && !o.hungry || !t.shape().meets(o.shape(), f.full) {
		return true
	}
	if f.work < 0 { // the next search goes on here
		f.stopped, f.tired = cmp.Or(f.stopped, o.serial), true
		return false
	}
	score, failed := t.wants(o, &f.work)
	if failed != nil {
		c.columns.waste(failed, false, c.waits)
		return true
	}
	if _, failed = o.wants(t, &f.work); failed != nil {
		c.columns.waste(failed, true, c.waits)
		return true
	}
	if (t.backfill != nil || o.backfill != nil) && !t.apart(o) {
		return true
	}
	if f.score != nil {
		score += f.score(t.Ticket, o.Ticket)
	}
	f.candidates = append(f.candidates, candidate{o, score})
	if f.flat && len(f.candidates)-f.since >= f.enough {
		f.more = true
		return false
	}
	if !f.flat && len(f.candidates) >= 4*f.enough {
		f.keepBest()
	}
	return true
}

// meets reports whether there is a size that a ticket of shape s allows and one of shape o accepts, with room for both.
func (s shape) meets(o shape, full bool) bool {
	both := s.size + o.size
	if full {
		return both <= s.high && o.accepts(s.high)
	}
	low, high := max(s.low, o.low, both), min(s.high, o.high)
	if low > high {
		return false
	}
	factor := s.multiple / gcd(s.multiple, o.multiple)
	if factor > high/o.multiple {
		return false
	}
	step := factor * o.multiple // the least common multiple
	return low%step == 0 || step-low%step <= high-low
}

// accepts reports whether a ticket of that shape may be in a match of n players.
func (s shape) accepts(n int) bool { return n >= s.low && n <= s.high && n%s.multiple == 0 }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// ofSize looks for a group of so many players, and leaves it in chosen.
func (f *finder) ofSize(size int) bool {
	need := size - f.ticket.size()
	f.chosen, f.usable, f.rest = f.chosen[:0], f.usable[:0], f.rest[:0]
	for i, c := range f.candidates {
		if c.size() <= need && c.accepts(size) {
			f.usable = append(f.usable, i)
			f.rest = append(f.rest, 0)
		}
	}
	sum := 0
	for i, c := range slices.Backward(f.usable) {
		sum += f.candidates[c].size()
		f.rest[i] = sum
	}
	return f.fill(0, need)
}

// fill completes the group with some of usable[from:] that have need players together. It tries the best candidates
// first and goes back where they do not fit together.
func (f *finder) fill(from, need int) bool {
	if need == 0 {
		return true
	}
	for i := from; i < len(f.usable) && f.rest[i] >= need; i++ {
		c := f.usable[i]
		size := f.candidates[c].size()
		f.steps--
		f.work--
		if f.steps < 0 || f.work < 0 {
			f.tired = true
			return false
		}
		if size > need || !f.fits(c) {
			continue
		}
		f.chosen = append(f.chosen, c)
		if f.fill(i+1, need-size) {
			return true
		}
		f.chosen = f.chosen[:len(f.chosen)-1]
	}
	return false
}

// fits reports whether a candidate and all the chosen ones, which stand before it, may be in one group.
func (f *finder) fits(c int) bool {
	for _, other := range f.chosen {
		f.steps--
		f.work--
		known := &f.known[other*len(f.candidates)+c]
		if *known == unknown {
			*known = bad
			if f.candidates[other].mutual(f.candidates[c].ticket, &f.work) {
				*known = good
			}
		}
		if *known == bad {
			return false
		}
	}
	return true
}

// group returns the tickets that were found.
func (f *finder) group() []*ticket {
	g := make([]*ticket, 0, len(f.chosen)+1)
	g = append(g, f.ticket)
	for _, c := range f.chosen {
		g = append(g, f.candidates[c].ticket)
	}
	slices.SortFunc(g, func(a, b *ticket) int { return cmp.Compare(a.serial, b.serial) })
	return g
}
