package leaderboard

import (
	"cmp"
	"slices"
	"sort"
)

// ranks keeps the entries of one board and period in order, so that both directions are cheap: which place has an
// owner, and who has a place. Places count from 0 in board order: score, then subscore, then owner, all descending or
// all ascending. It is owned by one goroutine at a time.
//
// The entries lie in blocks of up to 256; a Fenwick tree over the block sizes says how many entries precede a block, and
// an index says in which cell of which block an owner is. Finding, inserting and removing thus touch a few lines of the
// cache; nothing has a pointer to an entry, which the garbage collector likes. An entry takes 33 bytes in a block that is
// full to about three quarters, and 13 on average in the index. A descending board is the same read backwards.
type ranks struct {
	descending bool
	size       int
	names      names
	index      index
	blocks     []block // by number
	free       []int   // numbers of blocks that are not in use
	order      []int32 // the numbers of the blocks in use, in the order of their entries; none of these is empty
	firsts     []int64 // the scores that these blocks begin with: most of a search looks at nothing else
	tree       []int32 // Fenwick tree over the sizes of the blocks, in the same order
}

func newRanks(s Sort) *ranks {
	return &ranks{descending: s != Ascending, index: newIndex()}
}

// len returns the number of entries.
func (r *ranks) len() int { return r.size }

// set enters an owner, or moves it to where its new scores belong, and returns the place it then has.
func (r *ranks) set(s Standing) (place int) {
	e := entry{s.Score, rest{s.Subscore, r.names.add(s.Owner)}}
	hash := r.index.hash(e.owner)
	was, found := r.find(e.owner, hash)
	if found {
		if r.entry(was) == e {
			return r.place(was)
		}
		r.take(was)
	}
	now, i := r.insert(e, s.Owner)
	if found {
		r.index.set(hash, was, now)
	} else {
		r.index.add(hash, now)
	}
	return r.placeOf(now.block(), i)
}

// remove takes an owner out. One that is not there is no error.
func (r *ranks) remove(owner string) {
	n, ok := r.names.find(owner)
	if !ok {
		return
	}
	hash := r.index.hash(n)
	at, ok := r.find(n, hash)
	if !ok {
		return
	}
	r.index.remove(hash, at)
	r.take(at)
	r.names.drop(n)
}

// of returns the place of an owner and what it stands there with; ok is false for an owner without an entry.
func (r *ranks) of(owner string) (place int, s Standing, ok bool) {
	n, ok := r.names.find(owner)
	if !ok {
		return 0, Standing{}, false
	}
	at, ok := r.find(n, r.index.hash(n))
	if !ok {
		return 0, Standing{}, false
	}
	e := r.entry(at)
	return r.place(at), Standing{owner, e.score, e.subscore}, true
}

// find returns where an owner is.
func (r *ranks) find(n name, hash uint64) (at spot, ok bool) {
	r.index.candidates(hash, func(candidate spot) bool {
		at, ok = candidate, r.blocks[candidate.block()].rest[candidate.cell()].owner == n
		return ok
	})
	return at, ok
}

func (r *ranks) entry(at spot) entry { return r.blocks[at.block()].entry(at.cell()) }

// place returns the place of an entry that is there.
func (r *ranks) place(at spot) int {
	return r.placeOf(at.block(), r.blocks[at.block()].indexOf(at.cell()))
}

// placeOf returns the place of the i-th entry of a block.
func (r *ranks) placeOf(block, i int) int {
	place := r.before(int(r.blocks[block].place)) + i
	if r.descending {
		return r.size - 1 - place
	}
	return place
}

// gap returns how many entries come before s in board order, and whether the next one is s itself. The owner need
// not have an entry, or may have one with other scores.
func (r *ranks) gap(s Standing) (place int, found bool) {
	owner, _ := r.names.find(s.Owner)
	block, i, found := r.locate(entry{s.Score, rest{s.Subscore, owner}}, s.Owner)
	place = r.before(block) + i
	if !r.descending {
		return place, found
	}
	place = r.size - place
	if found {
		place--
	}
	return place, found
}

// at returns the entry with a place, which must be from 0 to len-1.
func (r *ranks) at(place int) Standing {
	if r.descending {
		place = r.size - 1 - place
	}
	block, i := r.nth(place)
	b := r.ordered(block)
	e := b.entry(b.order[i])
	return Standing{r.names.text(e.owner), e.score, e.subscore}
}

// ordered returns the block at a place.
func (r *ranks) ordered(place int) *block { return &r.blocks[r.order[place]] }

// locate returns where s is, or would be inserted: the place of a block and an index in it. Both are 0 if there are no
// blocks.
func (r *ranks) locate(s entry, text string) (place, i int, found bool) {
	if len(r.order) == 0 {
		return 0, 0, false
	}
	// The last block that begins with s or before it; what is smaller than everything goes into the first.
	place, found = sort.Find(len(r.order), func(place int) int {
		if first := r.firsts[place]; s.score != first {
			return cmp.Compare(s.score, first)
		}
		b := r.ordered(place)
		return -b.compare(&r.names, b.order[0], s, text)
	})
	if found || place == 0 {
		return place, 0, found
	}
	place--
	i, found = r.ordered(place).search(&r.names, s, text)
	return place, i, found
}

