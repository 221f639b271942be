package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

// provider knows the users whose tokens begin with "of ".
type provider struct{}

func (provider) Verify(ctx context.Context, token string) (string, error) {
	id, ok := strings.CutPrefix(token, "of ")
	if !ok {
		return "", errors.New("bad signature")
	}
	return id, ctx.Err()
}

// gameCenter takes every player for who it says.
type gameCenter struct{}

func (gameCenter) Verify(_ context.Context, token string) (string, error) {
	var g auth.GameCenterToken
	err := json.Unmarshal([]byte(token), &g)
	return g.PlayerID, err
}

// withProviders opens a service that knows Steam, Google and Game Center.
func withProviders(t *testing.T) (*auth.Service, *fakeStore) {
	f := newStore()
	c := config(f)
	c.Providers = map[auth.Kind]auth.Provider{
		auth.Steam: provider{}, auth.Google: provider{}, auth.GameCenter: gameCenter{},
	}
	return open(t, c), f
}

func TestSignInProvider(t *testing.T) {
	s, _ := withProviders(t)
	first, err := s.SignInProvider(t.Context(), auth.Steam, "of ann", auth.SignIn{Create: true, Username: "ann"})
	require.NoError(t, err)
	require.True(t, first.Created)
	again, err := s.SignInProvider(t.Context(), auth.Steam, "of ann", auth.SignIn{})
	require.NoError(t, err)
	require.Equal(t, first.User, again.User)
	a, err := s.Account(t.Context(), first.User)
	require.NoError(t, err)
	require.Equal(t, "ann", a.SteamID)

	token, err := auth.GameCenterToken{
		PlayerID: "G:1", BundleID: "b", Timestamp: 1, Salt: "s", Signature: "x", PublicKeyURL: "https://u",
	}.Token()
	require.NoError(t, err)
	other, err := s.SignInProvider(t.Context(), auth.GameCenter, token, auth.SignIn{Create: true})
	require.NoError(t, err)
	require.NotEqual(t, first.User, other.User)
}

func TestProviderRefusals(t *testing.T) {
	s, f := withProviders(t)
	user := device(t, s, phone).User
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx   context.Context
		kind  auth.Kind
		token string
		code  auth.Code
		text  string
		is    error
	}{
		"gate before the token":    {kind: auth.Apple, code: auth.CodeFailedPrecondition, text: "Apple authentication is not configured.", is: auth.ErrNoProvider},
		"not set up":               {kind: auth.Facebook, token: "t", code: auth.CodeFailedPrecondition, text: "Facebook authentication is not configured.", is: auth.ErrNoProvider},
		"not set up, and no token": {kind: auth.Facebook, code: auth.CodeInvalidArgument, text: "Facebook access token is required.", is: auth.ErrInvalid},
		"no player info":           {kind: auth.FacebookInstantGame, code: auth.CodeInvalidArgument, text: "Signed Player Info for a Facebook Instant Game is required.", is: auth.ErrInvalid},
		"no token":                 {kind: auth.Steam, code: auth.CodeInvalidArgument, text: "Steam access token is required.", is: auth.ErrInvalid},
		"bad token":                {kind: auth.Steam, token: "x", code: auth.CodeUnauthenticated, text: "Could not authenticate Steam profile.", is: auth.ErrCredentials},
		"empty id":                 {kind: auth.Google, token: "of ", code: auth.CodeUnauthenticated, text: "Could not authenticate Google profile.", is: auth.ErrCredentials},
		"id too long":              {kind: auth.Google, token: "of " + strings.Repeat("x", 129), code: auth.CodeUnauthenticated, text: "Could not authenticate Google profile.", is: auth.ErrCredentials},
		"no such provider":         {kind: auth.Email, token: "x", code: auth.CodeInvalidArgument, text: "Unknown provider.", is: auth.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.SignInProvider(t.Context(), tt.kind, tt.token, auth.SignIn{Create: true})
			requireError(t, err, tt.code, tt.text, tt.is)
			requireError(t, s.LinkProvider(t.Context(), user, tt.kind, tt.token), tt.code, tt.text, tt.is)
			if tt.token != "" {
				requireError(t, s.UnlinkProvider(t.Context(), user, tt.kind, tt.token), tt.code, tt.text, tt.is)
			}
		})
	}
	require.Len(t, f.accounts, 1)
	_, err := s.SignInProvider(t.Context(), auth.Steam, "of ann", auth.SignIn{})
	requireError(t, err, auth.CodeNotFound, "User account not found.", auth.ErrNotFound)
	_, err = s.SignInProvider(t.Context(), auth.Steam, "of ann", auth.SignIn{Username: strings.Repeat("x", 129)})
	requireError(t, err, auth.CodeInvalidArgument, "Username invalid, must be 1-128 bytes.", auth.ErrInvalid)
	for _, doing := range []error{
		s.LinkProvider(cancelled, user, auth.Steam, "of ann"), s.UnlinkProvider(cancelled, user, auth.Steam, "of ann"),
	} {
		require.ErrorIs(t, doing, context.Canceled, "who has gone away is not told that the token was bad")
	}
}

