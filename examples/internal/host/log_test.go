package host

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

// journal is all that is logged.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

// talkative is a provider that fails with reasons, as a service does.
type talkative struct{}

func (talkative) Verify(context.Context, string) (string, error) {
	return "", errors.New("the service answered 503")
}

// Whatever happens in a session, nothing is logged that lets its reader in: no password, token, key or id of a device.
func TestNoSecretIsLogged(t *testing.T) {
	j := new(journal)
	onEveryStore(t, func(t *testing.T, g *game) { secrets(t, g, j) }, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Gateway.HTTPKey = "the-key-of-servers"
		c.Auth.Rotate = true
		c.Auth.Providers = map[auth.Kind]auth.Provider{auth.Steam: talkative{}}
	})
}

func secrets(t *testing.T, g *game, j *journal) {
	g.gateway, _ = g.h.Gateway(map[string]nakama.RPC{
		"panics": func(context.Context, nakama.Caller, string) (string, error) { panic("lost the plot") },
	})
	ann := g.ann()
	g.device("bob")
	match, err := g.h.Users.MatchToken("a-match.", nil)
	require.NoError(t, err)
	socket := ann.socket()
	for _, body := range []string{
		text(fields{"cid": "1", "match_join": fields{"token": match}}), text(fields{"cid": "2", "match_create": fields{}}),
		text(fields{"cid": "3", "rpc": fields{"id": "panics", "payload": annsPassword}}),
	} {
		require.NoError(t, socket.Send(transport.Text, []byte(body)))
	}
	synctest.Wait()
	second := g.signIn("session/refresh", fields{"token": ann.refresh}).ok()

	g.signIn("authenticate/email", fields{"email": annsEmail, "password": "a wrong password"})
	g.signIn("authenticate/steam", fields{"token": "a-token-of-steam"})
	g.http("GET", "/v2/rpc/panics?http_key=the-key-of-servers", "")
	g.http("GET", "/v2/rpc/panics?http_key=the-key-of-nobody", "")
	g.http("POST", "/v2/account/authenticate/email", "{", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("a-guessed-key:")))
	ann.http("PUT", "/v2/account", fields{"username": "bob"})
	ann.http("POST", "/v2/account/link/email", fields{"email": "other@fish.example", "password": "another password"}).ok()
	ann.http("GET", "/v2/account?token="+url.QueryEscape(ann.token), nil).ok()
	g.http("GET", "/ws?token="+ann.token+"x", "")
	time.Sleep(time.Minute)
	g.signIn("session/refresh", fields{"token": ann.refresh}) // used long ago: the family ends
	g.closed(socket)
	bob := g.device("bob")
	bob.http("DELETE", "/v2/account", nil).ok()

	require.NoError(t, g.h.close()) // and now nothing works
	carol := g.signIn("authenticate/device", fields{"id": "device-of-carol"})
	require.Equal(t, g.durable, carol.status == nakama.Unavailable.Status())
	g.signIn("authenticate/email", fields{"email": annsEmail, "password": annsPassword})
	g.signIn("session/refresh", fields{"token": second["refresh_token"]})
	require.NoError(t, g.h.close())

	logged := j.b.String()
	require.Contains(t, logged, "lost the plot", "there is a log")
	require.Contains(t, logged, "the service answered 503")
	for _, secret := range []string{
		annsPassword, "another password", "a wrong password", "a-token-of-steam", "the-key-of-servers", "the-key-of-nobody",
		"a-guessed-key", base64.StdEncoding.EncodeToString([]byte("a-guessed-key:")),
		base64.StdEncoding.EncodeToString([]byte(WellKnownKey + ":")), "device-of-bob", "device-of-carol",
		ann.token, ann.refresh, bob.token, bob.refresh, match, second["token"].(string), second["refresh_token"].(string),
		"eyJ", // how every token begins
	} {
		require.NotContains(t, logged, secret)
	}
}
