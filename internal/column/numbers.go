package column

import (
	"math/bits"
	"slices"
	"sort"
)

const (
	maxCuts   = 32
	maxSample = 2048 // numbers that the cuts are chosen by
	minCut    = 256  // fewer numbers are looked at one by one
)

// Numbers is a column of numbers: a slot has one or none. The zero Numbers is empty.
//
// The cuts divide the numbers into parts of about the same size, and for each cut there is a bit for each slot whose
// number is not below it. So a range is two or three sets of bits, and only the numbers near its ends are looked at.
type Numbers struct {
	n       int
	values  []float64
	has     []uint64
	cuts    []float64  // ascending
	above   [][]uint64 // for each cut: the slots whose number is at least that; each as long as has
	changes int        // since the cuts were made
}

// Len returns how many slots have a number.
func (c *Numbers) Len() int { return c.n }

// At returns the number of a slot.
func (c *Numbers) At(slot int) (v float64, ok bool) {
	if w := slot / wordBits; w >= len(c.has) || c.has[w]>>(slot%wordBits)&1 == 0 {
		return 0, false
	}
	return c.values[slot], true
}

// Put gives a slot a number, in the place of the one that it has.
func (c *Numbers) Put(slot int, v float64) {
	c.Remove(slot)
	c.grow(slot)
	c.values[slot] = v
	w, bit := slot/wordBits, uint64(1)<<(slot%wordBits)
	c.has[w] |= bit
	for i := range c.rank(v) {
		c.above[i][w] |= bit
	}
	c.n++
	c.changed()
}

// Grow makes room for slots below n, so that Put need not do it bit by bit.
func (c *Numbers) Grow(n int) {
	c.values = slices.Grow(c.values, max(0, n-len(c.values)))
	words := (n + wordBits - 1) / wordBits
	c.has = slices.Grow(c.has, max(0, words-len(c.has)))
}

// Remove takes the number of a slot away, if it has one.
func (c *Numbers) Remove(slot int) {
	v, ok := c.At(slot)
	if !ok {
		return
	}
	w, bit := slot/wordBits, uint64(1)<<(slot%wordBits)
	c.has[w] &^= bit
	for i := range c.rank(v) {
		c.above[i][w] &^= bit
	}
	c.n--
	c.changed()
}

// grow makes room for a slot.
func (c *Numbers) grow(slot int) {
	for len(c.values) <= slot {
		c.values = append(c.values, 0)
	}
	for w := slot / wordBits; len(c.has) <= w; {
		c.has = append(c.has, 0)
		for i := range c.above {
			c.above[i] = append(c.above[i], 0)
		}
	}
}

// rank returns how many cuts are not above v.
func (c *Numbers) rank(v float64) int {
	return sort.Search(len(c.cuts), func(i int) bool { return !(c.cuts[i] <= v) })
}

// changed makes new cuts when the numbers may have become others, which costs little for each change.
func (c *Numbers) changed() {
	if c.changes++; c.n < minCut || c.changes < c.n {
		return
	}
	c.changes = 0
	c.cut()
	c.above = slices.Grow(c.above, maxCuts)[:len(c.cuts)]
	for i := range c.above {
		if cap(c.above[i]) < len(c.has) {
			c.above[i] = make([]uint64, len(c.has), cap(c.has))
		}
		c.above[i] = c.above[i][:len(c.has)]
		clear(c.above[i])
	}
	for w, word := range c.has {
		for ; word != 0; word &= word - 1 {
			i := bits.TrailingZeros64(word)
			for r := range c.rank(c.values[w*wordBits+i]) {
				c.above[r][w] |= 1 << i
			}
		}
	}
}

// cut chooses the cuts by a sample of the numbers.
func (c *Numbers) cut() {
	sample := make([]float64, 0, maxSample)
	every, seen := c.n/maxSample+1, 0
	for w, word := range c.has {
		for ; word != 0; word &= word - 1 {
			v := c.values[w*wordBits+bits.TrailingZeros64(word)]
			if seen++; seen%every == 0 && v == v {
				sample = append(sample, v)
			}
		}
	}
	slices.Sort(sample)
	c.cuts = c.cuts[:0]
	for i := range maxCuts {
		if len(sample) > 0 {
			c.cuts = append(c.cuts, sample[i*len(sample)/maxCuts])
		}
	}
	c.cuts = slices.Compact(c.cuts)
}