// failing is a provider that has only this answer.
type failing struct{ err error }

func (f failing) Verify(context.Context, string) (string, error) { return "", f.err }

// A provider that cannot be asked is no reason to send players away, nor to count their attempts as failed.
func TestProviderThatCannotBeAsked(t *testing.T) {
	const token = "a secret/token"
	for name, err := range map[string]error{
		"the host says so": fmt.Errorf("steam: 502: %w", auth.ErrUnavailable),
		"no connection":    &url.Error{Op: "Get", URL: "https://api.example/?token=" + url.QueryEscape(token), Err: errors.New("refused")},
		"too slow":         fmt.Errorf("steam: %s: %w", token, context.DeadlineExceeded),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			c := config(newStore())
			c.Logger = slog.New(slog.NewTextHandler(&log, nil))
			c.FailuresPerAddress = 1
			c.Providers = map[auth.Kind]auth.Provider{auth.Steam: failing{err}}
			s := open(t, c)
			for range 3 {
				_, err := s.SignInProvider(t.Context(), auth.Steam, token, auth.SignIn{Addr: netip.MustParseAddr("192.0.2.1")})
				requireError(t, err, auth.CodeInternal, "Could not authenticate Steam profile.", auth.ErrUnavailable)
			}
			user := device(t, s, phone).User
			requireError(t, s.LinkProvider(t.Context(), user, auth.Steam, token),
				auth.CodeInternal, "Could not authenticate Steam profile.", auth.ErrUnavailable)
			require.Contains(t, log.String(), "ERROR")
			require.NotContains(t, log.String(), "secret")
		})
	}
}

func TestGameCenterToken(t *testing.T) {
	good := auth.GameCenterToken{PlayerID: "p", BundleID: "b", Timestamp: 1, Salt: "s", Signature: "x", PublicKeyURL: "u"}
	for what, spoil := range map[string]func(*auth.GameCenterToken){
		"bundle ID":      func(g *auth.GameCenterToken) { g.BundleID = "" },
		"player ID":      func(g *auth.GameCenterToken) { g.PlayerID = "" },
		"public key URL": func(g *auth.GameCenterToken) { g.PublicKeyURL = "" },
		"salt":           func(g *auth.GameCenterToken) { g.Salt = "" },
		"signature":      func(g *auth.GameCenterToken) { g.Signature = "" },
		"timestamp":      func(g *auth.GameCenterToken) { g.Timestamp = 0 },
	} {
		bad := good
		spoil(&bad)
		_, err := bad.Token()
		requireError(t, err, auth.CodeInvalidArgument, "GameCenter "+what+" is required.", auth.ErrInvalid)
	}
}
