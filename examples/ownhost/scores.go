package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	b.Start, b.End = seconds(b.Start), seconds(b.End)
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
	change.Handled = map[string]*time.Time{id: nil}
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
	if w.MaxSize > 0 && s.rows.Records[key] == nil && len(s.inSpan(leaderboard.Span{Board: w.Board, Period: w.Period})) >= w.MaxSize {
		return leaderboard.Record{}, false, leaderboard.ErrFull
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

// inSpan returns the records of a span, ascending.
func (s *store) inSpan(span leaderboard.Span) []leaderboard.Record {
	period := seconds(span.Period)
	var found []leaderboard.Record
	for _, r := range s.rows.Records {
		if r.Board == span.Board && r.Period.Equal(period) && span.Has(r.Standing()) {
			found = append(found, *r)
		}
	}
	slices.SortFunc(found, func(a, b leaderboard.Record) int { return a.Standing().Compare(b.Standing()) })
	return found
}

// Standings implements leaderboard.Rankings.
func (s *store) Standings(ctx context.Context, span leaderboard.Span, limit int) ([]leaderboard.Standing, error) {
	page, err := s.PageRecords(ctx, span, leaderboard.Ascending, limit)
	var found []leaderboard.Standing
	for _, r := range page {
		found = append(found, r.Standing())
	}
	return found, err
}

// PageRecords implements leaderboard.Rankings.
func (s *store) PageRecords(ctx context.Context, span leaderboard.Span, order leaderboard.Sort, limit int) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found := s.inSpan(span)
	if order == leaderboard.Descending {
		slices.Reverse(found)
	}
	return found[:min(limit, len(found))], nil
}

// CountRecords implements leaderboard.Rankings.
func (s *store) CountRecords(ctx context.Context, span leaderboard.Span) (int64, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	return int64(len(s.inSpan(span))), nil
}

// Periods implements leaderboard.Periods.
func (s *store) Periods(ctx context.Context, board string) ([]time.Time, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var periods []time.Time
	for _, r := range s.rows.Records {
		if r.Board == board {
			periods = append(periods, r.Period)
		}
	}
	slices.SortFunc(periods, time.Time.Compare)
	return slices.Compact(periods), nil
}

// DeletePeriod implements leaderboard.Periods.
func (s *store) DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (n int, err error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	period = seconds(period)
	_, change := s.without(func(r *leaderboard.Record) bool {
		if n >= limit || r.Board != board || !r.Period.Equal(period) {
			return false
		}
		n++
		return true
	})
	if n == 0 {
		return 0, nil
	}
	return n, s.commit(change)
}

// Handled implements leaderboard.Periods.
func (s *store) Handled(ctx context.Context, board string) (time.Time, error) {
	if err := s.lock(ctx); err != nil {
		return time.Time{}, err
	}
	defer s.mu.Unlock()
	if at := s.rows.Handled[board]; at != nil {
		return *at, nil
	}
	return time.Time{}, nil
}

// SetHandled implements leaderboard.Periods.
func (s *store) SetHandled(ctx context.Context, board string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.rows.Boards[board] == nil {
		return leaderboard.ErrNotFound
	}
	at = seconds(at)
	if last := s.rows.Handled[board]; last != nil && !at.After(*last) {
		return nil
	}
	return s.commit(tables{Handled: map[string]*time.Time{board: &at}})
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

// DeleteRecordsOf implements leaderboard.Records.
func (s *store) DeleteRecordsOf(ctx context.Context, owner string) ([]leaderboard.Record, error) {
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
