package query

import (
	"fmt"
	"regexp"
	"slices"
)

// Query is a compiled query. It never changes after Parse and is safe for concurrent use. The zero Query is the empty
// one, which matches everything.
type Query struct {
	text    string
	clauses []Clause
	choice  bool // there are Should clauses and no Must: one of them has to be true
}

// String returns the text that the query was parsed from. Parsing it again with the same options gives an equal query.
func (q *Query) String() string { return q.text }

// Clauses returns the terms of the query in the order in which Match tests them: all Must, then all MustNot, then all
// Should, each in the order of the text. The slice is the caller's. It is for those who keep an index: they can look up
// what is selective and leave the rest to [Clause.Accepts] or [Query.Match].
func (q *Query) Clauses() []Clause { return slices.Clone(q.clauses) }

// Match reports whether the query matches the document, and how well: score is the number of Must and Should clauses
// that are true. It does not change d and keeps nothing of it; it may be called concurrently, also with the same d.
// It does not allocate, except for what package regexp needs.
func (q *Query) Match(d Doc) (score float64, ok bool) {
	hits := 0
	for i := range q.clauses {
		c := &q.clauses[i]
		yes := c.matches(d)
		switch {
		case !yes && c.Occur == Must, yes && c.Occur == MustNot:
			return 0, false
		case yes:
			hits++
		}
	}
	if q.choice && hits == 0 {
		return 0, false
	}
	return float64(hits), true
}

// Occur says what a clause is for.
type Occur uint8

// How a term takes part.
const (
	Must    Occur = iota // +term: a document without it does not match
	MustNot              // -term: a document with it does not match
	Should               // term: adds to the score; without any Must clause, one Should clause has to be true
)

// Test is the kind of test that a clause makes on the values of its field. One value that passes is enough.
type Test uint8

// The tests.
const (
	Nothing     Test = iota // a word without a field: true for no document; Field is empty
	Everything              // *: true for every document; Field is empty
	Present                 // field:* is true when there is any value
	Equal                   // field:abc is a text or boolean equal to Text
	EqualNumber             // field:60 is a number equal to Number, or a text equal to Text
	EqualText               // field:"abc" is a text equal to Text
	Greater                 // field:>60 is a number above Number
	AtLeast                 // field:>=60 is a number not below Number
	Less                    // field:<60 is a number below Number
	AtMost                  // field:<=60 is a number not above Number
	Wildcard                // field:a*b? is a text or boolean of the form of Text, which has its backslashes
	Regexp                  // field:/a.*b/ is a text or boolean that the expression Text matches as a whole
)

// Clause is one term of a query, compiled. It never changes and is safe for concurrent use.
type Clause struct {
	Occur  Occur
	Test   Test
	Field  string  // the name after Options.Field
	Text   string  // the operand of the tests that have a text
	Number float64 // the operand of the tests that have a number

	pattern pattern        // of Wildcard
	re      *regexp.Regexp // of Regexp
}

// Accepts reports whether one value passes the test of the clause. Occur plays no part: the caller applies it.
// For Everything it is always true, for Nothing never.
func (c *Clause) Accepts(v Value) bool {
	isNumber := v.Kind == KindNumber
	switch c.Test {
	case Everything, Present:
		return true
	case Equal:
		return !isNumber && v.Text == c.Text
	case EqualNumber:
		return isNumber && v.Number == c.Number || !isNumber && v.Text == c.Text
	case EqualText:
		return v.Kind == KindText && v.Text == c.Text
	case Greater:
		return isNumber && v.Number > c.Number
	case AtLeast:
		return isNumber && v.Number >= c.Number
	case Less:
		return isNumber && v.Number < c.Number
	case AtMost:
		return isNumber && v.Number <= c.Number
	case Wildcard:
		return !isNumber && c.pattern.match(v.Text)
	case Regexp:
		return !isNumber && c.re.MatchString(v.Text)
	}
	return false
}

// matches reports whether the clause is true for the document.
func (c *Clause) matches(d Doc) bool {
	if c.Test == Everything {
		return true
	}
	values := d[c.Field]
	return slices.ContainsFunc(values, c.Accepts)
}

// SyntaxError is the error of Parse: what is wrong with the query, and where.
type SyntaxError struct {
	Query string // the whole text
	Pos   int    // byte offset in Query at which the fault was seen
	Msg   string // one line for the author of the query
}

// Error returns the position and the message, without the query itself.
func (e *SyntaxError) Error() string { return fmt.Sprintf("query: at %d: %s", e.Pos, e.Msg) }
