//go:build postgres

package postgres

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

// What a statement does to a record that nobody has read is what Apply does.
func TestDirectStatementsAgreeWithApply(t *testing.T) {
	s := openAlone(t)
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...int64) int64 { return from[rnd.IntN(len(from))] }
	amount := func() int64 { return pick(0, 1, 2, 3, math.MaxInt64-1, math.MaxInt64) }
	written := 0
	for i := range 2000 {
		w := leaderboard.Write{
			Board: "wins", Owner: fmt.Sprint("owner ", i), Score: amount(), Subscore: amount(), At: time.Unix(2, 0).UTC(),
			Username: []string{"", "new"}[rnd.IntN(2)], Metadata: []string{"", `{"new":1}`}[rnd.IntN(2)],
			Sort: leaderboard.Sort(rnd.IntN(2)), Operator: leaderboard.Operator(rnd.IntN(5)), // one is unknown
		}
		var before *leaderboard.Record
		if rnd.IntN(10) > 0 {
			before = &leaderboard.Record{
				Board: "wins", Owner: w.Owner, Username: "old", Score: amount(), Subscore: amount(),
				NumScore: int32(pick(0, 1, 7, math.MaxInt32)), MaxNumScore: 5, Metadata: "{}",
				Created: time.Unix(1, 0).UTC(), Updated: time.Unix(1, 0).UTC(),
			}
			_, err := s.pool.Exec(t.Context(), insertRecord, values(before)...)
			require.NoError(t, err)
		}
		wantRecord, wantChanged, wantErr := leaderboard.Apply(before, w)
		r, changed, err := s.WriteRecord(t.Context(), w)
		require.ErrorIs(t, err, wantErr)
		require.Equal(t, wantChanged, changed, "%+v onto %+v", w, before)
		require.Equal(t, wantRecord, r, "%+v onto %+v", w, before)
		if changed {
			before = &wantRecord
			written++
		}
		stored, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{w.Owner})
		require.NoError(t, err)
		if before == nil {
			require.Empty(t, stored)
			continue
		}
		require.Equal(t, []leaderboard.Record{*before}, stored)
	}
	require.Greater(t, written, 500)
}
