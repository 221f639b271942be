package docs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/tick"
)

func TestManualClock(t *testing.T) {
	clock := tick.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	matches, err := match.New(match.Config{Source: clock})
	require.NoError(t, err)
	match.Register(matches, "race", race{})
	id, err := matches.Create(t.Context(), "race", "race")
	require.NoError(t, err)
	clock.Advance(2 * time.Minute)
	_, err = matches.Get(id)
	require.ErrorIs(t, err, match.ErrNotFound, "it was empty for a minute")
}