// insert puts in an entry that is not there, and returns where it is, and which of its block. The index is up to the
// caller.
func (r *ranks) insert(e entry, text string) (at spot, i int) {
	r.size++
	place, i, _ := r.locate(e, text)
	last := len(r.order) - 1
	switch {
	case last < 0 || place == last && i == int(r.ordered(last).size) && i >= blockFill:
		// Scores that come in order, as when a board is loaded, leave blocks with room behind them.
		place, i = last+1, 0
		r.order, r.firsts = append(r.order, int32(r.newBlock())), append(r.firsts, e.score)
		r.ordered(place).place = int32(place)
		r.grown()
	case r.ordered(place).size == blockSize:
		place, i = r.split(place, i)
	}
	cell := r.ordered(place).insert(i, e)
	if i == 0 {
		r.firsts[place] = e.score
	}
	r.resized(place, 1)
	return spotOf(int(r.order[place]), cell), i
}

// newBlock returns the number of an empty block.
func (r *ranks) newBlock() int {
	if last := len(r.free) - 1; last >= 0 {
		number := r.free[last]
		r.free = r.free[:last]
		r.blocks[number] = newBlock()
		return number
	}
	r.blocks = append(r.blocks, newBlock())
	return len(r.blocks) - 1
}

// split moves the upper half of a full block to a new one behind it, and returns where the i-th entry of the full one is
// then to be inserted.
func (r *ranks) split(place, i int) (int, int) {
	const half = blockSize / 2
	number := r.newBlock()
	r.order = slices.Insert(r.order, place+1, int32(number))
	r.firsts = slices.Insert(r.firsts, place+1, 0)
	r.move(place, half, place+1)
	r.rebuild()
	if i > half {
		return place + 1, i - half
	}
	return place, i
}

// move appends what a block has from its i-th entry on to another one.
func (r *ranks) move(from, i, to int) {
	source, target := r.ordered(from), r.ordered(to)
	for _, cell := range source.inUse()[i:] {
		e := source.entry(cell)
		now := spotOf(int(r.order[to]), target.insert(int(target.size), e))
		r.index.set(r.index.hash(e.owner), spotOf(int(r.order[from]), cell), now)
	}
	source.size = int32(i)
	r.firsts[to] = target.scores[target.order[0]]
}

// take takes out an entry that is there. The index is up to the caller.
func (r *ranks) take(at spot) {
	r.size--
	b := &r.blocks[at.block()]
	b.remove(b.indexOf(at.cell()))
	place, n := int(b.place), b.size
	r.resized(place, -1)
	if n > 0 {
		r.firsts[place] = b.scores[b.order[0]]
	}
	if n >= blockThin {
		return
	}
	switch {
	case n == 0:
		r.drop(place)
	case place > 0 && r.ordered(place-1).size+n <= blockSize-blockThin:
		r.merge(place - 1)
	case place+1 < len(r.order) && r.ordered(place+1).size+n <= blockSize-blockThin:
		r.merge(place)
	}
}

// merge joins a block with the one after it.
func (r *ranks) merge(place int) {
	r.move(place+1, 0, place)
	r.drop(place + 1)
}

// drop takes a block out of the order.
func (r *ranks) drop(place int) {
	number := int(r.order[place])
	r.blocks[number] = block{}
	r.free = append(r.free, number)
	r.order, r.firsts = slices.Delete(r.order, place, place+1), slices.Delete(r.firsts, place, place+1)
	r.rebuild()
}

// rebuild makes the tree anew. It is needed when the order of the blocks changes: once in about a hundred writes.
func (r *ranks) rebuild() {
	r.tree = slices.Grow(r.tree[:0], len(r.order))[:len(r.order)]
	for place, number := range r.order {
		b := &r.blocks[number]
		b.place, r.tree[place] = int32(place), b.size
	}
	for i := range r.tree {
		if parent := i | (i + 1); parent < len(r.tree) {
			r.tree[parent] += r.tree[i]
		}
	}
}

// grown tells the tree of an empty block at the end.
func (r *ranks) grown() {
	sum := int32(0)
	i := len(r.tree)
	for child := i - 1; child >= i&(i+1); child = child&(child+1) - 1 {
		sum += r.tree[child]
	}
	r.tree = append(r.tree, sum)
}

// resized tells the tree that the block at a place grew or shrank.
func (r *ranks) resized(place int, by int32) {
	for i := place; i < len(r.tree); i |= i + 1 {
		r.tree[i] += by
	}
}

// before returns how many entries lie in the blocks before the one at a place.
func (r *ranks) before(place int) int {
	sum := 0
	for i := place; i > 0; i &= i - 1 {
		sum += int(r.tree[i-1])
	}
	return sum
}

// nth returns the place of the block with the n-th entry in ascending order, and the index in it. n must be less than len.
func (r *ranks) nth(n int) (place, i int) {
	step := 1
	for step*2 <= len(r.tree) {
		step *= 2
	}
	for ; step > 0; step /= 2 {
		if next := place + step; next <= len(r.tree) && int(r.tree[next-1]) <= n {
			place, n = next, n-int(r.tree[next-1])
		}
	}
	return place, n
}
