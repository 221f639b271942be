package match

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/shoal-go/shoal/internal/column"
)

// minSlots is how many slots an index begins with.
const minSlots = 1024

// index finds matches by what they are listed with. What changes is only noted, once for each match; the next search
// brings the columns up to date. So a label that changes in every tick costs next to nothing, and where nobody
// searches there is no index.
type index struct {
	used       atomic.Bool // somebody has searched
	refreshing sync.Mutex  // one search at a time brings the columns up to date; taken before the others

	noting  sync.Mutex
	changed map[*match]struct{} // matches that are listed differently from what the columns say; guarded by noting

	// The rest is guarded by mu. Slots are given from the last to the first, so that the newest match comes first.
	mu      sync.RWMutex
	entries []entry // by slot
	free    int     // the slots below are free
	live    column.Set
	size    column.Numbers // members
	open    column.Numbers // free seats
	fields  map[string]*field
}

// entry is a match as the columns have it.
type entry struct {
	m     *match
	label *label
}

// note says that a match is listed differently from now on.
func (x *index) note(m *match) {
	if !x.used.Load() || m.noted.Swap(true) {
		return
	}
	x.noting.Lock()
	defer x.noting.Unlock()
	if m.unlisted.Load() {
		return
	}
	if x.changed == nil {
		x.changed = make(map[*match]struct{})
	}
	x.changed[m] = struct{}{}
}

// remove says that a match has ended: nobody finds it any more.
func (x *index) remove(m *match) {
	m.unlisted.Store(true)
	x.noting.Lock()
	delete(x.changed, m)
	x.noting.Unlock()

	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.has(m) {
		return
	}
	x.unindex(m.slot)
	x.live.Remove(m.slot)
	x.size.Remove(m.slot)
	x.open.Remove(m.slot)
	x.entries[m.slot] = entry{}
}

// take returns the matches that have been noted, oldest first.
func (x *index) take() []*match {
	x.noting.Lock()
	defer x.noting.Unlock()
	all := make([]*match, 0, len(x.changed))
	for m := range x.changed {
		m.noted.Store(false) // before its label is read: one that changes from now on is noted again
		all = append(all, m)
	}
	x.changed = nil
	slices.SortFunc(all, func(a, b *match) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

// refresh brings the index up to date.
func (r *Registry) refresh() {
	x := &r.index
	x.refreshing.Lock()
	defer x.refreshing.Unlock()
	if !x.used.Swap(true) {
		r.mu.RLock()
		for _, m := range r.matches {
			x.note(m)
		}
		r.mu.RUnlock()
	}
	changed := x.take()
	if len(changed) == 0 {
		return
	}
	for _, m := range changed {
		m.label.Load().document(m) // parsed here, so that no search waits for it
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range changed {
		if !m.unlisted.Load() {
			x.put(m)
		}
	}
}

func (x *index) has(m *match) bool { return m.slot < len(x.entries) && x.entries[m.slot].m == m }

// put brings the columns of a match up to date. New matches are put in the order of their creation.
func (x *index) put(m *match) {
	if !x.has(m) {
		if x.free == 0 {
			x.renumber()
		}
		x.insert(entry{m: m})
	}
	if l := m.label.Load(); l != x.entries[m.slot].label {
		x.unindex(m.slot)
		x.entries[m.slot].label = l
		x.index(m.slot)
	}
	putNumber(&x.size, m.slot, float64(m.size.Load()))
	putNumber(&x.open, m.slot, m.freeSeats())
}

// insert gives a slot to a match.
func (x *index) insert(e entry) {
	x.free--
	e.m.slot = x.free
	x.entries[x.free] = e
	x.live.Add(x.free)
}

// renumber makes room below the lowest slot.
func (x *index) renumber() {
	old := x.entries
	n := max(minSlots, 2*x.live.Len())
	x.entries, x.free, x.fields = make([]entry, n), n, make(map[string]*field)
	x.live, x.size, x.open = column.Set{}, column.Numbers{}, column.Numbers{}
	for _, e := range slices.Backward(old) {
		if e.m != nil {
			x.insert(e)
			x.index(e.m.slot)
			putNumber(&x.size, e.m.slot, float64(e.m.size.Load()))
			putNumber(&x.open, e.m.slot, e.m.freeSeats())
		}
	}
}

// index puts the label of an entry into the columns.
func (x *index) index(slot int) {
	e := x.entries[slot]
	for name, values := range e.label.document(e.m) {
		f := x.fields[name]
		if f == nil {
			f = new(field)
			x.fields[name] = f
		}
		f.add(slot, values)
	}
}

// unindex takes the label of an entry, if it has one, out of the columns.
func (x *index) unindex(slot int) {
	e := x.entries[slot]
	if e.label == nil {
		return
	}
	for name, values := range e.label.document(e.m) {
		f := x.fields[name]
		f.remove(slot, values)
		if f.any.Len() == 0 {
			delete(x.fields, name)
		}
	}
}

func putNumber(c *column.Numbers, slot int, v float64) {
	if was, ok := c.At(slot); !ok || was != v {
		c.Put(slot, v)
	}
}

// freeSeats may be called at any time by anybody.
func (m *match) freeSeats() float64 {
	if m.set.Capacity == 0 {
		return math.Inf(1)
	}
	return float64(m.set.Capacity - int(m.seats.Load()))
}
