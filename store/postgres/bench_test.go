//go:build postgres

package postgres

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/internal/sqlstore/scorerace"
	"github.com/shoal-go/shoal/leaderboard"
)

const (
	upsertRecord = `
		INSERT INTO records (` + recordColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (board, period, owner) DO UPDATE
		SET username = excluded.username, score = excluded.score, subscore = excluded.subscore,
		    num_score = excluded.num_score, max_num_score = excluded.max_num_score, metadata = excluded.metadata,
		    updated = excluded.updated`
	fillRecords = `
		INSERT INTO records SELECT $1, $2, 'owner ' || n, 'owner ' || n, 0, 0, 1, 1000000, '{}', $3, $3
		FROM generate_series($4::bigint, $5) AS n`
)

// BenchmarkScores compares a score with the least that a database can do about it: a bare upsert of the same row on
// another board, on the same server, with 1 and with 16 goroutines. Among 1,000 owners each score finds its record
// remembered; among 100,000 few do. Run it with FSYNC=on .ci/postgres.
func BenchmarkScores(b *testing.B) {
	for _, owners := range []int64{1000, 100_000} {
		b.Run(fmt.Sprint("owners=", owners), func(b *testing.B) {
			s := openAlone(b)
			fill(b, s, owners)
			race := scorerace.Race{Store: s, Owners: owners, Upsert: func(ctx context.Context, r leaderboard.Record) error {
				_, err := s.pool.Exec(ctx, upsertRecord, values(&r)...)
				return err
			}}
			for _, writers := range []int64{1, 16} {
				b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) { race.Run(b, writers) })
			}
		})
	}
}

// fill writes the rows of all owners, in parts that do not take too long.
func fill(b *testing.B, s *Store, owners int64) {
	b.Helper()
	for _, board := range []string{scorerace.Scored, scorerace.Bare} {
		_, err := s.CreateBoard(b.Context(), leaderboard.Board{ID: board})
		require.NoError(b, err)
		const part = 10_000
		for from := int64(0); from < owners; from += part {
			_, err := s.pool.Exec(b.Context(), fillRecords, board, time.Time{}, time.Unix(1, 0).UTC(), from, min(from+part, owners)-1)
			require.NoError(b, err)
		}
	}
}

// openAlone opens a store in a schema of its own, with a connection for each of many writers.
func openAlone(b testing.TB) *Store {
	b.Helper()
	schema := fmt.Sprintf("alone_%d", time.Now().UnixNano())
	url := os.Getenv("SHOAL_TEST_POSTGRES")
	require.NotEmpty(b, url, "this needs a server: run it with .ci/postgres")
	c, err := pgx.Connect(b.Context(), url)
	require.NoError(b, err)
	_, err = c.Exec(b.Context(), "CREATE SCHEMA "+schema)
	require.NoError(b, err)
	b.Cleanup(func() {
		ctx := context.WithoutCancel(b.Context())
		_, err := c.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE")
		require.NoError(b, err)
		require.NoError(b, c.Close(ctx))
	})
	s, err := Open(b.Context(), Config{URL: url + "&search_path=" + schema, Conns: 16})
	require.NoError(b, err)
	b.Cleanup(func() { _ = s.Close() })
	return s
}
