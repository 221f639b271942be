package auth_test

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

func TestHooksAreToldOfSignIns(t *testing.T) {
	var told []auth.Outcome
	counted := 0
	c := config(newStore())
	c.FailuresPerAccount = 1
	c.Hooks = auth.Hooks{SignIn: func(_ context.Context, o auth.Outcome) { told = append(told, o) }}
	c.Hooks = c.Hooks.With(auth.Hooks{SignIn: func(context.Context, auth.Outcome) { counted++ }})
	s := open(t, c)
	last := func() auth.Outcome {
		t.Helper()
		require.Len(t, told, counted)
		require.Len(t, told, 1)
		o := told[0]
		told, counted = nil, 0
		return o
	}
	home := netip.MustParseAddr("192.0.2.1")
	const mail, password = "ann@example.com", "password-of-ann"

	_, err := s.SignInEmail(t.Context(), "no address", password, auth.SignIn{})
	require.Error(t, err)
	require.Empty(t, told, "it was not tried")

	session, err := s.SignInEmail(t.Context(), mail, password, auth.SignIn{Username: "ann", Create: true, Addr: home})
	require.NoError(t, err)
	require.Equal(t, auth.Outcome{Kind: auth.Email, Addr: home, User: session.User, Username: "ann", Created: true}, last())

	_, err = s.SignInEmail(t.Context(), "", password, auth.SignIn{Username: "ann"})
	require.NoError(t, err)
	require.Equal(t, auth.Outcome{Kind: auth.Email, User: session.User, Username: "ann"}, last(), "once, though two limits were asked")

	_, err = s.SignInEmail(t.Context(), mail, "password-of-bob", auth.SignIn{Addr: home})
	require.ErrorIs(t, err, auth.ErrCredentials)
	require.Equal(t, auth.Outcome{Kind: auth.Email, Addr: home, Err: err}, last())

	_, err = s.SignInEmail(t.Context(), mail, password, auth.SignIn{})
	require.ErrorIs(t, err, auth.ErrThrottled)
	require.ErrorIs(t, last().Err, auth.ErrThrottled)

	device(t, s, phone)
	require.Equal(t, auth.Device, last().Kind)
	_, err = s.SignInCustom(t.Context(), "from-elsewhere", auth.SignIn{})
	require.ErrorIs(t, err, auth.ErrNotFound)
	require.Equal(t, auth.Outcome{Kind: auth.Custom, Err: err}, last())
}

func TestHooksAreToldOfReusedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(newStore())
		c.Rotate = true
		var users, families []string
		c.Hooks.Reused = func(_ context.Context, user, family string) {
			users, families = append(users, user), append(families, family)
		}
		s := open(t, c)
		first := device(t, s, phone)
		claims, err := s.Verify(first.Token)
		require.NoError(t, err)
		for range 2 { // the second time within the grace: the answer was lost
			_, err = s.Refresh(t.Context(), first.RefreshToken, nil)
			require.NoError(t, err)
		}
		require.Empty(t, users)
		time.Sleep(time.Minute)
		_, err = s.Refresh(t.Context(), first.RefreshToken, nil)
		require.ErrorIs(t, err, auth.ErrToken)
		require.Equal(t, []string{first.User}, users)
		require.Equal(t, []string{claims.Family}, families)
	})
}
