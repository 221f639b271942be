package query

import (
	"encoding/json"
	"slices"
	"time"
)

// maxDepth is how deep the JSON given to AddJSON may be nested; a path of 64 names is nothing to search by.
const maxDepth = 64

// Kind tells the values of a document apart.
type Kind uint8

// The kinds of value.
const (
	KindText   Kind = iota // Value.Text
	KindNumber             // Value.Number
	KindBool               // Value.Text, which is T or F: what a query calls them
)

// Value is one value of a field. Make it with Text, Number or Bool. Values can be compared with ==.
type Value struct {
	Kind   Kind
	Text   string
	Number float64
}

// Text returns a text value. Its length is not limited here.
func Text(s string) Value { return Value{Kind: KindText, Text: s} }

// Number returns a number value. No query matches NaN but field:*.
func Number(n float64) Value { return Value{Kind: KindNumber, Number: n} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{Kind: KindBool, Text: "T"}
	}
	return Value{Kind: KindBool, Text: "F"}
}

// Time returns a moment as a text value that date ranges find: RFC 3339, in UTC, to the nanosecond.
func Time(t time.Time) Value { return Text(t.UTC().Format(time.RFC3339Nano)) }

// Time returns the moment, in UTC, that a text value stands for. False means that it is no date: those are RFC 3339 and,
// taken as UTC, 2026-01-31T12:30:00, 2026-01-31 12:30:00 and 2026-01-31, the first three with or without a fraction.
func (v Value) Time() (time.Time, bool) {
	if v.Kind != KindText {
		return time.Time{}, false
	}
	return parseTime(v.Text)
}

// Doc is what a query is matched against: the values of each field, in no particular order. Make one with Doc{}, fill
// it, then match it as often as needed. Like any map it may be read by many goroutines while none changes it.
type Doc map[string][]Value

// Add adds values to those of a field.
func (d Doc) Add(field string, values ...Value) { d[field] = append(d[field], values...) }

// AddJSON adds the members of a JSON object. The field of a member is the prefix, a dot and its name, and so on for
// the members of nested objects; with an empty prefix it is the name alone. An array adds each of its elements under
// the array's own field. Null adds nothing. Of two members with the same name the last one counts.
//
// It returns false and adds nothing if the text is not one JSON object, is nested deeper than 64 levels, or has a
// number that a float64 cannot hold.
func (d Doc) AddJSON(prefix string, text []byte) bool {
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil || members == nil || deeper(members, maxDepth) {
		return false
	}
	d.addMembers(prefix, members)
	return true
}

func (d Doc) addMembers(prefix string, members map[string]any) {
	for name, v := range members {
		if prefix != "" {
			name = prefix + "." + name
		}
		d.addAny(name, v)
	}
}

// addAny adds a decoded JSON value under a field.
func (d Doc) addAny(field string, v any) {
	switch v := v.(type) {
	case string:
		d.Add(field, Text(v))
	case float64:
		d.Add(field, Number(v))
	case bool:
		d.Add(field, Bool(v))
	case []any:
		for _, element := range v {
			d.addAny(field, element)
		}
	case map[string]any:
		d.addMembers(field, v)
	}
}

// deeper reports whether objects and arrays are nested more than n levels deep in v.
func deeper(v any, n int) bool {
	switch v := v.(type) {
	case []any:
		return n == 0 || slices.ContainsFunc(v, func(element any) bool { return deeper(element, n-1) })
	case map[string]any:
		if n == 0 {
			return true
		}
		for _, member := range v {
			if deeper(member, n-1) {
				return true
			}
		}
	}
	return false
}
