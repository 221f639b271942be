package column

import (
	"math/bits"
	"slices"
)

// window is how many words a Scan looks at together.
const window = 64

type words [window]uint64

// Scan finds the slots that meet all its conditions. The zero Scan has none; one without All or Any finds nothing.
// Columns must not change between the first condition and the last slot. A Scan may be used again after Reset, which
// costs no memory then.
type Scan struct {
	terms []term
	sets  []*Set // of all terms
	acc   words
	other words
}

type kind uint8

const (
	anyOf kind = iota
	noneOf
	within
	withinOrNone
)

// term is one condition.
type term struct {
	kind     kind
	from, to int // in Scan.sets
	numbers  *Numbers
	low      float64
	high     float64
	floor    []uint64 // slots whose number is not too low, and some whose number is
	roof     []uint64 // slots whose number is too high, but not all of them
}

// Reset takes all conditions away.
func (s *Scan) Reset() {
	clear(s.terms)
	clear(s.sets)
	s.terms, s.sets = s.terms[:0], s.sets[:0]
}

// All asks for slots of a set.
func (s *Scan) All(set *Set) { s.Any(set) }

// Any asks for slots of at least one of the sets.
func (s *Scan) Any(sets ...*Set) { s.add(anyOf, sets) }

// None asks for slots of none of the sets.
func (s *Scan) None(sets ...*Set) { s.add(noneOf, sets) }

func (s *Scan) add(k kind, sets []*Set) {
	from := len(s.sets)
	s.sets = append(s.sets, sets...)
	s.terms = append(s.terms, term{kind: k, from: from, to: len(s.sets)})
}

// Within asks for slots with a number from low to high.
func (s *Scan) Within(c *Numbers, low, high float64) {
	s.terms = append(s.terms, c.term(within, low, high))
}

// WithinOrNone asks for slots with a number from low to high, or without a number.
func (s *Scan) WithinOrNone(c *Numbers, low, high float64) {
	s.terms = append(s.terms, c.term(withinOrNone, low, high))
}

func (c *Numbers) term(k kind, low, high float64) term {
	t := term{kind: k, numbers: c, low: low, high: high}
	if r := c.rank(low); r > 0 {
		t.floor = c.above[r-1]
	} else {
		t.floor = c.has
	}
	if r := c.rank(high); r < len(c.cuts) {
		t.roof = c.above[r]
	}
	return t
}

// Slots gives the slots that meet all conditions, in ascending order, until yield returns false.
func (s *Scan) Slots(yield func(slot int) bool) {
	set, end := s.smallest()
	if set != nil && set.words == nil {
		for _, slot := range set.few {
			if s.meets(int(slot)) && !yield(int(slot)) {
				return
			}
		}
		return
	}
	for from := 0; from < end; from += window {
		if s.fill(from) && !s.yield(from, yield) {
			return
		}
	}
}

// smallest returns the smallest set that all slots are in, if any, and the word after the last that can have a slot.
func (s *Scan) smallest() (smallest *Set, end int) {
	end = -1
	for i := range s.terms {
		t := &s.terms[i]
		if t.kind != anyOf {
			continue
		}
		n := 0
		for _, set := range s.sets[t.from:t.to] {
			n = max(n, set.end())
		}
		if end < 0 || n < end {
			end = n
		}
		if t.to-t.from == 1 {
			if set := s.sets[t.from]; set != nil && (smallest == nil || set.n < smallest.n) {
				smallest = set
			}
		}
	}
	return smallest, end
}

// meets reports whether one slot meets all conditions.
func (s *Scan) meets(slot int) bool {
	for i := range s.terms {
		t := &s.terms[i]
		var ok bool
		switch t.kind {
		case anyOf:
			ok = slices.ContainsFunc(s.sets[t.from:t.to], func(set *Set) bool { return set.Has(slot) })
		case noneOf:
			ok = !slices.ContainsFunc(s.sets[t.from:t.to], func(set *Set) bool { return set.Has(slot) })
		default:
			ok = t.exact(slot)
		}
		if !ok {
			return false
		}
	}
	return true
}

