package auth_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

const (
	ann      = "ann@example.com"
	password = "correct horse"
	phone    = "device-0001"
)

func TestSignInCreatesAnAccountOnce(t *testing.T) {
	type signIn func(context.Context, *auth.Service, auth.SignIn) (auth.Session, error)
	for name, c := range map[string]struct {
		first, again signIn
		identity     func(*auth.Account) // fills in the columns that belong to it
	}{
		"email": {
			func(ctx context.Context, s *auth.Service, o auth.SignIn) (auth.Session, error) {
				return s.SignInEmail(ctx, "Ann@Example.com", password, o)
			},
			func(ctx context.Context, s *auth.Service, o auth.SignIn) (auth.Session, error) {
				return s.SignInEmail(ctx, "aNN@example.COM", password, o)
			},
			func(a *auth.Account) { a.Email = ann },
		},
		"device": {
			func(ctx context.Context, s *auth.Service, o auth.SignIn) (auth.Session, error) {
				return s.SignInDevice(ctx, phone, o)
			},
			func(ctx context.Context, s *auth.Service, o auth.SignIn) (auth.Session, error) {
				return s.SignInDevice(ctx, phone, o)
			},
			func(a *auth.Account) { a.Devices = []string{phone} },
		},
		"custom": {
			func(ctx context.Context, s *auth.Service, o auth.SignIn) (auth.Session, error) {
				return s.SignInCustom(ctx, "forum-7", o)
			},
			func(ctx context.Context, s *auth.Service, o auth.SignIn) (auth.Session, error) {
				return s.SignInCustom(ctx, "forum-7", o)
			},
			func(a *auth.Account) { a.CustomID = "forum-7" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := start(t)
				time.Sleep(1500 * time.Millisecond)
				_, err := c.first(t.Context(), s, auth.SignIn{Username: "ann"})
				requireError(t, err, auth.CodeNotFound, "User account not found.", auth.ErrNotFound)

				first, err := c.first(t.Context(), s, auth.SignIn{Username: "ann", Create: true})
				require.NoError(t, err)
				require.True(t, first.Created)
				require.Equal(t, "ann", first.Username)

				now := time.Now().UTC().Truncate(time.Second)
				want := auth.Account{
					ID: first.User, Username: "ann", LangTag: "en", Metadata: "{}", Created: now, Updated: now,
				}
				c.identity(&want)
				got, err := s.Account(t.Context(), first.User)
				require.NoError(t, err)
				require.Equal(t, want, got)

				for _, create := range []bool{false, true} {
					again, err := c.again(t.Context(), s, auth.SignIn{Username: "somebody else", Create: create})
					require.NoError(t, err)
					require.False(t, again.Created)
					require.Equal(t, first.User, again.User)
					require.Equal(t, "ann", again.Username, "the stored name")
					claims, err := s.Verify(again.Token)
					require.NoError(t, err)
					require.Equal(t, "ann", claims.Username)
				}
			})
		})
	}
}

