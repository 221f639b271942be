package leaderboard

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// How many records or tournaments a page has if nobody says, and may have; as many owners may be asked for.
const (
	defaultLimit = 100
	maxLimit     = 10_000
)

// ListRequest asks for a page of a board, for the records of some owners, or for both.
type ListRequest struct {
	Board  string
	Period time.Time // when the period ends, as in Record.Period; zero: the present one
	Owners []string  // up to 10,000; those without a record are left out
	Limit  int       // records of the page, up to 10,000; 0 means 100, but with Owners and no Cursor no page
	Cursor string    // from a Page of this board and period; "" begins with the best
}

// AroundRequest asks for the neighbours of an owner.
type AroundRequest struct {
	Board  string
	Period time.Time // as in ListRequest
	Owner  string
	Limit  int    // records of the page including the owner's, up to 10,000; 0 means 100
	Cursor string // from a Page of this board and period: ask for that page and not for Owner's
}

// Page is a part of a board in board order: score, subscore and owner, all descending or all ascending.
//
// Order, ranks, scores and cursors are those of one moment. The other fields of a record may be a write newer, and a
// record that is deleted while the page is made is left out. Only where the ranks are not in memory a page is put
// together from several looks at the store.
//
// Of a past period, and on a board without ranks, the records of a list are numbered, and that is all: OwnerRecords and
// the records around an owner have no Rank, and RankCount is 0.
type Page struct {
	Records      []Ranked
	OwnerRecords []Ranked // of the owners asked for, each once, in board order
	Next         string   // cursor of the records after this page; "" if there are none
	Prev         string   // cursor of the records before this page; "" if there are none
	RankCount    int64    // records on the board
}

// List returns a page of a board and the records of the owners asked for. The errors are [ErrLimit], [ErrNotFound],
// [ErrCursor] and those of the store.
func (b *Boards) List(ctx context.Context, q ListRequest) (Page, error) {
	ownersOnly := q.Limit == 0 && q.Cursor == "" && len(q.Owners) > 0
	if !limit(&q.Limit) || len(q.Owners) > maxLimit {
		return Page{}, ErrLimit
	}
	if ownersOnly {
		q.Limit = 0
	}
	return b.look(ctx, q.Board, q.Period, func(v view) (Page, error) {
		if q.Cursor != "" {
			return v.from(ctx, q.Owners, q.Cursor, q.Limit)
		}
		pick := func(r *ranks) (from, to int, ok bool) { return 0, min(q.Limit, r.len()), true }
		if p, known, err := v.page(ctx, q.Owners, pick); known || err != nil {
			return p, err
		}
		return v.stored(ctx, q.Owners, nil, q.Limit)
	})
}

// Around returns the page in which an owner stands: half of the limit, rounded down, behind it, the rest before it,
// moved where the board ends. Without a record of the owner the page is empty. The errors are those of List.
func (b *Boards) Around(ctx context.Context, q AroundRequest) (Page, error) {
	if !limit(&q.Limit) {
		return Page{}, ErrLimit
	}
	return b.look(ctx, q.Board, q.Period, func(v view) (Page, error) {
		if q.Cursor != "" {
			return v.from(ctx, nil, q.Cursor, q.Limit)
		}
		pick := func(r *ranks) (from, to int, ok bool) {
			place, _, ok := r.of(q.Owner)
			to = min(place+q.Limit/2+1, r.len())
			from = max(to-q.Limit, 0)
			return from, min(from+q.Limit, r.len()), ok
		}
		if p, known, err := v.page(ctx, nil, pick); known || err != nil {
			return p, err
		}
		return v.storedAround(ctx, q.Owner, q.Limit)
	})
}

// limit sets the default, and reports whether the limit of a request is one.
func limit(n *int) bool {
	if *n == 0 {
		*n = defaultLimit
	}
	return 0 < *n && *n <= maxLimit
}

// view is one period of a board, to be read.
type view struct {
	*Boards
	*table
	ranked bool // whoever has a record has a rank, and if it has to be counted
}

