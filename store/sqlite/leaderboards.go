package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

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
	upsertRecord  = `
		INSERT INTO records (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (board, period, owner) DO UPDATE
		SET username = excluded.username, score = excluded.score, subscore = excluded.subscore,
		    num_score = excluded.num_score, max_num_score = excluded.max_num_score, metadata = excluded.metadata,
		    updated = excluded.updated`
	countRecords = `SELECT count(*) FROM records WHERE board = ? AND period = ?`
	deleteRecord = `DELETE FROM records WHERE board = ? AND period = ? AND owner = ?`
	deleteOwner  = `DELETE FROM records WHERE owner = ? RETURNING ` + recordColumns
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

// WriteRecord implements [leaderboard.Records]. [leaderboard.ErrNotFound] when the board is not stored here.
func (s *Store) WriteRecord(ctx context.Context, w leaderboard.Write) (r leaderboard.Record, changed bool, err error) {
	w.At, w.Period = seconds(w.At), seconds(w.Period)
	err = s.write.transact(ctx, func(c *conn) error {
		found, err := c.records(nil, recordOf, w.Board, w.Period.Unix(), w.Owner)
		if err != nil {
			return err
		}
		var stored *leaderboard.Record
		if len(found) == 1 {
			stored = &found[0]
		}
		r, changed, err = leaderboard.Apply(stored, w)
		if err != nil || !changed {
			return err
		}
		if stored == nil && w.MaxSize > 0 {
			if n, err := c.count(countRecords, r.Board, r.Period.Unix()); err != nil || n >= int64(w.MaxSize) {
				return cmp.Or(err, leaderboard.ErrFull)
			}
		}
		_, err = c.exec(upsertRecord, r.Board, r.Period.Unix(), r.Owner, r.Username, r.Score, r.Subscore, r.NumScore,
			r.MaxNumScore, r.Metadata, r.Created.Unix(), r.Updated.Unix())
		return err
	})
	if err != nil {
		return leaderboard.Record{}, false, missingBoard(err)
	}
	return r, changed, nil
}

// missingBoard makes the error of a record without its board one that callers know.
func missingBoard(err error) error {
	if sqlErr, ok := errors.AsType[*sqlite.Error](err); ok && sqlErr.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY {
		return leaderboard.ErrNotFound
	}
	return err
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

// DeleteOwner implements [leaderboard.Records].
func (s *Store) DeleteOwner(ctx context.Context, owner string) (removed []leaderboard.Record, err error) {
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
