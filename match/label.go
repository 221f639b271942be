package match

import (
	"sync"

	"github.com/shoal-go/shoal/query"
)

// label is one label of a match and, once somebody has searched, what a query sees of the match.
type label struct {
	text string
	once sync.Once
	doc  query.Doc
}

func newLabel(text string) *label { return &label{text: text} }

// document is built at the first search: most labels are never searched.
func (l *label) document(m *match) query.Doc {
	l.once.Do(func() {
		l.doc = query.Doc{}
		l.doc.Add("label_string", query.Text(l.text))
		l.doc.Add("handler_name", query.Text(m.name))
		l.doc.Add("node", query.Text(m.id.Node()))
		l.doc.Add("tick_rate", query.Number(m.set.rate()))
		l.doc.Add("create_time", query.Number(float64(m.created.UnixMilli())))
		l.doc.AddJSON("label", []byte(l.text)) // a label that is no JSON object has no members to search
	})
	return l.doc
}
