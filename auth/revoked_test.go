package auth

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// revocations is a store of which a test sees what it was given.
type revocations struct {
	stored []Revocation
	err    error
	gate   chan struct{} // if not nil, Revoke waits for it
}

func (r *revocations) Revoke(ctx context.Context, rev Revocation) error {
	if r.gate != nil {
		<-r.gate
	}
	if r.err == nil {
		r.stored = append(r.stored, rev)
	}
	return r.err
}

func (r *revocations) Revocations(context.Context, time.Time) ([]Revocation, error) {
	return r.stored, nil
}

func session(user, family string, mark int64) *sessionClaims {
	return &sessionClaims{User: user, Family: family, Mark: mark}
}

func TestEndsAreNumberedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocations{}
		r, err := openRevoked(t.Context(), store, time.Hour)
		require.NoError(t, err)
		require.Zero(t, r.mark())
		now := time.Now().UTC()
		for i := range 3 { // within one millisecond
			at, err := r.endUser(t.Context(), "ann")
			require.NoError(t, err)
			require.Equal(t, now.UnixMilli()+int64(i), at)
			require.Equal(t, at, r.mark())
			require.True(t, r.refuses(session("ann", "f", at-1)))
			require.False(t, r.refuses(session("ann", "f", at)))
			require.False(t, r.refuses(session("bob", "f", 0)))
		}
		require.Equal(t, Revocation{User: "ann", At: now.Add(2 * time.Millisecond), Until: now.Add(time.Hour + keepLonger)}, store.stored[2])

		again, err := openRevoked(t.Context(), store, time.Hour)
		require.NoError(t, err)
		require.Equal(t, r.mark(), again.mark(), "after a restart")
		time.Sleep(time.Second)
		at, err := again.endUser(t.Context(), "bob")
		require.NoError(t, err)
		require.Equal(t, time.Now().UnixMilli(), at)
	})
}

func TestEndThatIsNotStoredDoesNotCount(t *testing.T) {
	store := &revocations{err: errors.New("the disk is gone")}
	r, err := openRevoked(t.Context(), store, time.Hour)
	require.NoError(t, err)
	_, err = r.endUser(t.Context(), "ann")
	require.ErrorIs(t, err, store.err)
	require.ErrorIs(t, r.endFamily(t.Context(), "ann", "f", time.Now()), store.err)
	require.Zero(t, r.mark())
	require.False(t, r.refuses(session("ann", "f", 0)))
}

func TestEndWaitsForItsTurnWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &revocations{gate: make(chan struct{})}
		r, err := openRevoked(t.Context(), store, time.Hour)
		require.NoError(t, err)
		first := make(chan error)
		go func() {
			_, err := r.endUser(context.Background(), "ann")
			first <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = r.endUser(ctx, "bob")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.False(t, r.refuses(session("ann", "f", 0)), "checks do not wait")
		close(store.gate)
		require.NoError(t, <-first)
	})
}

func TestSweepForgetsWhatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := openRevoked(t.Context(), &revocations{}, 90*time.Minute)
		require.NoError(t, err)
		end := func(user, family string, life time.Duration) {
			require.NoError(t, r.endFamily(t.Context(), user, family, time.Now().Add(life)))
		}
		mark, err := r.endUser(t.Context(), "ann")
		require.NoError(t, err)
		end("ann", "short", time.Second)
		end("ann", "long", 3*time.Hour)

		time.Sleep(59 * time.Minute)
		end("bob", "1", time.Hour)
		require.Len(t, r.families, 3, "not yet")
		time.Sleep(time.Minute)
		end("bob", "2", time.Hour)
		require.NotContains(t, r.families, "short")
		require.Contains(t, r.families, "long")
		require.Contains(t, r.users, "ann")

		time.Sleep(time.Hour + keepLonger)
		end("bob", "3", time.Hour)
		require.Empty(t, r.users)
		require.Equal(t, mark, r.mark(), "numbers go on from it")
		require.Len(t, r.families, 2)
	})
}
