package leaderboard_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/leaderboard"
)

var (
	monday  = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
)

func TestApplyOperators(t *testing.T) {
	const (
		desc, asc            = leaderboard.Descending, leaderboard.Ascending
		best, set            = leaderboard.Best, leaderboard.Set
		increm, decrem       = leaderboard.Increment, leaderboard.Decrement
		largest        int64 = math.MaxInt64
	)
	type scores = [2]int64
	none := scores{-1, -1} // no record yet
	for _, c := range []struct {
		name      string
		sort      leaderboard.Sort
		op        leaderboard.Operator
		stored    scores
		submitted scores
		want      scores
		changed   bool
	}{
		{"best desc, first", desc, best, none, scores{5, 1}, scores{5, 1}, true},
		{"best desc, first of zeros", desc, best, none, scores{0, 0}, scores{0, 0}, true},
		{"best desc, both better", desc, best, scores{5, 1}, scores{6, 2}, scores{6, 2}, true},
		{"best desc, score better", desc, best, scores{5, 9}, scores{6, 2}, scores{6, 9}, true},
		{"best desc, subscore better", desc, best, scores{10, 1}, scores{1, 20}, scores{10, 20}, true},
		{"best desc, equal", desc, best, scores{5, 1}, scores{5, 1}, scores{5, 1}, false},
		{"best desc, worse", desc, best, scores{5, 1}, scores{4, 0}, scores{5, 1}, false},
		{"best asc, first", asc, best, none, scores{5, 1}, scores{5, 1}, true},
		{"best asc, both better", asc, best, scores{5, 2}, scores{4, 1}, scores{4, 1}, true},
		{"best asc, score better", asc, best, scores{5, 1}, scores{4, 9}, scores{4, 1}, true},
		{"best asc, subscore better", asc, best, scores{5, 3}, scores{9, 1}, scores{5, 1}, true},
		{"best asc, equal", asc, best, scores{5, 1}, scores{5, 1}, scores{5, 1}, false},
		{"best asc, worse", asc, best, scores{5, 1}, scores{6, 2}, scores{5, 1}, false},
		{"set, first", desc, set, none, scores{5, 1}, scores{5, 1}, true},
		{"set, first of zeros", desc, set, none, scores{0, 0}, scores{0, 0}, true},
		{"set, worse", desc, set, scores{5, 1}, scores{3, 0}, scores{3, 0}, true},
		{"set, equal", desc, set, scores{5, 1}, scores{5, 1}, scores{5, 1}, false},
		{"incr, first", desc, increm, none, scores{5, 1}, scores{5, 1}, true},
		{"incr, first of zeros", desc, increm, none, scores{0, 0}, scores{0, 0}, true},
		{"incr, both", desc, increm, scores{5, 1}, scores{2, 3}, scores{7, 4}, true},
		{"incr, subscore", desc, increm, scores{5, 1}, scores{0, 3}, scores{5, 4}, true},
		{"incr, zeros", desc, increm, scores{5, 1}, scores{0, 0}, scores{5, 1}, false},
		{"incr, up to the largest", desc, increm, scores{5, 1}, scores{largest - 5, largest - 1}, scores{largest, largest}, true},
		{"decr, first", desc, decrem, none, scores{5, 1}, scores{0, 0}, true},
		{"decr, both", desc, decrem, scores{5, 4}, scores{2, 3}, scores{3, 1}, true},
		{"decr, not below zero", desc, decrem, scores{5, 4}, scores{6, largest}, scores{0, 0}, true},
		{"decr, from zero", desc, decrem, scores{0, 0}, scores{1, 0}, scores{0, 0}, true},
		{"decr, zeros", desc, decrem, scores{5, 4}, scores{0, 0}, scores{5, 4}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stored *leaderboard.Record
			if c.stored != none {
				stored = &leaderboard.Record{Score: c.stored[0], Subscore: c.stored[1], NumScore: 3}
			}
			r, changed, err := leaderboard.Apply(stored, leaderboard.Write{
				Score: c.submitted[0], Subscore: c.submitted[1], Sort: c.sort, Operator: c.op,
			})
			require.NoError(t, err)
			require.Equal(t, c.want, scores{r.Score, r.Subscore})
			require.Equal(t, c.changed, changed)
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	stored := leaderboard.Record{Score: 5, Subscore: 5, NumScore: 1}
	for name, c := range map[string]struct {
		w    leaderboard.Write
		want error
	}{
		"negative score":       {leaderboard.Write{Score: -1}, leaderboard.ErrNegativeScore},
		"negative subscore":    {leaderboard.Write{Score: 9, Subscore: -1}, leaderboard.ErrNegativeScore},
		"negative increment":   {leaderboard.Write{Score: -2, Operator: leaderboard.Increment}, leaderboard.ErrNegativeScore},
		"score overflows":      {leaderboard.Write{Score: math.MaxInt64, Operator: leaderboard.Increment}, leaderboard.ErrOverflow},
		"subscore overflows":   {leaderboard.Write{Subscore: math.MaxInt64 - 4, Operator: leaderboard.Increment}, leaderboard.ErrOverflow},
		"unknown operator":     {leaderboard.Write{Score: 9, Operator: leaderboard.Decrement + 1}, leaderboard.ErrOperator},
		"unknown, with zeroes": {leaderboard.Write{Operator: 200}, leaderboard.ErrOperator},
	} {
		t.Run(name, func(t *testing.T) {
			r, changed, err := leaderboard.Apply(&stored, c.w)
			require.ErrorIs(t, err, c.want)
			require.Zero(t, r)
			require.False(t, changed)
		})
	}
	_, _, err := leaderboard.Apply(nil, leaderboard.Write{Operator: 200})
	require.ErrorIs(t, err, leaderboard.ErrOperator, "also without a record")
}

func TestApplyMakesARecord(t *testing.T) {
	w := leaderboard.Write{
		Board: "wins", Owner: "u1", Username: "ann", Score: 3, Subscore: 4,
		Operator: leaderboard.Set, Period: tuesday, At: monday,
	}
	want := leaderboard.Record{
		Board: "wins", Owner: "u1", Username: "ann", Score: 3, Subscore: 4, NumScore: 1,
		MaxNumScore: leaderboard.MaxNumScore, Metadata: "{}", Created: monday, Updated: monday, Period: tuesday,
	}
	r, changed, err := leaderboard.Apply(nil, w)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, want, r)

	w.Metadata = `{"car":7}`
	want.Metadata = `{"car":7}`
	r, _, err = leaderboard.Apply(nil, w)
	require.NoError(t, err)
	require.Equal(t, want, r)
}

func TestApplyChangesWhatIsGiven(t *testing.T) {
	stored := leaderboard.Record{
		Board: "wins", Owner: "u1", Username: "ann", Score: 3, NumScore: 1, Metadata: `{"car":7}`,
		Created: monday, Updated: monday,
	}
	w := leaderboard.Write{Board: "wins", Owner: "u1", Score: 1, Operator: leaderboard.Increment, At: tuesday}
	want := stored
	want.Score, want.NumScore, want.Updated = 4, 2, tuesday

	r, _, err := leaderboard.Apply(&stored, w)
	require.NoError(t, err)
	require.Equal(t, want, r, "what is not given stays")

	w.Username, w.Metadata = "anna", `{}`
	want.Username, want.Metadata = "anna", `{}`
	r, _, err = leaderboard.Apply(&stored, w)
	require.NoError(t, err)
	require.Equal(t, want, r)

	w.Score = 0
	r, changed, err := leaderboard.Apply(&stored, w)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, stored, r, "without effect nothing is touched")
}

