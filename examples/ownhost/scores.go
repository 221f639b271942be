package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// recordKey names a record. No two have the same name, whatever their ids contain.
func recordKey(board string, period time.Time, owner string) string {
	return fmt.Sprintf("%q %q %d", board, owner, period.Unix())
}

// CreateBoard implements leaderboard.Definitions.
func (s *store) CreateBoard(ctx context.Context, b leaderboard.Board) (leaderboard.Board, error) {
	if err := s.lock(ctx); err != nil {
		return leaderboard.Board{}, err
	}
	defer s.mu.Unlock()
	if stored := s.rows.Boards[b.ID]; stored != nil {
		return *stored, nil
	}
	b.Metadata, b.Created = cmp.Or(b.Metadata, "{}"), seconds(b.Created)
	return b, s.commit(tables{Boards: map[string]*leaderboard.Board{b.ID: &b}})
}

// Boards implements leaderboard.Definitions.
func (s *store) Boards(ctx context.Context) ([]leaderboard.Board, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var all []leaderboard.Board
	for _, b := range s.rows.Boards {
		all = append(all, *b)
	}
	return all, nil
}

// DeleteBoard implements leaderboard.Definitions.
func (s *store) DeleteBoard(ctx context.Context, id string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	_, change := s.without(func(r *leaderboard.Record) bool { return r.Board == id })
	change.Boards = map[string]*leaderboard.Board{id: nil}
	return s.commit(change)
}

// without returns the records that are so, and the change that removes them.
func (s *store) without(so func(*leaderboard.Record) bool) (gone []leaderboard.Record, change tables) {
	change.Records = make(map[string]*leaderboard.Record)
	for key, r := range s.rows.Records {
		if so(r) {
			gone = append(gone, *r)
			change.Records[key] = nil
		}
	}
	return gone, change
}

// WriteRecord implements leaderboard.Records.
func (s *store) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	if err := s.lock(ctx); err != nil {
		return leaderboard.Record{}, false, err
	}
	defer s.mu.Unlock()
	if s.rows.Boards[w.Board] == nil {
		return leaderboard.Record{}, false, leaderboard.ErrNotFound
	}
	w.At, w.Period = seconds(w.At), seconds(w.Period)
	key := recordKey(w.Board, w.Period, w.Owner)
	r, changed, err := leaderboard.Apply(s.rows.Records[key], w)
	if err != nil || !changed {
		return r, false, err
	}
	if err := s.commit(tables{Records: map[string]*leaderboard.Record{key: &r}}); err != nil {
		return leaderboard.Record{}, false, err
	}
	return r, true, nil
}

// RecordsOf implements leaderboard.Records.
func (s *store) RecordsOf(ctx context.Context, board string, period time.Time, owners []string) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []leaderboard.Record
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		if r := s.rows.Records[recordKey(board, seconds(period), owner)]; r != nil {
			found = append(found, *r)
		}
	}
	return found, nil
}

// ScanRecords implements leaderboard.Records.
func (s *store) ScanRecords(ctx context.Context, board string, period time.Time, after string, limit int) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	period = seconds(period)
	var found []leaderboard.Record
	for _, r := range s.rows.Records {
		if r.Board == board && r.Period.Equal(period) && r.Owner > after {
			found = append(found, *r)
		}
	}
	slices.SortFunc(found, func(a, b leaderboard.Record) int { return strings.Compare(a.Owner, b.Owner) })
	return found[:min(limit, len(found))], nil
}

// DeleteRecord implements leaderboard.Records.
func (s *store) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	key := recordKey(board, seconds(period), owner)
	if s.rows.Records[key] == nil {
		return false, nil
	}
	err := s.commit(tables{Records: map[string]*leaderboard.Record{key: nil}})
	return err == nil, err
}

// DeleteOwner implements leaderboard.Records.
func (s *store) DeleteOwner(ctx context.Context, owner string) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	gone, change := s.without(func(r *leaderboard.Record) bool { return r.Owner == owner })
	if len(gone) == 0 {
		return nil, nil
	}
	return gone, s.commit(change)
}
