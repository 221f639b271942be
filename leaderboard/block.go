package leaderboard

import (
	"bytes"
	"cmp"
	"strings"
)

const (
	blockSize = 256               // entries in a full block
	blockFill = blockSize / 4 * 3 // entries in a block that nothing is inserted into the middle of
	blockThin = blockSize / 4     // with fewer a block looks for a neighbour to merge with
)

// block is a run of entries in ascending order. An entry stays in its cell for as long as it is in the block: what moves,
// when others come and go, is only the number of the cell.
type block struct {
	order *[blockSize]uint8 // numbers of cells: first those of the entries, ascending, then those that are free
	*cells
	size  int32
	place int32 // among the blocks in use
}

// cells hold entries. Scores lie apart from the rest, because most of a search looks at nothing else.
type cells struct {
	scores [blockSize]int64
	rest   [blockSize]rest
}

type entry struct {
	score int64
	rest
}

type rest struct {
	subscore int64
	owner    name
}

func newBlock() block {
	b := block{order: new([blockSize]uint8), cells: new(cells)}
	for i := range b.order {
		b.order[i] = uint8(i)
	}
	return b
}

// inUse are the numbers of the cells that have an entry, in the order of the entries.
func (b *block) inUse() []uint8 { return b.order[:b.size] }

func (b *block) entry(cell uint8) entry { return entry{b.scores[cell], b.rest[cell]} }

// insert puts in the i-th entry, and returns its cell. The block must not be full.
func (b *block) insert(i int, e entry) (cell uint8) {
	cell = b.order[b.size]
	copy(b.order[i+1:], b.order[i:b.size])
	b.order[i], b.scores[cell], b.rest[cell] = cell, e.score, e.rest
	b.size++
	return cell
}

// remove takes out the i-th entry.
func (b *block) remove(i int) {
	cell := b.order[i]
	b.size--
	copy(b.order[i:], b.order[i+1:b.size+1])
	b.order[b.size] = cell
}

// indexOf returns the i of an entry that is there.
func (b *block) indexOf(cell uint8) int { return bytes.IndexByte(b.inUse(), cell) }

// stride is how many entries the first looks of a search are apart.
const stride = 16

// search returns the i that an entry has or would be inserted at. text is its owner, whose name may be unknown.
//
// Of the looks of a binary search each waits for the one before, and if what it looks at is not in the cache, for the
// memory. Here the processor need not wait to know what comes next: every sixteenth entry, then those in between.
func (b *block) search(names *names, e entry, text string) (i int, found bool) {
	all := b.inUse()
	for i+stride <= len(all) && b.compare(names, all[i+stride-1], e, text) < 0 {
		i += stride
	}
	for ; i < len(all); i++ {
		if c := b.compare(names, all[i], e, text); c >= 0 {
			return i, c == 0
		}
	}
	return i, false
}

// compare orders the entry in a cell and another one, ascending. text is the owner of the other, whose name may be unknown.
func (b *block) compare(names *names, cell uint8, e entry, text string) int {
	if score := b.scores[cell]; score != e.score {
		return cmp.Compare(score, e.score)
	}
	return b.rest[cell].compare(names, e.rest, text)
}

func (r rest) compare(names *names, s rest, text string) int {
	switch {
	case r.subscore != s.subscore:
		return cmp.Compare(r.subscore, s.subscore)
	case !r.owner.packed() || !s.owner.packed():
		return strings.Compare(names.text(r.owner), text)
	}
	return cmp.Or(cmp.Compare(r.owner.hi, s.owner.hi), cmp.Compare(r.owner.lo, s.owner.lo))
}
