package match

import (
	"math"
	"sync"
	"time"

	"github.com/shoal-go/shoal/query"
)

// label is what a match is listed with for a while and, once somebody has searched, what a query sees of the match.
type label struct {
	text  string
	every time.Duration
	once  sync.Once
	doc   query.Doc
}

func newLabel(text string, every time.Duration) *label { return &label{text: text, every: every} }

// rate is how many ticks come in a second. Intervals are whole nanoseconds, so that of 60 a second has to be rounded
// back to be found as 60.
func (l *label) rate() float64 {
	return math.Round(float64(time.Second)/float64(l.every)*1000) / 1000
}

// document is built at the first search: most labels are never searched.
func (l *label) document(m *match) query.Doc {
	l.once.Do(func() {
		l.doc = query.Doc{}
		l.doc.Add("label_string", query.Text(l.text))
		l.doc.Add("handler_name", query.Text(m.name))
		l.doc.Add("node", query.Text(m.id.Node()))
		l.doc.Add("tick_rate", query.Number(l.rate()))
		l.doc.Add("create_time", query.Number(float64(m.created.UnixMilli())))
		l.doc.AddJSON("label", []byte(l.text)) // a label that is no JSON object has no members to search
	})
	return l.doc
}
