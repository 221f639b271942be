package postgres

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/leaderboard"
)

func TestWhatIsNotKnownIsForgotten(t *testing.T) {
	ann := sqlstore.Place{Board: "wins", Owner: "ann"}
	old, next := &leaderboard.Record{Score: 1}, &leaderboard.Record{Score: 2}
	for name, tt := range map[string]struct {
		e    entry
		want *leaderboard.Record
	}{
		"written":                   {entry{Place: ann, stored: old, next: next}, next},
		"read":                      {entry{Place: ann, stored: old}, old},
		"there is none":             {entry{Place: ann}, nil},
		"another process was there": {entry{Place: ann, stored: old, next: next, missed: true}, nil},
		"failed":                    {entry{Place: ann, stored: old, next: next, failed: errors.New("cut off")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			q := newScores()
			q.known.Put(ann, leaderboard.Record{Score: 9})
			q.remember(&tt.e)
			got, known := q.known.Get(ann)
			require.Equal(t, tt.want != nil, known)
			if known {
				require.Equal(t, *tt.want, got)
			}
		})
	}
}
