package match

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/shoal-go/shoal/query"
)

// ErrCursor means that a cursor was not made by List, or for another request.
var ErrCursor = errors.New("match: cursor is invalid")

// defaultListed is how many matches a list has if nobody says.
const defaultListed = 100

// ListRequest says which matches to list. The zero value lists the newest 100.
type ListRequest struct {
	Limit   int     // at most so many; 0 means 100
	Handler string  // only this kind; "" means any
	Label   *string // only with exactly this label; nil means any
	// Query selects by search: the members of JSON labels are label.<path>, the whole label is label_string; there are
	// also handler_name, node, tick_rate and create_time (Unix ms). "" means all.
	Query   string
	MinSize int // at least so many members; 0 means no bound
	MaxSize int // at most so many members; 0 means no bound
	// OrderBy, if not "", is a field of the query language: the matches with the least number in it come first, with a
	// "-" before it those with the greatest; those without one come last, and the newest first among equals.
	OrderBy string
	// Open, if not 0, selects matches that have at least so many free seats, or no limit.
	Open int
	// Cursor is Page.Next of the same request, whose Limit may have been another; "" begins with the first.
	Cursor string
}

// Page is a part of a list.
type Page struct {
	Matches []Info
	Next    string // cursor of the matches after this page; "" if there are none
}

// List returns the matches that fit: those with the best score of the query first, then the newest, unless OrderBy asks
// for another order. A match is listed with its label from the moment Create returns. ErrCursor; a query that does not
// parse is a *query.SyntaxError.
//
// A cursor stands between two matches and not at a number: nothing is shown twice or left out because others come and go.
func (r *Registry) List(q ListRequest) (Page, error) {
	if q.Limit <= 0 {
		q.Limit = defaultListed
	}
	s := search{x: &r.index, q: &q}
	if q.Query != "" {
		var err error
		if s.query, err = query.Parse(q.Query, query.Options{}); err != nil {
			return Page{}, fmt.Errorf("match: list: %w", err)
		}
	}
	var after *position
	if q.Cursor != "" {
		var err error
		if after, err = q.position(); err != nil {
			return Page{}, err
		}
	}
	r.refresh()
	r.index.mu.RLock()
	hits := s.run(after)
	r.index.mu.RUnlock()

	p := Page{Matches: make([]Info, 0, len(hits))}
	if len(hits) > q.Limit {
		hits = hits[:q.Limit]
		p.Next = q.cursor(hits[q.Limit-1].position)
	}
	for _, h := range hits {
		p.Matches = append(p.Matches, h.m.info())
	}
	return p, nil
}

// position is where a match stands in a list.
type position struct {
	rank float64 // the greatest first
	seq  uint64
}

func (a position) compare(b position) int {
	return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.seq, a.seq))
}

// best returns the first n hits, in order.
func best(hits []hit, n int) []hit {
	slices.SortFunc(hits, func(a, b hit) int { return a.compare(b.position) })
	return hits[:min(n, len(hits))]
}

// order returns what ranks a slot.
func (s *search) order() func(slot int, score float64) float64 {
	if s.q.OrderBy == "" {
		return func(_ int, score float64) float64 { return score }
	}
	name, greatest := strings.CutPrefix(s.q.OrderBy, "-")
	f := s.field(name)
	return func(slot int, _ float64) float64 {
		least, ok := f.least.At(slot)
		most, _ := f.most.At(slot)
		switch {
		case !ok:
			return math.Inf(-1)
		case greatest:
			return most
		}
		return -least
	}
}

// cursor is the text of a position, and of the request that it belongs to.
func (q *ListRequest) cursor(at position) string {
	var b [24]byte
	binary.BigEndian.PutUint64(b[:], math.Float64bits(at.rank))
	binary.BigEndian.PutUint64(b[8:], at.seq)
	binary.BigEndian.PutUint64(b[16:], q.sum())
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// position reads the cursor, which must come from the same request.
func (q *ListRequest) position() (*position, error) {
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(b) != 24 {
		return nil, ErrCursor
	}
	at := position{math.Float64frombits(binary.BigEndian.Uint64(b)), binary.BigEndian.Uint64(b[8:])}
	if q.cursor(at) != q.Cursor {
		return nil, ErrCursor
	}
	return &at, nil
}

// sum tells requests apart by what they select, and in which order.
func (q *ListRequest) sum() uint64 {
	label := ""
	if q.Label != nil {
		label = "=" + *q.Label
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%q %q %q %q %d %d %d", q.Handler, label, q.Query, q.OrderBy, q.MinSize, q.MaxSize, q.Open)
	return h.Sum64()
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
