package leaderboard

import (
	"cmp"
	"slices"
	"strings"
)

const (
	blockSize = 256           // entries in a full block
	blockThin = blockSize / 4 // with fewer a block looks for a neighbour to merge with
)

// standing is an owner with the scores it is ranked by.
type standing struct {
	owner           string
	score, subscore int64
}

// ranks keeps the entries of one board and period in order, so that both directions are cheap: which place has an
// owner, and who has a place. Places count from 0 in board order: score, then subscore, then owner, all descending or
// all ascending. It is owned by one goroutine at a time.
//
// The entries lie in ascending order in blocks of up to 256, and a Fenwick tree over the block sizes says how many
// entries precede a block. Finding, inserting and removing thus move at most 8 KiB and touch a few cache lines; an
// entry has no pointers, which the garbage collector likes. A descending board is the same read backwards.
type ranks struct {
	descending bool
	names      names
	index      map[name]scores
	blocks     [][]entry // none is empty
	tree       []int32   // Fenwick tree over len(blocks[i])
}

type scores struct{ score, subscore int64 }

type entry struct {
	scores
	owner name
}

func newRanks(s Sort) *ranks {
	return &ranks{descending: s != Ascending, index: make(map[name]scores)}
}

// len returns the number of entries.
func (r *ranks) len() int { return len(r.index) }

// set enters an owner, or moves it to where its new scores belong.
func (r *ranks) set(s standing) {
	n := r.names.add(s.owner)
	now := scores{s.score, s.subscore}
	if was, ok := r.index[n]; ok {
		if was == now {
			return
		}
		r.take(standing{s.owner, was.score, was.subscore}, n)
	}
	r.index[n] = now
	r.insert(s, n)
}

// remove takes an owner out. One that is not there is no error.
func (r *ranks) remove(owner string) {
	n, ok := r.names.find(owner)
	if !ok {
		return
	}
	was, ok := r.index[n]
	if !ok {
		return
	}
	r.take(standing{owner, was.score, was.subscore}, n)
	delete(r.index, n)
	r.names.drop(n)
}

// place returns the place of an owner and what it stands there with; ok is false for an owner without an entry.
func (r *ranks) place(owner string) (place int, s standing, ok bool) {
	n, ok := r.names.find(owner)
	if !ok {
		return 0, standing{}, false
	}
	has, ok := r.index[n]
	if !ok {
		return 0, standing{}, false
	}
	s = standing{owner, has.score, has.subscore}
	place, _ = r.count(s, n)
	return place, s, true
}

// gap returns how many entries come before s in board order, and whether the next one is s itself. The owner need
// not have an entry, or may have one with other scores.
func (r *ranks) gap(s standing) (place int, found bool) {
	owner, _ := r.names.find(s.owner)
	return r.count(s, owner)
}

// count is gap for an owner whose name is known.
func (r *ranks) count(s standing, owner name) (place int, found bool) {
	block, i, found := r.locate(s, owner)
	place = r.before(block) + i
	if !r.descending {
		return place, found
	}
	place = r.len() - place
	if found {
		place--
	}
	return place, found
}

// at returns the entry with a place, which must be from 0 to len-1.
func (r *ranks) at(place int) standing {
	if r.descending {
		place = r.len() - 1 - place
	}
	block, i := r.find(place)
	e := r.blocks[block][i]
	return standing{r.names.text(e.owner), e.score, e.subscore}
}

// compare orders an entry against s, ascending.
func (r *ranks) compare(e entry, s standing, owner name) int {
	if e.score != s.score {
		return cmp.Compare(e.score, s.score)
	}
	if e.subscore != s.subscore {
		return cmp.Compare(e.subscore, s.subscore)
	}
	if !e.owner.packed() || !owner.packed() {
		return strings.Compare(r.names.text(e.owner), s.owner)
	}
	if e.owner.hi != owner.hi {
		return cmp.Compare(e.owner.hi, owner.hi)
	}
	return cmp.Compare(e.owner.lo, owner.lo)
}

