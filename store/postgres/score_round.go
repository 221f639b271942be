package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/leaderboard"
)

const (
	selectRecord = `SELECT ` + recordColumns + ` FROM records WHERE board = $1 AND period = $2 AND owner = $3`
	insertRecord = `
		INSERT INTO records (` + recordColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (board, period, owner) DO NOTHING`
	// updateRecord changes a record only if it is still the one that was read: nothing is locked between the two.
	updateRecord = `
		UPDATE records SET username = $4, score = $5, subscore = $6, num_score = $7, max_num_score = $8, metadata = $9, updated = $10
		WHERE board = $1 AND period = $2 AND owner = $3
		AND username = $11 AND score = $12 AND subscore = $13 AND num_score = $14 AND max_num_score = $15 AND metadata = $16
		AND updated = $17 AND created = $18`
	selectBoardIDs = `SELECT id FROM boards WHERE id = ANY($1)`
	// lockBoard is had by one newcomer at a time, where places are limited.
	lockBoard    = `SELECT id FROM boards WHERE id = $1 FOR NO KEY UPDATE`
	countRecords = selectCount + inPeriod
)

func compare(p, o sqlstore.Place) int {
	return cmp.Or(cmp.Compare(p.Board, o.Board), p.Period.Compare(o.Period), cmp.Compare(p.Owner, o.Owner))
}

// entry is a record, and the scores that change it one after the other.
type entry struct {
	sqlstore.Place
	scores  []*score
	stored  *leaderboard.Record // nil: there is none
	noBoard bool
	next    *leaderboard.Record // what stored is to become; nil: it stays
	missed  bool                // stored is no longer what it was, so next was not written
	unread  bool                // a direct statement is to change it, whatever it is
	failed  error
}

// entriesOf returns the records that scores change, in the order in which all processes write them, so that none waits in a
// circle.
func entriesOf(scores []*score) []*entry {
	byPlace := make(map[sqlstore.Place]*entry, len(scores))
	entries := make([]*entry, 0, len(scores))
	for _, s := range scores {
		p := sqlstore.Place{Board: s.Board, Period: s.Period, Owner: s.Owner}
		if byPlace[p] == nil {
			byPlace[p] = &entry{Place: p}
			entries = append(entries, byPlace[p])
		}
		byPlace[p].scores = append(byPlace[p].scores, s)
	}
	slices.SortFunc(entries, func(a, b *entry) int { return compare(a.Place, b.Place) })
	return entries
}

// writeRound writes scores and settles them, all but those that met other processes: they are left, and nothing of them is
// written.
func (q *scores) writeRound(ctx context.Context, c conn, all []*score) (left []*score) {
	entries := entriesOf(all)
	err := load(ctx, c, without(entries, func(e *entry) bool { return q.guess(e) || e.blind() }))
	if err == nil {
		err = writeTogether(ctx, c, entries)
	}
	fail(entries, err)
	if err == nil {
		unread := without(entries, func(e *entry) bool { return !e.unread })
		if err = load(ctx, c, unread); err == nil {
			err = writeTogether(ctx, c, unread)
		}
		fail(unread, err)
	}
	for _, e := range entries {
		if e.failed == nil && e.limited() {
			e.failed = e.writeAlone(ctx, c)
		}
		q.remember(e)
		if again(e.failed) || e.missed {
			left = append(left, e.scores...)
			continue
		}
		for _, s := range e.scores {
			s.settle(e.failed)
		}
	}
	return left
}

func without(entries []*entry, those func(*entry) bool) []*entry {
	return slices.DeleteFunc(slices.Clone(entries), those)
}

func fail(entries []*entry, err error) {
	for _, e := range entries {
		e.failed = err
	}
}

// guess applies the scores of an entry to the record that is remembered, and tells whether something is to be written:
// that finds out whether the guess was right. Anything else that becomes of scores must come from what is stored.
func (q *scores) guess(e *entry) bool {
	known, ok := q.known.Get(e.Place)
	if !ok {
		return false
	}
	e.stored = &known
	if e.apply(0); e.next == nil {
		e.stored = nil
		e.scores[0].read = true
		return false
	}
	return true
}

// load reads what is stored, and works out what becomes of it.
func load(ctx context.Context, c conn, entries []*entry) error {
	if len(entries) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, e := range entries {
		batch.Queue(selectRecord, e.Board, e.Period, e.Owner).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, scanRecord)
			if err == nil && len(found) > 0 {
				e.stored = &found[0]
			}
			return err
		})
	}
	if err := c.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if err := findBoards(ctx, c, entries); err != nil {
		return err
	}
	for _, e := range entries {
		e.unread = false
		if !e.limited() {
			e.apply(0)
		}
	}
	return nil
}

// findBoards tells entries that have no record whether there is a board.
func findBoards(ctx context.Context, c conn, entries []*entry) error {
	var boards []string
	for _, e := range entries {
		if e.stored == nil {
			boards = append(boards, e.Board)
		}
	}
	if len(boards) == 0 {
		return nil
	}
	found, err := collect(ctx, c, pgx.RowTo[string], selectBoardIDs, boards)
	for _, e := range entries {
		e.noBoard = e.stored == nil && !slices.Contains(found, e.Board)
	}
	return err
}

// limited tells whether an entry would be a new one where places are limited.
func (e *entry) limited() bool {
	return e.stored == nil && slices.ContainsFunc(e.scores, func(s *score) bool { return s.MaxSize > 0 })
}

// apply works out what becomes of a record, where n others are stored.
func (e *entry) apply(n int64) {
	current := e.stored
	for _, s := range e.scores {
		s.record, s.changed, s.err = leaderboard.Apply(current, s.Write)
		if s.err == nil && current == nil {
			switch {
			case e.noBoard:
				s.err = leaderboard.ErrNotFound
			case s.MaxSize > 0 && n >= int64(s.MaxSize):
				s.err = leaderboard.ErrFull
			}
		}
		if s.err != nil {
			s.record, s.changed = leaderboard.Record{}, false
		} else if s.changed {
			next := s.record
			current, e.next = &next, &next
		}
	}
}

// writeTogether writes all records that are to change, in one transaction. A board that is deleted meanwhile makes it
// errAgain.
func writeTogether(ctx context.Context, c conn, entries []*entry) error {
	changing := without(entries, func(e *entry) bool { return e.next == nil && !e.unread })
	var err error
	switch len(changing) {
	case 0:
		return nil
	case 1: // a pipeline for one would cost more
		query, args := changing[0].statement()
		var rows pgx.Rows
		if rows, err = c.Query(ctx, query, args...); err == nil {
			err = changing[0].settled(rows)
		}
	default:
		var batch pgx.Batch
		for _, e := range changing {
			query, args := e.statement()
			batch.Queue(query, args...).Query(e.settled)
		}
		err = c.SendBatch(ctx, &batch).Close()
	}
	if isCode(err, foreignKeyViolation) {
		for _, e := range changing {
			e.scores[0].read = true
		}
		return errAgain
	}
	return unsure(err)
}

// settled takes in what the statement of an entry has done.
func (e *entry) settled(rows pgx.Rows) error {
	if e.unread {
		return e.learn(rows)
	}
	rows.Close()
	e.missed = rows.Err() == nil && rows.CommandTag().RowsAffected() == 0 // of an error nothing more is known
	return rows.Err()
}

// values are those of the recordColumns.
func values(r *leaderboard.Record) []any {
	return []any{
		r.Board, r.Period, r.Owner, r.Username, r.Score, r.Subscore, r.NumScore, r.MaxNumScore, r.Metadata, r.Created, r.Updated,
	}
}

// statement returns what changes the record. It changes nothing where another process was faster.
func (e *entry) statement() (query string, args []any) {
	r, old := e.next, e.stored
	switch {
	case e.unread:
		query, args, _ = e.direct()
		return query, args
	case old == nil:
		return insertRecord, values(r)
	}
	return updateRecord, []any{
		r.Board, r.Period, r.Owner, r.Username, r.Score, r.Subscore, r.NumScore, r.MaxNumScore,
		r.Metadata, r.Updated, old.Username, old.Score, old.Subscore, old.NumScore, old.MaxNumScore, old.Metadata, old.Updated,
		old.Created,
	}
}

// writeAlone writes a record where places are limited: nobody else enters the board until it is done. One that is stored
// meanwhile makes it errAgain.
func (e *entry) writeAlone(ctx context.Context, c conn) error {
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after a commit it does nothing
	locked, err := collect(ctx, tx, pgx.RowTo[string], lockBoard, e.Board)
	if err != nil {
		return err
	}
	n, err := collect(ctx, tx, pgx.RowTo[int64], countRecords, e.Board, e.Period)
	if err != nil {
		return err
	}
	e.noBoard = len(locked) == 0
	if e.apply(n[0]); e.next == nil {
		return nil
	}
	query, args := e.statement()
	tag, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return err
	}
	e.missed = tag.RowsAffected() == 0
	return unsure(tx.Commit(ctx))
}
