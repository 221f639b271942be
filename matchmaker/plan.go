package matchmaker

import (
	"fmt"
	"math"
	"slices"

	"github.com/shoal-go/shoal/query"
)

// plan is a query as the tickets keep it: smaller than a query.Query, and in the form in which it is indexed.
type plan struct {
	conds  []cond // all that must be true first
	choice bool   // none must be true, so one of those that should be has to
	flat   bool   // all tickets that match have the same score
}

// cond is one term of a plan, or several ranges of the same field.
type cond struct {
	occur query.Occur
	kind  condKind
	field string
	text  string        // of isText
	low   float64       // of inRange
	high  float64       // of inRange
	term  *query.Clause // of other
}

type condKind uint8

const (
	other   condKind = iota
	isText           // the value is exactly a text
	inRange          // the value is a number from low to high
)

// parse compiles the text of a query.
func parse(text string) (plan, error) {
	q, err := query.Parse(text, query.Options{Field: field})
	if err != nil {
		return plan{}, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	return compile(q.Clauses()), nil
}

func compile(clauses []query.Clause) plan {
	p := plan{flat: true, conds: make([]cond, 0, len(clauses))}
	shoulds := 0
	for i := range clauses {
		c := &clauses[i]
		p.flat = p.flat && c.Test != query.Fuzzy
		if c.Occur == query.Should {
			shoulds++
		}
		p.add(c)
	}
	musts := len(clauses) > 0 && clauses[0].Occur == query.Must
	p.choice = shoulds > 0 && !musts
	switch {
	case p.choice && shoulds == 1: // the only one: it must
		i := slices.IndexFunc(p.conds, func(c cond) bool { return c.occur == query.Should })
		p.conds[i].occur, p.choice = query.Must, false
		if t := p.conds[i].term; t.Test == query.Everything {
			p.conds = slices.Delete(p.conds, i, i+1)
		}
	case shoulds > 0:
		p.flat = false
	}
	p.conds = slices.Clip(p.conds)
	return p
}

func (p *plan) add(c *query.Clause) {
	if c.Test == query.Everything && c.Occur == query.Must {
		return
	}
	n := cond{occur: c.Occur, field: c.Field, low: math.Inf(-1), high: math.Inf(1)}
	if isProperty(c.Field) {
		n.simplify(c)
	}
	if n.kind == inRange && n.occur == query.Must {
		for i := range p.conds {
			if o := &p.conds[i]; o.kind == inRange && o.field == n.field {
				o.low, o.high = max(o.low, n.low), min(o.high, n.high)
				return
			}
		}
	}
	if n.occur == query.Should || n.kind == other {
		term := *c
		n.term = &term
	}
	p.conds = append(p.conds, n)
}

// simplify finds the kind of a term on a property, and its operands.
func (c *cond) simplify(term *query.Clause) {
	switch term.Test {
	case query.Equal, query.EqualText: // tickets have no booleans
		c.kind, c.text = isText, term.Text
	case query.AtLeast:
		c.kind, c.low = inRange, term.Number
	case query.Greater:
		c.kind, c.low = inRange, math.Nextafter(term.Number, math.Inf(1))
	case query.AtMost:
		c.kind, c.high = inRange, term.Number
	case query.Less:
		c.kind, c.high = inRange, math.Nextafter(term.Number, math.Inf(-1))
	}
}

// match tests a ticket. The score orders tickets as the query's own score does. If the ticket does not match, failed is a
// term that says so. What it costs is taken from work.
func (p *plan) match(t *Ticket, work *int) (score float64, failed *cond) {
	*work -= len(p.conds)
	chosen := !p.choice
	for i := range p.conds {
		c := &p.conds[i]
		v, yes := c.holds(t, work)
		switch {
		case yes == (c.occur == query.MustNot) && c.occur != query.Should:
			return 0, c
		case yes && c.term != nil && c.occur != query.MustNot:
			score += c.term.Score(v)
		}
		chosen = chosen || yes && c.occur == query.Should
	}
	if !chosen {
		return 0, p.firstShould()
	}
	return score, nil
}

func (p *plan) firstShould() *cond {
	i := slices.IndexFunc(p.conds, func(c cond) bool { return c.occur == query.Should })
	return &p.conds[i]
}

// holds reports whether a term is true for a ticket, and for what value.
func (c *cond) holds(t *Ticket, work *int) (v query.Value, yes bool) {
	switch c.kind {
	case isText:
		s, ok := t.Text(c.field)
		return query.Text(s), ok && s == c.text
	case inRange:
		n, ok := t.Number(c.field)
		return query.Number(n), ok && n >= c.low && n <= c.high
	}
	if c.term.Test == query.Everything {
		return v, true
	}
	v, ok := t.value(c.field)
	*work -= cost(c.term, v.Text)
	return v, ok && c.term.Accepts(v)
}

// cost is what it costs to test a term on a text, in terms that are simple.
func cost(term *query.Clause, text string) int { return term.Cost() * len(text) / 8 }
