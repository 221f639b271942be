package party

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/shoal-go/shoal/query"
)

// ListRequest says which parties to list. The zero value lists the newest 100 that are not hidden.
type ListRequest struct {
	Limit int   // at most so many; 0 means 100
	Open  *bool // only open ones, or only closed ones; nil means both
	// Query selects by search: the members of labels are label.<path>; there are also open, hidden, max_size,
	// create_time (Unix ms, and a date) and node. "" selects all.
	Query  string
	Hidden bool   // hidden ones too, which clients must not see
	Cursor string // Page.Next of the same request; "" begins with the first
}

// Page is a part of a list.
type Page struct {
	Parties []Info
	Next    string // cursor of the parties after this page; "" if there are none
}

// List returns the parties that fit: the best scores of the query first, then the newest. A party is listed as soon as
// Create returns. The error Is ErrCursor, or a query that does not parse: a *query.SyntaxError.
//
// A cursor stands between two parties and not at a number, so nothing is shown twice or left out because others come and
// go meanwhile.
func (p *Parties) List(r ListRequest) (Page, error) {
	if r.Limit <= 0 {
		r.Limit = defaultListed
	}
	search, err := query.Parse(r.Query, query.Options{})
	if err != nil {
		return Page{}, fmt.Errorf("party: list: %w", err)
	}
	var after *position
	if r.Cursor != "" {
		if after, err = r.position(); err != nil {
			return Page{}, err
		}
	}
	hits := p.search(&r, search, after)
	var page Page
	if len(hits) > r.Limit {
		hits = hits[:r.Limit]
		last := hits[r.Limit-1]
		page.Next = r.cursor(position{last.score, last.serial})
	}
	for _, h := range hits {
		page.Parties = append(page.Parties, h.info)
	}
	return page, nil
}

// hit is a party that fits.
type hit struct {
	position
	info Info
}

// position is where a party stands in a list.
type position struct {
	score  float64
	serial uint64
}

// compare orders by score and age, the highest and newest first.
func (a position) compare(b position) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.serial, a.serial))
}

func (p *Parties) search(r *ListRequest, search *query.Query, after *position) []hit {
	var hits []hit
	for _, g := range p.all() {
		shown, size := g.shown.Load(), g.size.Load()
		if size == 0 || shown.Hidden && !r.Hidden || r.Open != nil && *r.Open != shown.Open {
			continue
		}
		score, ok := search.Match(shown.doc)
		at := position{score, g.serial}
		if !ok || after != nil && at.compare(*after) <= 0 {
			continue
		}
		hits = append(hits, hit{at, g.info()})
	}
	slices.SortFunc(hits, func(a, b hit) int { return a.compare(b.position) })
	return hits
}

// all returns the parties, as a copy, so that nobody waits for a search.
func (p *Parties) all() []*group {
	p.mu.RLock()
	defer p.mu.RUnlock()
	all := make([]*group, 0, len(p.mu.groups))
	for g := p.mu.newest; g != nil; g = g.older {
		all = append(all, g)
	}
	return all
}

// token is what a cursor says, with the request that it belongs to.
type token struct {
	Limit  int     `json:"l"`
	Open   *bool   `json:"o,omitempty"`
	Query  string  `json:"q,omitempty"`
	Hidden bool    `json:"h,omitempty"`
	Score  float64 `json:"s,omitempty"`
	Serial uint64  `json:"n"`
}

func (r *ListRequest) cursor(at position) string {
	text, _ := json.Marshal(token{r.Limit, r.Open, r.Query, r.Hidden, at.score, at.serial}) // it has only plain fields
	return base64.RawURLEncoding.EncodeToString(text)
}

// position reads the cursor, which must come from the same request.
func (r *ListRequest) position() (*position, error) {
	text, err := base64.RawURLEncoding.DecodeString(r.Cursor)
	if err != nil {
		return nil, ErrCursor
	}
	var t token
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, ErrCursor
	}
	at := position{t.Score, t.Serial}
	if r.cursor(at) != r.Cursor {
		return nil, ErrCursor
	}
	return &at, nil
}
