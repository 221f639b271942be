package storage

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCursorsComeBackUnchanged(t *testing.T) {
	lists := []series{
		{"saves", nil},
		{"saves", new("")},
		{"saves", new("ann")},
		{"save", new("sann")},
		{strings.Repeat("👩", maxName), new(strings.Repeat("x", maxOwner))},
	}
	for i, list := range lists {
		for _, at := range []Place{{"a", ""}, {"a", "ann"}, {strings.Repeat("👩", maxName), strings.Repeat("x", maxOwner)}} {
			text := list.encode(at)
			require.LessOrEqual(t, len(text), cursorText)
			got, err := list.decode(text)
			require.NoError(t, err)
			require.Equal(t, at, got)
			for j, other := range lists {
				if i != j {
					_, err := other.decode(text)
					require.ErrorIs(t, err, ErrCursor, "a cursor of list %d for list %d", i, j)
				}
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	list := series{"saves", new("ann")}
	f.Add(list.encode(Place{"slot", "ann"}))
	f.Add("")
	f.Add("AAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := list.decode(text)
		if err != nil {
			require.ErrorIs(t, err, ErrCursor)
			return
		}
		require.Equal(t, text, list.encode(at), "only what was encoded is decoded")
	})
}
