package auth_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

// shelf is another store that keeps things of users, and may fail.
type shelf struct {
	mu     sync.Mutex
	things map[string]int
	fails  error
}

func (s *shelf) remove(_ context.Context, user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return s.fails
	}
	delete(s.things, user)
	return nil
}

func (s *shelf) put(user string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things[user] = n
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

func (s *shelf) has() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.things)
}

// noted is the users whose deletion is not forgotten.
func (f *fakeStore) noted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Collect(maps.Keys(f.deletions))
}

func TestDeleteAccountTakesBelongingsAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newStore()
		scores, saves := &shelf{things: map[string]int{}}, &shelf{things: map[string]int{}}
		var log strings.Builder
		c := config(f)
		c.Logger = textLog(&log)
		c.Belongings = []func(context.Context, string) error{scores.remove, saves.remove}
		s := open(t, c)
		user, other := device(t, s, phone).User, device(t, s, "device-of-another").User
		for _, u := range []string{user, other} {
			scores.put(u, 1)
			saves.put(u, 1)
		}
		scores.fail(errors.New("the disk of the scores is gone"))

		require.NoError(t, s.DeleteAccount(t.Context(), user), "the account is gone and the rest is noted")
		require.NotContains(t, f.accounts, user)
		require.Equal(t, map[string]int{other: 1}, saves.has(), "one that fails does not keep the others back")
		require.Len(t, scores.has(), 2)
		require.Contains(t, log.String(), "the disk of the scores is gone")

		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error)
		s = open(t, c) // as after a crash
		go func() { ran <- s.Run(ctx) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		synctest.Wait()
		require.Len(t, scores.has(), 2)
		require.Contains(t, f.noted(), user, "it is tried until it succeeds")
		scores.fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		synctest.Wait()
		require.Equal(t, map[string]int{other: 1}, scores.has())
		require.Empty(t, f.noted())

		// Who was let in before the account went may write a last time.
		require.NoError(t, s.DeleteAccount(t.Context(), other))
		saves.put(other, 2)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		synctest.Wait()
		require.Empty(t, saves.has())
		require.Empty(t, f.noted())
		stop()
		require.NoError(t, <-ran)
	})
}

func TestRunGoesOnWhenTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newStore()
		var log strings.Builder
		c := config(f)
		c.Logger = textLog(&log)
		s := open(t, c)
		require.NoError(t, s.DeleteAccount(t.Context(), device(t, s, phone).User))
		f.breakOn("Deletions")
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error)
		go func() { ran <- s.Run(ctx) }()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		synctest.Wait()
		f.mend("Deletions")
		f.breakOn("ForgetDeletion")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		synctest.Wait()
		require.Len(t, f.noted(), 1)
		f.mend("ForgetDeletion")
		time.Sleep(time.Minute)
		synctest.Wait()
		synctest.Wait()
		require.Empty(t, f.noted())
		require.Contains(t, log.String(), "Error reading deletions.")
		require.Contains(t, log.String(), "Error forgetting a deletion.")
		stop()
		require.NoError(t, <-ran)
	})
}

func TestBan(t *testing.T) {
	s, f := start(t)
	session := device(t, s, phone)
	for range 2 {
		require.NoError(t, s.Ban(t.Context(), strings.ToUpper(session.User)))
	}
	require.False(t, alive(t, s, session))
	_, err := s.SignInDevice(t.Context(), phone, auth.SignIn{})
	requireError(t, err, auth.CodePermissionDenied, "User account banned.", auth.ErrBanned)
	s = open(t, config(f))
	require.False(t, alive(t, s, session), "after a restart")

	for range 2 {
		require.NoError(t, s.Unban(t.Context(), session.User))
	}
	require.False(t, alive(t, s, session), "what has ended stays so")
	require.True(t, alive(t, s, device(t, s, phone)))

	for _, id := range []string{"nobody", "00000000-0000-4000-8000-000000000000"} {
		requireError(t, s.Ban(t.Context(), id), auth.CodeNotFound, "Account not found.", auth.ErrNotFound)
		requireError(t, s.Unban(t.Context(), id), auth.CodeNotFound, "Account not found.", auth.ErrNotFound)
	}
	f.breakOn("Revoke")
	requireError(t, s.Ban(t.Context(), session.User), auth.CodeInternal, "Error ending sessions.", errBroken)
	f.breakOn("DisableAccount")
	requireError(t, s.Ban(t.Context(), session.User), auth.CodeInternal, "Error while trying to update account.", errBroken)
}
