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
				if err := turns.take(t.Context(), "ann"); err != nil {
					t.Error(err)
					return
				}
				defer turns.free("ann")
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
		require.Empty(t, turns.waiting, "nothing is kept of keys out of use")
	})
}

func TestTurnsOfOtherKeysAreFree(t *testing.T) {
	var turns turns
	require.NoError(t, turns.take(t.Context(), "ann"))
	require.NoError(t, turns.take(t.Context(), "bob"))
	turns.free("ann")
	turns.free("bob")
	require.Empty(t, turns.waiting)
}

func TestTurnsEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		require.NoError(t, turns.take(t.Context(), "ann"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, turns.take(ctx, "ann"), context.DeadlineExceeded)
		require.Len(t, turns.waiting, 1, "it is still taken")
		turns.free("ann")
		require.Empty(t, turns.waiting)
	})
}

// Those who wait are served in the order in which they came, past one that has gone away.
func TestTurnsAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		require.NoError(t, turns.take(t.Context(), "ann"))
		var served []int
		for i := range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				if turns.take(ctx, "ann") == nil {
					served = append(served, i)
					turns.free("ann")
				}
			}()
			synctest.Wait() // it is in the queue
			if i == 2 {
				cancel()
			}
		}
		synctest.Wait()
		turns.free("ann")
		synctest.Wait()
		require.Equal(t, []int{0, 1, 3, 4}, served)
		require.Empty(t, turns.waiting)
	})
}

// A turn that is given to who goes away at the same moment is passed on.
func TestTurnsAreNotLost(t *testing.T) {
	var turns turns
	require.NoError(t, turns.take(t.Context(), "ann"))
	gone, next := turns.enter("ann"), turns.enter("ann")
	turns.free("ann")
	<-gone // it has the turn, and does not want it any more
	turns.giveUp("ann", gone)
	<-next
	turns.free("ann")
	require.Empty(t, turns.waiting)
}
