package tick

// node is an entry's place in time. It is stale, and dropped when it comes up, once the entry is due at another time
// or has moved to another lane.
type node struct {
	due int64
	e   *entry
}

// timeline is a binary min-heap of nodes. Entries do not know their index, so moving a node touches no other
// memory. While an entry has its turn its node leaves a hole at the top, which the next insertion fills: the usual
// "take the first, put it back later" costs one sift instead of two.
type timeline struct {
	nodes []node
	hole  bool // nodes[0] is vacant
	stale int  // how many nodes were abandoned before they came up
}

// insert adds a node.
func (t *timeline) insert(n node) {
	if t.hole {
		t.hole = false
		t.down(0, n)
		return
	}
	t.nodes = append(t.nodes, n)
	i := len(t.nodes) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if t.nodes[parent].due <= n.due {
			break
		}
		t.nodes[i] = t.nodes[parent]
		i = parent
	}
	t.nodes[i] = n
}

// first returns the earliest live node of lane l; ok is false when there is none.
func (t *timeline) first(l *lane) (n node, ok bool) {
	t.close()
	for len(t.nodes) > 0 {
		if n := t.nodes[0]; n.live(l) {
			return n, true
		}
		t.stale = max(0, t.stale-1)
		t.hole = true
		t.close()
	}
	return node{}, false
}

// take leaves a hole where first was. One of the two below it comes next: a look at them now spares the wait for them
// then, for with thousands of entries they are in no cache.
func (t *timeline) take() {
	t.hole = true
	for i := 1; i <= 2 && i < len(t.nodes); i++ {
		t.nodes[i].e.lane.Load()
	}
}

// abandon counts a node that its entry has left, and sweeps when most of the heap is such nodes.
func (t *timeline) abandon(l *lane) {
	t.stale++
	if t.stale < 64 || t.stale < len(t.nodes)/2 {
		return
	}
	t.close()
	kept := t.nodes[:0]
	for _, n := range t.nodes {
		if n.live(l) {
			kept = append(kept, n)
		}
	}
	clear(t.nodes[len(kept):])
	t.nodes, t.stale = kept, 0
	for i := len(kept)/2 - 1; i >= 0; i-- {
		t.down(i, kept[i])
	}
}

// live must be called with the lock of l held: that is what guards due while the entry is in l.
func (n node) live(l *lane) bool { return n.e.lane.Load() == l && n.e.due == n.due }

// close fills a hole with the last node.
func (t *timeline) close() {
	if !t.hole {
		return
	}
	t.hole = false
	last := len(t.nodes) - 1
	n := t.nodes[last]
	t.nodes[last] = node{}
	t.nodes = t.nodes[:last]
	if last > 0 {
		t.down(0, n)
	}
}

// down places n at i and lets it sink.
func (t *timeline) down(i int, n node) {
	nodes := t.nodes
	for {
		child := 2*i + 1
		if child >= len(nodes) {
			break
		}
		if right := child + 1; right < len(nodes) && nodes[right].due < nodes[child].due {
			child = right
		}
		if n.due <= nodes[child].due {
			break
		}
		nodes[i] = nodes[child]
		i = child
	}
	nodes[i] = n
}
