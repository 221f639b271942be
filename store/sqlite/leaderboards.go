package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

const (
	boardColumns = `id, authoritative, sort, operator, allowed, no_ranks, reset, keep, metadata, created,
		title, description, category, start, "end", duration, max_size, max_num_score, join_required`
	insertBoard = `
		INSERT INTO boards (` + boardColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`
	selectBoards = `SELECT ` + boardColumns + ` FROM boards`
	boardByID    = selectBoards + ` WHERE id = ?`
	deleteBoard  = `DELETE FROM boards WHERE id = ?`

	recordColumns = `board, period, owner, username, score, subscore, num_score, max_num_score, metadata, created, updated`
	recordOf      = `SELECT ` + recordColumns + ` FROM records WHERE board = ? AND period = ? AND owner = ?`
	deleteRecord  = `DELETE FROM records WHERE board = ? AND period = ? AND owner = ?`
	deleteOwner   = `DELETE FROM records WHERE owner = ? RETURNING ` + recordColumns
)

// CreateBoard implements [leaderboard.Definitions].
func (s *Store) CreateBoard(ctx context.Context, b leaderboard.Board) (stored leaderboard.Board, err error) {
	err = s.write.transact(ctx, func(c *conn) error {
		if _, err := c.exec(insertBoard, b.ID, b.Authoritative, b.Sort, b.Operator, b.Allowed, b.NoRanks, b.Reset, b.Keep,
			cmp.Or(b.Metadata, "{}"), b.Created.Unix(), b.Title, b.Description, b.Category, b.Start.Unix(), b.End.Unix(),
			int64(b.Duration/time.Second), b.MaxSize, b.MaxNumScore, b.JoinRequired); err != nil {
			return err
		}
		return c.query(func(rows *sql.Rows) error {
			stored, err = scanBoard(rows)
			return err
		}, boardByID, b.ID)
	})
	return stored, err
}

// Boards implements [leaderboard.Definitions].
func (s *Store) Boards(ctx context.Context) (all []leaderboard.Board, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			b, err := scanBoard(rows)
			all = append(all, b)
			return err
		}, selectBoards)
	})
	return all, err
}

func scanBoard(rows *sql.Rows) (b leaderboard.Board, err error) {
	var created, start, end, duration int64
	err = rows.Scan(&b.ID, &b.Authoritative, &b.Sort, &b.Operator, &b.Allowed, &b.NoRanks, &b.Reset, &b.Keep,
		&b.Metadata, &created, &b.Title, &b.Description, &b.Category, &start, &end, &duration, &b.MaxSize, &b.MaxNumScore,
		&b.JoinRequired)
	b.Created, b.Start, b.End = fromSeconds(created), fromSeconds(start), fromSeconds(end)
	b.Duration = time.Duration(duration) * time.Second
	return b, err
}

// DeleteBoard implements [leaderboard.Definitions].
func (s *Store) DeleteBoard(ctx context.Context, id string) error {
	return s.write.transact(ctx, func(c *conn) error {
		_, err := c.exec(deleteBoard, id)
		return err
	})
}

// RecordsOf implements [leaderboard.Records].
func (s *Store) RecordsOf(ctx context.Context, board string, period time.Time, owners []string) (found []leaderboard.Record, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		for _, owner := range distinct(owners) {
			if found, err = c.records(found, recordOf, board, period.Unix(), owner); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// DeleteRecord implements [leaderboard.Records].
func (s *Store) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	var n int64
	err := s.write.transact(ctx, func(c *conn) (err error) {
		n, err = c.exec(deleteRecord, board, period.Unix(), owner)
		return err
	})
	return n > 0 && err == nil, err
}

// DeleteRecordsOf implements [leaderboard.Records].
func (s *Store) DeleteRecordsOf(ctx context.Context, owner string) (removed []leaderboard.Record, err error) {
	err = s.write.transact(ctx, func(c *conn) error {
		removed, err = c.records(nil, deleteOwner, owner)
		return err
	})
	return removed, err
}

// records appends the records a query finds to list.
func (c *conn) records(list []leaderboard.Record, query string, args ...any) ([]leaderboard.Record, error) {
	err := c.query(func(rows *sql.Rows) error {
		var r leaderboard.Record
		var period, created, updated int64
		err := rows.Scan(&r.Board, &period, &r.Owner, &r.Username, &r.Score, &r.Subscore, &r.NumScore, &r.MaxNumScore,
			&r.Metadata, &created, &updated)
		r.Period, r.Created, r.Updated = fromSeconds(period), fromSeconds(created), fromSeconds(updated)
		list = append(list, r)
		return err
	}, query, args...)
	return list, err
}

// count returns the number that a query finds.
func (c *conn) count(query string, args ...any) (n int64, err error) {
	err = c.query(func(rows *sql.Rows) error { return rows.Scan(&n) }, query, args...)
	return n, err
}

// distinct returns each key once.
func distinct(keys []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func fromSeconds(s int64) time.Time { return time.Unix(s, 0).UTC() }
