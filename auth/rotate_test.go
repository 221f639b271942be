package auth_test

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

// rotating returns a service that rotates, and a func that opens it again on the same store.
func rotating(t *testing.T) (s *auth.Service, f *fakeStore, reopen func() *auth.Service) {
	f = newStore()
	c := config(f)
	c.Rotate = true
	reopen = func() *auth.Service { return open(t, c) }
	return reopen(), f, reopen
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, reopen := rotating(t)
		first := device(t, s, phone)
		time.Sleep(1500 * time.Millisecond)
		second, err := s.Refresh(t.Context(), first.RefreshToken, map[string]string{"a": "1"})
		require.NoError(t, err)
		require.NotEqual(t, first.RefreshToken, second.RefreshToken)

		time.Sleep(10 * time.Second)
		third, err := s.Refresh(t.Context(), second.RefreshToken, nil)
		require.NoError(t, err)

		time.Sleep(19*time.Second + 999*time.Millisecond)
		s = reopen() // which is no reason to forget
		again, err := s.Refresh(t.Context(), first.RefreshToken, map[string]string{"b": "2"})
		require.NoError(t, err)
		require.Equal(t, second, again, "the same successors, also after the second was exchanged")
		for _, good := range []auth.Session{second, third} {
			require.True(t, alive(t, s, good))
		}

		var ended []auth.Ending
		s.Watch(func(e auth.Ending) { ended = append(ended, e) })
		time.Sleep(time.Millisecond)
		_, err = s.Refresh(t.Context(), first.RefreshToken, nil)
		requireError(t, err, auth.CodeUnauthenticated, "Refresh token invalid or expired.", auth.ErrToken)
		require.Len(t, ended, 1)
		require.Equal(t, first.User, ended[0].User)
		require.NotEmpty(t, ended[0].Family, "the other sign-ins go on")
		_, err = reopen().Refresh(t.Context(), third.RefreshToken, nil)
		require.ErrorIs(t, err, auth.ErrToken)
		require.False(t, alive(t, s, third))
	})
}

// Long after the exchange its row is forgotten, and the token is known to be old all the same.
func TestRotationRemembersWhatItForgot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f, _ := rotating(t)
		first := device(t, s, phone)
		session, other := first, device(t, s, phone)
		for range 5 {
			time.Sleep(time.Minute)
			var err error
			session, err = s.Refresh(t.Context(), session.RefreshToken, nil)
			require.NoError(t, err)
		}
		for _, rows := range f.rotations {
			require.Len(t, rows, 1)
		}
		_, err := s.Refresh(t.Context(), first.RefreshToken, nil)
		require.ErrorIs(t, err, auth.ErrToken)
		require.False(t, alive(t, s, session))
		_, err = s.Refresh(t.Context(), other.RefreshToken, nil)
		require.NoError(t, err)
	})
}

func TestRotationAtOnce(t *testing.T) {
	s, _, _ := rotating(t)
	first := device(t, s, phone)
	const n = 8
	var got [n]auth.Session
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			session, err := s.Refresh(t.Context(), first.RefreshToken, nil)
			if err != nil {
				t.Error(err)
			}
			got[i] = session
		})
	}
	wg.Wait()
	for _, session := range got {
		require.Equal(t, got[0], session)
	}
}

func TestRotationFailures(t *testing.T) {
	s, f, _ := rotating(t)
	first := device(t, s, phone)
	second, err := s.Refresh(t.Context(), first.RefreshToken, nil)
	require.NoError(t, err)
	family := verify(t, s, second).Family

	f.rotations[family][0].Successor = []byte("nonsense")
	_, err = s.Refresh(t.Context(), first.RefreshToken, nil)
	var syntax *json.SyntaxError
	require.ErrorAs(t, err, &syntax)

	f.rotations[family][0].At = time.Now().Add(-time.Hour)
	f.breakOn("Revoke")
	_, err = s.Refresh(t.Context(), first.RefreshToken, nil)
	requireError(t, err, auth.CodeInternal, "Error ending session.", errBroken)
	f.breakOn("Rotate")
	_, err = s.Refresh(t.Context(), second.RefreshToken, nil)
	requireError(t, err, auth.CodeInternal, "Error exchanging the refresh token.", errBroken)
	verify(t, s, second) // nothing has ended
}
