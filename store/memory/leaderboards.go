package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// board is a definition and the records of its periods.
type board struct {
	leaderboard.Board
	periods map[time.Time]*period // by the end of the period, in UTC seconds
}

// period holds the records that count together.
type period struct {
	records map[string]leaderboard.Record // by owner
	sorted  []string                      // the owners in order; nil when it must be made again
}

// CreateBoard implements [leaderboard.Definitions].
func (s *Store) CreateBoard(ctx context.Context, b leaderboard.Board) (leaderboard.Board, error) {
	if err := s.lock(ctx); err != nil {
		return leaderboard.Board{}, err
	}
	defer s.mu.Unlock()
	if stored := s.boards[b.ID]; stored != nil {
		return stored.Board, nil
	}
	b.Metadata, b.Created = cmp.Or(b.Metadata, "{}"), seconds(b.Created)
	s.boards[b.ID] = &board{Board: b, periods: make(map[time.Time]*period)}
	return b, nil
}

// Boards implements [leaderboard.Definitions].
func (s *Store) Boards(ctx context.Context) ([]leaderboard.Board, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	all := make([]leaderboard.Board, 0, len(s.boards))
	for _, b := range s.boards {
		all = append(all, b.Board)
	}
	return all, nil
}

// DeleteBoard implements [leaderboard.Definitions].
func (s *Store) DeleteBoard(ctx context.Context, id string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	delete(s.boards, id)
	return nil
}

// WriteRecord implements [leaderboard.Records]. [leaderboard.ErrNotFound] when the board is not stored here.
func (s *Store) WriteRecord(ctx context.Context, w leaderboard.Write) (r leaderboard.Record, changed bool, err error) {
	if err := s.lock(ctx); err != nil {
		return leaderboard.Record{}, false, err
	}
	defer s.mu.Unlock()
	b := s.boards[w.Board]
	if b == nil {
		return leaderboard.Record{}, false, leaderboard.ErrNotFound
	}
	w.At, w.Period = seconds(w.At), seconds(w.Period)
	p := b.periods[w.Period]
	if p == nil {
		p = &period{records: make(map[string]leaderboard.Record)}
	}
	var stored *leaderboard.Record
	if old, ok := p.records[w.Owner]; ok {
		stored = &old
	}
	r, changed, err = leaderboard.Apply(stored, w)
	if err != nil || !changed {
		return r, false, err
	}
	if stored == nil {
		p.sorted = nil
	}
	p.records[w.Owner] = r
	b.periods[w.Period] = p
	return r, true, nil
}

// find returns the records of one period, nil if there are none.
func (s *Store) find(board string, at time.Time) *period {
	if b := s.boards[board]; b != nil {
		return b.periods[seconds(at)]
	}
	return nil
}

// RecordsOf implements [leaderboard.Records].
func (s *Store) RecordsOf(ctx context.Context, board string, period time.Time, owners []string) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	p := s.find(board, period)
	if p == nil {
		return nil, nil
	}
	var found []leaderboard.Record
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		if r, ok := p.records[owner]; ok {
			found = append(found, r)
		}
	}
	return found, nil
}

// ScanRecords implements [leaderboard.Records].
func (s *Store) ScanRecords(ctx context.Context, board string, period time.Time, after string, limit int) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	p := s.find(board, period)
	if p == nil {
		return nil, nil
	}
	if p.sorted == nil {
		p.sorted = slices.Sorted(maps.Keys(p.records))
	}
	i, found := slices.BinarySearch(p.sorted, after)
	if found {
		i++
	}
	var page []leaderboard.Record
	for ; i < len(p.sorted) && len(page) < limit; i++ {
		page = append(page, p.records[p.sorted[i]])
	}
	return page, nil
}

// DeleteRecord implements [leaderboard.Records].
func (s *Store) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	p := s.find(board, period)
	if p == nil {
		return false, nil
	}
	_, there := p.remove(owner)
	return there, nil
}

// DeleteOwner implements [leaderboard.Records].
func (s *Store) DeleteOwner(ctx context.Context, owner string) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var removed []leaderboard.Record
	for _, b := range s.boards {
		for _, p := range b.periods {
			if r, there := p.remove(owner); there {
				removed = append(removed, r)
			}
		}
	}
	return removed, nil
}

// remove deletes the record of an owner and returns it.
func (p *period) remove(owner string) (r leaderboard.Record, there bool) {
	r, there = p.records[owner]
	if there {
		delete(p.records, owner)
		p.sorted = nil
	}
	return r, there
}
