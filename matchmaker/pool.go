package matchmaker

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/shoal-go/shoal/query"
)

const (
	// maxClassTexts is how many of the texts that a query insists on tell the classes apart.
	maxClassTexts = 4
	// maxClasses bounds the classes: it is clients who choose them. Tickets of further ones wait with those that insist
	// on nothing.
	maxClasses = 1024
)

// pool is the waiting tickets, arranged so that those that may want a ticket are found without looking at the others.
//
// Tickets whose queries insist on the same texts (+mode:duel +region:eu) are one class: they want a ticket that has
// those, or none. Within a class the columns tell who is wanted, and who wants by ranges of numbers.
type pool struct {
	classes map[string]*class
	byText  map[TextProperty][]*class // by the first text that each class insists on; by none if there is none
	key     []byte                    // used again
}

func newPool() pool {
	return pool{classes: make(map[string]*class), byText: make(map[TextProperty][]*class)}
}

// insists returns the texts that tell the classes apart for a plan, in order.
func insists(p plan) []TextProperty {
	var room [maxClassTexts]TextProperty
	texts := room[:0]
	for i := range p.conds {
		if c := &p.conds[i]; c.kind == isText && c.occur == query.Must && len(texts) < maxClassTexts {
			texts = append(texts, TextProperty{c.field, c.text})
		}
	}
	slices.SortFunc(texts, func(a, b TextProperty) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	})
	return texts
}

// enter puts a ticket into its class, from which it can be found.
func (p *pool) enter(t *ticket) {
	texts := insists(t.plan)
	c := p.class(texts)
	if c == nil && len(p.classes) >= maxClasses {
		texts = nil
		c = p.class(nil)
	}
	if c == nil {
		c = newClass(slices.Clone(texts))
		p.classes[string(p.key)] = c
		p.byText[c.first()] = append(p.byText[c.first()], c)
	}
	c.add(t)
}

// class returns the class that insists on some texts, or nil, and leaves its key in p.key.
func (p *pool) class(texts []TextProperty) *class {
	p.key = p.key[:0]
	for _, t := range texts {
		p.key = binary.AppendUvarint(p.key, uint64(len(t.Key))) // a client's text may have any character
		p.key = binary.AppendUvarint(append(p.key, t.Key...), uint64(len(t.Value)))
		p.key = append(p.key, t.Value...)
	}
	return p.classes[string(p.key)]
}

// leave takes a ticket out of its class, for good.
func (p *pool) leave(t *ticket) {
	c := t.class
	if c == nil {
		return
	}
	if c.remove(t); c.len() > 0 {
		return
	}
	p.class(c.texts)
	delete(p.classes, string(p.key))
	same := slices.DeleteFunc(p.byText[c.first()], func(o *class) bool { return o == c })
	if p.byText[c.first()] = same; len(same) == 0 {
		delete(p.byText, c.first())
	}
}

// search shows f the tickets that may be grouped with its own. Whether they do want each other is for f to find out.
func (p *pool) search(f *finder) {
	for _, c := range p.byText[TextProperty{}] {
		c.search(f)
	}
	for i := range f.ticket.Texts {
		for _, c := range p.byText[f.ticket.Texts[i]] {
			if c.admits(f.ticket) {
				c.search(f)
			}
		}
	}
}

// settle brings the classes that tickets have come to out of order in order.
func (p *pool) settle() {
	for _, c := range p.classes {
		if len(c.late) > 0 {
			c.rebuild()
		}
	}
}
