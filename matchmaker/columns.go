package matchmaker

import (
	"math"
	"slices"

	"github.com/shoal-go/shoal/internal/column"
	"github.com/shoal-go/shoal/query"
)

const (
	maxFields   = 16  // that a class has columns for
	maxWasted   = 256 // fields that a class keeps account of
	maxTerms    = 16  // of a query that are looked up
	maxWords    = 256 // different texts of a field that a wildcard is tried on
	minForField = 64  // tickets that were looked at in vain before a field is worth columns
)

// columns are what the tickets of a class have in some fields, and which numbers they want there. A field gets columns
// when looking at tickets one by one, which it would have told apart, has cost as much as making the columns does.
type columns struct {
	fields   []*fieldColumns
	wasted   map[string]int // by field without columns: tickets that were looked at in vain
	due      []string       // fields whose time has come
	searches uint64
}

// fieldColumns are about one field.
type fieldColumns struct {
	field   string
	used    uint64 // the search in which it was of use last
	room    int    // slots that are known to come
	any     column.Set
	texts   column.Texts
	numbers column.Numbers
	ranged  column.Set // tickets that want a number
	low     column.Numbers
	high    column.Numbers
}

func (c *columns) field(name string) *fieldColumns {
	for _, f := range c.fields {
		if f.field == name {
			return f
		}
	}
	return nil
}

func (c *columns) put(t *ticket) {
	for _, f := range c.fields {
		f.put(t)
	}
}

func (c *columns) remove(t *ticket) {
	for _, f := range c.fields {
		f.remove(t)
	}
}

// empty forgets all tickets, and makes room for so many.
func (c *columns) empty(room int) {
	for i, f := range c.fields {
		c.fields[i] = &fieldColumns{field: f.field, used: f.used, room: room}
	}
}

// put notes a ticket.
func (f *fieldColumns) put(t *ticket) {
	slot := int(t.slot)
	if v, ok := t.value(f.field); ok {
		f.any.Add(slot)
		if v.Kind == query.KindNumber {
			f.number(&f.numbers, slot, v.Number)
		} else {
			f.texts.Add(slot, v.Text)
		}
	}
	if c := t.plan.ranged(f.field); c != nil {
		f.ranged.Add(slot)
		f.number(&f.low, slot, c.low)
		f.number(&f.high, slot, c.high)
	}
}

func (f *fieldColumns) number(c *column.Numbers, slot int, v float64) {
	if c.Len() == 0 {
		c.Grow(f.room)
	}
	c.Put(slot, v)
}

// remove forgets a ticket.
func (f *fieldColumns) remove(t *ticket) {
	slot := int(t.slot)
	if v, ok := t.value(f.field); ok && v.Kind == query.KindText {
		f.texts.Remove(slot, v.Text)
	}
	f.any.Remove(slot)
	f.numbers.Remove(slot)
	f.ranged.Remove(slot)
	f.low.Remove(slot)
	f.high.Remove(slot)
}

// ranged returns the range of numbers that a query insists on in a field, or nil.
func (p *plan) ranged(field string) *cond {
	for i := range p.conds {
		if c := &p.conds[i]; c.kind == inRange && c.occur == query.Must && c.field == field {
			return c
		}
	}
	return nil
}

// scan asks s for the tickets that t may want and that may want t, as far as the columns know.
func (c *columns) scan(s *column.Scan, t *ticket, work *int) {
	c.searches++
	for i := range t.plan.conds[:min(maxTerms, len(t.plan.conds))] {
		want := &t.plan.conds[i]
		if f := c.field(want.field); f != nil {
			f.used = c.searches
			f.wanted(s, want, work)
		}
	}
	for _, f := range c.fields {
		if f.ranged.Len() == 0 {
			continue
		}
		f.used = c.searches
		if v, ok := t.Number(f.field); ok {
			s.WithinOrNone(&f.low, math.Inf(-1), v)
			s.WithinOrNone(&f.high, v, math.Inf(1))
		} else {
			s.None(&f.ranged)
		}
	}
}

// wanted asks for the tickets for which a term is true, and perhaps some more.
func (f *fieldColumns) wanted(s *column.Scan, c *cond, work *int) {
	switch {
	case c.occur == query.Should:
	case c.kind == inRange:
		if c.occur == query.Must {
			s.Within(&f.numbers, c.low, c.high)
		}
	case c.kind == isText:
		f.sets(s, c.occur, f.texts.Set(c.text))
	case c.term.Test == query.Present:
		f.sets(s, c.occur, &f.any)
	case c.term.Test == query.EqualNumber:
		f.equalNumber(s, c)
	case c.term.Test != query.Everything && c.term.Test != query.Nothing && f.texts.Len() <= maxWords:
		f.words(s, c, work)
	}
}

// words asks for the texts for which a term is true, unless that is too much work.
func (f *fieldColumns) words(s *column.Scan, c *cond, work *int) {
	var sets []*column.Set
	for word, set := range f.texts.All() {
		if *work -= 1 + cost(c.term, word); *work < 0 {
			return
		}
		if c.term.Accepts(query.Text(word)) {
			sets = append(sets, set)
		}
	}
	f.sets(s, c.occur, sets...)
}

// equalNumber asks for a number, or a text that is written like it, if not both may be there.
func (f *fieldColumns) equalNumber(s *column.Scan, c *cond) {
	n, set := c.term.Number, f.texts.Set(c.term.Text)
	switch {
	case f.numbers.Len() == 0 || c.occur == query.MustNot:
		f.sets(s, c.occur, set)
	case set == nil:
		s.Within(&f.numbers, n, n)
	}
}

func (f *fieldColumns) sets(s *column.Scan, o query.Occur, sets ...*column.Set) {
	if o == query.Must {
		s.Any(sets...)
	} else {
		s.None(sets...)
	}
}

// waste notes that a ticket was looked at in vain, because of a term of its own query or, if not theirs, of the one that
// searches.
func (c *columns) waste(failed *cond, theirs bool, waits int) {
	indexed := failed.occur != query.Should && (!theirs || failed.kind == inRange && failed.occur == query.Must)
	if !indexed || failed.field == "" || !isProperty(failed.field) || c.field(failed.field) != nil {
		return
	}
	if c.wasted == nil || len(c.wasted) >= maxWasted {
		c.wasted = make(map[string]int)
	}
	c.wasted[failed.field]++
	if c.wasted[failed.field] == waits/2+minForField {
		c.due = append(c.due, failed.field)
	}
}

// learn makes the columns that are due.
func (c *columns) learn(of *class) {
	for _, name := range c.due {
		delete(c.wasted, name)
		if c.field(name) != nil {
			continue
		}
		f := &fieldColumns{field: name, used: c.searches, room: len(of.slots)}
		for _, t := range of.slots {
			if t != nil {
				f.put(t)
			}
		}
		if len(c.fields) == maxFields {
			c.forget()
		}
		c.fields = append(c.fields, f)
	}
	c.due = c.due[:0]
}

// forget drops the columns that have been of no use for the longest time.
func (c *columns) forget() {
	oldest := 0
	for i, f := range c.fields {
		if f.used < c.fields[oldest].used {
			oldest = i
		}
	}
	c.fields = slices.Delete(c.fields, oldest, oldest+1)
}
