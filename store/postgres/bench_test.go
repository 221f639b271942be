//go:build postgres

package postgres

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

const upsertRecord = `
	INSERT INTO records (` + recordColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	ON CONFLICT (board, period, owner) DO UPDATE
	SET username = excluded.username, score = excluded.score, subscore = excluded.subscore,
	    num_score = excluded.num_score, max_num_score = excluded.max_num_score, metadata = excluded.metadata,
	    updated = excluded.updated`

// BenchmarkScores compares a score with the least that a database can do about it: a bare upsert of the same row, on the
// same server, with 1 and with 16 goroutines. Run it with FSYNC=on .ci/postgres.
func BenchmarkScores(b *testing.B) {
	at := time.Unix(1, 0).UTC()
	ways := map[string]func(s *Store, owner string, n int64) error{
		"score": func(s *Store, owner string, _ int64) error {
			_, _, err := s.WriteRecord(b.Context(), leaderboard.Write{
				Board: "wins", Owner: owner, Username: owner, Operator: leaderboard.Increment, Score: 1, At: at,
			})
			return err
		},
		"bare upsert": func(s *Store, owner string, n int64) error {
			_, err := s.pool.Exec(b.Context(), upsertRecord, "wins", time.Time{}, owner, owner, n, 0, n, leaderboard.MaxNumScore, "{}", at, at)
			return err
		},
	}
	for _, writers := range []int{1, 16} {
		for _, way := range []string{"bare upsert", "score"} {
			b.Run(fmt.Sprintf("%s/writers=%d", way, writers), func(b *testing.B) {
				s := openForBench(b, fmt.Sprintf("bench_%d", time.Now().UnixNano()))
				_, err := s.CreateBoard(b.Context(), leaderboard.Board{ID: "wins"})
				require.NoError(b, err)
				b.ReportAllocs()
				b.SetParallelism(writers / runtime.GOMAXPROCS(0))
				var n atomic.Int64
				write := func() {
					i := n.Add(1)
					if err := ways[way](s, fmt.Sprintf("owner %d", i%1000), i); err != nil {
						b.Error(err)
					}
				}
				for range 1000 {
					write() // so that no row is new
				}
				if writers == 1 {
					for b.Loop() {
						write()
					}
					return
				}
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						write()
					}
				})
			})
		}
	}
}

// openForBench opens a store in a schema of its own, with a connection for each of many writers.
func openForBench(b *testing.B, schema string) *Store {
	b.Helper()
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
