package matchmaker

import (
	"slices"
	"strings"

	"github.com/shoal-go/shoal/query"
)

// fewProperties are looked through one by one.
const fewProperties = 8

// Text returns the property of that name, if it is a text. One that is a number as well is a number.
func (t *Ticket) Text(key string) (value string, ok bool) {
	if _, ok := t.Number(key); ok {
		return "", false
	}
	texts := t.Texts
	for len(texts) > fewProperties {
		texts = half(texts, texts[len(texts)/2].Key <= key)
	}
	for i := range texts {
		if texts[i].Key == key {
			return texts[i].Value, true
		}
	}
	return "", false
}

// Number returns the numeric property of that name, if there is one.
func (t *Ticket) Number(key string) (value float64, ok bool) {
	numbers := t.Numbers
	for len(numbers) > fewProperties {
		numbers = half(numbers, numbers[len(numbers)/2].Key <= key)
	}
	for i := range numbers {
		if numbers[i].Key == key {
			return numbers[i].Value, true
		}
	}
	return 0, false
}

// half is the part of some properties in the order of their keys that may have a key: the upper one or the lower one.
func half[P any](all []P, upper bool) []P {
	if upper {
		return all[len(all)/2:]
	}
	return all[:len(all)/2]
}

// StringProps returns Texts as a new map, as the Request had them.
func (t *Ticket) StringProps() map[string]string {
	m := make(map[string]string, len(t.Texts))
	for _, p := range t.Texts {
		m[p.Key] = p.Value
	}
	return m
}

// NumericProps returns Numbers as a new map, as the Request had them.
func (t *Ticket) NumericProps() map[string]float64 {
	m := make(map[string]float64, len(t.Numbers))
	for _, p := range t.Numbers {
		m[p.Key] = p.Value
	}
	return m
}

func (t *Ticket) setProperties(texts map[string]string, numbers map[string]float64) {
	t.Texts, t.Numbers = nil, nil
	if len(texts) > 0 {
		t.Texts = make([]TextProperty, 0, len(texts))
	}
	if len(numbers) > 0 {
		t.Numbers = make([]NumberProperty, 0, len(numbers))
	}
	for k, v := range texts {
		t.Texts = append(t.Texts, TextProperty{k, v})
	}
	for k, v := range numbers {
		t.Numbers = append(t.Numbers, NumberProperty{k, v})
	}
	slices.SortFunc(t.Texts, func(a, b TextProperty) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(t.Numbers, func(a, b NumberProperty) int { return strings.Compare(a.Key, b.Key) })
}

const (
	propertyPrefix = "properties."
	// ownPrefix marks the fields of the ticket itself. No property is found by a name that begins with it.
	ownPrefix = "\x00"
)

// field returns the field of a ticket for a name in a query: the key of a property, or the name of one of the ticket's
// own fields after ownPrefix.
func field(name string) string {
	switch name {
	case "min_count":
		return ownPrefix + "min_count"
	case "max_count":
		return ownPrefix + "max_count"
	case "created_at":
		return ownPrefix + "created_at"
	case "party_id":
		return ownPrefix + "party_id"
	case "ticket":
		return ownPrefix + "ticket"
	}
	if strings.HasPrefix(name, ownPrefix) {
		return ownPrefix
	}
	return strings.TrimPrefix(name, propertyPrefix)
}

// isProperty reports whether a field is a property, not one of the ticket's own.
func isProperty(field string) bool { return !strings.HasPrefix(field, ownPrefix) }

// value returns what a ticket has in a field.
func (t *Ticket) value(field string) (v query.Value, ok bool) {
	if !isProperty(field) {
		return t.own(field)
	}
	if n, ok := t.Number(field); ok {
		return query.Number(n), true
	}
	s, ok := t.Text(field)
	return query.Text(s), ok
}

// own returns one of the ticket's own fields.
func (t *Ticket) own(field string) (v query.Value, ok bool) {
	switch strings.TrimPrefix(field, ownPrefix) {
	case "min_count":
		return query.Number(float64(t.MinCount)), true
	case "max_count":
		return query.Number(float64(t.MaxCount)), true
	case "created_at":
		return query.Number(float64(t.Created.UnixNano())), true
	case "party_id":
		return query.Text(t.PartyID), t.PartyID != ""
	case "ticket":
		return query.Text(t.ID), true
	}
	return query.Value{}, false
}
