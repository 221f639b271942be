package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// The parts of a query for a [leaderboard.Span]. All of it is in the index records_order.
const (
	selectStandings = `SELECT owner, score, subscore`
	selectRecords   = `SELECT ` + recordColumns
	selectCount     = `SELECT count(*)`
	inPeriod        = ` FROM records WHERE board = ? AND period = ?`
	afterStanding   = ` AND (score, subscore, owner) > (?, ?, ?)`
	beforeStanding  = ` AND (score, subscore, owner) < (?, ?, ?)`
	ascending       = ` ORDER BY score, subscore, owner LIMIT ?`
	descending      = ` ORDER BY score DESC, subscore DESC, owner DESC LIMIT ?`

	selectPeriods = `SELECT DISTINCT period FROM records WHERE board = ? ORDER BY period`
	deletePeriod  = `
		DELETE FROM records WHERE board = ? AND period = ? AND owner IN
		(SELECT owner FROM records WHERE board = ? AND period = ? LIMIT ?)`
	selectHandled = `SELECT handled FROM boards WHERE id = ?`
	updateHandled = `UPDATE boards SET handled = max(handled, ?) WHERE id = ?`
)

// spanQuery returns the query that selects from a span in an order ("": none), and its arguments. There are so few
// different ones that they may be kept prepared.
func spanQuery(selected string, s leaderboard.Span, order string, args ...any) (string, []any) {
	query, all := selected+inPeriod, []any{s.Board, s.Period.Unix()}
	if a := s.After; a != nil {
		query, all = query+afterStanding, append(all, a.Score, a.Subscore, a.Owner)
	}
	if b := s.Before; b != nil {
		query, all = query+beforeStanding, append(all, b.Score, b.Subscore, b.Owner)
	}
	return query + order, append(all, args...)
}

// Standings implements [leaderboard.Rankings].
func (s *Store) Standings(ctx context.Context, span leaderboard.Span, limit int) (found []leaderboard.Standing, err error) {
	query, args := spanQuery(selectStandings, span, ascending, max(limit, 0))
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			var x leaderboard.Standing
			err := rows.Scan(&x.Owner, &x.Score, &x.Subscore)
			found = append(found, x)
			return err
		}, query, args...)
	})
	return found, err
}

// PageRecords implements [leaderboard.Rankings].
func (s *Store) PageRecords(ctx context.Context, span leaderboard.Span, order leaderboard.Sort, limit int) (page []leaderboard.Record, err error) {
	direction := ascending
	if order == leaderboard.Descending {
		direction = descending
	}
	query, args := spanQuery(selectRecords, span, direction, max(limit, 0))
	err = s.read.transact(ctx, func(c *conn) error {
		page, err = c.records(nil, query, args...)
		return err
	})
	return page, err
}

// CountRecords implements [leaderboard.Rankings].
func (s *Store) CountRecords(ctx context.Context, span leaderboard.Span) (n int64, err error) {
	query, args := spanQuery(selectCount, span, "")
	err = s.read.transact(ctx, func(c *conn) error {
		n, err = c.count(query, args...)
		return err
	})
	return n, err
}

// Periods implements [leaderboard.Periods].
func (s *Store) Periods(ctx context.Context, board string) (periods []time.Time, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			var period int64
			err := rows.Scan(&period)
			periods = append(periods, fromSeconds(period))
			return err
		}, selectPeriods, board)
	})
	return periods, err
}

// DeletePeriod implements [leaderboard.Periods].
func (s *Store) DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (int, error) {
	var n int64
	err := s.write.transact(ctx, func(c *conn) (err error) {
		n, err = c.exec(deletePeriod, board, period.Unix(), board, period.Unix(), max(limit, 0))
		return err
	})
	return int(n), err
}

// Handled implements [leaderboard.Periods].
func (s *Store) Handled(ctx context.Context, board string) (at time.Time, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			var handled int64
			err := rows.Scan(&handled)
			at = fromSeconds(handled)
			return err
		}, selectHandled, board)
	})
	return at, err
}

// SetHandled implements [leaderboard.Periods].
func (s *Store) SetHandled(ctx context.Context, board string, at time.Time) error {
	return s.write.transact(ctx, func(c *conn) error {
		n, err := c.exec(updateHandled, at.Unix(), board)
		if err == nil && n == 0 {
			return leaderboard.ErrNotFound
		}
		return err
	})
}
