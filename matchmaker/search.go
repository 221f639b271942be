package matchmaker

import (
	"cmp"
	"slices"
)

// finder looks for the group of one ticket. Its memory is used again from one search to the next.
type finder struct {
	limit    int // candidates for a ticket
	maxSteps int // for a search

	ticket     *ticket
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

// find returns the tickets of the largest group for t, oldest first, or nil. The pool is ordered by age and may
// contain t. If full, only groups of t's MaxCount will do.
func (f *finder) find(t *ticket, pool []*ticket, full bool) []*ticket {
	f.ticket = t
	f.collect(pool, full)
	largest := t.size()
	for _, c := range f.candidates {
		largest += c.size()
	}
	largest = min(largest, t.MaxCount)
	largest -= largest % t.CountMultiple
	smallest := max(t.MinCount, t.size())
	if full {
		smallest = t.MaxCount
	}
	steps := f.maxSteps
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

// collect finds the candidates.
func (f *finder) collect(pool []*ticket, full bool) {
	clear(f.candidates) // lets go of their tickets
	f.candidates = f.candidates[:0]
	t := f.ticket
	for _, c := range pool {
		if c == t || !t.sizesMeet(c, full) || !t.apart(c) {
			continue
		}
		score, ok := t.wants(c)
		if !ok {
			continue
		}
		if _, ok = c.wants(t); !ok {
			continue
		}
		f.candidates = append(f.candidates, candidate{c, score})
		if t.flat && len(f.candidates) == f.limit { // the others can only be younger
			break
		}
	}
	if !t.flat {
		slices.SortStableFunc(f.candidates, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	}
	if len(f.candidates) > f.limit {
		f.candidates = slices.Delete(f.candidates, f.limit, len(f.candidates)) // lets go of the rest too
	}
	n := len(f.candidates)
	f.known = slices.Grow(f.known[:0], n*n)[:n*n]
	clear(f.known)
}

// sizesMeet reports whether there is a size that t allows and c accepts, with room for both.
func (t *ticket) sizesMeet(c *ticket, full bool) bool {
	both := t.size() + c.size()
	if full {
		return both <= t.MaxCount && c.accepts(t.MaxCount)
	}
	low, high := max(t.MinCount, c.MinCount, both), min(t.MaxCount, c.MaxCount)
	if low > high {
		return false
	}
	factor := t.CountMultiple / gcd(t.CountMultiple, c.CountMultiple)
	if factor > high/c.CountMultiple {
		return false
	}
	step := factor * c.CountMultiple // the least common multiple
	return low%step == 0 || step-low%step <= high-low
}

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
		if f.steps--; f.steps < 0 {
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
		known := &f.known[other*len(f.candidates)+c]
		if *known == unknown {
			*known = bad
			if f.candidates[other].mutual(f.candidates[c].ticket) {
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
