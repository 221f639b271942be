package tick

// run is the entries that are due at one time. Tasks share a grid of starts, so most have company.
type run struct {
	due     int64
	entries queue
	alone   [1]*entry // room for the first
}

// node is a run's place in the heap. The time is here too, so that moving a node touches no other memory.
type node struct {
	due int64
	run *run
}

// timeline is the entries that wait for their time: a binary min-heap of runs. An entry is stale, and dropped when it
// comes up, once it is due at another time or has moved to another lane.
type timeline struct {
	nodes  []node
	recent [16]*run // by slot; what is put back has mostly the time of one of these
	spare  []*run
	size   int // entries
	stale  int // how many of them were abandoned before they came up
}

// maxSpare bounds the runs that are kept for use again.
const maxSpare = 64

// slot is the place of a time in recent.
func slot(due int64) uint64 {
	return uint64(due) * golden >> 60
}

// first is when the first entry is due; never if there is none. It may be stale.
func (t *timeline) first() int64 {
	if len(t.nodes) == 0 {
		return never
	}
	return t.nodes[0].due
}

// insert adds an entry.
func (t *timeline) insert(due int64, e *entry) {
	t.size++
	place := &t.recent[slot(due)]
	if *place == nil || (*place).due != due {
		*place = t.add(due)
	}
	(*place).entries.push(e)
}

// add adds a run.
func (t *timeline) add(due int64) *run {
	var r *run
	if last := len(t.spare) - 1; last >= 0 {
		r, t.spare = t.spare[last], t.spare[:last]
	} else {
		r = &run{}
		r.entries.entries = r.alone[:0]
	}
	r.due = due
	t.nodes = append(t.nodes, node{})
	t.up(len(t.nodes)-1, node{due, r})
	return r
}

// take takes entries of the first run, of which there must be one, and says how many and for when.
func (t *timeline) take(into []*entry) (n int, due int64) {
	r := t.nodes[0].run
	for n < len(into) && !r.entries.empty() {
		into[n] = r.entries.pop()
		n++
	}
	t.size -= n
	if r.entries.empty() {
		t.drop(r)
		last := len(t.nodes) - 1
		moved := t.nodes[last]
		t.nodes[last] = node{}
		t.nodes = t.nodes[:last]
		if last > 0 {
			t.down(0, moved)
		}
	}
	return n, r.due
}

// drop keeps an empty run for use again.
func (t *timeline) drop(r *run) {
	if place := &t.recent[slot(r.due)]; *place == r {
		*place = nil
	}
	if len(t.spare) < maxSpare {
		t.spare = append(t.spare, r)
	}
}

// live reports whether e is due at a time. The lane must be locked: its lock guards due while the entry is in it.
func (l *lane) live(e *entry, due int64) bool { return e.lane.Load() == l && e.due == due }

// abandon counts an entry that has left its place, and sweeps when most of the timeline is such places.
func (t *timeline) abandon(l *lane) {
	t.stale++
	if t.stale >= 64 && t.stale >= t.size/2 {
		t.sweep(l)
	}
}

// sweep drops what is stale, and all places but one of an entry that was due then, was not, and is again.
func (t *timeline) sweep(l *lane) {
	runs := t.nodes[:0]
	t.size, t.stale = 0, 0
	for _, n := range t.nodes {
		n.run.entries.keep(func(e *entry) bool {
			live := l.live(e, n.due)
			if live {
				e.due = never // not twice
			}
			return live
		})
		if n.run.entries.empty() {
			t.drop(n.run)
			continue
		}
		t.size += n.run.entries.len()
		runs = append(runs, n)
	}
	clear(t.nodes[len(runs):])
	t.nodes = runs
	for _, n := range runs {
		for _, e := range n.run.entries.entries {
			e.due = n.due
		}
	}
	for i := len(runs)/2 - 1; i >= 0; i-- {
		t.down(i, runs[i])
	}
}

// dropped counts a stale entry that has come up.
func (t *timeline) dropped() { t.stale = max(0, t.stale-1) }

// up places n at i and lets it rise.
func (t *timeline) up(i int, n node) {
	nodes := t.nodes
	for i > 0 {
		parent := (i - 1) / 2
		if nodes[parent].due <= n.due {
			break
		}
		nodes[i] = nodes[parent]
		i = parent
	}
	nodes[i] = n
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
