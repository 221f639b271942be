package match

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/shoal-go/shoal/query"
)

// maxColumns bounds the fields that are indexed: it is clients who choose them.
const maxColumns = 16

// index answers what a query says about ranges of numbers. It has a column for each field that has been searched
// lately, which is brought up to date by the next search: a label that changes in every tick costs one entry in a list.
type index struct {
	searching sync.Mutex // one search at a time brings the columns up to date; taken before Registry.mu
	columns   []*column  // in the order they were made; guarded by Registry.mu
	used      atomic.Bool

	mu      sync.Mutex
	changed map[*match]struct{} // matches whose columns are out of date
}

// column is one field of all matches, in the order of Registry.byAge.
type column struct {
	field string
	spans []span
}

// span is the least and the greatest number that a match has in a field; not a number if it has none.
type span struct{ min, max float64 }

func spanOf(values []query.Value) span {
	s := span{math.NaN(), math.NaN()}
	for _, v := range values {
		if v.Kind == query.KindNumber {
			if !(s.min <= v.Number) {
				s.min = v.Number
			}
			if !(s.max >= v.Number) {
				s.max = v.Number
			}
		}
	}
	return s
}

// interval is what a query asks of one field: a number not below low, and one not above high.
type interval struct {
	field     string
	low, high float64
}

// intervals are the ranges of numbers that a match must have to fit. all reports whether that is all it must have.
func intervals(q *query.Query) (ins []interval, all bool) {
	clauses := q.Clauses()
	all = true
	for _, c := range clauses {
		in := interval{c.Field, math.Inf(-1), math.Inf(1)}
		switch c.Test {
		case query.AtLeast:
			in.low = c.Number
		case query.Greater:
			in.low = math.Nextafter(c.Number, math.Inf(1))
		case query.AtMost:
			in.high = c.Number
		case query.Less:
			in.high = math.Nextafter(c.Number, math.Inf(-1))
		default:
			all = false
			continue
		}
		if must := c.Occur == query.Must || len(clauses) == 1 && c.Occur == query.Should; !must {
			all = false
			continue
		}
		i := slices.IndexFunc(ins, func(o interval) bool { return o.field == c.Field })
		switch {
		case i >= 0:
			ins[i].low, ins[i].high = max(ins[i].low, in.low), min(ins[i].high, in.high)
		case len(ins) < maxColumns:
			ins = append(ins, in)
		default:
			all = false
		}
	}
	return ins, all
}

// candidates returns the matches that may fit a query, oldest first. certain reports that these are those that do fit,
// all with the same score; then they may be no more than the request has room for.
func (r *Registry) candidates(search *query.Query, q ListRequest) (found []*match, certain bool) {
	var ins []interval
	if search != nil {
		ins, certain = intervals(search)
	}
	if len(ins) == 0 {
		r.mu.RLock()
		defer r.mu.RUnlock()
		return slices.Clone(r.byAge), false
	}
	r.refresh(ins)
	r.mu.RLock()
	defer r.mu.RUnlock()
	columns := make([][]span, len(ins))
	for i, in := range ins {
		c := r.index.column(in.field)
		if c == nil { // other searches have pushed it out
			return slices.Clone(r.byAge), false
		}
		columns[i] = c.spans
	}
	q.Label = nil // not looked at beside a query
	for n, m := range slices.Backward(r.byAge) {
		if !inAll(ins, columns, n) {
			continue
		}
		if certain {
			if _, ok := q.fits(m, nil); !ok {
				continue
			}
		}
		found = append(found, m)
		if certain && q.OrderBy == "" && len(found) == q.Limit {
			break
		}
	}
	slices.Reverse(found)
	return found, certain
}

// inAll reports whether the match in place n has a number in each interval.
func inAll(ins []interval, columns [][]span, n int) bool {
	for i := range ins {
		if s := &columns[i][n]; !(s.max >= ins[i].low && s.min <= ins[i].high) {
			return false
		}
	}
	return true
}

// refresh makes the columns for a search, and brings all of them up to date.
func (r *Registry) refresh(ins []interval) {
	x := &r.index
	x.searching.Lock()
	defer x.searching.Unlock()
	x.used.Store(true) // before labels are read: one that changes from now on is noted
	for _, in := range ins {
		if r.lacks(in.field) {
			r.addColumn(in.field)
		}
	}
	x.mu.Lock()
	changed := x.changed
	x.changed = nil
	x.mu.Unlock()
	if len(changed) == 0 {
		return
	}
	for m := range changed {
		m.changed.Store(false)
		m.label.Load().document(m) // parsed here, so that nobody waits for it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for m := range changed {
		if i, ok := r.place(m); ok {
			for _, c := range x.columns {
				c.spans[i] = spanOf(m.label.Load().document(m)[c.field])
			}
		}
	}
}

func (r *Registry) lacks(field string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.index.column(field) == nil
}

// addColumn makes the column of a field, in the place of the oldest if there are too many.
func (r *Registry) addColumn(field string) {
	r.mu.RLock()
	all := slices.Clone(r.byAge)
	r.mu.RUnlock()
	for _, m := range all {
		m.label.Load().document(m) // parsed here, so that nobody waits for it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &column{field: field, spans: make([]span, len(r.byAge))}
	for i, m := range r.byAge {
		c.spans[i] = spanOf(m.label.Load().document(m)[field])
	}
	if len(r.index.columns) == maxColumns {
		r.index.columns = slices.Delete(r.index.columns, 0, 1)
	}
	r.index.columns = append(r.index.columns, c)
}

// column returns that of a field, or nil.
func (x *index) column(field string) *column {
	for _, c := range x.columns {
		if c.field == field {
			return c
		}
	}
	return nil
}

// insert makes room for a match at the end of all columns.
func (x *index) insert() {
	for _, c := range x.columns {
		c.spans = append(c.spans, spanOf(nil))
	}
}

// remove takes the match m, which was in place i, out of all columns.
func (x *index) remove(m *match, i int) {
	for _, c := range x.columns {
		c.spans = slices.Delete(c.spans, i, i+1)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.changed, m)
}

// note says that a match is listed differently from now on.
func (x *index) note(m *match) {
	if !x.used.Load() || m.changed.Swap(true) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.changed == nil {
		x.changed = make(map[*match]struct{})
	}
	x.changed[m] = struct{}{}
}

// place is where a match is in byAge, and so in the columns.
func (r *Registry) place(m *match) (int, bool) {
	return slices.BinarySearchFunc(r.byAge, m.seq, func(o *match, seq uint64) int { return cmp.Compare(o.seq, seq) })
}