// look calls f with a view, for as long as the board is there.
func (b *Boards) look(ctx context.Context, id string, period time.Time, f func(view) (Page, error)) (Page, error) {
	e, err := b.enter(id)
	if err != nil {
		return Page{}, err
	}
	defer e.open.RUnlock()
	p, err := e.at(ctx, now(), b.store, &b.room)
	if err != nil {
		return Page{}, err
	}
	if !period.IsZero() && !p.table.period.Equal(period) {
		return f(view{Boards: b, table: &table{def: &e.def, period: seconds(period)}})
	}
	return f(view{Boards: b, table: p.table, ranked: !e.def.NoRanks})
}

// from returns the page a cursor points to.
func (v view) from(ctx context.Context, owners []string, text string, limit int) (Page, error) {
	c, err := v.cursors.decode(v.def.ID, v.period, text)
	if err != nil {
		return Page{}, err
	}
	pick := func(r *ranks) (from, to int, ok bool) {
		place, found := r.gap(c.entry)
		if c.back {
			return max(place-limit, 0), place, true
		}
		if found {
			place++
		}
		return place, min(place+limit, r.len()), true
	}
	if p, known, err := v.page(ctx, owners, pick); known || err != nil {
		return p, err
	}
	return v.stored(ctx, owners, &c, limit)
}

// picker chooses the places of a page, from the first to the one before to; ok is false if there is no page at all.
type picker func(*ranks) (from, to int, ok bool)

// row is a standing at its place.
type row struct {
	Standing
	place int
}

// page makes a page of what pick chooses and of the owners; known is false if the ranks are not in memory. The ranks are
// read at one moment, the records after it; where they have changed in between, the scores the ranks were made of are
// shown, so that the page is in order.
func (v view) page(ctx context.Context, owners []string, pick picker) (p Page, known bool, err error) {
	var rows, ownerRows []row
	known, err = v.read(ctx, v.store, func(r *ranks) {
		from, to, ok := pick(r)
		if !ok {
			return
		}
		p.RankCount = int64(r.len())
		ownerRows = rowsOf(r, owners)
		for place := from; place < to; place++ {
			rows = append(rows, row{r.at(place), place})
		}
		if len(rows) == 0 {
			return
		}
		if from > 0 {
			p.Prev = v.encode(cursor{back: true, entry: rows[0].Standing, rank: int64(from) + 1})
		}
		if to < r.len() {
			p.Next = v.encode(cursor{entry: rows[len(rows)-1].Standing, rank: int64(to)})
		}
	})
	if err != nil || !known {
		return Page{}, false, err
	}
	records, err := v.recordsOf(ctx, slices.Concat(rows, ownerRows))
	if err != nil {
		return Page{}, false, err
	}
	p.Records, p.OwnerRecords = join(rows, records), join(ownerRows, records)
	return p, true, nil
}

func (v view) encode(c cursor) string { return v.cursors.encode(v.def.ID, v.period, c) }

// rowsOf returns the rows of the owners that have one, each once, in board order.
func rowsOf(r *ranks, owners []string) []row {
	var rows []row
	for _, owner := range owners {
		if place, s, ok := r.of(owner); ok {
			rows = append(rows, row{s, place})
		}
	}
	slices.SortFunc(rows, func(x, y row) int { return cmp.Compare(x.place, y.place) })
	return slices.Compact(rows)
}

// recordsOf reads the records of the rows, by owner.
func (v view) recordsOf(ctx context.Context, rows []row) (map[string]Record, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var owners []string
	for _, r := range rows {
		owners = append(owners, r.Owner)
	}
	slices.Sort(owners)
	records, err := v.store.RecordsOf(ctx, v.def.ID, v.period, slices.Compact(owners))
	if err != nil {
		return nil, fmt.Errorf("leaderboard: read records: %w", err)
	}
	byOwner := make(map[string]Record, len(records))
	for _, r := range records {
		byOwner[r.Owner] = r
	}
	return byOwner, nil
}

// join makes ranked records of rows and the records that were found for them.
func join(rows []row, records map[string]Record) []Ranked {
	var ranked []Ranked
	for _, row := range rows {
		if r, ok := records[row.Owner]; ok {
			r.Score, r.Subscore = row.Score, row.Subscore
			ranked = append(ranked, Ranked{Record: r, Rank: int64(row.place) + 1})
		}
	}
	return ranked
}
