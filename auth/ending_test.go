package auth_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/auth"
)

// In a bubble the clock stands still, so all of this happens in the same nanosecond.
func TestEndSessionsIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := start(t)
		bob := device(t, s, "device-bob")
		before := device(t, s, phone)
		for range 3 {
			require.NoError(t, s.EndSessions(t.Context(), before.User))
			require.False(t, alive(t, s, before))
			after := device(t, s, phone)
			require.True(t, alive(t, s, after))
			s = open(t, config(f))
			require.False(t, alive(t, s, before), "after a restart")
			require.True(t, alive(t, s, after), "after a restart")
			before = after
		}
		require.True(t, alive(t, s, bob))
	})
}

// Tokens of users whose sessions were never ended look like those of the reference, whatever others do.
func TestOnlyTokensThatNeedItHaveAMark(t *testing.T) {
	s, _ := start(t)
	ann, bob := device(t, s, phone), device(t, s, "device-bob")
	require.NoError(t, s.EndSessions(t.Context(), ann.User))
	require.Contains(t, payload(t, device(t, s, phone).Token), "rev")
	for _, session := range []auth.Session{bob, device(t, s, "device-bob"), device(t, s, "device-cyd")} {
		require.NotContains(t, payload(t, session.Token), "rev")
		require.True(t, alive(t, s, session))
	}
	require.NoError(t, s.EndSessions(t.Context(), bob.User))
	require.False(t, alive(t, s, bob))
}

func TestEndSessionsTakesAnIDInAnyForm(t *testing.T) {
	s, _ := start(t)
	session := device(t, s, phone)
	require.NoError(t, s.EndSessions(t.Context(), strings.ToUpper(session.User)))
	require.False(t, alive(t, s, session))
}

// A sign-in that has read the account before it was banned must not end up with a session after the ban.
func TestEndSessionsRefusesSignInOnItsWay(t *testing.T) {
	s, f := start(t)
	user := device(t, s, phone).User
	f.before = func(method string) {
		if method == "AccountByIdentity" {
			f.before = nil
			require.NoError(t, s.EndSessions(t.Context(), user))
		}
	}
	require.False(t, alive(t, s, device(t, s, phone)))
	require.True(t, alive(t, s, device(t, s, phone)))
}

func TestRevocationsAreKeptAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newStore()
		cfg := config(f)
		cfg.FamilyTTL = 5 * time.Hour
		s := open(t, cfg)
		session := device(t, s, phone)
		caller := verify(t, s, session)
		for i := range 9 { // half an hour apart, so that the session would live on
			time.Sleep(30 * time.Minute)
			var err error
			session, err = s.Refresh(t.Context(), session.RefreshToken, nil)
			require.NoError(t, err)
			if i == 1 {
				require.NoError(t, s.Logout(t.Context(), caller, device(t, s, phone).Token, ""))
			}
		}
		require.NoError(t, s.Logout(t.Context(), caller, session.Token, ""))
		require.Len(t, f.revoked, 2)

		time.Sleep(30 * time.Minute)
		s = open(t, cfg)
		_, err := s.Refresh(t.Context(), session.RefreshToken, nil)
		require.ErrorIs(t, err, auth.ErrToken)
		require.Len(t, f.revoked, 2, "kept a minute longer than the family")

		time.Sleep(time.Minute)
		open(t, cfg)
		require.Len(t, f.revoked, 1, "it is over: only the one that began later is left")
	})
}

func TestRevokeFailures(t *testing.T) {
	f := newStore()
	cfg := config(f)
	told := 0
	s := open(t, cfg)
	s.Watch(func(auth.Ending) { told++ })
	session := device(t, s, phone)
	caller := verify(t, s, session)
	f.breakOn("Revoke")
	requireError(t, s.Logout(t.Context(), caller, session.Token, ""), auth.CodeInternal, "Error ending session.", errBroken)
	requireError(t, s.Logout(t.Context(), caller, "", ""), auth.CodeInternal, "Error ending sessions.", errBroken)
	requireError(t, s.DeleteAccount(t.Context(), session.User), auth.CodeInternal, "Error ending sessions.", errBroken)
	require.True(t, alive(t, s, session), "what is not stored has not happened")
	require.Zero(t, told)
	_, err := s.Account(t.Context(), session.User)
	require.NoError(t, err)
}