func TestApplyStopsCountingAtTheLargestNumber(t *testing.T) {
	stored := leaderboard.Record{Score: 3, NumScore: math.MaxInt32}
	r, changed, err := leaderboard.Apply(&stored, leaderboard.Write{Score: 4})
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, int32(math.MaxInt32), r.NumScore)
}

func TestApplyInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.OneOf(rapid.Int64Range(-1, 3), rapid.Int64())
		var stored *leaderboard.Record
		for range 5 {
			w := leaderboard.Write{
				Score: score.Draw(t, "score"), Subscore: score.Draw(t, "subscore"),
				Sort:     leaderboard.Sort(rapid.IntRange(0, 1).Draw(t, "sort")),
				Operator: leaderboard.Operator(rapid.IntRange(0, 4).Draw(t, "operator")),
			}
			var before leaderboard.Record
			if stored != nil {
				before = *stored
			}
			r, changed, err := leaderboard.Apply(stored, w)
			if stored != nil {
				require.Equal(t, before, *stored, "the stored record is only read")
			}
			if err != nil {
				require.Zero(t, r)
				require.False(t, changed)
				continue
			}
			require.GreaterOrEqual(t, r.Score, int64(0))
			require.GreaterOrEqual(t, r.Subscore, int64(0))
			if changed {
				require.Equal(t, before.NumScore+1, r.NumScore)
			} else {
				require.Equal(t, before, r)
			}
			stored = &r
		}
	})
}
