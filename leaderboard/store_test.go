package leaderboard_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// fakeStore is the least that fulfils both ports, with two places to make trouble at. Like a real store it promises
// no order where none is asked for, and may return fewer records than it was asked for.
type fakeStore struct {
	// before and after run around each method that is about records, outside the lock. An error of before means that
	// nothing is done; one of after, that all is done but nobody is told.
	before, after func(ctx context.Context, method string) error

	mu      sync.Mutex
	boards  map[string]leaderboard.Board
	records map[recordKey]leaderboard.Record
	handled map[string]time.Time
}

type recordKey struct {
	board  string
	period time.Time
	owner  string
}

func newFakeStore() *fakeStore {
	return &fakeStore{
		boards:  make(map[string]leaderboard.Board),
		records: make(map[recordKey]leaderboard.Record),
		handled: make(map[string]time.Time),
	}
}

// around runs f in one transaction between before and after.
func (s *fakeStore) around(ctx context.Context, method string, f func() error) error {
	if s.before != nil {
		if err := s.before(ctx, method); err != nil {
			return err
		}
	}
	if err := s.locked(f); err != nil {
		return err
	}
	if s.after != nil {
		return s.after(ctx, method)
	}
	return nil
}

func (s *fakeStore) locked(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

func (s *fakeStore) CreateBoard(ctx context.Context, b leaderboard.Board) (stored leaderboard.Board, err error) {
	err = s.around(ctx, "CreateBoard", func() error {
		if _, ok := s.boards[b.ID]; !ok {
			s.boards[b.ID] = b
		}
		stored = s.boards[b.ID]
		return nil
	})
	return stored, err
}

func (s *fakeStore) Boards(ctx context.Context) (all []leaderboard.Board, err error) {
	err = s.around(ctx, "Boards", func() error {
		all = slices.Collect(maps.Values(s.boards))
		return nil
	})
	return all, err
}

func (s *fakeStore) DeleteBoard(ctx context.Context, id string) error {
	return s.around(ctx, "DeleteBoard", func() error {
		delete(s.boards, id)
		delete(s.handled, id)
		maps.DeleteFunc(s.records, func(k recordKey, _ leaderboard.Record) bool { return k.board == id })
		return nil
	})
}

func (s *fakeStore) WriteRecord(ctx context.Context, w leaderboard.Write) (r leaderboard.Record, changed bool, err error) {
	err = s.around(ctx, "WriteRecord", func() error {
		if _, ok := s.boards[w.Board]; !ok {
			return leaderboard.ErrNotFound
		}
		key := recordKey{w.Board, w.Period, w.Owner}
		var stored *leaderboard.Record
		if old, ok := s.records[key]; ok {
			stored = &old
		}
		var err error
		if r, changed, err = leaderboard.Apply(stored, w); err != nil {
			return err
		}
		if stored == nil && w.MaxSize > 0 && len(s.span(leaderboard.Span{Board: w.Board, Period: w.Period})) >= w.MaxSize {
			return leaderboard.ErrFull
		}
		s.records[key] = r
		return nil
	})
	return r, changed, err
}

func (s *fakeStore) RecordsOf(ctx context.Context, board string, period time.Time, owners []string) (found []leaderboard.Record, err error) {
	err = s.around(ctx, "RecordsOf", func() error {
		for _, owner := range owners {
			if r, ok := s.records[recordKey{board, period, owner}]; ok {
				found = append(found, r)
			}
		}
		rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
		return nil
	})
	return found, err
}

// span returns the records of a span, ascending. s.mu must be held.
func (s *fakeStore) span(span leaderboard.Span) []leaderboard.Record {
	var found []leaderboard.Record
	for k, r := range s.records {
		if k.board == span.Board && k.period.Equal(span.Period) && span.Has(r.Standing()) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b leaderboard.Record) int { return a.Standing().Compare(b.Standing()) })
	return found
}

func (s *fakeStore) Standings(ctx context.Context, span leaderboard.Span, limit int) (found []leaderboard.Standing, err error) {
	err = s.around(ctx, "Standings", func() error {
		for _, r := range s.span(span) {
			found = append(found, r.Standing())
		}
		found = found[:min(len(found), limit, 7)]
		return nil
	})
	return found, err
}

func (s *fakeStore) PageRecords(ctx context.Context, span leaderboard.Span, order leaderboard.Sort, limit int) (found []leaderboard.Record, err error) {
	err = s.around(ctx, "PageRecords", func() error {
		found = s.span(span)
		if order == leaderboard.Descending {
			slices.Reverse(found)
		}
		found = found[:min(len(found), limit)]
		return nil
	})
	return found, err
}

func (s *fakeStore) CountRecords(ctx context.Context, span leaderboard.Span) (n int64, err error) {
	err = s.around(ctx, "CountRecords", func() error {
		n = int64(len(s.span(span)))
		return nil
	})
	return n, err
}

func (s *fakeStore) Periods(ctx context.Context, board string) (periods []time.Time, err error) {
	err = s.around(ctx, "Periods", func() error {
		for k := range s.records {
			if k.board == board {
				periods = append(periods, k.period)
			}
		}
		slices.SortFunc(periods, time.Time.Compare)
		periods = slices.Compact(periods)
		return nil
	})
	return periods, err
}

func (s *fakeStore) DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (n int, err error) {
	err = s.around(ctx, "DeletePeriod", func() error {
		maps.DeleteFunc(s.records, func(k recordKey, _ leaderboard.Record) bool {
			if n >= min(limit, 2) || k.board != board || !k.period.Equal(period) {
				return false
			}
			n++
			return true
		})
		return nil
	})
	return n, err
}

func (s *fakeStore) Handled(ctx context.Context, board string) (at time.Time, err error) {
	err = s.around(ctx, "Handled", func() error {
		at = s.handled[board]
		return nil
	})
	return at, err
}

func (s *fakeStore) SetHandled(ctx context.Context, board string, at time.Time) error {
	return s.around(ctx, "SetHandled", func() error {
		if _, ok := s.boards[board]; !ok {
			return leaderboard.ErrNotFound
		}
		if at.After(s.handled[board]) {
			s.handled[board] = at
		}
		return nil
	})
}

func (s *fakeStore) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (was bool, err error) {
	err = s.around(ctx, "DeleteRecord", func() error {
		key := recordKey{board, period, owner}
		_, was = s.records[key]
		delete(s.records, key)
		return nil
	})
	return was, err
}

func (s *fakeStore) DeleteRecordsOf(ctx context.Context, owner string) (removed []leaderboard.Record, err error) {
	err = s.around(ctx, "DeleteRecordsOf", func() error {
		for k, r := range s.records {
			if k.owner == owner {
				removed = append(removed, r)
				delete(s.records, k)
			}
		}
		return nil
	})
	return removed, err
}

// definitions returns the ids of the boards that are stored.
func (s *fakeStore) definitions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.boards))
}

// standings returns the records of a board, best first, as the rules demand it: what ranks are compared with.
func (s *fakeStore) standings(board string, sort leaderboard.Sort) []leaderboard.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []leaderboard.Record
	for k, r := range s.records {
		if k.board == board {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b leaderboard.Record) int { return a.Standing().Compare(b.Standing()) })
	if sort == leaderboard.Descending {
		slices.Reverse(all)
	}
	return all
}