// exact reports whether a slot meets a condition on numbers.
func (t *term) exact(slot int) bool {
	v, ok := t.numbers.At(slot)
	if !ok {
		return t.kind == withinOrNone
	}
	return v >= t.low && v <= t.high
}

// fill looks at a window, and leaves in acc the slots that may meet all conditions. It reports whether there are any.
func (s *Scan) fill(from int) bool {
	for i := range s.acc {
		s.acc[i] = ^uint64(0)
	}
	for i := range s.terms {
		t := &s.terms[i]
		left := ^uint64(0)
		switch t.kind {
		case anyOf:
			left = s.fillAny(s.sets[t.from:t.to], from)
		case noneOf:
			for _, set := range s.sets[t.from:t.to] {
				left = s.acc.and(set.in(from, &s.other), false)
			}
		case within:
			left = s.acc.and(in(t.floor, from), true)
			if t.roof != nil {
				left = s.acc.and(in(t.roof, from), false)
			}
		case withinOrNone:
			left = s.acc.andOrNone(in(t.numbers.has, from), in(t.floor, from), in(t.roof, from))
		}
		if left == 0 {
			return false
		}
	}
	return true
}

func (s *Scan) fillAny(sets []*Set, from int) uint64 {
	if len(sets) == 1 {
		return s.acc.and(sets[0].in(from, &s.other), true)
	}
	var union, one words
	for _, set := range sets {
		for i, word := range set.in(from, &one) {
			union[i] |= word
		}
	}
	return s.acc.and(union[:], true)
}

// yield gives the slots in acc that do meet all conditions.
func (s *Scan) yield(from int, yield func(slot int) bool) bool {
	for i, word := range s.acc {
		for ; word != 0; word &= word - 1 {
			slot := (from+i)*wordBits + bits.TrailingZeros64(word)
			if s.numbersMeet(slot) && !yield(slot) {
				return false
			}
		}
	}
	return true
}

func (s *Scan) numbersMeet(slot int) bool {
	for i := range s.terms {
		if t := &s.terms[i]; t.numbers != nil && !t.exact(slot) {
			return false
		}
	}
	return true
}

// in returns the part of some words that is in a window. It may be shorter than the window, but the rest is 0.
func in(all []uint64, from int) []uint64 {
	return all[min(from, len(all)):min(from+window, len(all))]
}

// in returns the part of a set that is in a window, for which it may use some room.
func (s *Set) in(from int, room *words) []uint64 {
	if s == nil {
		return nil
	}
	if s.words != nil {
		return in(s.words, from)
	}
	*room = words{}
	low := uint32(from * wordBits)
	i, _ := slices.BinarySearch(s.few, low)
	for ; i < len(s.few) && s.few[i]-low < window*wordBits; i++ {
		room[(s.few[i]-low)/wordBits] |= 1 << (s.few[i] % wordBits)
	}
	return room[:]
}

// and keeps the bits that are, or are not, in other, and returns zero if none is left.
func (w *words) and(other []uint64, keep bool) (left uint64) {
	var flip uint64
	if !keep {
		flip = ^flip
	}
	if len(other) == window {
		full := (*words)(other)
		for i := range w {
			w[i] &= full[i] ^ flip
			left |= w[i]
		}
		return left
	}
	for i := range w {
		word := flip
		if i < len(other) {
			word ^= other[i]
		}
		w[i] &= word
		left |= w[i]
	}
	return left
}

// andOrNone keeps the bits that are in floor and not in roof, or not in has. All are of the same column.
func (w *words) andOrNone(has, floor, roof []uint64) (left uint64) {
	for i := range w {
		if i < len(has) {
			ok := floor[i]
			if roof != nil {
				ok &^= roof[i]
			}
			w[i] &= ok | ^has[i]
		}
		left |= w[i]
	}
	return left
}