func TestWatch(t *testing.T) {
	s, _ := start(t)
	var told []auth.Ending
	for range 2 {
		s.Watch(func(e auth.Ending) { told = append(told, e) })
	}
	session := device(t, s, phone)
	caller := verify(t, s, session)
	require.NoError(t, s.Logout(t.Context(), caller, session.Token, session.RefreshToken))
	one := auth.Ending{User: caller.User, Family: caller.Family}
	require.Equal(t, []auth.Ending{one, one}, told, "both are told")
	told = nil
	require.NoError(t, s.EndSessions(t.Context(), caller.User))
	require.Equal(t, auth.Ending{User: caller.User}, told[0])
	told = nil
	require.NoError(t, s.Ban(t.Context(), caller.User))
	require.Equal(t, auth.Ending{User: caller.User, Banned: true}, told[0])
}

func TestSingleSession(t *testing.T) {
	f := newStore()
	cfg := config(f)
	cfg.SingleSession = true
	s := open(t, cfg)
	first := device(t, s, phone)
	second := device(t, s, phone)
	require.False(t, alive(t, s, first))
	require.True(t, alive(t, s, second))
	refreshed, err := s.Refresh(t.Context(), second.RefreshToken, map[string]string{"n": "1"})
	require.NoError(t, err)
	require.True(t, alive(t, s, second), "a refresh is not a sign-in")
	require.True(t, alive(t, s, refreshed))

	t.Run("banned meanwhile", func(t *testing.T) {
		f.before = func(method string) {
			if method == "Revoke" {
				f.ban(first.User)
			}
		}
		_, err := s.SignInDevice(t.Context(), phone, auth.SignIn{})
		requireError(t, err, auth.CodePermissionDenied, "User account banned.", auth.ErrBanned)
	})
	t.Run("store fails", func(t *testing.T) {
		f.before = nil
		f.change(first.User, func(a *auth.Account) { a.Disabled = time.Time{} })
		f.breakOn("Revoke")
		_, err := s.SignInDevice(t.Context(), phone, auth.SignIn{})
		requireError(t, err, auth.CodeInternal, "Error ending sessions.", errBroken)
	})
}

// Sign-ins and ends at the same time: once all is quiet, memory and store agree and everybody can sign in.
func TestConcurrentEnds(t *testing.T) {
	s, f := start(t)
	old := device(t, s, phone)
	var mu sync.Mutex
	sessions := []auth.Session{old}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				session := device(t, s, phone)
				mu.Lock()
				sessions = append(sessions, session)
				mu.Unlock()
			}
		})
		wg.Go(func() {
			for range 10 {
				if err := s.EndSessions(context.Background(), old.User); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	restarted := open(t, config(f))
	require.False(t, alive(t, s, old))
	for _, session := range sessions {
		require.Equal(t, alive(t, s, session), alive(t, restarted, session))
	}
	require.True(t, alive(t, restarted, device(t, s, phone)))
}

// Whatever is done in whatever order, exactly the sessions that were ended are refused.
func TestSessionsModel(t *testing.T) {
	type known struct {
		auth.Session
		user, family int // who, and which sign-in it comes from
	}
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		f := newStore()
		s, err := auth.Open(ctx, config(f))
		require.NoError(t, err)
		var sessions []known
		families := 0
		ended := map[int]bool{} // by family
		signIn := func(t *rapid.T, user int) {
			session, err := s.SignInDevice(ctx, fmt.Sprintf("device-%04d", user), auth.SignIn{Create: true})
			require.NoError(t, err)
			sessions = append(sessions, known{session, user, families})
			families++
		}
		for user := range 3 {
			signIn(t, user)
		}
		pick := func(t *rapid.T) known { return rapid.SampledFrom(sessions).Draw(t, "session") }
		t.Repeat(map[string]func(*rapid.T){
			"sign in": func(t *rapid.T) { signIn(t, rapid.IntRange(0, 2).Draw(t, "user")) },
			"refresh": func(t *rapid.T) {
				from := pick(t)
				session, err := s.Refresh(ctx, from.RefreshToken, map[string]string{"n": fmt.Sprint(len(sessions))})
				require.Equal(t, ended[from.family], err != nil)
				if err == nil {
					sessions = append(sessions, known{session, from.user, from.family})
				}
			},
			"log out": func(t *rapid.T) {
				from := pick(t)
				require.NoError(t, s.Logout(ctx, auth.Claims{User: from.User}, from.Token, ""))
				ended[from.family] = true
			},
			"end all": func(t *rapid.T) {
				from := pick(t)
				require.NoError(t, s.EndSessions(ctx, from.User))
				for _, other := range sessions {
					if other.user == from.user {
						ended[other.family] = true
					}
				}
			},
			"restart": func(t *rapid.T) {
				s, err = auth.Open(ctx, config(f))
				require.NoError(t, err)
			},
			"look": func(t *rapid.T) {
				session := pick(t)
				require.Equal(t, !ended[session.family], alive(t, s, session.Session))
			},
		})
		for _, session := range sessions {
			require.Equal(t, !ended[session.family], alive(t, s, session.Session))
		}
	})
}
