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

	"github.com/shoal-go/shoal/leaderboard"
)

const (
	insertRecord = `INSERT INTO records (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	// What changes about a record, to read and to write: this and its key is all there is, with created.
	updateRecord = `
		UPDATE records SET username = ?, score = ?, subscore = ?, num_score = ?, max_num_score = ?, metadata = ?, updated = ?
		WHERE board = ? AND period = ? AND owner = ?`
	selectScore = `
		SELECT username, score, subscore, num_score, max_num_score, metadata, updated, created FROM records
		WHERE board = ? AND period = ? AND owner = ?`
	countRecords = selectCount + inPeriod
)

// maxScores is how many scores are written in one transaction, so that nobody waits long for the others.
const maxScores = 64

// scores are writes of records that wait for the connection. Whoever gets it does those of all others too, in one
// transaction: the way to the file is most of what a score costs.
type scores struct {
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
		err := c.transact(s.write.begin, func() error {
			for _, one := range taken {
				one.record, one.changed, one.err = c.writeScore(one.Write)
			}
			return nil
		})
		for _, one := range taken {
			if one.err = cmp.Or(one.err, err); one.err != nil {
				one.record, one.changed = leaderboard.Record{}, false
			}
			close(one.done)
		}
		if len(taken) < maxScores {
			return
		}
	}
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
		_, err = c.exec(updateRecord, r.Username, r.Score, r.Subscore, r.NumScore, r.MaxNumScore, r.Metadata, r.Updated.Unix(),
			r.Board, period, r.Owner)
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
