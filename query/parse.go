package query

import (
	"strconv"
	"strings"
)

const (
	// MaxLength is how many bytes a query may have.
	MaxLength = 4096
	// MaxClauses is how many terms a query may have.
	MaxClauses = 256
	// MaxBoost is the greatest boost of a term.
	MaxBoost = 1_000_000
	// MaxDistance is the greatest distance of a fuzzy term.
	MaxDistance = 2

	// maxRegexpCost bounds all regular expressions of a query together, in steps of the compiled programs. A UUID
	// spelt out in character classes costs about 80.
	maxRegexpCost = 1000
)

// Options change how a query is understood.
type Options struct {
	// Field gives the name to look under for each field named in the query, after its backslashes are taken off.
	// It is called during Parse only, not for terms without a field. nil means as written.
	Field func(name string) string
}

// Parse compiles a query. The error is always a *SyntaxError. The package documentation describes the language.
func Parse(text string, o Options) (*Query, error) {
	p := parser{src: text, field: o.Field, budget: maxRegexpCost}
	clauses, err := p.query()
	if err != nil {
		return nil, err
	}
	clauses = inOrder(clauses)
	musts := len(clauses) > 0 && clauses[0].Occur == Must
	shoulds := len(clauses) > 0 && clauses[len(clauses)-1].Occur == Should
	return &Query{text: text, clauses: clauses, choice: shoulds && !musts}, nil
}

// inOrder brings clauses in the order of Query.Clauses. Most queries are written so.
func inOrder(clauses []Clause) []Clause {
	i := 1
	for i < len(clauses) && clauses[i-1].Occur <= clauses[i].Occur {
		i++
	}
	if i >= len(clauses) {
		return clauses
	}
	ordered := make([]Clause, 0, len(clauses))
	for _, o := range [...]Occur{Must, MustNot, Should} {
		for i := range clauses {
			if clauses[i].Occur == o {
				ordered = append(ordered, clauses[i])
			}
		}
	}
	return ordered
}

// parser reads a query from left to right.
type parser struct {
	src    string
	pos    int
	field  func(string) string
	budget int // what regular expressions may still cost
}

// query reads all terms.
func (p *parser) query() ([]Clause, error) {
	if len(p.src) > MaxLength {
		return nil, p.fail(MaxLength, "longer than "+strconv.Itoa(MaxLength)+" bytes")
	}
	if i := invalidUTF8(p.src); i >= 0 {
		return nil, p.fail(i, "not valid UTF-8")
	}
	var clauses []Clause
	for p.skipSpaces(); !p.end(); p.skipSpaces() {
		if len(clauses) == MaxClauses {
			return nil, p.fail(p.pos, "more than "+strconv.Itoa(MaxClauses)+" terms")
		}
		c, err := p.term()
		if err != nil {
			return nil, err
		}
		if clauses == nil {
			clauses = make([]Clause, 0, min(strings.Count(p.src, " ")+1, MaxClauses))
		}
		clauses = append(clauses, c)
	}
	return clauses, nil
}

// term reads one term: an optional sign, then a word, a quoted text, or a field and its test, and an optional boost.
func (p *parser) term() (Clause, error) {
	start, occur := p.pos, Should
	switch p.src[p.pos] {
	case '+':
		occur = Must
	case '-':
		occur = MustNot
	}
	if occur != Should {
		p.pos++
		if p.skipSpaces(); p.end() {
			return Clause{}, p.fail(start, "nothing after the "+p.src[start:start+1])
		}
	}
	c, err := p.base()
	if err != nil {
		return Clause{}, err
	}
	c.Occur = occur
	c.Boost, err = p.boost()
	return c, err
}

// base reads a term without its sign and its boost.
func (p *parser) base() (Clause, error) {
	switch c := p.src[p.pos]; c {
	case '"':
		_, err := p.quoted()
		return Clause{Test: Nothing}, err
	case '+', '-', ':', '<', '>', '=', '^', '~':
		return Clause{}, p.fail(p.pos, "a term cannot begin with "+string(c))
	}
	name, err := p.word()
	if err != nil {
		return Clause{}, err
	}
	switch {
	case p.next(':'):
		return p.test(p.rename(unescape(name)))
	case p.next('~'):
		_, err := p.distance()
		return Clause{Test: Nothing}, err
	case name == "*":
		return Clause{Test: Everything}, nil
	}
	return Clause{Test: Nothing}, nil
}

// boost reads what stands behind a term: nothing, or a ^ and a number.
func (p *parser) boost() (float64, error) {
	if !p.next('^') {
		return 1, nil
	}
	start := p.pos
	p.pos++
	raw := p.upToSpace()
	p.pos += len(raw)
	if raw == "" {
		return 1, nil
	}
	n, ok := number(raw)
	if !ok || n < 0 || n > MaxBoost {
		return 0, p.fail(start, `a boost is a number from 0 to 1000000; a plain ^ is written \^`)
	}
	return n, nil
}

// distance reads a ~ and how many characters may differ, 1 unless it is said.
func (p *parser) distance() (uint8, error) {
	start := p.pos
	p.pos++
	at := p.pos
	for !p.end() && !isSpace(p.src[p.pos]) && p.src[p.pos] != '^' {
		p.pos++
	}
	switch p.src[at:p.pos] {
	case "", "1":
		return 1, nil
	case "0":
		return 0, nil
	case "2":
		return MaxDistance, nil
	}
	return 0, p.fail(start, `a fuzzy term ends with ~, ~1 or ~2; a plain ~ is written \~`)
}

func (p *parser) rename(field string) string {
	if p.field == nil {
		return field
	}
	return p.field(field)
}

// next reports whether c comes next, behind any spaces.
func (p *parser) next(c byte) bool {
	p.skipSpaces()
	return !p.end() && p.src[p.pos] == c
}

func (p *parser) end() bool { return p.pos >= len(p.src) }

func (p *parser) skipSpaces() {
	for !p.end() && isSpace(p.src[p.pos]) {
		p.pos++
	}
}

func (p *parser) fail(pos int, msg string) error {
	return &SyntaxError{Query: p.src, Pos: pos, Msg: msg}
}
