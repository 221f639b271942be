package query

import (
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
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

// Match reports whether the query matches the document, and how well: score is the sum of what the Must and Should
// clauses that are true add, see [Clause.Score]. It does not change d and keeps nothing of it; it may be called
// concurrently, also with the same d. It does not allocate, except for what package regexp needs.
func (q *Query) Match(d Doc) (score float64, ok bool) {
	ok = !q.choice
	for i := range q.clauses {
		c := &q.clauses[i]
		points, yes := c.matches(d)
		switch {
		case !yes && c.Occur == Must, yes && c.Occur == MustNot:
			return 0, false
		case yes:
			score += points
			ok = true
		}
	}
	return score, ok
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
	Fuzzy                   // field:abc~1 is a text or boolean that up to Distance edits make of Text
	After                   // field:>"2026-01-31T00:00:00Z" is a date after Time
	Since                   // field:>="2026-01-31T00:00:00Z" is a date not before Time
	Before                  // field:<"2026-01-31T00:00:00Z" is a date before Time
	Until                   // field:<="2026-01-31T00:00:00Z" is a date not after Time
)

// Clause is one term of a query, compiled. It never changes and is safe for concurrent use.
type Clause struct {
	Occur    Occur
	Test     Test
	Distance uint8     // of Fuzzy: 1 or 2
	Field    string    // the name after Options.Field
	Text     string    // the operand of the tests that have a text
	Number   float64   // the operand of the tests that have a number
	Time     time.Time // the operand of the tests of dates, in UTC
	Boost    float64   // what the clause adds to the score: 1 if the query does not say

	price   uint16         // of Regexp: the steps of its program
	pattern pattern        // of Wildcard; of Fuzzy, the characters of Text
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
	case Fuzzy:
		_, ok := edits(c.pattern, v.Text, int(c.Distance))
		return !isNumber && ok
	case After, Since, Before, Until:
		t, ok := v.Time()
		return ok && c.acceptsTime(t)
	}
	return false
}

// Cost is about how many steps Accepts may take for each character of a text. Those who test the queries of strangers
// on many values bound their work with it.
func (c *Clause) Cost() int {
	switch c.Test {
	case Wildcard:
		return len(c.pattern)
	case Regexp:
		return int(c.price)
	case Fuzzy:
		return band * band
	}
	return 1
}

func (c *Clause) acceptsTime(t time.Time) bool {
	switch order := t.Compare(c.Time); c.Test {
	case After:
		return order > 0
	case Since:
		return order >= 0
	case Before:
		return order < 0
	default:
		return order <= 0
	}
}

// Score is what the clause adds to the score of a document for a value that it accepts. That is Boost, but for Fuzzy:
// each edit takes away the share that one character has in the shorter of the two texts, down to nothing. Of several
// values the best one counts.
func (c *Clause) Score(v Value) float64 {
	if c.Test != Fuzzy {
		return c.Boost
	}
	n, ok := edits(c.pattern, v.Text, int(c.Distance))
	if shorter := min(len(c.pattern), utf8.RuneCountInString(v.Text)); ok && n < shorter {
		return c.Boost * (1 - float64(n)/float64(shorter))
	}
	return 0
}

// matches reports whether the clause is true for the document, and what it adds to the score.
func (c *Clause) matches(d Doc) (points float64, ok bool) {
	if c.Test == Everything {
		return c.Boost, true
	}
	for _, v := range d[c.Field] {
		switch {
		case !c.Accepts(v):
		case c.Test != Fuzzy:
			return c.Boost, true
		default:
			points, ok = max(points, c.Score(v)), true
		}
	}
	return points, ok
}

// SyntaxError is the error of Parse: what is wrong with the query, and where.
type SyntaxError struct {
	Query string // the whole text
	Pos   int    // byte offset in Query at which the fault was seen
	Msg   string // one line for the author of the query
}

// Error returns the position and the message, without the query itself.
func (e *SyntaxError) Error() string { return fmt.Sprintf("query: at %d: %s", e.Pos, e.Msg) }
