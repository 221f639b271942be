package sqlite

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/internal/sqlstore/scorerace"
	"github.com/shoal-go/shoal/leaderboard"
)

const upsertRecord = `
	INSERT INTO records (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (board, period, owner) DO UPDATE
	SET username = excluded.username, score = excluded.score, subscore = excluded.subscore,
	    num_score = excluded.num_score, max_num_score = excluded.max_num_score, metadata = excluded.metadata,
	    updated = excluded.updated`

// BenchmarkScores compares a score with the least that a database can do about it: a bare upsert of the same row on
// another board, in the same file, with 1 and with 16 goroutines.
func BenchmarkScores(b *testing.B) {
	for _, owners := range []int64{1000, 100_000} {
		b.Run(fmt.Sprint("owners=", owners), func(b *testing.B) {
			s := openTemp(b, Config{})
			race := scorerace.Race{Store: s, Owners: owners, Upsert: func(_ context.Context, r leaderboard.Record) error {
				c := <-s.write.free
				defer func() { s.write.free <- c }()
				return upsert(c, r)
			}}
			for _, board := range []string{scorerace.Scored, scorerace.Bare} {
				_, err := s.CreateBoard(b.Context(), leaderboard.Board{ID: board})
				require.NoError(b, err)
				require.NoError(b, s.write.transact(b.Context(), func(c *conn) (err error) {
					for n := int64(0); n < owners && err == nil; n++ {
						err = upsert(c, scorerace.Record(board, scorerace.Owner(n), 0))
					}
					return err
				}))
			}
			for _, writers := range []int64{1, 16} {
				b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) { race.Run(b, writers) })
			}
		})
	}
}

func upsert(c *conn, r leaderboard.Record) error {
	_, err := c.exec(upsertRecord, r.Board, r.Period.Unix(), r.Owner, r.Username, r.Score, r.Subscore, r.NumScore,
		r.MaxNumScore, r.Metadata, r.Created.Unix(), r.Updated.Unix())
	return err
}
