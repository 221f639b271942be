package column

import (
	"iter"
	"math/bits"
	"slices"
)

const (
	wordBits = 64
	// minFew is how long a list of slots may be however few words the bits would take.
	minFew = 64
)

// Set is a set of slots. The zero Set is empty, and so is a nil one to those who only read it.
type Set struct {
	n     int
	few   []uint32 // in ascending order, while words is nil
	words []uint64 // a bit for each slot
}

// Len returns how many slots are in the set.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return s.n
}

// Has reports whether a slot is in the set.
func (s *Set) Has(slot int) bool {
	if s == nil {
		return false
	}
	if s.words == nil {
		_, ok := slices.BinarySearch(s.few, uint32(slot))
		return ok
	}
	w := slot / wordBits
	return w < len(s.words) && s.words[w]>>(slot%wordBits)&1 == 1
}

// Add puts a slot into the set, if it is not there.
func (s *Set) Add(slot int) {
	if s.words == nil {
		s.addToFew(slot)
		return
	}
	word := wordAt(&s.words, slot)
	if bit := uint64(1) << (slot % wordBits); *word&bit == 0 {
		*word |= bit
		s.n++
	}
}

func (s *Set) addToFew(slot int) {
	i, ok := slices.BinarySearch(s.few, uint32(slot))
	if ok {
		return
	}
	s.few = slices.Insert(s.few, i, uint32(slot))
	s.n++
	// Eight words of bits for each slot are worth the speed.
	if highest := int(s.few[s.n-1]); s.n > minFew && s.n > highest/wordBits/8 {
		few := s.few
		s.few, s.words = nil, make([]uint64, highest/wordBits+1)
		for _, slot := range few {
			s.words[slot/wordBits] |= 1 << (slot % wordBits)
		}
	}
}

// Remove takes a slot out of the set, if it is there.
func (s *Set) Remove(slot int) {
	if !s.Has(slot) {
		return
	}
	s.n--
	if s.words != nil {
		s.words[slot/wordBits] &^= 1 << (slot % wordBits)
		return
	}
	i, _ := slices.BinarySearch(s.few, uint32(slot))
	s.few = slices.Delete(s.few, i, i+1)
}

// All returns the slots in ascending order.
func (s *Set) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		if s == nil {
			return
		}
		for _, slot := range s.few {
			if !yield(int(slot)) {
				return
			}
		}
		for w, word := range s.words {
			for ; word != 0; word &= word - 1 {
				if !yield(w*wordBits + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// end is one more than the highest word that may have a slot.
func (s *Set) end() int {
	if s == nil || s.n == 0 {
		return 0
	}
	if s.words == nil {
		return int(s.few[s.n-1])/wordBits + 1
	}
	return len(s.words)
}

// wordAt returns the word of a slot, for which it makes room.
func wordAt(words *[]uint64, slot int) *uint64 {
	w := slot / wordBits
	for len(*words) <= w {
		*words = append(*words, 0)
	}
	return &(*words)[w]
}
