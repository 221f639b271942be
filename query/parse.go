package query

import (
	"slices"
	"strconv"
)

const (
	// MaxLength is how many bytes a query may have.
	MaxLength = 4096
	// MaxClauses is how many terms a query may have.
	MaxClauses = 256

	// maxRegexpCost bounds all regular expressions of a query together, in steps of the compiled programs. A UUID
	// spelt out in character classes costs about 80.
	maxRegexpCost = 1000
)

// Options change how a query is understood.
type Options struct {
	// Field gives the name to look under for each field named in the query, after its backslashes are taken off.
	// It is called during Parse only, not for terms without a field. Nil means as written.
	Field func(name string) string
}

// Parse compiles a query. The error is always a *SyntaxError. The package documentation describes the language.
func Parse(text string, o Options) (*Query, error) {
	p := parser{src: text, field: o.Field, budget: maxRegexpCost}
	clauses, err := p.query()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(clauses, func(a, b Clause) int { return int(a.Occur) - int(b.Occur) })
	musts := len(clauses) > 0 && clauses[0].Occur == Must
	shoulds := len(clauses) > 0 && clauses[len(clauses)-1].Occur == Should
	return &Query{text: text, clauses: clauses, choice: shoulds && !musts}, nil
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
		clauses = append(clauses, c)
	}
	return clauses, nil
}

// term reads one term: an optional sign, then a word, a quoted text, or a field and its test.
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
	c.Occur = occur
	return c, err
}

// base reads a term without its sign.
func (p *parser) base() (Clause, error) {
	switch c := p.src[p.pos]; c {
	case '"':
		_, err := p.quoted()
		return Clause{Test: Nothing}, err
	case '+', '-', ':', '<', '>', '=':
		return Clause{}, p.fail(p.pos, "a term cannot begin with "+string(c))
	}
	name, err := p.word()
	if err != nil {
		return Clause{}, err
	}
	if p.skipSpaces(); !p.end() && p.src[p.pos] == ':' {
		return p.test(p.rename(unescape(name)))
	}
	if name == "*" {
		return Clause{Test: Everything}, nil
	}
	return Clause{Test: Nothing}, nil
}

// test reads what follows the name of a field, from the colon on.
func (p *parser) test(field string) (Clause, error) {
	colon := p.pos
	p.pos++
	if p.skipSpaces(); p.end() {
		return Clause{}, p.fail(colon, "no value after the colon")
	}
	switch c := p.src[p.pos]; c {
	case '"':
		text, err := p.quoted()
		return Clause{Field: field, Test: EqualText, Text: text}, err
	case '<', '>':
		return p.comparison(field)
	case '/':
		if raw := p.upToSpace(); len(raw) > 1 && endsRegexp(raw) {
			return p.regexp(field, raw)
		}
	case ':', '=', '+':
		return Clause{}, p.fail(p.pos, "a value that begins with "+string(c)+" needs a backslash or quotes")
	}
	return p.value(field)
}

// value reads a plain value or a wildcard.
func (p *parser) value(field string) (Clause, error) {
	start := p.pos
	raw, err := p.word()
	if err != nil {
		return Clause{}, err
	}
	if !p.end() && p.src[p.pos] == ':' {
		return Clause{}, p.fail(p.pos, `a colon in a value needs a backslash (\:) or quotes around the value`)
	}
	if n, ok := number(raw); ok {
		return Clause{Field: field, Test: EqualNumber, Text: raw, Number: n}, nil
	}
	if raw[0] == '-' {
		return Clause{}, p.fail(start, "a value that begins with - and is not a number needs a backslash or quotes")
	}
	switch wildcard := compilePattern(raw); {
	case wildcard == nil:
		return Clause{Field: field, Test: Equal, Text: unescape(raw)}, nil
	case wildcard.takesAll():
		return Clause{Field: field, Test: Present}, nil
	default:
		return Clause{Field: field, Test: Wildcard, Text: raw, pattern: wildcard}, nil
	}
}

// comparison reads >, >=, < or <= and its number.
func (p *parser) comparison(field string) (Clause, error) {
	c := Clause{Field: field, Test: Greater}
	if p.src[p.pos] == '<' {
		c.Test = Less
	}
	p.pos++
	if !p.end() && p.src[p.pos] == '=' {
		c.Test++ // Greater to AtLeast, Less to AtMost
		p.pos++
	}
	p.skipSpaces()
	start := p.pos
	if !p.end() && p.src[p.pos] == '"' {
		return Clause{}, p.fail(start, "date ranges are not supported yet")
	}
	raw, err := p.word()
	if err != nil {
		return Clause{}, err
	}
	var ok bool
	if c.Number, ok = number(raw); !ok {
		return Clause{}, p.fail(start, "a comparison needs a number such as 60 or -1.5")
	}
	return c, nil
}

// regexp reads a regular expression; raw is the word it is, with both slashes.
func (p *parser) regexp(field, raw string) (Clause, error) {
	c := Clause{Field: field, Test: Regexp, Text: unescape(raw[1 : len(raw)-1])}
	re, price, err := compileRegexp(c.Text, p.budget)
	if err != nil {
		return Clause{}, p.fail(p.pos, err.Error())
	}
	c.re = re
	p.budget -= price
	p.pos += len(raw)
	return c, nil
}

// quoted reads a text in quotes and returns it without backslashes.
func (p *parser) quoted() (string, error) {
	open := p.pos
	for p.pos++; !p.end() && p.src[p.pos] != '"'; p.pos++ {
		if isEscape(p.src, p.pos) {
			p.pos++
		}
	}
	if p.end() {
		return "", p.fail(open, "unclosed quote")
	}
	text := unescape(p.src[open+1 : p.pos])
	p.pos++
	if p.end() || isSpace(p.src[p.pos]) {
		return text, nil
	}
	if err := p.unsupported(); err != nil {
		return "", err
	}
	return "", p.fail(p.pos, "a closing quote needs a space after it")
}

// word reads up to a space, a colon or the end, and returns what it read with its backslashes.
func (p *parser) word() (string, error) {
	start := p.pos
	for ; !p.end() && p.src[p.pos] != ':' && !isSpace(p.src[p.pos]); p.pos++ {
		if err := p.unsupported(); err != nil {
			return "", err
		}
		if isEscape(p.src, p.pos) {
			p.pos++
		} else if p.src[p.pos] == '\\' && p.pos+1 == len(p.src) {
			return "", p.fail(p.pos, "nothing after the backslash")
		}
	}
	return p.src[start:p.pos], nil
}

// upToSpace returns the text up to a space or the end, and leaves it to be read.
func (p *parser) upToSpace() string {
	i := p.pos
	for ; i < len(p.src) && !isSpace(p.src[i]); i++ {
		if isEscape(p.src, i) {
			i++
		}
	}
	return p.src[p.pos:i]
}

// unsupported returns an error if a boost or a fuzzy distance comes next.
func (p *parser) unsupported() error {
	switch p.src[p.pos] {
	case '^':
		return p.fail(p.pos, `boosts are not supported yet; a plain ^ is written \^`)
	case '~':
		return p.fail(p.pos, `fuzzy terms are not supported yet; a plain ~ is written \~`)
	}
	return nil
}

func (p *parser) rename(field string) string {
	if p.field == nil {
		return field
	}
	return p.field(field)
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
