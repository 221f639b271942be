package matchmaker

import (
	"slices"

	"github.com/shoal-go/shoal/internal/column"
)

const (
	maxShapes  = 64 // that are told apart before a search
	minRebuild = 64 // empty slots, or late tickets, that are not worth a new order
)

// class is the tickets whose queries insist on the same texts. Their slots are in the order of their age, but for the
// late ones: tickets that have come from another class.
type class struct {
	texts []TextProperty

	slots   []*ticket  // nil where there is none any more
	waits   int        // tickets in slots
	newest  uint64     // the highest serial that has been in slots
	late    []*ticket  // by age
	live    column.Set // can be matched
	hungry  column.Set
	shapes  map[shape]*column.Set
	columns columns
	scan    column.Scan
}

// shape is what decides which sizes of a group suit a ticket.
type shape struct{ size, low, high, multiple int }

func (t *ticket) shape() shape {
	return shape{t.size(), t.MinCount, t.MaxCount, t.CountMultiple}
}

func newClass(texts []TextProperty) *class {
	return &class{texts: texts, shapes: make(map[shape]*column.Set)}
}

func (c *class) first() TextProperty {
	if len(c.texts) == 0 {
		return TextProperty{}
	}
	return c.texts[0]
}

// admits reports whether a ticket has the texts that the class insists on.
func (c *class) admits(t *ticket) bool {
	for _, want := range c.texts {
		if have, ok := t.Text(want.Key); !ok || have != want.Value {
			return false
		}
	}
	return true
}

func (c *class) len() int { return c.waits + len(c.late) }

// add takes a ticket in.
func (c *class) add(t *ticket) {
	t.class = c
	if t.serial > c.newest {
		if len(c.slots)-c.waits > max(minRebuild, c.waits) {
			c.rebuild()
		}
		c.place(t)
		return
	}
	t.slot = -1
	i, _ := slices.BinarySearchFunc(c.late, t, byAge)
	c.late = slices.Insert(c.late, i, t)
	if len(c.late) > max(minRebuild, c.waits/8) {
		c.rebuild()
	}
}

// place gives a ticket the next slot.
func (c *class) place(t *ticket) {
	t.slot = int32(len(c.slots))
	c.slots = append(c.slots, t)
	c.waits++
	c.newest = t.serial
	c.columns.put(t)
	set := c.shapes[t.shape()]
	if set == nil {
		set = &column.Set{}
		c.shapes[t.shape()] = set
	}
	set.Add(int(t.slot))
	c.show(t)
}

// show lets a ticket be found, or not, as its pooled says.
func (c *class) show(t *ticket) {
	if t.slot < 0 {
		return
	}
	put(&c.live, t, t.pooled)
	put(&c.hungry, t, t.pooled && t.hungry)
}

func put(s *column.Set, t *ticket, in bool) {
	if in {
		s.Add(int(t.slot))
	} else {
		s.Remove(int(t.slot))
	}
}

// remove lets a ticket go.
func (c *class) remove(t *ticket) {
	t.class, t.pooled = nil, false
	if t.slot < 0 {
		i, _ := slices.BinarySearchFunc(c.late, t, byAge)
		c.late = slices.Delete(c.late, i, i+1)
		return
	}
	c.show(t)
	c.columns.remove(t)
	set := c.shapes[t.shape()]
	if set.Remove(int(t.slot)); set.Len() == 0 {
		delete(c.shapes, t.shape())
	}
	c.slots[t.slot] = nil
	c.waits--
}

// rebuild gives all tickets new slots, in the order of their age.
func (c *class) rebuild() {
	all := make([]*ticket, 0, c.len()+c.len()/8)
	for _, t := range c.slots {
		if t != nil {
			all = append(all, t)
		}
	}
	all = append(all, c.late...)
	slices.SortFunc(all, byAge)
	c.slots, c.waits, c.late, c.live, c.hungry = all[:0], 0, nil, column.Set{}, column.Set{}
	clear(c.shapes)
	c.columns.empty(len(all))
	for _, t := range all {
		c.place(t)
	}
}

// search shows f the tickets that may be grouped with its own, those in slots first.
func (c *class) search(f *finder) {
	if f.work -= len(c.shapes); f.work < 0 {
		return
	}
	c.scan.Reset()
	c.scan.All(f.among(c))
	if !c.sizes(f) {
		return
	}
	c.columns.scan(&c.scan, f.ticket, &f.work)
	f.next()
	for slot := range c.scan.Slots {
		if !f.consider(c, c.slots[slot]) {
			break
		}
	}
	for _, t := range c.late {
		if t.pooled {
			f.consider(c, t)
		}
	}
	c.columns.learn(c)
}

// sizes leaves out the tickets whose sizes do not suit f's, and reports whether there may be others.
func (c *class) sizes(f *finder) bool {
	if len(c.shapes) > maxShapes {
		return true
	}
	own, out := f.ticket.shape(), 0
	for s, set := range c.shapes {
		if !own.meets(s, f.full) {
			c.scan.None(set)
			out++
		}
	}
	return out < len(c.shapes) || len(c.late) > 0
}
