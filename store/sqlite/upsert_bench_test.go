package sqlite

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

const upsertRecord = `
	INSERT INTO records (` + recordColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (board, period, owner) DO UPDATE
	SET username = excluded.username, score = excluded.score, subscore = excluded.subscore,
	    num_score = excluded.num_score, max_num_score = excluded.max_num_score, metadata = excluded.metadata,
	    updated = excluded.updated`

// BenchmarkScores compares a score with the least that a database can do about it: a bare upsert of the same row, in the
// same file, with 1 and with 16 goroutines.
func BenchmarkScores(b *testing.B) {
	at := time.Unix(1, 0)
	for _, writers := range []int{1, 16} {
		ways := map[string]func(s *Store, owner string, n int64) error{
			"score": func(s *Store, owner string, _ int64) error {
				_, _, err := s.WriteRecord(b.Context(), leaderboard.Write{
					Board: "wins", Owner: owner, Username: owner, Operator: leaderboard.Increment, Score: 1, At: at,
				})
				return err
			},
			"bare upsert": func(s *Store, owner string, n int64) error {
				c := <-s.write.free
				defer func() { s.write.free <- c }()
				_, err := c.exec(upsertRecord, "wins", time.Time{}.Unix(), owner, owner, n, 0, n, leaderboard.MaxNumScore, "{}", 1, 1)
				return err
			},
		}
		for _, way := range []string{"bare upsert", "score"} {
			b.Run(fmt.Sprintf("%s/writers=%d", way, writers), func(b *testing.B) {
				s := openTemp(b, Config{})
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
				if writers == 1 {
					for b.Loop() {
						write()
					}
					return
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						write()
					}
				})
			})
		}
	}
}
