package match

import (
	"math"

	"github.com/shoal-go/shoal/internal/column"
	"github.com/shoal-go/shoal/query"
)

// search looks for the matches of a request in an index, whose lock the caller holds.
type search struct {
	x     *index
	q     *ListRequest
	query *query.Query // nil: none
	scan  column.Scan

	certain bool    // what the scan finds does match the query
	flat    bool    // all that match have the same score
	score   float64 // that one
	nothing field   // stands for one that no label has
}

// plan turns the request into conditions. Those that most matches fail come first.
func (s *search) plan() {
	s.certain, s.flat = true, true
	if s.query != nil {
		s.planQuery()
	}
	if s.q.Label != nil {
		s.text("label_string", *s.q.Label)
	}
	if s.q.Handler != "" {
		s.text("handler_name", s.q.Handler)
	}
	if s.q.MinSize > 0 || s.q.MaxSize > 0 {
		most := math.Inf(1)
		if s.q.MaxSize > 0 {
			most = float64(s.q.MaxSize)
		}
		s.scan.Within(&s.x.size, float64(s.q.MinSize), most)
	}
	if s.q.Open > 0 {
		s.scan.Within(&s.x.open, float64(s.q.Open), math.Inf(1))
	}
	s.scan.All(&s.x.live)
}

func (s *search) field(name string) *field {
	if f := s.x.fields[name]; f != nil {
		return f
	}
	return &s.nothing
}

// text asks for a word.
func (s *search) text(name, text string) {
	s.scan.All(s.field(name).words[query.KindText].Set(text))
}

func (s *search) planQuery() {
	var shoulds []query.Clause
	musts, degrees := 0, false
	for _, c := range s.query.Clauses() {
		degrees = degrees || c.Test == query.Fuzzy
		switch c.Occur {
		case query.Must:
			musts++
			s.score += c.Boost
			s.must(&c)
		case query.MustNot:
			s.mustNot(&c)
		case query.Should:
			shoulds = append(shoulds, c)
		}
	}
	s.flat = !degrees && len(shoulds) == 0
	if musts > 0 || len(shoulds) == 0 {
		return
	}
	s.either(shoulds)
	if len(shoulds) == 1 && !degrees {
		s.flat, s.score = true, shoulds[0].Boost
	}
}

// sets returns the sets of the slots for which a clause is true. It is false for a clause that has none.
func (s *search) sets(c *query.Clause) ([]*column.Set, bool) {
	switch c.Test {
	case query.Everything:
		return []*column.Set{&s.x.live}, true
	case query.Nothing:
		return nil, true
	}
	return s.field(c.Field).sets(c)
}

// must asks for what a clause asks for.
func (s *search) must(c *query.Clause) {
	if sets, ok := s.sets(c); ok {
		s.scan.Any(sets...)
		return
	}
	l, ok := s.field(c.Field).limits(c)
	if ok {
		s.scan.Within(l.of, l.low, l.high)
	}
	s.certain = s.certain && ok && !isDate(c)
}

// mustNot asks for what a clause does not ask for.
func (s *search) mustNot(c *query.Clause) {
	if sets, ok := s.sets(c); ok {
		s.scan.None(sets...)
		return
	}
	l, ok := s.field(c.Field).limits(c)
	if !ok || isDate(c) {
		s.certain = false
		return
	}
	l = l.others()
	s.scan.WithinOrNone(l.of, l.low, l.high)
}

// either asks for what at least one clause asks for.
func (s *search) either(clauses []query.Clause) {
	if len(clauses) == 1 {
		s.must(&clauses[0])
		return
	}
	var all []*column.Set
	for i := range clauses {
		sets, ok := s.sets(&clauses[i])
		if !ok {
			s.certain = false // every document will be looked at
			return
		}
		all = append(all, sets...)
	}
	s.scan.Any(all...)
}

// isDate reports whether the limits of a clause are of dates.
func isDate(c *query.Clause) bool { return c.Test >= query.After && c.Test <= query.Until }

// hit is a match that fits, and where it stands in the list.
type hit struct {
	position
	m *match
}

// run returns the hits after a position, in order: up to limit and one more.
func (s *search) run(after *position) []hit {
	s.plan()
	var hits []hit
	order := s.order()
	room := min(s.q.Limit, len(s.x.entries)) + 1
	for slot := range s.scan.Slots {
		e := &s.x.entries[slot]
		score, ok := s.match(e)
		at := position{order(slot, score), e.m.seq}
		if !ok || after != nil && at.compare(*after) <= 0 {
			continue
		}
		hits = append(hits, hit{at, e.m})
		switch {
		case s.flat && s.q.OrderBy == "" && len(hits) == room:
			return hits // they come in order
		case len(hits) >= 4*room:
			hits = best(hits, room)
		}
	}
	return best(hits, room)
}

// match reports whether what the scan has found matches the query, and its score.
func (s *search) match(e *entry) (score float64, ok bool) {
	if s.flat && s.certain {
		return s.score, true
	}
	return s.query.Match(e.label.document(e.m))
}
