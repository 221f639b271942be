package match

import (
	"cmp"
	"fmt"
	"slices"

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
}

// List returns the matches that fit: the best scores of the query first, then the newest. A match is listed with its
// label from the moment Create returns. A query that does not parse is a *query.SyntaxError.
func (r *Registry) List(q ListRequest) ([]Info, error) {
	var search *query.Query
	if q.Query != nil {
		var err error
		if search, err = query.Parse(*q.Query, query.Options{}); err != nil {
			return nil, fmt.Errorf("match: list: %w", err)
		}
	}
	r.mu.RLock()
	all := slices.Clone(r.byAge)
	r.mu.RUnlock()

	type hit struct {
		m     *match
		score float64
	}
	var hits []hit
	for _, m := range slices.Backward(all) {
		if search == nil && q.Limit > 0 && len(hits) == q.Limit {
			break
		}
		if score, ok := q.fits(m, search); ok {
			hits = append(hits, hit{m, score})
		}
	}
	if search != nil {
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

func (q *ListRequest) fits(m *match, search *query.Query) (score float64, ok bool) {
	size := int(m.size.Load())
	if size < q.MinSize || q.MaxSize > 0 && size > q.MaxSize || q.Handler != "" && q.Handler != m.name {
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
	return Info{
		ID: m.id, Handler: m.name, Label: m.label.Load().text, Size: int(m.size.Load()),
		Every: m.set.Every, Created: m.created,
	}
}
