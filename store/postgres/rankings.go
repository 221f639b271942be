package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/leaderboard"
)

// The parts of a query for a [leaderboard.Span]. All of it is in the index records_order.
const (
	selectStandings = `SELECT owner, score, subscore`
	selectRecords   = `SELECT ` + recordColumns
	selectCount     = `SELECT count(*)`
	inPeriod        = ` FROM records WHERE board = $1 AND period = $2`
	pastStanding    = ` AND (score, subscore, owner) %s ($%d, $%d, $%d)`
	ascending       = ` ORDER BY score, subscore, owner LIMIT `
	descending      = ` ORDER BY score DESC, subscore DESC, owner DESC LIMIT `
)

// spanQuery returns the query that selects from a span, up to limit rows in an order ("": all), and its arguments.
func spanQuery(selected string, s leaderboard.Span, order string, limit int) (string, []any) {
	query, args := selected+inPeriod, []any{s.Board, seconds(s.Period)}
	past := func(comparison string, x *leaderboard.Standing) {
		if x != nil {
			n := len(args)
			query += fmt.Sprintf(pastStanding, comparison, n+1, n+2, n+3)
			args = append(args, x.Score, x.Subscore, x.Owner)
		}
	}
	past(">", s.After)
	past("<", s.Before)
	if order != "" {
		args = append(args, max(limit, 0))
		query += fmt.Sprint(order, "$", len(args))
	}
	return query, args
}

// Standings implements [leaderboard.Rankings].
func (s *Store) Standings(ctx context.Context, span leaderboard.Span, limit int) ([]leaderboard.Standing, error) {
	query, args := spanQuery(selectStandings, span, ascending, limit)
	return read(ctx, s, pgx.RowToStructByPos[leaderboard.Standing], query, args...)
}

// PageRecords implements [leaderboard.Rankings].
func (s *Store) PageRecords(ctx context.Context, span leaderboard.Span, order leaderboard.Sort, limit int) ([]leaderboard.Record, error) {
	direction := ascending
	if order == leaderboard.Descending {
		direction = descending
	}
	query, args := spanQuery(selectRecords, span, direction, limit)
	return read(ctx, s, scanRecord, query, args...)
}

// CountRecords implements [leaderboard.Rankings].
func (s *Store) CountRecords(ctx context.Context, span leaderboard.Span) (int64, error) {
	query, args := spanQuery(selectCount, span, "", 0)
	found, err := read(ctx, s, pgx.RowTo[int64], query, args...)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}
