package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/leaderboard"
)

// direct is the statement for a score of an owner whose record is not remembered. It does what [leaderboard.Apply] does to
// a record that has a score already, so that nothing need be read first. Where the score has no effect, or Apply has more
// to say about it, the statement changes nothing and returns no row; then the record is read, and Apply decides.
const direct = `
	INSERT INTO records AS r (` + recordColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	ON CONFLICT (board, period, owner) DO UPDATE
	SET username = coalesce(nullif(excluded.username, ''), r.username), metadata = coalesce(nullif($12, ''), r.metadata),
	    num_score = least(r.num_score, 2147483646) + 1, updated = excluded.updated, score = %s, subscore = %s
	WHERE r.num_score > 0 AND (%s)
	RETURNING username, score, subscore, num_score, max_num_score, metadata, created`

var (
	directSet = fmt.Sprintf(direct, `excluded.score`, `excluded.subscore`,
		`r.score <> excluded.score OR r.subscore <> excluded.subscore`)
	directIncrement = fmt.Sprintf(direct, `r.score + excluded.score`, `r.subscore + excluded.subscore`,
		`(excluded.score > 0 OR excluded.subscore > 0) AND r.score <= 9223372036854775807 - excluded.score
		AND r.subscore <= 9223372036854775807 - excluded.subscore`)
	// The first score of a decrement is 0: what to subtract is told apart.
	directDecrement = fmt.Sprintf(direct, `greatest(r.score - $13, 0)`, `greatest(r.subscore - $14, 0)`,
		`$13::bigint > 0 OR $14::bigint > 0`)
)

// direct returns the statement that does what an entry asks for without its record being known. ok is false if there is
// none: several scores of one owner; those of tournaments, which count also without effect, and only so often; and best
// scores, which mostly change nothing, so that reading is all that need be done.
func (e *entry) direct() (query string, args []any, ok bool) {
	s := e.scores[0]
	r, _, err := leaderboard.Apply(nil, s.Write)
	if err != nil || len(e.scores) > 1 || s.read || s.Action != leaderboard.Submit || s.Tournament || s.MaxSize > 0 {
		return "", nil, false
	}
	args = append(values(&r), s.Metadata)
	switch s.Operator {
	case leaderboard.Set:
		return directSet, args, true
	case leaderboard.Increment:
		return directIncrement, args, true
	case leaderboard.Decrement:
		return directDecrement, append(args, s.Score, s.Subscore), true
	default:
		return "", nil, false
	}
}

// blind has a direct statement change the record, if there is one.
func (e *entry) blind() bool {
	_, _, e.unread = e.direct()
	return e.unread
}

// learn takes in what a direct statement returns. Without a row the entry stays unread.
func (e *entry) learn(rows pgx.Rows) error {
	s := e.scores[0]
	r := leaderboard.Record{Board: s.Board, Period: s.Period, Owner: s.Owner, Updated: s.At}
	if rows.Next() {
		err := rows.Scan(&r.Username, &r.Score, &r.Subscore, &r.NumScore, &r.MaxNumScore, &r.Metadata, &r.Created)
		if err == nil {
			e.unread, e.next = false, &r
			s.record, s.changed, s.err = r, true, nil
		}
	}
	rows.Close()
	return rows.Err()
}
