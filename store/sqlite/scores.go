package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/leaderboard"
)

const (
	insertRecord = `INSERT INTO records (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	// What changes about a record, to read and to write: this and its key is all there is, with created.
	updateRecord = `
		UPDATE records SET username = ?, score = ?, subscore = ?, num_score = ?, max_num_score = ?, metadata = ?, updated = ?
		WHERE board = ? AND period = ? AND owner = ?`
	// updateKnown changes a record only if it is still what is remembered.
	updateKnown = updateRecord + `
		AND username = ? AND score = ? AND subscore = ? AND num_score = ? AND max_num_score = ? AND metadata = ? AND updated = ?
		AND created = ?`
	selectScore = `
		SELECT username, score, subscore, num_score, max_num_score, metadata, updated, created FROM records
		WHERE board = ? AND period = ? AND owner = ?`
	countRecords = selectCount + inPeriod
)

// maxScores is how many scores are written in one transaction, so that nobody waits long for the others.
const maxScores = 64

// maxKnown is how many records are remembered: a few MiB.
const maxKnown = 16384

// scores are writes of records that wait for the connection. Whoever gets it does those of all others too, in one
// transaction: the way to the file is most of what a score costs.
type scores struct {
	known *sqlstore.Known // of whoever has the connection

	mu      sync.Mutex
	waiting []*score
}

// score is one write that waits.
type score struct {
	leaderboard.Write
	done chan struct{} // closed when the fields below are set

	record  leaderboard.Record
	changed bool
	err     error
}

// WriteRecord implements [leaderboard.Records]. [leaderboard.ErrNotFound] when the board is not stored here.
func (s *Store) WriteRecord(ctx context.Context, w leaderboard.Write) (r leaderboard.Record, changed bool, err error) {
	if err := ctx.Err(); err != nil {
		return leaderboard.Record{}, false, err
	}
	w.At, w.Period = seconds(w.At), seconds(w.Period)
	own := &score{Write: w, done: make(chan struct{})}
	s.scores.add(own)
	select {
	case <-own.done:
	case c := <-s.write.free:
		s.writeScores(c)
		s.write.free <- c
		<-own.done // by this call, or by one that had the connection before
	case <-s.write.closed:
		s.scores.giveUp(own, ErrClosed)
	case <-ctx.Done():
		s.scores.giveUp(own, ctx.Err())
	}
	return own.record, own.changed, own.err
}

func (q *scores) add(s *score) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, s)
}

// take returns those that have waited longest.
func (q *scores) take() []*score {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), maxScores)
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return taken
}

// giveUp ends the wait of a score. One that is being written is waited for: it takes microseconds.
func (q *scores) giveUp(s *score, err error) {
	q.mu.Lock()
	i := slices.Index(q.waiting, s)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	q.mu.Unlock()
	if i < 0 {
		<-s.done
		return
	}
	s.err = err
}

// writeScores writes scores that wait, until none is left that waited when it was called.
func (s *Store) writeScores(c *conn) {
	for {
		taken := s.scores.take()
		if len(taken) == 0 {
			return
		}
		var err error
		if len(taken) > 1 || !s.scores.writeKnown(c, taken[0]) {
			err = c.transact(s.write.begin, func() error {
				for _, one := range taken {
					one.record, one.changed, one.err = c.writeScore(one.Write)
				}
				return nil
			})
		}
		for _, one := range taken {
			if one.err = cmp.Or(one.err, err); one.err != nil {
				one.record, one.changed = leaderboard.Record{}, false
			}
			s.scores.remember(one)
			close(one.done)
		}
		if len(taken) < maxScores {
			return
		}
	}
}

// writeKnown does a write to a record that is remembered, in one statement that is a transaction of its own, and not in
// four. It returns false if nothing was done, since the record is not what was remembered or the write would not change it:
// anything else that becomes of a write must come from what is stored.
func (q *scores) writeKnown(c *conn, s *score) bool {
	old, ok := q.known.Get(s.place())
	if !ok {
		return false
	}
	r, changed, err := leaderboard.Apply(&old, s.Write)
	if err != nil || !changed {
		return false
	}
	n, err := c.exec(updateKnown, append(changes(&r), old.Username, old.Score, old.Subscore, old.NumScore, old.MaxNumScore,
		old.Metadata, old.Updated.Unix(), old.Created.Unix())...)
	s.record, s.changed, s.err = r, true, locked(err)
	return err != nil || n > 0
}

// remember keeps what a write has left, unless it failed.
func (q *scores) remember(s *score) {
	if s.err != nil {
		q.known.Forget(s.place())
		return
	}
	q.known.Put(s.place(), s.record)
}

func (s *score) place() sqlstore.Place {
	return sqlstore.Place{Board: s.Board, Period: s.Period, Owner: s.Owner}
}

// writeScore does one write inside a transaction. It changes the tables with one statement at most, which does all or
// nothing: an error leaves the other writes of the transaction alone.
func (c *conn) writeScore(w leaderboard.Write) (leaderboard.Record, bool, error) {
	period := w.Period.Unix()
	stored, err := c.score(w)
	if err != nil {
		return leaderboard.Record{}, false, err
	}
	r, changed, err := leaderboard.Apply(stored, w)
	if err != nil || !changed {
		return r, false, err
	}
	if stored != nil {
		_, err = c.exec(updateRecord, changes(&r)...)
		return r, true, err
	}
	if w.MaxSize > 0 {
		if n, err := c.count(countRecords, r.Board, period); err != nil || n >= int64(w.MaxSize) {
			return leaderboard.Record{}, false, cmp.Or(err, leaderboard.ErrFull)
		}
	}
	_, err = c.exec(insertRecord, r.Board, period, r.Owner, r.Username, r.Score, r.Subscore, r.NumScore, r.MaxNumScore,
		r.Metadata, r.Created.Unix(), r.Updated.Unix())
	return r, true, missingBoard(err)
}

// changes are the values of updateRecord.
func changes(r *leaderboard.Record) []any {
	return []any{
		r.Username, r.Score, r.Subscore, r.NumScore, r.MaxNumScore, r.Metadata, r.Updated.Unix(),
		r.Board, r.Period.Unix(), r.Owner,
	}
}

// score returns the record that a write is about, nil if there is none.
func (c *conn) score(w leaderboard.Write) (stored *leaderboard.Record, err error) {
	err = c.query(func(rows *sql.Rows) error {
		r := leaderboard.Record{Board: w.Board, Owner: w.Owner, Period: w.Period}
		var updated, created int64
		err := rows.Scan(&r.Username, &r.Score, &r.Subscore, &r.NumScore, &r.MaxNumScore, &r.Metadata, &updated, &created)
		r.Updated, r.Created = fromSeconds(updated), fromSeconds(created)
		stored = &r
		return err
	}, selectScore, w.Board, w.Period.Unix(), w.Owner)
	return stored, err
}

// missingBoard makes the error of a record without its board one that callers know.
func missingBoard(err error) error {
	if sqlErr, ok := errors.AsType[*sqlite.Error](err); ok && sqlErr.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY {
		return leaderboard.ErrNotFound
	}
	return err
}
