package auth_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

const (
	annsEmail    = "ann@example.com"
	annsPassword = "password of ann"
)

// throttled opens a service with small limits and an account of ann's.
func throttled(t *testing.T) *auth.Service {
	c := config(newStore())
	c.FailuresPerAccount, c.FailuresPerAddress, c.FailureWindow = 3, 6, time.Minute
	s := open(t, c)
	_, err := s.SignInEmail(t.Context(), annsEmail, annsPassword, auth.SignIn{Create: true, Username: "ann"})
	require.NoError(t, err)
	return s
}

func from(addr string) auth.SignIn { return auth.SignIn{Addr: netip.MustParseAddr(addr)} }

func requireThrottled(t *testing.T, err error, what string) {
	t.Helper()
	requireError(t, err, auth.CodeResourceExhausted, "Too many failed attempts "+what+", try again later.", auth.ErrThrottled)
}

func TestFailuresOfAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := throttled(t)
		try := func(email, password string) error {
			_, err := s.SignInEmail(t.Context(), email, password, auth.SignIn{})
			return err
		}
		for range 2 {
			require.ErrorIs(t, try(annsEmail, "not her password"), auth.ErrCredentials)
		}
		require.NoError(t, try(annsEmail, annsPassword), "which clears the two")
		for range 3 {
			require.ErrorIs(t, try("Ann@Example.com", "not her password"), auth.ErrCredentials)
			require.ErrorIs(t, try("nobody@example.com", annsPassword), auth.ErrNotFound)
		}
		for range 100 {
			requireThrottled(t, try(annsEmail, "not her password"), "for this account")
		}
		requireThrottled(t, try("nobody@example.com", annsPassword), "for this account") // as if there were one
		time.Sleep(20 * time.Second)
		err := try(annsEmail, annsPassword)
		requireThrottled(t, err, "for this account")
		require.Equal(t, 40*time.Second, err.(*auth.Error).Retry) //nolint:errorlint // it is documented as that type
		time.Sleep(40 * time.Second)
		require.NoError(t, try(annsEmail, annsPassword))
	})
}

// Names are public: who guesses by name does not keep the owner from signing in by address.
func TestFailuresByNameAndByEmailCountApart(t *testing.T) {
	s := throttled(t)
	try := func(email, password string) error {
		_, err := s.SignInEmail(t.Context(), email, password, auth.SignIn{Username: "ann"})
		return err
	}
	for range 3 {
		require.ErrorIs(t, try("", "not her password"), auth.ErrCredentials)
	}
	requireThrottled(t, try("", annsPassword), "for this account")
	require.NoError(t, try(annsEmail, annsPassword))
	requireThrottled(t, try("", annsPassword), "for this account")
}

func TestFailuresFromAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := throttled(t)
		for i, addr := range []string{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"} {
			_, err := s.SignInDevice(t.Context(), fmt.Sprintf("unknown-device-%d", i), from(addr))
			require.ErrorIs(t, err, auth.ErrNotFound)
		}
		_, err := s.SignInEmail(t.Context(), annsEmail, annsPassword, from("192.0.2.1"))
		requireThrottled(t, err, "from this address")
		_, err = s.SignInEmail(t.Context(), annsEmail, annsPassword, from("192.0.2.2"))
		require.NoError(t, err, "others are not concerned")
		_, err = s.SignInEmail(t.Context(), annsEmail, annsPassword, auth.SignIn{})
		require.NoError(t, err, "nor is the host itself")

		for i := range 6 { // a subscriber has a whole network
			_, err = s.SignInDevice(t.Context(), "unknown-device", from(fmt.Sprintf("2001:db8::%d", i)))
			require.ErrorIs(t, err, auth.ErrNotFound)
		}
		_, err = s.SignInDevice(t.Context(), "unknown-device", from("2001:db8::ffff"))
		requireThrottled(t, err, "from this address")
		_, err = s.SignInDevice(t.Context(), "unknown-device", from("2001:db8:0:1::"))
		require.ErrorIs(t, err, auth.ErrNotFound)
		time.Sleep(time.Minute)
		_, err = s.SignInEmail(t.Context(), annsEmail, annsPassword, from("192.0.2.1"))
		require.NoError(t, err)
	})
}

// A school, a mobile network: many players behind one address.
func TestGoodSignInsAreNotCounted(t *testing.T) {
	s := throttled(t)
	for i := range 1000 {
		o := from("192.0.2.1")
		o.Create = true
		_, err := s.SignInDevice(t.Context(), fmt.Sprintf("device-%06d", i), o)
		require.NoError(t, err)
		if i%100 == 0 { // passwords cost time
			_, err = s.SignInEmail(t.Context(), annsEmail, annsPassword, from("192.0.2.1"))
			require.NoError(t, err)
		}
	}
}

// However many guesses are on their way at once, the client learns of so many that they were wrong; and nothing of the
// others, not even that one was right.
func TestFailuresAtOnce(t *testing.T) {
	c := config(newStore())
	c.FailuresPerAccount, c.HashQueue = 3, 1000
	s := open(t, c)
	_, err := s.SignInEmail(t.Context(), annsEmail, annsPassword, auth.SignIn{Create: true})
	require.NoError(t, err)
	var told atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			_, err := s.SignInEmail(t.Context(), annsEmail, fmt.Sprintf("guess %06d", i), auth.SignIn{})
			if code(err) == auth.CodeUnauthenticated {
				told.Add(1)
			} else if code(err) != auth.CodeResourceExhausted {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(3), told.Load())
}

// Whether a banned user's password was right is not told either, once there were too many guesses.
func TestFailuresOfABannedAccount(t *testing.T) {
	s := throttled(t)
	session, err := s.SignInEmail(t.Context(), annsEmail, annsPassword, auth.SignIn{})
	require.NoError(t, err)
	require.NoError(t, s.Ban(t.Context(), session.User))
	for range 3 {
		_, err = s.SignInEmail(t.Context(), annsEmail, "not her password", auth.SignIn{})
		require.ErrorIs(t, err, auth.ErrCredentials)
	}
	_, err = s.SignInEmail(t.Context(), annsEmail, annsPassword, auth.SignIn{})
	requireThrottled(t, err, "for this account")
}

func TestNoLimitOfFailures(t *testing.T) {
	c := config(newStore())
	c.FailuresPerAccount, c.FailuresPerAddress = -1, -1
	s := open(t, c)
	for range 2 * 100 { // twice what there is without a setting
		_, err := s.SignInDevice(t.Context(), "unknown-device", from("192.0.2.1"))
		require.ErrorIs(t, err, auth.ErrNotFound)
	}
	for range 2 * 10 {
		_, err := s.SignInEmail(t.Context(), "nobody@example.com", "password", from("192.0.2.1"))
		require.ErrorIs(t, err, auth.ErrNotFound)
	}
}
