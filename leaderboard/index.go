package leaderboard

import (
	"math/bits"
	"math/rand/v2"
)

// index says where in the blocks of [ranks] an owner is: a hash table of 8 bytes a slot, with open addressing. A slot
// keeps only half of the owner's hash, so what it finds are candidates, nearly always one; the caller looks there.
//
// When it grows, the slots move over a few at a time: no write waits for a table of millions.
type index struct {
	seed  [2]uint64
	slots []slot // a power of two long
	used  int    // slots that are not empty, also those of owners who are gone
	live  int    // owners, wherever their slots are

	old   []slot // what is being moved to slots; nil when all is
	moved int    // how many of old have been
}

// spot is the number of a block and of a cell in it.
type spot uint32

func spotOf(block int, cell uint8) spot { return spot(block)<<8 | spot(cell) }

func (s spot) block() int  { return int(s >> 8) }
func (s spot) cell() uint8 { return uint8(s) }

// slot is the upper half of a hash and, in the lower, a spot plus slotFirst, or one of the marks.
type slot uint64

const (
	slotEmpty slot = iota // the search ends here
	slotGone              // the search goes on
	slotFirst
)

const (
	hashBits = 32
	hashMask = uint64(1<<64 - 1<<(64-hashBits))
	// slotsMoved is how many slots move at a write: more than enough to be done before the table is full again.
	slotsMoved = 16
)

func newIndex() index {
	return index{seed: [2]uint64{rand.Uint64(), rand.Uint64()}, slots: make([]slot, 16)}
}

// hash is never the same in two processes: nobody can choose owners that collide.
func (x *index) hash(n name) uint64 {
	hi, lo := bits.Mul64(n.hi^x.seed[0], n.lo^x.seed[1])
	hi, lo = bits.Mul64(hi^lo^x.seed[1], 0x9E3779B97F4A7C15)
	return hi ^ lo
}

func slotOf(hash uint64, at spot) slot { return slot(hash&hashMask) | (slot(at) + slotFirst) }

func (s slot) spot() spot { return spot(s - slotFirst) }

// candidates calls is with each spot that the owner with this hash may be at, until it returns true.
func (x *index) candidates(hash uint64, is func(spot) bool) {
	for _, slots := range [2][]slot{x.slots, x.old} {
		if slots == nil {
			return
		}
		mask := len(slots) - 1
		for i := start(hash, mask); slots[i] != slotEmpty; i = (i + 1) & mask {
			if s := slots[i]; s >= slotFirst && uint64(s)&hashMask == hash&hashMask && is(s.spot()) {
				return
			}
		}
	}
}

// start is where the search for a hash begins. It uses the bits that slots keep: nothing else is known when one moves.
func start(hash uint64, mask int) int { return int(hash>>(64-hashBits)) & mask }

// add enters an owner who is not there.
func (x *index) add(hash uint64, at spot) {
	x.live++
	if x.used >= len(x.slots)/4*3 {
		x.grow()
	}
	x.move()
	x.put(slotOf(hash, at))
}

func (x *index) put(s slot) {
	mask := len(x.slots) - 1
	i := start(uint64(s), mask)
	for x.slots[i] >= slotFirst {
		i = (i + 1) & mask
	}
	if x.slots[i] == slotEmpty {
		x.used++
	}
	x.slots[i] = s
}

// set notes that an owner has come from one spot to another.
func (x *index) set(hash uint64, from, to spot) { *x.find(slotOf(hash, from)) = slotOf(hash, to) }

// remove takes out an owner who is at a spot.
func (x *index) remove(hash uint64, at spot) {
	*x.find(slotOf(hash, at)) = slotGone
	x.live--
}

// find returns the slot that is s, which must be there.
func (x *index) find(s slot) *slot {
	slots, mask := x.slots, len(x.slots)-1
	i := start(uint64(s), mask)
	for slots[i] != s {
		if slots[i] == slotEmpty { // not moved yet
			slots, mask = x.old, len(x.old)-1
			i = start(uint64(s), mask)
			continue
		}
		i = (i + 1) & mask
	}
	return &slots[i]
}

// grow begins to move to a table that the owners fill half of, at most.
func (x *index) grow() {
	for x.old != nil {
		x.move()
	}
	size := len(x.slots)
	for size < 2*x.live {
		size *= 2
	}
	x.old, x.moved, x.slots, x.used = x.slots, 0, make([]slot, size), 0
}

// move takes some slots from the old table to the new one.
func (x *index) move() {
	if x.old == nil {
		return
	}
	for range slotsMoved {
		if s := x.old[x.moved]; s >= slotFirst {
			x.put(s)
			x.old[x.moved] = slotGone
		}
		if x.moved++; x.moved == len(x.old) {
			x.old = nil
			return
		}
	}
}
