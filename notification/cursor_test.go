package notification

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCursorsComeBackUnchanged(t *testing.T) {
	for _, seq := range []int64{0, 1, 1 << 40, math.MaxInt64} {
		text := encodeCursor("ann", seq)
		got, err := decodeCursor("ann", text)
		require.NoError(t, err)
		require.Equal(t, seq, got)
		_, err = decodeCursor("bob", text)
		require.ErrorIs(t, err, ErrCursor, "of another user")
	}
	_, err := decodeCursor("ann", encodeCursor("ann", -1))
	require.ErrorIs(t, err, ErrCursor, "no Seq is negative")
}

func FuzzCursor(f *testing.F) {
	f.Add(encodeCursor("ann", 7))
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		seq, err := decodeCursor("ann", text)
		if err != nil {
			require.ErrorIs(t, err, ErrCursor)
			return
		}
		require.Equal(t, text, encodeCursor("ann", seq), "only what was encoded is decoded")
	})
}
