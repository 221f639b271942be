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
	periods map[time.Time]*period // by the end of the period, in UTC seconds; none is without records
	handled time.Time
}

// period holds the records that count together.
type period struct {
	records map[string]record      // by owner
	sorted  []leaderboard.Standing // ascending; nil when it must be made again
}

// record is what is kept of a record. Its board, period and owner are where it is kept; in this form it lies in the map
// itself, where a score finds it without another look at memory.
type record struct {
	username, metadata string
	score, subscore    int64
	num, maxNum        int32
	created, updated   int64 // Unix seconds
}

func packed(r leaderboard.Record) record {
	return record{
		username: r.Username, metadata: r.Metadata, score: r.Score, subscore: r.Subscore,
		num: r.NumScore, maxNum: r.MaxNumScore, created: r.Created.Unix(), updated: r.Updated.Unix(),
	}
}

func (r record) unpacked(board string, period time.Time, owner string) leaderboard.Record {
	return leaderboard.Record{
		Board: board, Period: period, Owner: owner, Username: r.username, Metadata: r.metadata,
		Score: r.score, Subscore: r.subscore, NumScore: r.num, MaxNumScore: r.maxNum,
		Created: time.Unix(r.created, 0).UTC(), Updated: time.Unix(r.updated, 0).UTC(),
	}
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
	b.Start, b.End = seconds(b.Start), seconds(b.End)
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
		p = &period{records: make(map[string]record)}
	}
	var stored *leaderboard.Record
	if old, ok := p.records[w.Owner]; ok {
		known := old.unpacked(b.ID, w.Period, w.Owner)
		stored = &known
	}
	r, changed, err = leaderboard.Apply(stored, w)
	if err != nil || !changed {
		return r, false, err
	}
	if stored == nil && w.MaxSize > 0 && len(p.records) >= w.MaxSize {
		return leaderboard.Record{}, false, leaderboard.ErrFull
	}
	p.sorted = nil
	p.records[w.Owner] = packed(r)
	if len(p.records) == 1 {
		b.periods[w.Period] = p
	}
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
			found = append(found, r.unpacked(board, seconds(period), owner))
		}
	}
	return found, nil
}

// Standings implements [leaderboard.Rankings].
func (s *Store) Standings(ctx context.Context, span leaderboard.Span, limit int) ([]leaderboard.Standing, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found, _ := s.span(span)
	return slices.Clone(found[:min(len(found), max(limit, 0))]), nil
}

// PageRecords implements [leaderboard.Rankings].
func (s *Store) PageRecords(ctx context.Context, span leaderboard.Span, order leaderboard.Sort, limit int) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found, p := s.span(span)
	var page []leaderboard.Record
	for i := range min(len(found), max(limit, 0)) {
		if order == leaderboard.Descending {
			i = len(found) - 1 - i
		}
		owner := found[i].Owner
		page = append(page, p.records[owner].unpacked(span.Board, seconds(span.Period), owner))
	}
	return page, nil
}

// CountRecords implements [leaderboard.Rankings].
func (s *Store) CountRecords(ctx context.Context, span leaderboard.Span) (int64, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	found, _ := s.span(span)
	return int64(len(found)), nil
}

// span returns the standings of a span, and the period they are of. They are valid while s.mu is held.
func (s *Store) span(span leaderboard.Span) ([]leaderboard.Standing, *period) {
	p := s.find(span.Board, span.Period)
	if p == nil {
		return nil, nil
	}
	if p.sorted == nil {
		p.sorted = make([]leaderboard.Standing, 0, len(p.records))
		for owner, r := range p.records {
			p.sorted = append(p.sorted, leaderboard.Standing{Owner: owner, Score: r.score, Subscore: r.subscore})
		}
		slices.SortFunc(p.sorted, leaderboard.Standing.Compare)
	}
	from, to := 0, len(p.sorted)
	if span.Before != nil {
		to, _ = slices.BinarySearchFunc(p.sorted, *span.Before, leaderboard.Standing.Compare)
	}
	if span.After != nil {
		i, found := slices.BinarySearchFunc(p.sorted, *span.After, leaderboard.Standing.Compare)
		if from = i; found {
			from++
		}
	}
	return p.sorted[min(from, to):to], p
}

// Periods implements [leaderboard.Periods].
func (s *Store) Periods(ctx context.Context, board string) ([]time.Time, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	b := s.boards[board]
	if b == nil {
		return nil, nil
	}
	return slices.SortedFunc(maps.Keys(b.periods), time.Time.Compare), nil
}

// DeletePeriod implements [leaderboard.Periods].
func (s *Store) DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (n int, err error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	p := s.find(board, period)
	if p == nil {
		return 0, nil
	}
	for owner := range p.records {
		if n >= limit {
			break
		}
		s.boards[board].remove(seconds(period), owner)
		n++
	}
	return n, nil
}

// Handled implements [leaderboard.Periods].
func (s *Store) Handled(ctx context.Context, board string) (time.Time, error) {
	if err := s.lock(ctx); err != nil {
		return time.Time{}, err
	}
	defer s.mu.Unlock()
	if b := s.boards[board]; b != nil {
		return b.handled, nil
	}
	return time.Time{}, nil
}

// SetHandled implements [leaderboard.Periods].
func (s *Store) SetHandled(ctx context.Context, board string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	b := s.boards[board]
	if b == nil {
		return leaderboard.ErrNotFound
	}
	if at = seconds(at); at.After(b.handled) {
		b.handled = at
	}
	return nil
}

// DeleteRecord implements [leaderboard.Records].
func (s *Store) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	b := s.boards[board]
	if b == nil {
		return false, nil
	}
	_, there := b.remove(seconds(period), owner)
	return there, nil
}

// DeleteRecordsOf implements [leaderboard.Records].
func (s *Store) DeleteRecordsOf(ctx context.Context, owner string) ([]leaderboard.Record, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var removed []leaderboard.Record
	for _, b := range s.boards {
		for period := range b.periods {
			if r, there := b.remove(period, owner); there {
				removed = append(removed, r)
			}
		}
	}
	return removed, nil
}

// remove deletes the record of an owner and returns it.
func (b *board) remove(at time.Time, owner string) (r leaderboard.Record, there bool) {
	p := b.periods[at]
	if p == nil {
		return r, false
	}
	stored, there := p.records[owner]
	if there {
		r = stored.unpacked(b.ID, at, owner)
		delete(p.records, owner)
		p.sorted = nil
	}
	if len(p.records) == 0 {
		delete(b.periods, at)
	}
	return r, there
}
