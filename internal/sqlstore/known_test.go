package sqlstore_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/leaderboard"
)

func TestRecordsAreKnownUpToALimit(t *testing.T) {
	const limit = 10
	k := sqlstore.NewKnown(limit)
	place := func(i int) sqlstore.Place { return sqlstore.Place{Board: "wins", Owner: fmt.Sprint(i)} }
	for i := range 2 * limit {
		for _, score := range []int64{1, 2} {
			k.Put(place(i), leaderboard.Record{Score: score})
			r, ok := k.Get(place(i))
			require.True(t, ok)
			require.Equal(t, score, r.Score)
		}
	}
	known := 0
	for i := range 2 * limit {
		if _, ok := k.Get(place(i)); ok {
			known++
		}
	}
	require.Equal(t, limit, known)
	k.Forget(place(2*limit - 1))
	_, ok := k.Get(place(2*limit - 1))
	require.False(t, ok)
}
