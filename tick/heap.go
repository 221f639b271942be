package tick

import "slices"

// node is an entry's place in time. It is stale, and dropped when it comes up, once the entry is due at another time
// or has moved to another lane.
type node struct {
	due int64
	e   *entry
}

// live must be called with the lock of l held: that is what guards due while the entry is in l.
func (n node) live(l *lane) bool { return n.e.lane.Load() == l && n.e.due == n.due }

// timeline is a binary min-heap of nodes. Entries do not know their index, so moving a node touches no other memory.
type timeline struct {
	nodes []node
	stale int // how many nodes were abandoned before they came up
}

// first is when the first node is due; never if there is none. The node may be stale.
func (t *timeline) first() int64 {
	if len(t.nodes) == 0 {
		return never
	}
	return t.nodes[0].due
}

// insert adds a node.
func (t *timeline) insert(n node) {
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

// pop takes the first node, of at least one.
func (t *timeline) pop() node {
	first := t.nodes[0]
	last := len(t.nodes) - 1
	n := t.nodes[last]
	t.nodes[last] = node{}
	t.nodes = t.nodes[:last]
	if last > 0 {
		t.down(0, n)
	}
	return first
}

// abandon counts a node that its entry has left, and sweeps when most of the heap is such nodes.
func (t *timeline) abandon(l *lane) {
	t.stale++
	if t.stale < 64 || t.stale < len(t.nodes)/2 {
		return
	}
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

// dropped counts a stale node that has come up.
func (t *timeline) dropped() { t.stale = max(0, t.stale-1) }

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

// queue is a first-in, first-out queue of entries.
type queue struct {
	entries []*entry // entries[head:] is live
	head    int
}

func (q *queue) push(e *entry) {
	if q.head > len(q.entries)/2 { // on a busy worker it may never run empty
		q.entries = slices.Delete(q.entries, 0, q.head)
		q.head = 0
	}
	q.entries = append(q.entries, e)
}

// pop returns nil when the queue is empty.
func (q *queue) pop() *entry {
	if q.head == len(q.entries) {
		return nil
	}
	e := q.entries[q.head]
	q.entries[q.head] = nil
	if q.head++; q.head == len(q.entries) {
		q.entries, q.head = q.entries[:0], 0
	}
	return e
}

func (q *queue) empty() bool { return q.head == len(q.entries) }
