package leaderboard

import (
	"context"
	"fmt"
	"slices"
)

// What is not in memory is read from the store: past periods, boards without ranks, boards with too many records.

// ahead is the span of what has a better rank than s.
func (t *table) ahead(s *Standing) Span {
	span := t.span()
	if t.def.Sort == Ascending {
		span.Before = s
	} else {
		span.After = s
	}
	return span
}

// behind is the span of what has a worse rank than s.
func (t *table) behind(s *Standing) Span {
	span := t.span()
	if t.def.Sort == Ascending {
		span.After = s
	} else {
		span.Before = s
	}
	return span
}

// backwards is the order from the worst to the best.
func (s Sort) backwards() Sort {
	if s == Ascending {
		return Descending
	}
	return Ascending
}

// rankStored counts the rank of a standing.
func (b *Boards) rankStored(ctx context.Context, t *table, s Standing) (int64, error) {
	n, err := b.store.CountRecords(ctx, t.ahead(&s))
	if err != nil {
		return 0, fmt.Errorf("leaderboard: count records: %w", err)
	}
	return n + 1, nil
}

// stored makes a page of up to limit records that begins at a cursor, or with the best, and of the owners.
func (v view) stored(ctx context.Context, owners []string, c *cursor, limit int) (p Page, err error) {
	if limit > 0 {
		if p, err = v.storedRecords(ctx, c, limit); err != nil {
			return Page{}, err
		}
	}
	if v.ranked {
		if p.RankCount, err = v.store.CountRecords(ctx, v.span()); err != nil {
			return Page{}, fmt.Errorf("leaderboard: count records: %w", err)
		}
	}
	if p.OwnerRecords, err = v.storedOwners(ctx, owners); err != nil {
		return Page{}, err
	}
	return p, nil
}

func (v view) storedRecords(ctx context.Context, c *cursor, limit int) (Page, error) {
	var (
		back  = c != nil && c.back
		span  = v.span()
		order = v.def.Sort
	)
	switch {
	case back:
		span, order = v.ahead(&c.entry), order.backwards()
	case c != nil:
		span = v.behind(&c.entry)
	}
	records, err := v.store.PageRecords(ctx, span, order, limit+1)
	if err != nil {
		return Page{}, fmt.Errorf("leaderboard: read records: %w", err)
	}
	more := len(records) > limit
	records = records[:min(len(records), limit)]
	first := int64(1)
	switch {
	case back:
		slices.Reverse(records)
		first = c.rank - int64(len(records))
	case c != nil:
		first = c.rank + 1
	}
	if c != nil && c.rank == 0 {
		first = 0
	}
	return v.storedPage(ctx, records, first, c != nil && !back || back && more, back || more)
}

// storedPage makes a page of records that are in board order. First is the rank of the first one, as far as it is known
// without counting.
func (v view) storedPage(ctx context.Context, records []Record, first int64, prev, next bool) (p Page, err error) {
	if len(records) == 0 {
		return Page{}, nil
	}
	if v.ranked {
		if first, err = v.rankStored(ctx, v.table, records[0].Standing()); err != nil {
			return Page{}, err
		}
	}
	for i, r := range records {
		ranked := Ranked{Record: r}
		if first > 0 {
			ranked.Rank = first + int64(i)
		}
		p.Records = append(p.Records, ranked)
	}
	best, worst := p.Records[0], p.Records[len(p.Records)-1]
	if prev {
		p.Prev = v.encode(cursor{back: true, entry: best.Standing(), rank: best.Rank})
	}
	if next {
		p.Next = v.encode(cursor{entry: worst.Standing(), rank: worst.Rank})
	}
	return p, nil
}

// storedOwners returns the records of owners in board order. Their ranks are counted from one to the next, so that all
// of them together cost no more than that of the worst.
func (v view) storedOwners(ctx context.Context, owners []string) ([]Ranked, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	once := slices.Compact(slices.Sorted(slices.Values(owners)))
	records, err := v.store.RecordsOf(ctx, v.def.ID, v.period, once)
	if err != nil {
		return nil, fmt.Errorf("leaderboard: read records: %w", err)
	}
	slices.SortFunc(records, func(x, y Record) int {
		if v.def.Sort == Descending {
			x, y = y, x
		}
		return x.Standing().Compare(y.Standing())
	})
	var all []Ranked
	var rank int64
	var better *Standing
	for _, r := range records {
		if v.ranked {
			s := r.Standing()
			n, err := v.store.CountRecords(ctx, v.between(better, &s))
			if err != nil {
				return nil, fmt.Errorf("leaderboard: count records: %w", err)
			}
			better, rank = &s, rank+n+1
		}
		all = append(all, Ranked{Record: r, Rank: rank})
	}
	return all, nil
}

// between is the span of what has a worse rank than one standing and a better one than another.
func (t *table) between(better, worse *Standing) Span {
	span := t.ahead(worse)
	if t.def.Sort == Ascending {
		span.After = better
	} else {
		span.Before = better
	}
	return span
}

func (v view) storedAround(ctx context.Context, owner string, limit int) (Page, error) {
	found, err := v.store.RecordsOf(ctx, v.def.ID, v.period, []string{owner})
	if err != nil || len(found) == 0 {
		return Page{}, err
	}
	s := found[0].Standing()
	before, err := v.store.PageRecords(ctx, v.ahead(&s), v.def.Sort.backwards(), limit)
	if err != nil {
		return Page{}, fmt.Errorf("leaderboard: read records: %w", err)
	}
	after, err := v.store.PageRecords(ctx, v.behind(&s), v.def.Sort, limit)
	if err != nil {
		return Page{}, fmt.Errorf("leaderboard: read records: %w", err)
	}
	behind := min(limit/2, len(after))
	ahead := min(limit-1-behind, len(before))
	behind = min(limit-1-ahead, len(after))
	prev, next := len(before) > ahead, len(after) > behind
	before = before[:ahead]
	slices.Reverse(before)
	p, err := v.storedPage(ctx, slices.Concat(before, found, after[:behind]), 0, prev, next)
	if err == nil && v.ranked {
		p.RankCount, err = v.store.CountRecords(ctx, v.span())
	}
	return p, err
}