func TestSignInOutcomes(t *testing.T) {
	s, f := start(t)
	ctx := t.Context()
	annSession, err := s.SignInEmail(ctx, ann, password, auth.SignIn{Username: "ann", Create: true})
	require.NoError(t, err)
	_, err = s.SignInDevice(ctx, phone, auth.SignIn{Username: "no password", Create: true})
	require.NoError(t, err)
	badguy, err := s.SignInEmail(ctx, "bad@example.com", password, auth.SignIn{Username: "bad", Create: true})
	require.NoError(t, err)
	f.ban(badguy.User)
	badCustom, err := s.SignInCustom(ctx, "custom-bad", auth.SignIn{Create: true})
	require.NoError(t, err)
	f.ban(badCustom.User)
	f.ban(device(t, s, "device-bad").User)
	broken, err := s.SignInEmail(ctx, "broken@example.com", password, auth.SignIn{Username: "broken", Create: true})
	require.NoError(t, err)
	f.identities[auth.Email]["broken@example.com"] = owned{broken.User, []byte("not a hash")}

	email := func(email, password string, o auth.SignIn) func() (auth.Session, error) {
		return func() (auth.Session, error) { return s.SignInEmail(ctx, email, password, o) }
	}
	long := strings.Repeat("p", 73)
	for _, c := range []struct {
		name   string
		signIn func() (auth.Session, error)
		code   auth.Code
		text   string
		is     error
	}{
		{
			"unknown email", email("who@example.com", password, auth.SignIn{}),
			auth.CodeNotFound, "User account not found.", auth.ErrNotFound,
		},
		{
			"wrong password", email(ann, "wrong horse", auth.SignIn{}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"wrong password, create", email(ann, "wrong horse", auth.SignIn{Create: true}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"password is case-sensitive", email(ann, strings.ToUpper(password), auth.SignIn{}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"unknown username", email("", password, auth.SignIn{Username: "who"}),
			auth.CodeNotFound, "User account not found.", auth.ErrNotFound,
		},
		{
			"username login never creates", email("", password, auth.SignIn{Username: "who", Create: true}),
			auth.CodeNotFound, "User account not found.", auth.ErrNotFound,
		},
		{
			"username is case-sensitive", email("", password, auth.SignIn{Username: "ANN"}),
			auth.CodeNotFound, "User account not found.", auth.ErrNotFound,
		},
		{
			"username, wrong password", email("", "wrong horse", auth.SignIn{Username: "ann"}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"username of an account without password", email("", password, auth.SignIn{Username: "no password"}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"banned", email("bad@example.com", password, auth.SignIn{}),
			auth.CodePermissionDenied, "User account banned.", auth.ErrBanned,
		},
		{
			"banned, wrong password", email("bad@example.com", "wrong horse", auth.SignIn{}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"banned, by username", email("", password, auth.SignIn{Username: "bad"}),
			auth.CodePermissionDenied, "User account banned.", auth.ErrBanned,
		},
		{
			"banned, by username, wrong password", email("", "wrong horse", auth.SignIn{Username: "bad"}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"banned custom id", func() (auth.Session, error) { return s.SignInCustom(ctx, "custom-bad", auth.SignIn{}) },
			auth.CodePermissionDenied, "User account banned.", auth.ErrBanned,
		},
		{
			"banned device", func() (auth.Session, error) { return s.SignInDevice(ctx, "device-bad", auth.SignIn{}) },
			auth.CodePermissionDenied, "User account banned.", auth.ErrBanned,
		},
		{
			"username taken", email("new@example.com", password, auth.SignIn{Username: "ann", Create: true}),
			auth.CodeAlreadyExists, "Username is already in use.", auth.ErrUsernameTaken,
		},
		{
			"73 bytes of password, new", email("new@example.com", long, auth.SignIn{Create: true}),
			auth.CodeInvalidArgument, "Password must be at most 72 bytes long.", auth.ErrInvalid,
		},
		{
			"73 bytes of password, known", email(ann, long, auth.SignIn{Create: true}),
			auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials,
		},
		{
			"73 bytes of password, unknown", email("new@example.com", long, auth.SignIn{}),
			auth.CodeNotFound, "User account not found.", auth.ErrNotFound,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			session, err := c.signIn()
			requireError(t, err, c.code, c.text, c.is)
			require.Zero(t, session)
		})
	}

	t.Run("username login", func(t *testing.T) {
		session, err := s.SignInEmail(ctx, "", password, auth.SignIn{Username: "ann"})
		require.NoError(t, err)
		require.Equal(t, annSession.User, session.User)
		require.False(t, session.Created)
	})
	t.Run("a stored secret that is no hash", func(t *testing.T) {
		_, err := s.SignInEmail(ctx, "broken@example.com", password, auth.SignIn{})
		var e *auth.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, auth.CodeInternal, e.Code)
		require.Equal(t, "Error finding user account.", e.Text)
	})
	t.Run("after unban", func(t *testing.T) {
		f.change(badguy.User, func(a *auth.Account) { a.Disabled = time.Time{} })
		_, err := s.SignInEmail(ctx, "bad@example.com", password, auth.SignIn{})
		require.NoError(t, err)
	})
}

// bcrypt reads 72 bytes; a longer guess with the right start must not pass.
func TestPasswordOf72Bytes(t *testing.T) {
	s, _ := start(t)
	exact := strings.Repeat("p", 72)
	_, err := s.SignInEmail(t.Context(), ann, exact, auth.SignIn{Create: true})
	require.NoError(t, err)
	_, err = s.SignInEmail(t.Context(), ann, exact, auth.SignIn{})
	require.NoError(t, err)
	_, err = s.SignInEmail(t.Context(), ann, exact+"x", auth.SignIn{})
	requireError(t, err, auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials)
}

func TestRandomUsername(t *testing.T) {
	s, f := start(t)
	letters := regexp.MustCompile(`^[a-zA-Z]{10}$`)
	require.Regexp(t, letters, device(t, s, phone).Username)

	// Two names in a row are taken: the sign-in finds a third.
	collisions := 2
	f.before = func(method string) {
		if method != "CreateAccount" {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.fail, method)
		if collisions > 0 {
			collisions--
			f.fail[method] = auth.ErrUsernameTaken
		}
	}
	require.Regexp(t, letters, device(t, s, "device-0002").Username)
	require.Zero(t, collisions)

	collisions = 1000
	_, err := s.SignInDevice(t.Context(), "device-0003", auth.SignIn{Create: true})
	var e *auth.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, auth.CodeInternal, e.Code, "it gives up in the end")
}

func TestConcurrentFirstSignIns(t *testing.T) {
	for name, signIn := range map[string]func(context.Context, *auth.Service) (auth.Session, error){
		"device": func(ctx context.Context, s *auth.Service) (auth.Session, error) {
			return s.SignInDevice(ctx, phone, auth.SignIn{Create: true})
		},
		"device, all with one username": func(ctx context.Context, s *auth.Service) (auth.Session, error) {
			return s.SignInDevice(ctx, phone, auth.SignIn{Username: "ann", Create: true})
		},
		"email": func(ctx context.Context, s *auth.Service) (auth.Session, error) {
			return s.SignInEmail(ctx, ann, password, auth.SignIn{Create: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 12
			s, f := start(t)
			var looked sync.WaitGroup // nobody creates before everybody has looked
			looked.Add(n)
			f.before = func(method string) {
				if method == "CreateAccount" {
					looked.Done()
					looked.Wait()
				}
			}
			var sessions [n]auth.Session
			var errs [n]error
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() { sessions[i], errs[i] = signIn(t.Context(), s) })
			}
			wg.Wait()
			created := 0
			for i := range n {
				require.NoError(t, errs[i])
				require.Equal(t, sessions[0].User, sessions[i].User)
				if sessions[i].Created {
					created++
				}
			}
			require.Equal(t, 1, created)
		})
	}
}

// A first sign-in that lost the race against somebody else's with the same address must prove the password.
func TestLostRaceStillChecksPassword(t *testing.T) {
	s, f := start(t)
	first := true
	f.before = func(method string) {
		if method == "CreateAccount" && first {
			first = false
			_, err := s.SignInEmail(t.Context(), ann, "other password", auth.SignIn{Create: true})
			require.NoError(t, err)
		}
	}
	_, err := s.SignInEmail(t.Context(), ann, password, auth.SignIn{Create: true})
	requireError(t, err, auth.CodeUnauthenticated, "Invalid credentials.", auth.ErrCredentials)
}

func TestSignInStoreFailures(t *testing.T) {
	for _, c := range []struct{ method, text string }{
		{"AccountByIdentity", "Error finding user account."},
		{"CreateAccount", "Error finding or creating user account."},
	} {
		t.Run(c.method, func(t *testing.T) {
			s, f := start(t)
			f.breakOn(c.method)
			_, err := s.SignInEmail(t.Context(), ann, password, auth.SignIn{Create: true})
			requireError(t, err, auth.CodeInternal, c.text, errBroken)
			require.ErrorContains(t, err, errBroken.Error(), "for the log")
		})
	}
	t.Run("Password", func(t *testing.T) {
		s, f := start(t)
		f.breakOn("Password")
		_, err := s.SignInEmail(t.Context(), "", password, auth.SignIn{Username: "ann"})
		requireError(t, err, auth.CodeInternal, "Error finding user account.", errBroken)
	})
	t.Run("cancelled", func(t *testing.T) {
		s, _ := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.SignInDevice(ctx, phone, auth.SignIn{Create: true})
		requireError(t, err, auth.CodeInternal, "Error finding user account.", context.Canceled)
	})
}

func TestErrorText(t *testing.T) {
	for code, want := range map[auth.Code]string{
		auth.CodeInternal: "internal", auth.CodeInvalidArgument: "invalid argument", auth.CodeNotFound: "not found",
		auth.CodeUnauthenticated: "unauthenticated", auth.CodePermissionDenied: "permission denied",
		auth.CodeAlreadyExists: "already exists", auth.CodeResourceExhausted: "resource exhausted",
	} {
		require.Equal(t, want, code.String())
	}
	require.EqualError(t, &auth.Error{Code: auth.CodeNotFound, Text: "No.", Err: errors.New("secret")}, "auth: No.")
	require.EqualError(t, &auth.Error{Text: "Oh.", Err: errors.New("disk full")}, "auth: Oh. (disk full)")
}
