package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/leaderboard"
)

const (
	boardColumns = `id, authoritative, sort, operator, allowed, no_ranks, reset, keep, metadata, created,
		title, description, category, start, "end", duration, max_size, max_num_score, join_required`
	// insertBoard returns the one that is stored, also if it was before.
	insertBoard = `
		INSERT INTO boards (` + boardColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING ` + boardColumns
	selectBoards = `SELECT ` + boardColumns + ` FROM boards`
	deleteBoard  = `DELETE FROM boards WHERE id = $1`

	recordColumns = `board, period, owner, username, score, subscore, num_score, max_num_score, metadata, created, updated`
	recordsOf     = `SELECT ` + recordColumns + ` FROM records WHERE board = $1 AND period = $2 AND owner = ANY($3)`
	deleteRecord  = `DELETE FROM records WHERE board = $1 AND period = $2 AND owner = $3`
	// deleteOwner locks in the order in which scores are written, so that nobody waits in a circle.
	deleteOwner = `
		WITH gone AS (SELECT board, period, owner FROM records WHERE owner = $1 ORDER BY board, period FOR UPDATE)
		DELETE FROM records WHERE (board, period, owner) IN (SELECT * FROM gone) RETURNING ` + recordColumns

	selectPeriods = `SELECT DISTINCT period FROM records WHERE board = $1 ORDER BY period`
	deletePeriod  = `
		WITH gone AS (SELECT owner FROM records WHERE board = $1 AND period = $2 ORDER BY owner LIMIT $3 FOR UPDATE)
		DELETE FROM records WHERE board = $1 AND period = $2 AND owner IN (SELECT owner FROM gone)`
	selectHandled = `SELECT handled FROM boards WHERE id = $1`
	updateHandled = `UPDATE boards SET handled = greatest(handled, $2) WHERE id = $1`
)

// CreateBoard implements [leaderboard.Definitions].
func (s *Store) CreateBoard(ctx context.Context, b leaderboard.Board) (leaderboard.Board, error) {
	args := []any{
		b.ID, b.Authoritative, b.Sort, b.Operator, b.Allowed, b.NoRanks, b.Reset, b.Keep, cmp.Or(b.Metadata, "{}"),
		seconds(b.Created), b.Title, b.Description, b.Category, seconds(b.Start), seconds(b.End),
		int64(b.Duration / time.Second), b.MaxSize, b.MaxNumScore, b.JoinRequired,
	}
	if !storable(args) {
		return leaderboard.Board{}, ErrText
	}
	var stored []leaderboard.Board
	err := s.write(ctx, func(ctx context.Context, c conn) (err error) {
		stored, err = collect(ctx, c, scanBoard, insertBoard, args...)
		return unsure(err)
	})
	if err != nil {
		return leaderboard.Board{}, err
	}
	return stored[0], nil
}

// Boards implements [leaderboard.Definitions].
func (s *Store) Boards(ctx context.Context) ([]leaderboard.Board, error) {
	return read(ctx, s, scanBoard, selectBoards)
}

func scanBoard(row pgx.CollectableRow) (b leaderboard.Board, err error) {
	var duration int64
	err = row.Scan(&b.ID, &b.Authoritative, &b.Sort, &b.Operator, &b.Allowed, &b.NoRanks, &b.Reset, &b.Keep,
		&b.Metadata, &b.Created, &b.Title, &b.Description, &b.Category, &b.Start, &b.End, &duration, &b.MaxSize, &b.MaxNumScore,
		&b.JoinRequired)
	b.Duration = time.Duration(duration) * time.Second
	return b, err
}

// DeleteBoard implements [leaderboard.Definitions].
func (s *Store) DeleteBoard(ctx context.Context, id string) error {
	_, err := s.exec(ctx, deleteBoard, id)
	return err
}

// RecordsOf implements [leaderboard.Records].
func (s *Store) RecordsOf(ctx context.Context, board string, period time.Time, owners []string) ([]leaderboard.Record, error) {
	return read(ctx, s, scanRecord, recordsOf, board, seconds(period), storableOf(owners))
}

func scanRecord(row pgx.CollectableRow) (r leaderboard.Record, err error) {
	err = row.Scan(&r.Board, &r.Period, &r.Owner, &r.Username, &r.Score, &r.Subscore, &r.NumScore, &r.MaxNumScore,
		&r.Metadata, &r.Created, &r.Updated)
	return r, err
}

// DeleteRecord implements [leaderboard.Records].
func (s *Store) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	n, err := s.exec(ctx, deleteRecord, board, seconds(period), owner)
	return n > 0 && err == nil, err
}

// DeleteRecordsOf implements [leaderboard.Records].
func (s *Store) DeleteRecordsOf(ctx context.Context, owner string) (removed []leaderboard.Record, err error) {
	err = s.write(ctx, func(ctx context.Context, c conn) error {
		removed, err = collect(ctx, c, scanRecord, deleteOwner, owner)
		return unsure(err)
	})
	return removed, err
}

// Periods implements [leaderboard.Periods].
func (s *Store) Periods(ctx context.Context, board string) ([]time.Time, error) {
	return read(ctx, s, pgx.RowTo[time.Time], selectPeriods, board)
}

// DeletePeriod implements [leaderboard.Periods].
func (s *Store) DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (int, error) {
	n, err := s.exec(ctx, deletePeriod, board, seconds(period), max(limit, 0))
	return int(n), err
}

// Handled implements [leaderboard.Periods].
func (s *Store) Handled(ctx context.Context, board string) (time.Time, error) {
	found, err := read(ctx, s, pgx.RowTo[time.Time], selectHandled, board)
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0], nil
}

// SetHandled implements [leaderboard.Periods].
func (s *Store) SetHandled(ctx context.Context, board string, at time.Time) error {
	n, err := s.exec(ctx, updateHandled, board, seconds(at))
	if err == nil && n == 0 {
		return leaderboard.ErrNotFound
	}
	return err
}
