package sqlite

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

// len is how many scores wait for the connection.
func (q *scores) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

func scoreOf(board, owner string, score int64) leaderboard.Write {
	return leaderboard.Write{Board: board, Owner: owner, Operator: leaderboard.Increment, Score: score, At: time.Unix(1, 0)}
}

// Many scores are written in one transaction, and each has its own end.
func TestScoresThatWait(t *testing.T) {
	const good = 3 * maxScores / 2
	s := openTemp(t, Config{})
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	c := <-s.write.free
	var wg sync.WaitGroup
	write := func(ctx context.Context, w leaderboard.Write, want error) {
		before := s.scores.len()
		wg.Go(func() {
			_, changed, err := s.WriteRecord(ctx, w)
			require.ErrorIs(t, err, want)
			require.Equal(t, want == nil, changed)
		})
		for s.scores.len() == before {
			runtime.Gosched()
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	for i := range good {
		write(t.Context(), scoreOf("wins", fmt.Sprint(i), 1), nil)
		switch i {
		case 5:
			write(t.Context(), scoreOf("none", "ann", 1), leaderboard.ErrNotFound)
		case 10:
			write(t.Context(), scoreOf("wins", "ann", -1), leaderboard.ErrNegativeScore)
		case 15:
			write(ctx, scoreOf("wins", "bob", 1), context.Canceled)
		}
	}
	cancel()
	for s.scores.len() > good+2 {
		runtime.Gosched()
	}
	s.write.free <- c
	wg.Wait()
	n, err := s.CountRecords(t.Context(), leaderboard.Span{Board: "wins"})
	require.NoError(t, err)
	require.EqualValues(t, good, n)
}

// When the transaction fails, all who are in it are told, and none is written.
func TestScoresThatFailTogether(t *testing.T) {
	s := openTemp(t, Config{})
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	begin := s.write.begin
	s.write.begin = "BEGIN NONSENSE"
	_, changed, err := s.WriteRecord(t.Context(), scoreOf("wins", "ann", 1))
	require.Error(t, err)
	require.False(t, changed)
	s.write.begin = begin
	r, _, err := s.WriteRecord(t.Context(), scoreOf("wins", "ann", 1))
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Score)
}
