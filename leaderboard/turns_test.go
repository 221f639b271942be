package leaderboard

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTurnsAreTakenOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		const users = 10
		inside, served := 0, 0
		var all sync.WaitGroup
		for range users {
			all.Go(func() {
				done, err := turns.take(t.Context(), "ann")
				if err != nil {
					t.Error(err)
					return
				}
				defer done()
				if inside++; inside != 1 {
					t.Error("two have the turn")
				}
				time.Sleep(time.Second)
				inside--
				served++
			})
		}
		all.Wait()
		require.Equal(t, users, served)
		require.Empty(t, turns.keys, "nothing is kept of keys out of use")
	})
}

func TestTurnsOfOtherKeysAreFree(t *testing.T) {
	var turns turns
	ann, err := turns.take(t.Context(), "ann")
	require.NoError(t, err)
	bob, err := turns.take(t.Context(), "bob")
	require.NoError(t, err)
	ann()
	bob()
	require.Empty(t, turns.keys)
}

func TestTurnsEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		done, err := turns.take(t.Context(), "ann")
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = turns.take(ctx, "ann")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, turns.keys, 1, "it is still taken")
		done()
		require.Empty(t, turns.keys)
	})
}
