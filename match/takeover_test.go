package match_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

func TestAnotherProcessHasTakenTheMatchOver(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		old, journal := w.Registry, w.journal
		w.restart(t)
		require.Equal(t, "1", w.signal(id, "count"))
		journal.take()

		_, err := old.Signal(t.Context(), id, "count")
		require.ErrorIs(t, err, match.ErrNotFound)
		synctest.Wait()
		require.Equal(t, []string{fmt.Sprintf("ended (%v) to ann", match.ErrStale), "flush ann"}, journal.take())
		require.Equal(t, "2", w.signal(id, "count"), "which goes on")
	})
}

// So it is with a match that sleeps outside of memory, and where two processes have begun at the same time.
func TestAnotherProcessHasWokenTheMatch(t *testing.T) {
	for name, both := range map[string]bool{"which began later": false, "which began at the same time": true} {
		t.Run(name, func(t *testing.T) {
			inKeptWorld(t, func(t *testing.T, w *keptWorld) {
				var cause error
				w.hooks.Ended = func(_ match.Info, _ []presence.Presence, err error) { cause = err }
				w.restart(t)
				id := w.create("m")
				if both {
					w.restart(t)
				}
				old, journal := w.Registry, w.journal
				w.restart(t)
				require.Equal(t, "1", w.signal(id, "count"))

				_, err := old.Signal(t.Context(), id, "count")
				require.ErrorIs(t, err, match.ErrNotFound)
				synctest.Wait()
				require.Empty(t, journal.take(), "the state that the other has changed is not even restored")
				require.Zero(t, old.Len())
				require.ErrorIs(t, cause, match.ErrStale)
				require.Equal(t, "2", w.signal(id, "count"))
			})
		})
	}
}
