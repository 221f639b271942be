package sqlite

import (
	"context"
	"fmt"
	"math"
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
	return leaderboard.Write{Board: board, Owner: owner, Operator: leaderboard.Increment, Score: score, At: time.Unix(1, 0).UTC()}
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

// What is remembered of a record is a guess: whatever is stored counts.
func TestScoresOfRecordsThatHaveChangedMeanwhile(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile string // a statement about ann's record, which has been written twice, with 1 each time
		want      int64
	}{
		"nothing":           {``, 3},
		"another score":     {`UPDATE records SET score = 7`, 8},
		"another subscore":  {`UPDATE records SET subscore = 7`, 3},
		"another count":     {`UPDATE records SET num_score = 7`, 3},
		"another limit":     {`UPDATE records SET max_num_score = 7`, 3},
		"another name":      {`UPDATE records SET username = 'bob'`, 3},
		"another metadata":  {`UPDATE records SET metadata = '{"x":1}'`, 3},
		"another time":      {`UPDATE records SET updated = 7`, 3},
		"another beginning": {`UPDATE records SET created = 7`, 3},
		"it is gone":        {`DELETE FROM records`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := openTemp(t, Config{})
			_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
			require.NoError(t, err)
			w := scoreOf("wins", "ann", 1)
			for range 2 {
				_, _, err := s.WriteRecord(t.Context(), w)
				require.NoError(t, err)
			}
			if tt.meanwhile != "" {
				require.NoError(t, s.write.transact(t.Context(), func(c *conn) error {
					_, err := c.exec(tt.meanwhile)
					return err
				}))
			}
			stored, err := s.RecordsOf(t.Context(), "wins", w.Period, []string{"ann"})
			require.NoError(t, err)
			var before *leaderboard.Record
			if len(stored) > 0 {
				before = &stored[0]
			}
			want, _, err := leaderboard.Apply(before, w)
			require.NoError(t, err)
			r, changed, err := s.WriteRecord(t.Context(), w)
			require.NoError(t, err)
			require.True(t, changed)
			require.Equal(t, want, r)
			require.Equal(t, tt.want, r.Score)
			stored, err = s.RecordsOf(t.Context(), "wins", w.Period, []string{"ann"})
			require.NoError(t, err)
			require.Equal(t, []leaderboard.Record{r}, stored)
		})
	}
}

// Neither a score without effect nor one that is refused is decided by what is remembered.
func TestScoresThatWouldChangeNothing(t *testing.T) {
	s := openTemp(t, Config{})
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	best := scoreOf("wins", "ann", 5)
	best.Operator = leaderboard.Best
	write := func(wantChanged bool, want int64) {
		r, changed, err := s.WriteRecord(t.Context(), best)
		require.NoError(t, err)
		require.Equal(t, wantChanged, changed)
		require.Equal(t, want, r.Score)
	}
	write(true, 5)
	write(false, 5)
	require.NoError(t, s.write.transact(t.Context(), func(c *conn) error {
		_, err := c.exec(`UPDATE records SET score = 3`)
		return err
	}))
	write(true, 5)
	most := scoreOf("wins", "ann", math.MaxInt64)
	_, _, err = s.WriteRecord(t.Context(), most)
	require.ErrorIs(t, err, leaderboard.ErrOverflow)
	best.Score = 6
	write(true, 6)
}

func TestScoresOfKnownRecordsNeedNoTransaction(t *testing.T) {
	s := openTemp(t, Config{})
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	_, _, err = s.WriteRecord(t.Context(), scoreOf("wins", "ann", 1))
	require.NoError(t, err)
	s.write.begin = "BEGIN NONSENSE"
	r, _, err := s.WriteRecord(t.Context(), scoreOf("wins", "ann", 1))
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Score)
	_, _, err = s.WriteRecord(t.Context(), scoreOf("wins", "bob", 1))
	require.Error(t, err)
}