// locate returns where s is, or would be inserted: a block and an index in it. Both are 0 if there are no blocks.
func (r *ranks) locate(s standing, owner name) (block, i int, found bool) {
	if len(r.blocks) == 0 {
		return 0, 0, false
	}
	// The last block that begins with s or before it; what is smaller than everything goes into the first.
	block, found = slices.BinarySearchFunc(r.blocks, s, func(b []entry, s standing) int {
		return r.compare(b[0], s, owner)
	})
	if found || block == 0 {
		return block, 0, found
	}
	block--
	i, found = slices.BinarySearchFunc(r.blocks[block], s, func(e entry, s standing) int {
		return r.compare(e, s, owner)
	})
	return block, i, found
}

// insert puts in an entry that is not there.
func (r *ranks) insert(s standing, owner name) {
	e := entry{scores{s.score, s.subscore}, owner}
	if len(r.blocks) == 0 {
		r.blocks = append(r.blocks, append(make([]entry, 0, blockSize), e))
		r.rebuild()
		return
	}
	block, i, _ := r.locate(s, owner)
	if b := r.blocks[block]; len(b) < blockSize {
		r.blocks[block] = slices.Insert(b, i, e)
		r.resized(block, 1)
		return
	}
	const half = blockSize / 2
	low := r.blocks[block]
	high := append(make([]entry, 0, blockSize), low[half:]...)
	low = low[:half]
	if i <= half {
		low = slices.Insert(low, i, e)
	} else {
		high = slices.Insert(high, i-half, e)
	}
	r.blocks[block] = low
	r.blocks = slices.Insert(r.blocks, block+1, high)
	r.rebuild()
}

// take takes out an entry that is there.
func (r *ranks) take(s standing, owner name) {
	block, i, _ := r.locate(s, owner)
	b := slices.Delete(r.blocks[block], i, i+1)
	r.blocks[block] = b
	r.resized(block, -1)
	if len(b) >= blockThin {
		return
	}
	switch {
	case len(b) == 0:
		r.blocks = slices.Delete(r.blocks, block, block+1)
		r.rebuild()
	case block > 0 && len(r.blocks[block-1])+len(b) <= blockSize-blockThin:
		r.merge(block - 1)
	case block+1 < len(r.blocks) && len(r.blocks[block+1])+len(b) <= blockSize-blockThin:
		r.merge(block)
	}
}

// merge joins a block with the one after it.
func (r *ranks) merge(block int) {
	r.blocks[block] = append(r.blocks[block], r.blocks[block+1]...)
	r.blocks = slices.Delete(r.blocks, block+1, block+2)
	r.rebuild()
}

// rebuild makes the tree anew. It is needed when the number of blocks changes: once in about a hundred writes.
func (r *ranks) rebuild() {
	r.tree = slices.Grow(r.tree[:0], len(r.blocks))[:len(r.blocks)]
	for i, b := range r.blocks {
		r.tree[i] = int32(len(b))
	}
	for i := range r.tree {
		if parent := i | (i + 1); parent < len(r.tree) {
			r.tree[parent] += r.tree[i]
		}
	}
}

// resized tells the tree that a block grew or shrank.
func (r *ranks) resized(block int, by int32) {
	for i := block; i < len(r.tree); i |= i + 1 {
		r.tree[i] += by
	}
}

// before returns how many entries lie in the blocks before one.
func (r *ranks) before(block int) int {
	sum := 0
	for i := block; i > 0; i &= i - 1 {
		sum += int(r.tree[i-1])
	}
	return sum
}

// find returns the block and the index in it of the n-th entry in ascending order. n must be less than len.
func (r *ranks) find(n int) (block, i int) {
	step := 1
	for step*2 <= len(r.tree) {
		step *= 2
	}
	for ; step > 0; step /= 2 {
		if next := block + step; next <= len(r.tree) && int(r.tree[next-1]) <= n {
			block, n = next, n-int(r.tree[next-1])
		}
	}
	return block, n
}
