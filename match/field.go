package match

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/shoal-go/shoal/internal/column"
	"github.com/shoal-go/shoal/query"
)

// maxWords is up to how many words of a field are tested for a pattern; beyond that the documents are.
const maxWords = 1024

// field is one field of all labels. The slots with no value, or none of a kind, are in none of the columns for it.
type field struct {
	words       [query.KindBool + 1]column.Texts // of each kind
	least, most column.Numbers
	first, last column.Numbers // dates, as nearly as a float64 can say
	any         column.Set     // has a value
}

func (f *field) add(slot int, values []query.Value) {
	for _, v := range values {
		f.words[v.Kind].Add(slot, word(v))
	}
	f.any.Add(slot)
	if s, ok := spanOf(values, number); ok {
		f.least.Put(slot, s.min)
		f.most.Put(slot, s.max)
	}
	if s, ok := spanOf(values, date); ok {
		f.first.Put(slot, s.min)
		f.last.Put(slot, s.max)
	}
}

func (f *field) remove(slot int, values []query.Value) {
	for _, v := range values {
		f.words[v.Kind].Remove(slot, word(v))
	}
	f.any.Remove(slot)
	for _, c := range []*column.Numbers{&f.least, &f.most, &f.first, &f.last} {
		c.Remove(slot)
	}
}

// word is what the column of its kind knows a value by.
func word(v query.Value) string {
	if v.Kind != query.KindNumber {
		return v.Text
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], math.Float64bits(v.Number+0)) // there are two zeros
	return string(b[:])
}

// span is the least and the greatest of some numbers.
type span struct{ min, max float64 }

// spanOf returns the span of those values that are numbers in some way, if any is.
func spanOf(values []query.Value, as func(query.Value) (float64, bool)) (s span, ok bool) {
	for _, v := range values {
		switch n, is := as(v); {
		case !is:
		case !ok:
			s, ok = span{n, n}, true
		default:
			s.min, s.max = min(s.min, n), max(s.max, n)
		}
	}
	return s, ok
}

func number(v query.Value) (float64, bool) { return v.Number, v.Kind == query.KindNumber }

func date(v query.Value) (float64, bool) {
	t, ok := v.Time()
	return seconds(t), ok
}

// seconds is a moment, to the microsecond for as long as anybody lives.
func seconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// sets returns the sets of the slots with a value that a clause accepts. It is false for a clause that has none.
func (f *field) sets(c *query.Clause) ([]*column.Set, bool) {
	text, number, boolean := &f.words[query.KindText], &f.words[query.KindNumber], &f.words[query.KindBool]
	switch c.Test {
	case query.Present:
		return []*column.Set{&f.any}, true
	case query.Equal:
		return []*column.Set{text.Set(c.Text), boolean.Set(c.Text)}, true
	case query.EqualText:
		return []*column.Set{text.Set(c.Text)}, true
	case query.EqualNumber:
		return []*column.Set{text.Set(c.Text), number.Set(word(query.Number(c.Number)))}, true
	case query.Wildcard, query.Regexp, query.Fuzzy:
		if text.Len() > maxWords {
			return nil, false
		}
		var sets []*column.Set
		for w, set := range text.All() {
			if c.Accepts(query.Text(w)) {
				sets = append(sets, set)
			}
		}
		for w, set := range boolean.All() {
			if c.Accepts(query.Bool(w == query.Bool(true).Text)) {
				sets = append(sets, set)
			}
		}
		return sets, true
	}
	return nil, false
}

// limits is a condition on one number of each slot.
type limits struct {
	of        *column.Numbers
	low, high float64
}

// limits returns what a clause asks of a number: of the greatest of several if it is to be above something, of the least
// if it is to be below. It is false for a clause that is no range. A range of dates may let too many pass.
func (f *field) limits(c *query.Clause) (l limits, ok bool) {
	below, above := math.Inf(-1), math.Inf(1)
	switch c.Test {
	case query.Greater:
		return limits{&f.most, math.Nextafter(c.Number, above), above}, true
	case query.AtLeast:
		return limits{&f.most, c.Number, above}, true
	case query.Less:
		return limits{&f.least, below, math.Nextafter(c.Number, below)}, true
	case query.AtMost:
		return limits{&f.least, below, c.Number}, true
	case query.After, query.Since:
		return limits{&f.last, seconds(c.Time) - 1, above}, true
	case query.Before, query.Until:
		return limits{&f.first, below, seconds(c.Time) + 1}, true
	}
	return limits{}, false
}

// others returns the numbers that the limits leave out: they are open to one side.
func (l limits) others() limits {
	if math.IsInf(l.high, 1) {
		return limits{l.of, math.Inf(-1), math.Nextafter(l.low, math.Inf(-1))}
	}
	return limits{l.of, math.Nextafter(l.high, math.Inf(1)), math.Inf(1)}
}
