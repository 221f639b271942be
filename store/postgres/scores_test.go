package postgres

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

func TestRecordsAreRememberedUpToALimit(t *testing.T) {
	q := newScores()
	entryOf := func(i int) *entry {
		return &entry{place: place{board: "wins", owner: fmt.Sprint(i)}, stored: &leaderboard.Record{Score: int64(i)}}
	}
	for i := range maxKnown + 10 {
		e := entryOf(i)
		q.remember(e)
		require.Equal(t, *e.stored, q.known[e.place])
	}
	require.Len(t, q.known, maxKnown)
}

func TestWhatIsNotKnownIsForgotten(t *testing.T) {
	ann := place{board: "wins", owner: "ann"}
	old, next := &leaderboard.Record{Score: 1}, &leaderboard.Record{Score: 2}
	for name, tt := range map[string]struct {
		e    entry
		want *leaderboard.Record
	}{
		"written":                   {entry{place: ann, stored: old, next: next}, next},
		"read":                      {entry{place: ann, stored: old}, old},
		"there is none":             {entry{place: ann}, nil},
		"another process was there": {entry{place: ann, stored: old, next: next, missed: true}, nil},
		"failed":                    {entry{place: ann, stored: old, next: next, failed: errors.New("cut off")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			q := newScores()
			q.known[ann] = leaderboard.Record{Score: 9}
			q.remember(&tt.e)
			got, known := q.known[ann]
			require.Equal(t, tt.want != nil, known)
			if known {
				require.Equal(t, *tt.want, got)
			}
		})
	}
}
