package auth_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*auth.Config)
		want   string
	}{
		{"no accounts", func(c *auth.Config) { c.Accounts = nil }, "needs Accounts"},
		{"no identities", func(c *auth.Config) { c.Identities = nil }, "needs Accounts"},
		{"no revocations", func(c *auth.Config) { c.Revocations = nil }, "needs Accounts"},
		{"no deletions", func(c *auth.Config) { c.Deletions = nil }, "needs Accounts"},
		{"no rotations to rotate", func(c *auth.Config) { c.Rotate, c.Rotations = true, nil }, "needs Rotations"},
		{"provider of an email", func(c *auth.Config) {
			c.Providers = map[auth.Kind]auth.Provider{auth.Email: provider{}}
		}, "no kind that has a provider"},
		{"provider that is nil", func(c *auth.Config) {
			c.Providers = map[auth.Kind]auth.Provider{auth.Steam: nil}
		}, "or has none"},
		{"no way to a key", func(c *auth.Config) { c.Keys, c.MatchKey = nil, nil }, "needs Keys"},
		{"access = refresh", func(c *auth.Config) { c.RefreshKey = accessKey }, "keys auth.access and auth.refresh are equal"},
		{"access = match", func(c *auth.Config) { c.MatchKey = accessKey }, "keys auth.access and auth.match are equal"},
		{"refresh = match", func(c *auth.Config) { c.MatchKey = refreshKey }, "keys auth.refresh and auth.match are equal"},
		{"empty key", func(c *auth.Config) { c.AccessKey = []byte{} }, "0 bytes are too few"},
		{"short key", func(c *auth.Config) { c.AccessKey = []byte("defaultkey") }, "10 bytes are too few"},
		{"negative time", func(c *auth.Config) { c.RefreshTTL = -time.Hour }, "Config.RefreshTTL is -1h0m0s"},
		{"time too short", func(c *auth.Config) { c.TokenTTL = time.Millisecond }, "Config.TokenTTL is 1ms"},
		{"negative workers", func(c *auth.Config) { c.HashWorkers = -1 }, "negative"},
		{"negative queue", func(c *auth.Config) { c.HashQueue = -1 }, "negative"},
		{"cost too low", func(c *auth.Config) { c.BcryptCost = 3 }, "Config.BcryptCost is 3"},
		{"cost too high", func(c *auth.Config) { c.BcryptCost = 32 }, "Config.BcryptCost is 32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(newStore())
			c.change(&cfg)
			_, err := auth.Open(t.Context(), cfg)
			require.ErrorContains(t, err, c.want)
		})
	}
	for _, method := range []string{"Key", "Revocations"} {
		t.Run(method, func(t *testing.T) {
			f := newStore()
			f.breakOn(method)
			cfg := config(f)
			cfg.AccessKey = nil
			_, err := auth.Open(t.Context(), cfg)
			require.ErrorIs(t, err, errBroken)
		})
	}
}

func TestGeneratedKeysAreKept(t *testing.T) {
	f := newStore()
	cfg := config(f)
	cfg.AccessKey, cfg.RefreshKey, cfg.MatchKey = nil, nil, nil
	session := device(t, open(t, cfg), phone)
	require.Len(t, f.keys, 3)
	for name, key := range f.keys {
		require.Len(t, key, 32, name)
	}
	require.True(t, alive(t, open(t, cfg), session), "after a restart")

	f.keys["auth.match"] = f.keys["auth.access"]
	_, err := auth.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "equal")
}

func TestGivenKeysNeedNoStore(t *testing.T) {
	f := newStore()
	cfg := config(f)
	cfg.Keys = nil
	cfg.AccessKey = bytes.Clone(accessKey)
	s := open(t, cfg)
	clear(cfg.AccessKey)
	require.True(t, alive(t, s, device(t, s, phone)), "the caller's slice is not kept")
	require.Empty(t, f.keys)
}

// Two services in one process do not know each other.
func TestTwoServices(t *testing.T) {
	cfg := config(newStore())
	cfg.AccessKey, cfg.RefreshKey, cfg.MatchKey = nil, nil, nil
	other := config(newStore())
	other.AccessKey, other.RefreshKey, other.MatchKey = nil, nil, nil
	require.False(t, alive(t, open(t, other), device(t, open(t, cfg), phone)))
}

func TestLogger(t *testing.T) {
	f := newStore()
	var log bytes.Buffer
	cfg := config(f)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := open(t, cfg)

	_, err := s.SignInDevice(t.Context(), "short", auth.SignIn{})
	require.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.SignInDevice(ctx, phone, auth.SignIn{})
	require.Error(t, err)
	require.Empty(t, log.String(), "what clients do wrong is not for the log")

	f.breakOn("AccountByIdentity")
	_, err = s.SignInDevice(t.Context(), phone, auth.SignIn{})
	require.Error(t, err)
	require.Contains(t, log.String(), `level=ERROR msg="Error finding user account." error="the disk is gone"`)
}
