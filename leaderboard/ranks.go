package leaderboard

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"
)

const (
	blockSize = 256               // entries in a full block
	blockFill = blockSize / 4 * 3 // entries in a block that nothing is inserted into the middle of
	blockThin = blockSize / 4     // with fewer a block looks for a neighbour to merge with
)

// ranks keeps the entries of one board and period in order, so that both directions are cheap: which place has an
// owner, and who has a place. Places count from 0 in board order: score, then subscore, then owner, all descending or
// all ascending. It is owned by one goroutine at a time.
//
// The entries lie in ascending order in blocks of up to 256; a Fenwick tree over the block sizes says how many entries
// precede a block, and an index says in which block an owner is. Finding, inserting and removing thus move at most
// 8 KiB and touch a few cache lines; nothing has a pointer to an entry, which the garbage collector likes. An entry
// takes 33 bytes in a block that is full to about three quarters, and 13 on average in the index. A descending board is
// the same read backwards.
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

// block is a run of entries.
type block struct {
	entries []entry
	tags    []byte // one of each entry's owner: what a search for an owner looks at, instead of the entries
	place   int    // in order
}

func newBlock() block {
	return block{entries: make([]entry, 0, blockSize), tags: make([]byte, 0, blockSize)}
}

type entry struct {
	score, subscore int64
	owner           name
}

func (n name) tag() byte { return byte(n.lo) }

func newRanks(s Sort) *ranks {
	return &ranks{descending: s != Ascending, index: newIndex()}
}

// len returns the number of entries.
func (r *ranks) len() int { return r.size }

// set enters an owner, or moves it to where its new scores belong, and returns the place it then has.
func (r *ranks) set(s Standing) (place int) {
	e := entry{s.Score, s.Subscore, r.names.add(s.Owner)}
	hash := r.index.hash(e.owner)
	was, i, found := r.find(e.owner, hash)
	if found {
		if r.blocks[was].entries[i] == e {
			return r.place(was, i)
		}
		r.take(was, i)
	}
	block, i := r.insert(e, s.Owner)
	if found {
		r.index.set(hash, was, block)
	} else {
		r.index.add(hash, block)
	}
	return r.place(block, i)
}

// remove takes an owner out. One that is not there is no error.
func (r *ranks) remove(owner string) {
	n, ok := r.names.find(owner)
	if !ok {
		return
	}
	hash := r.index.hash(n)
	block, i, ok := r.find(n, hash)
	if !ok {
		return
	}
	r.index.remove(hash, block)
	r.take(block, i)
	r.names.drop(n)
}

// of returns the place of an owner and what it stands there with; ok is false for an owner without an entry.
func (r *ranks) of(owner string) (place int, s Standing, ok bool) {
	n, ok := r.names.find(owner)
	if !ok {
		return 0, Standing{}, false
	}
	block, i, ok := r.find(n, r.index.hash(n))
	if !ok {
		return 0, Standing{}, false
	}
	e := &r.blocks[block].entries[i]
	return r.place(block, i), Standing{owner, e.score, e.subscore}, true
}

// find returns the block an owner is in, and where in it.
func (r *ranks) find(n name, hash uint64) (number, i int, ok bool) {
	r.index.candidates(hash, func(candidate int) bool {
		number, i = candidate, r.blocks[candidate].search(n)
		ok = i >= 0
		return ok
	})
	return number, i, ok
}

// search returns where in the block an owner is, or -1.
func (b *block) search(n name) int {
	for from := 0; ; from++ {
		next := bytes.IndexByte(b.tags[from:], n.tag())
		if next < 0 {
			return -1
		}
		if from += next; b.entries[from].owner == n {
			return from
		}
	}
}

// place returns the place of an entry that is there.
func (r *ranks) place(number, i int) int {
	place := r.before(r.blocks[number].place) + i
	if r.descending {
		return r.size - 1 - place
	}
	return place
}

