package nakama

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params reads the query of a call, field by field; names are given in snake_case and found in lowerCamelCase too. A
// field that is not there is nil. The first thing wrong with the query is kept in err, which is to be looked at when
// all fields are read.
type params struct {
	values url.Values
	err    error
}

func (c *call) params() *params {
	return &params{c.query, c.queryErr}
}

// list is a field that may be repeated.
func (p *params) list(name string) []string {
	values := p.values[name]
	if camel := camelCase(name); camel != name {
		values = append(slices.Clip(values), p.values[camel]...)
	}
	return values
}

func (p *params) text(name string) *string {
	values := p.list(name)
	switch len(values) {
	case 0:
		return nil
	case 1:
		return &values[0]
	}
	p.fail(fmt.Sprintf("too many values for field %q: %s", name, strings.Join(values, ", ")))
	return nil
}

func (p *params) boolean(name string) *bool {
	return parsed(p, name, strconv.ParseBool)
}

// number is a field that fits into 32 bits.
func (p *params) number(name string) *int {
	return parsed(p, name, func(s string) (int, error) {
		n, err := strconv.ParseInt(s, 10, 32)
		return int(n), err
	})
}

// moment is a time in Unix seconds; zero if it is 0 or not there.
func (p *params) moment(name string) time.Time {
	s := or(parsed(p, name, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }), 0)
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func parsed[T any](p *params, name string, parse func(string) (T, error)) *T {
	s := p.text(name)
	if s == nil {
		return nil
	}
	v, err := parse(*s)
	if err != nil {
		p.fail(fmt.Sprintf("parsing field %q: %v", name, err))
		return nil
	}
	return &v
}

func (p *params) fail(text string) {
	if p.err == nil {
		p.err = &Error{InvalidArgument, text}
	}
}

// or is the value of a field, or what its absence means.
func or[T any](p *T, absent T) T {
	if p == nil {
		return absent
	}
	return *p
}

// camelCase turns owner_ids into ownerIds.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
