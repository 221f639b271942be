package leaderboard

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCursorsComeBackUnchanged(t *testing.T) {
	c := cursors{key: []byte("key")}
	end := time.Unix(1_800_000_000, 0)
	for _, at := range []cursor{
		{},
		{back: true, entry: Standing{Owner: uuidOf(1), Score: 3, Subscore: 4}},
		{entry: Standing{Owner: strings.Repeat("x", maxID), Score: math.MaxInt64, Subscore: math.MaxInt64}},
	} {
		text := c.encode("wins", end, at)
		got, err := c.decode("wins", end.In(time.FixedZone("", 3600)), text)
		require.NoError(t, err)
		require.Equal(t, at, got)

		_, err = c.decode("wins", end.Add(time.Second), text)
		require.ErrorIs(t, err, ErrCursor, "of another period")
		_, err = c.decode("wins", time.Time{}, text)
		require.ErrorIs(t, err, ErrCursor, "of a board without periods")
		_, err = c.decode("win", end, text)
		require.ErrorIs(t, err, ErrCursor, "of another board")
	}
	first := c.encode(strings.Repeat("x", maxID), time.Time{}, cursor{})
	_, err := c.decode(strings.Repeat("x", maxID), time.Time{}, first)
	require.NoError(t, err)
}

func FuzzCursor(f *testing.F) {
	c := cursors{key: []byte("key")}
	good := c.encode("wins", time.Time{}, cursor{back: true, entry: Standing{Owner: "ann", Score: 3}})
	f.Add(good)
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := c.decode("wins", time.Time{}, text)
		if err != nil {
			require.ErrorIs(t, err, ErrCursor)
			return
		}
		require.Equal(t, text, c.encode("wins", time.Time{}, at), "only what was encoded is decoded")
	})
}
