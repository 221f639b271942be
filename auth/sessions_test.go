package auth_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

// alive tells whether a session's tokens are still good; both must say the same.
func alive(t require.TestingT, s *auth.Service, session auth.Session) bool {
	_, access := s.Verify(session.Token)
	_, refresh := s.Refresh(context.Background(), session.RefreshToken, nil)
	require.Equal(t, access == nil, refresh == nil, "access: %v, refresh: %v", access, refresh)
	return access == nil
}

func verify(t testing.TB, s *auth.Service, session auth.Session) auth.Claims {
	t.Helper()
	claims, err := s.Verify(session.Token)
	require.NoError(t, err)
	return claims
}

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := start(t)
		ctx := t.Context()
		first, err := s.SignInDevice(ctx, phone, auth.SignIn{
			Username: "ann", Create: true, Vars: map[string]string{"build": "7"},
		})
		require.NoError(t, err)
		signIn := time.Now()
		require.NoError(t, s.UpdateAccount(ctx, first.User, auth.Update{Username: new("anna")}))
		require.Equal(t, "ann", verify(t, s, first).Username, "a rename does not change live tokens")

		time.Sleep(10 * time.Minute)
		second, err := s.Refresh(ctx, first.RefreshToken, map[string]string{})
		require.NoError(t, err)
		require.False(t, second.Created)
		require.Equal(t, "anna", second.Username)
		was, now := payload(t, first.Token), payload(t, second.Token)
		require.Equal(t, was["tid"], now["tid"])
		require.Equal(t, was["iat"], now["iat"])
		require.Equal(t, was["vrs"], now["vrs"], "an empty map keeps the variables")
		require.Equal(t, "anna", now["usn"])
		require.EqualValues(t, signIn.Add(11*time.Minute).Unix(), now["exp"])
		require.EqualValues(t, signIn.Add(70*time.Minute).Unix(), payload(t, second.RefreshToken)["exp"])

		same, err := s.Refresh(ctx, first.RefreshToken, nil)
		require.NoError(t, err, "the old refresh token stays good")
		require.Equal(t, second, same)

		third, err := s.Refresh(ctx, second.RefreshToken, map[string]string{"mode": "duel"})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"mode": "duel"}, verify(t, s, third).Vars)
		require.Equal(t, map[string]any{"mode": "duel"}, payload(t, third.RefreshToken)["vrs"])
	})
}

func TestRefreshRefusals(t *testing.T) {
	s, f := start(t)
	session := device(t, s, phone)
	refresh := func() error {
		_, err := s.Refresh(t.Context(), session.RefreshToken, nil)
		return err
	}
	f.ban(session.User)
	requireError(t, refresh(), auth.CodePermissionDenied, "User account banned.", auth.ErrBanned)
	require.NoError(t, f.DeleteAccount(t.Context(), session.User, time.Now()))
	requireError(t, refresh(), auth.CodeNotFound, "User account not found.", auth.ErrNotFound)
	f.breakOn("AccountsByID")
	requireError(t, refresh(), auth.CodeInternal, "Error finding user account.", errBroken)
}

// However often it is refreshed, a family ends at its time, and no token outlives it.
func TestFamilyLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(newStore())
		cfg.FamilyTTL = 2 * time.Hour
		s := open(t, cfg)
		session := device(t, s, phone)
		end := time.Now().Add(2 * time.Hour)
		for time.Until(end) > 30*time.Second {
			var err error
			session, err = s.Refresh(t.Context(), session.RefreshToken, nil)
			require.NoError(t, err)
			require.LessOrEqual(t, payload(t, session.RefreshToken)["exp"], float64(end.Unix()))
			time.Sleep(30 * time.Second)
		}
		session, err := s.Refresh(t.Context(), session.RefreshToken, nil)
		require.NoError(t, err)
		require.EqualValues(t, end.Unix(), payload(t, session.Token)["exp"], "cut short")
		time.Sleep(time.Until(end))
		require.False(t, alive(t, s, session))
	})
}

// No revocation is kept for longer than the present FamilyTTL, so no family may live longer.
func TestFamilyLifetimeMadeShorter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newStore()
		old := device(t, open(t, config(f)), phone)
		cfg := config(f)
		cfg.FamilyTTL = 10 * time.Second
		s := open(t, cfg)
		require.True(t, alive(t, s, old))
		time.Sleep(10 * time.Second)
		require.False(t, alive(t, s, old))
	})
}

func TestLogout(t *testing.T) {
	ctx := context.Background()
	s, _ := start(t)
	ann, bob := device(t, s, phone), device(t, s, "device-bob")
	caller := verify(t, s, ann)
	const badAccess, badRefresh = "Session token invalid.", "Refresh token invalid."
	for _, c := range []struct{ name, access, refresh, want string }{
		{"garbage", "garbage", "", badAccess},
		{"somebody else's", bob.Token, "", badAccess},
		{"a refresh token as access token", ann.RefreshToken, "", badAccess},
		{"garbage, good refresh", "garbage", ann.RefreshToken, badAccess},
		{"garbage refresh", "", "garbage", badRefresh},
		{"somebody else's refresh", "", bob.RefreshToken, badRefresh},
		{"an access token as refresh token", "", ann.Token, badRefresh},
		{"good access, bad refresh", ann.Token, bob.RefreshToken, badRefresh},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireError(t, s.Logout(ctx, caller, c.access, c.refresh), auth.CodeInvalidArgument, c.want, auth.ErrToken)
			require.True(t, alive(t, s, ann))
			require.True(t, alive(t, s, bob))
		})
	}

	for name, tokens := range map[string]func(auth.Session) (access, refresh string){
		"both":    func(x auth.Session) (string, string) { return x.Token, x.RefreshToken },
		"access":  func(x auth.Session) (string, string) { return x.Token, "" },
		"refresh": func(x auth.Session) (string, string) { return "", x.RefreshToken },
	} {
		t.Run(name, func(t *testing.T) {
			session, other := device(t, s, phone), device(t, s, phone)
			refreshed, err := s.Refresh(ctx, session.RefreshToken, map[string]string{"n": "1"})
			require.NoError(t, err)
			access, refresh := tokens(session)
			require.NoError(t, s.Logout(ctx, caller, access, refresh))
			require.False(t, alive(t, s, session))
			require.False(t, alive(t, s, refreshed), "of the same family")
			require.True(t, alive(t, s, other), "of another sign-in")
			require.NoError(t, s.Logout(ctx, caller, access, refresh), "twice is no error")
		})
	}
	t.Run("tokens of two families", func(t *testing.T) {
		x, y := device(t, s, phone), device(t, s, phone)
		require.NoError(t, s.Logout(ctx, caller, x.Token, y.RefreshToken))
		require.False(t, alive(t, s, x))
		require.False(t, alive(t, s, y))
	})
	t.Run("neither", func(t *testing.T) {
		other := device(t, s, phone)
		require.NoError(t, s.Logout(ctx, caller, "", ""))
		require.False(t, alive(t, s, ann))
		require.False(t, alive(t, s, other))
		require.True(t, alive(t, s, bob))
	})
	t.Run("expired", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s, _ := start(t)
			session := device(t, s, phone)
			caller := verify(t, s, session)
			time.Sleep(time.Minute)
			requireError(t, s.Logout(ctx, caller, session.Token, session.RefreshToken),
				auth.CodeInvalidArgument, badAccess, auth.ErrToken)
			require.NoError(t, s.Logout(ctx, caller, "", session.RefreshToken))
			_, err := s.Refresh(ctx, session.RefreshToken, nil)
			require.ErrorIs(t, err, auth.ErrToken)
		})
	})
}
