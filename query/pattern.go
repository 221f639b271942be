package query

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

var errRegexpSize = errors.New("regular expressions too large")

// pattern is a compiled wildcard: the characters of a text, of which anyOne and anyRun stand for others.
type pattern []rune

const (
	anyOne rune = -1 // ?
	anyRun rune = -2 // *
)

// compilePattern compiles a raw word; it returns nil if the word has no wildcard.
func compilePattern(raw string) pattern {
	if !strings.ContainsAny(raw, "*?") {
		return nil
	}
	var p pattern
	wild := false
	for i := 0; i < len(raw); {
		escaped := isEscape(raw, i)
		if escaped {
			i++
		}
		r, size := utf8.DecodeRuneInString(raw[i:])
		i += size
		switch {
		case r == '?' && !escaped:
			r, wild = anyOne, true
		case r == '*' && !escaped:
			r, wild = anyRun, true
		}
		p = append(p, r)
	}
	if !wild {
		return nil
	}
	return p
}

// takesAll reports whether the pattern is nothing but stars.
func (p pattern) takesAll() bool {
	for _, r := range p {
		if r != anyRun {
			return false
		}
	}
	return true
}

// match reports whether the whole text has the form of the pattern. Its time is at most the product of both lengths:
// on a mismatch only the last star is made to take one character more, earlier stars need no second try.
func (p pattern) match(s string) bool {
	i, at := 0, 0        // next in p, next in s
	star, taken := -1, 0 // the last star in p, and the end of what it takes in s
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case i < len(p) && p[i] == anyRun:
			star, taken = i, at
			i++
		case i < len(p) && (p[i] == r || p[i] == anyOne):
			i++
			at += size
		case star >= 0:
			_, size = utf8.DecodeRuneInString(s[taken:])
			taken += size
			i, at = star+1, taken
		default:
			return false
		}
	}
	return p[i:].takesAll()
}

// compileRegexp compiles an expression so that it matches whole texts only, and says what it costs. One that costs more
// than the budget is not compiled.
func compileRegexp(expr string, budget int) (re *regexp.Regexp, price int, err error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	if price = cost(tree); price > budget {
		return nil, 0, errRegexpSize
	}
	// Anchors are put around the tree: around the text, an open \Q would swallow them.
	whole := &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{
		{Op: syntax.OpBeginText}, tree, {Op: syntax.OpEndText},
	}}
	re, err = regexp.Compile(whole.String())
	return re, price, err
}

// cost estimates how many steps an expression compiles to, before it is: a{1000} is short to write and long to run.
func cost(re *syntax.Regexp) int {
	sum := 1
	for _, sub := range re.Sub {
		sum += cost(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		sum += len(re.Rune)
	case syntax.OpCharClass:
		sum += len(re.Rune) / 16 // a class is one step, but \pL is a table of 1300 entries
	case syntax.OpRepeat:
		sum *= max(re.Min+1, re.Max)
	}
	return sum
}
