package leaderboard

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// loads counts how often ranks are read from a store that has none.
type loads struct {
	Rankings
	n int
}

func (l *loads) Standings(context.Context, Span, int) ([]Standing, error) {
	l.n++
	return nil, nil
}

// Who reads the clock just before a reset, and is held up, does not bring the old period back.
func TestAPeriodThatIsOverDoesNotComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := newBoard(Board{ID: "x", Reset: "@daily"})
		require.NoError(t, err)
		var from loads
		in := &room{limit: 10}
		before := now()
		old, err := e.at(t.Context(), before, &from, in)
		require.NoError(t, err)
		time.Sleep(24 * time.Hour)
		present, err := e.at(t.Context(), now(), &from, in)
		require.NoError(t, err)
		require.True(t, present.table.period.After(old.table.period))

		late, err := e.at(t.Context(), before, &from, in)
		require.NoError(t, err)
		require.Same(t, present, late)
		require.Equal(t, 2, from.n)
	})
}