// gap returns how many entries come before s in board order, and whether the next one is s itself. The owner need
// not have an entry, or may have one with other scores.
func (r *ranks) gap(s Standing) (place int, found bool) {
	owner, _ := r.names.find(s.Owner)
	block, i, found := r.locate(entry{s.Score, s.Subscore, owner}, s.Owner)
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
	e := r.ordered(block)[i]
	return Standing{r.names.text(e.owner), e.score, e.subscore}
}

// ordered returns the entries of the block at a place.
func (r *ranks) ordered(place int) []entry { return r.blocks[r.order[place]].entries }

// compare orders two entries, ascending. text is the owner of the second, whose name may be unknown.
func (r *ranks) compare(e, s entry, text string) int {
	if e.score != s.score {
		return cmp.Compare(e.score, s.score)
	}
	if e.subscore != s.subscore {
		return cmp.Compare(e.subscore, s.subscore)
	}
	if !e.owner.packed() || !s.owner.packed() {
		return strings.Compare(r.names.text(e.owner), text)
	}
	if e.owner.hi != s.owner.hi {
		return cmp.Compare(e.owner.hi, s.owner.hi)
	}
	return cmp.Compare(e.owner.lo, s.owner.lo)
}

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
		return -r.compare(r.ordered(place)[0], s, text)
	})
	if found || place == 0 {
		return place, 0, found
	}
	place--
	i, found = slices.BinarySearchFunc(r.ordered(place), s, func(e, s entry) int { return r.compare(e, s, text) })
	return place, i, found
}

// insert puts in an entry that is not there, and returns where it is. The index is up to the caller.
func (r *ranks) insert(e entry, text string) (number, i int) {
	r.size++
	place, i, _ := r.locate(e, text)
	last := len(r.order) - 1
	switch {
	case last < 0 || place == last && i == len(r.ordered(last)) && i >= blockFill:
		// Scores that come in order, as when a board is loaded, leave blocks with room behind them.
		r.order, r.firsts = append(r.order, int32(r.newBlock())), append(r.firsts, e.score)
		place, i = last+1, 0
		r.blocks[r.order[place]].place = place
		r.grown()
	case len(r.ordered(place)) == blockSize:
		place, i = r.split(place, i)
	}
	b := &r.blocks[r.order[place]]
	b.entries, b.tags = slices.Insert(b.entries, i, e), slices.Insert(b.tags, i, e.owner.tag())
	r.firsts[place] = b.entries[0].score
	r.resized(place, 1)
	return int(r.order[place]), i
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
	low := &r.blocks[r.order[place]]
	r.firsts = slices.Insert(r.firsts, place+1, low.entries[half].score)
	r.move(low.entries[half:], int(r.order[place]), number)
	low.entries, low.tags = low.entries[:half], low.tags[:half]
	r.rebuild()
	if i > half {
		return place + 1, i - half
	}
	return place, i
}

// move appends entries of one block to another.
func (r *ranks) move(es []entry, from, to int) {
	b := &r.blocks[to]
	for _, e := range es {
		r.index.set(r.index.hash(e.owner), from, to)
		b.entries, b.tags = append(b.entries, e), append(b.tags, e.owner.tag())
	}
}

// take takes out an entry that is there. The index is up to the caller.
func (r *ranks) take(number, i int) {
	r.size--
	b := &r.blocks[number]
	b.entries, b.tags = slices.Delete(b.entries, i, i+1), slices.Delete(b.tags, i, i+1)
	r.resized(b.place, -1)
	place, n := b.place, len(b.entries)
	if n > 0 {
		r.firsts[place] = b.entries[0].score
	}
	if n >= blockThin {
		return
	}
	switch {
	case n == 0:
		r.drop(place)
	case place > 0 && len(r.ordered(place-1))+n <= blockSize-blockThin:
		r.merge(place - 1)
	case place+1 < len(r.order) && len(r.ordered(place+1))+n <= blockSize-blockThin:
		r.merge(place)
	}
}

// merge joins a block with the one after it.
func (r *ranks) merge(place int) {
	r.move(r.ordered(place+1), int(r.order[place+1]), int(r.order[place]))
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
		r.blocks[number].place = place
		r.tree[place] = int32(len(r.blocks[number].entries))
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
