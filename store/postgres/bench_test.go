//go:build postgres

package postgres

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

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
		INSERT INTO records SELECT board, '0001-01-01 00:00:00Z', 'owner ' || n, 'owner ' || n, 0, 0, 1, 1000000, '{}', now(), now()
		FROM generate_series($1, $2 - 1) AS n, (VALUES ('wins'), ('bare')) AS boards (board)
		ON CONFLICT DO NOTHING`
)

// BenchmarkScores compares a score with the least that a database can do about it: a bare upsert of the same row on
// another board, on the same server, with 1 and with 16 goroutines. The two take turns, so that both have the same disk.
// Among 1,000 owners all but the first score of each find its record remembered; among 100,000 few do. Run it
// with FSYNC=on .ci/postgres.
func BenchmarkScores(b *testing.B) {
	for _, owners := range []int64{1000, 100_000} {
		b.Run(fmt.Sprint("owners=", owners), func(b *testing.B) {
			r := race{s: openAlone(b), owners: owners}
			for _, writers := range []int{1, 16} {
				b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) { r.run(b, writers) })
			}
		})
	}
}

// race is between scores and bare upserts.
type race struct {
	s      *Store
	owners int64
	rows   int64 // written so far
}

func (r *race) run(b *testing.B, writers int) {
	at := time.Unix(1, 0).UTC()
	score := func(owner string, _ int64) error {
		_, _, err := r.s.WriteRecord(b.Context(), leaderboard.Write{
			Board: "wins", Owner: owner, Username: owner, Operator: leaderboard.Increment, Score: 1, At: at,
		})
		return err
	}
	upsert := func(owner string, n int64) error {
		_, err := r.s.pool.Exec(b.Context(), upsertRecord, "bare", time.Time{}, owner, owner, n, 0, n, leaderboard.MaxNumScore, "{}", at, at)
		return err
	}
	r.fill(b)
	for r.rows = 0; r.rows < min(r.owners, 2000); {
		r.turn(b, writers, score) // so that statements are prepared, and what can be remembered is
	}
	var bare, scores time.Duration
	turns := 0
	for b.Loop() {
		bare += r.turn(b, writers, upsert)
		scores += r.turn(b, writers, score)
		turns++
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(bare.Microseconds())/float64(turns), "us/upsert")
	b.ReportMetric(float64(scores.Microseconds())/float64(turns), "us/score")
	b.ReportMetric(float64(scores)/float64(bare), "times")
}

// turn has all writers write some rows, and returns how long each row took.
func (r *race) turn(b *testing.B, writers int, write func(owner string, n int64) error) time.Duration {
	const each = 16
	var all sync.WaitGroup
	start := time.Now()
	for w := range int64(writers) {
		all.Go(func() {
			for i := range int64(each) {
				n := r.rows + w*each + i
				if err := write(fmt.Sprint("owner ", n*7919%r.owners), n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	r.rows += int64(writers) * each
	return time.Since(start) / time.Duration(writers*each)
}

// fill writes the rows of all owners, in parts that do not take too long.
func (r *race) fill(b *testing.B) {
	b.Helper()
	for _, board := range []string{"wins", "bare"} {
		_, err := r.s.CreateBoard(b.Context(), leaderboard.Board{ID: board})
		require.NoError(b, err)
	}
	const part = 10_000
	for from := int64(0); from < r.owners; from += part {
		_, err := r.s.pool.Exec(b.Context(), fillRecords, from, min(from+part, r.owners))
		require.NoError(b, err)
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
