package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/shoal-go/shoal/query"
)

// ListRequest says which matches to list. The zero value lists all.
type ListRequest struct {
	Limit   int     // at most so many; 0 means all
	Handler string  // only this kind; "" means any
	Label   *string // only with exactly this label
	// Query, if not nil, selects by search: the members of JSON labels are label.<path>, the whole label is
	// label_string; there are also handler_name, node, tick_rate and create_time (Unix ms). Label is then not
	// looked at.
	Query   *string
	MinSize int // at least so many members
	MaxSize int // at most so many, if not 0
	// OrderBy, if not "", is a field of the query language: the matches with the least number in it come first, with a
	// "-" before it those with the greatest; those without one come last, and the newest first among equals.
	OrderBy string
	// Open, if not 0, selects matches that have at least so many free seats, or no limit.
	Open int
}

// List returns the matches that fit: those with the best score of the query first, then the newest, unless OrderBy asks
// for another order. A match is listed with its label from the moment Create returns. A query that does not parse is a
// *query.SyntaxError.
func (r *Registry) List(q ListRequest) ([]Info, error) {
	var search *query.Query
	if q.Query != nil {
		var err error
		if search, err = query.Parse(*q.Query, query.Options{}); err != nil {
			return nil, fmt.Errorf("match: list: %w", err)
		}
	}
	all, certain := r.candidates(search, q)
	if certain {
		search, q.Label = nil, nil
	}
	type hit struct {
		m     *match
		score float64
	}
	var hits []hit
	for _, m := range slices.Backward(all) {
		if search == nil && q.OrderBy == "" && q.Limit > 0 && len(hits) == q.Limit {
			break
		}
		if score, ok := q.fits(m, search); ok {
			hits = append(hits, hit{m, score})
		}
	}
	if q.OrderBy != "" {
		for i := range hits {
			hits[i].score = q.rank(hits[i].m)
		}
	}
	if search != nil || q.OrderBy != "" {
		slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	}
	if q.Limit > 0 && len(hits) > q.Limit {
		hits = hits[:q.Limit]
	}
	infos := make([]Info, len(hits))
	for i, h := range hits {
		infos[i] = h.m.info()
	}
	return infos, nil
}

// rank is what a match is ordered by, the greatest first.
func (q *ListRequest) rank(m *match) float64 {
	field, greatest := strings.CutPrefix(q.OrderBy, "-")
	s := spanOf(m.label.Load().document(m)[field])
	switch {
	case math.IsNaN(s.min):
		return math.Inf(-1)
	case greatest:
		return s.max
	}
	return -s.min
}

func (q *ListRequest) fits(m *match, search *query.Query) (score float64, ok bool) {
	size := int(m.size.Load())
	if size < q.MinSize || q.MaxSize > 0 && size > q.MaxSize || q.Handler != "" && q.Handler != m.name {
		return 0, false
	}
	if q.Open > 0 && m.set.Capacity > 0 && m.set.Capacity-int(m.seats.Load()) < q.Open {
		return 0, false
	}
	label := m.label.Load()
	if search != nil {
		return search.Match(label.document(m))
	}
	return 0, q.Label == nil || *q.Label == label.text
}

// Get returns one match. ErrNotFound.
func (r *Registry) Get(id ID) (Info, error) {
	m := r.find(id)
	if m == nil {
		return Info{}, ErrNotFound
	}
	return m.info(), nil
}

// Len is how many matches are running.
func (r *Registry) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.matches)
}

// info may be called at any time by anybody.
func (m *match) info() Info {
	l := m.label.Load()
	return Info{
		ID: m.id, Handler: m.name, Label: l.text, Size: int(m.size.Load()), Taken: int(m.seats.Load()),
		Capacity: m.set.Capacity, Every: l.every, Created: m.created,
	}
}
