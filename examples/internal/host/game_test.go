package host

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/transport"
)

// storeKind is a store that the statements are tested on.
type storeKind struct {
	name    string
	empty   func(t *testing.T) (db string) // names an empty one, for Config.DB
	durable bool
	kill    func(t *testing.T) // ends the database at once, if it is a process of its own; it comes back by itself
}

// stores are all of them. What needs a server is added behind a build tag.
var stores = append([]storeKind{
	{"memory", func(*testing.T) string { return "memory:" }, false, nil},
	{"sqlite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shoal.db") }, true, nil},
}, serverStores...)

// onEveryStore runs a test in a bubble on each store.
func onEveryStore(t *testing.T, test func(t *testing.T, g *game), change ...func(*Config)) {
	for _, kind := range stores {
		t.Run(kind.name, func(t *testing.T) { on(t, kind, test, change...) })
	}
}

// onMemory runs a test in a bubble that touches no store.
func onMemory(t *testing.T, test func(t *testing.T, g *game)) { on(t, stores[0], test) }

func on(t *testing.T, kind storeKind, test func(t *testing.T, g *game), change ...func(*Config)) {
	db := kind.empty(t)
	synctest.Test(t, func(t *testing.T) {
		g := &game{t: t, durable: kind.durable, c: Config{
			DB: db, Log: slog.New(slog.DiscardHandler), Interval: time.Second,
			Auth:    auth.Config{BcryptCost: 4, Providers: map[auth.Kind]auth.Provider{auth.Google: named{}}},
			Gateway: nakama.Config{ServerKey: WellKnownKey},
			Boards:  []leaderboard.Board{{ID: "wins", Operator: leaderboard.Increment}},
		}}
		for _, f := range change {
			f(&g.c)
		}
		g.open()
		defer func() { require.NoError(t, g.h.close()) }()
		test(t, g)
	})
}

// named vouches for players whose tokens begin with "of ", and cannot be asked about the token "down".
type named struct{}

func (named) Verify(_ context.Context, token string) (string, error) {
	if id, ok := strings.CutPrefix(token, "of "); ok {
		return id, nil
	}
	if token == "down" {
		return "", auth.ErrUnavailable
	}
	return "", errors.New("bad signature")
}

// game is a whole host without a network.
type game struct {
	t       *testing.T
	c       Config
	durable bool
	h       *Host
	gateway *nakama.Handler
}

func (g *game) open() {
	var err error
	g.h, err = Open(g.t.Context(), g.c)
	require.NoError(g.t, err)
	g.gateway, err = g.h.Gateway(nil)
	require.NoError(g.t, err)
}

// restart closes the store and opens all anew, if the store outlives a process.
func (g *game) restart() {
	if g.durable {
		require.NoError(g.t, g.h.close())
		g.open()
	}
}

// answer is the response to a request.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	fields map[string]any
}

func (g *game) http(method, target, body string, headers ...string) answer {
	g.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	g.gateway.ServeHTTP(rec, r)
	a := answer{t: g.t, status: rec.Code, header: rec.Header()}
	b, err := io.ReadAll(rec.Body)
	require.NoError(g.t, err)
	if rec.Header().Get("Content-Type") == "application/json" {
		require.NoError(g.t, json.Unmarshal(b, &a.fields), "%s", b)
	}
	return a
}

func (a answer) ok() map[string]any {
	a.t.Helper()
	require.Equal(a.t, http.StatusOK, a.status, "%v", a.fields)
	return a.fields
}

func (a answer) refused(code nakama.Code, text string) {
	a.t.Helper()
	want := map[string]any{"code": float64(code), "message": text, "error": text}
	require.Equal(a.t, want, a.fields)
	require.Equal(a.t, code.Status(), a.status)
}

// signIn posts to a route that asks for the server key.
func (g *game) signIn(route string, body any) answer {
	g.t.Helper()
	key := "Basic " + base64.StdEncoding.EncodeToString([]byte(WellKnownKey+":"))
	return g.http("POST", "/v2/account/"+route, text(body), "Authorization", key)
}

// fields is a JSON object.
type fields map[string]any

func text(v any) string {
	b, _ := json.Marshal(v) // it is made of texts
	return string(b)
}

// player is a user who has signed in.
type player struct {
	g              *game
	id, name       string
	family         string
	token, refresh string
}

// device signs in with a device, which makes an account named so the first time.
func (g *game) device(name string) *player {
	g.t.Helper()
	return g.player(name, g.signIn("authenticate/device?username="+name, fields{"id": "device-of-" + name}).ok())
}

func (g *game) player(name string, session map[string]any) *player {
	g.t.Helper()
	p := &player{g: g, name: name, token: session["token"].(string), refresh: session["refresh_token"].(string)}
	claims, err := g.h.Users.Verify(p.token)
	require.NoError(g.t, err)
	p.id, p.family = claims.User, claims.Family
	return p
}

func (p *player) http(method, target string, body any) answer {
	p.g.t.Helper()
	return p.g.http(method, target, text(body), "Authorization", "Bearer "+p.token)
}

// account is what the player sees of the own account.
func (p *player) account() map[string]any {
	p.g.t.Helper()
	return p.http("GET", "/v2/account", nil).ok()
}

// alive tells whether the player's session is good: for HTTP, for a refresh and for a socket, all the same.
func (p *player) alive() bool {
	p.g.t.Helper()
	api := p.http("GET", "/v2/account", nil).status != http.StatusUnauthorized
	refresh := p.g.signIn("session/refresh", fields{"token": p.refresh}).status == http.StatusOK
	socket := p.g.http("GET", "/ws?token="+p.token, "").status != http.StatusUnauthorized
	require.Equal(p.g.t, []bool{api, api}, []bool{refresh, socket}, "api, refresh and socket agree")
	return api
}

// socket is a connection of the player's.
func (p *player) socket() *transport.PipeClient {
	server, client := transport.Pipe(transport.PipeConfig{})
	hello := nakama.Hello{User: p.id, Username: p.name, Family: p.family}
	go func() { _ = p.g.gateway.Serve(context.WithoutCancel(p.g.t.Context()), server, hello) }()
	synctest.Wait()
	return client
}

// closed returns the messages that are left on a connection, which must then end.
func (g *game) closed(c *transport.PipeClient) (last []string) {
	g.t.Helper()
	for {
		_, b, err := c.Receive()
		var closed *transport.CloseError
		if err != nil {
			require.ErrorAs(g.t, err, &closed)
			require.Equal(g.t, "server-side session disconnect", closed.Reason)
			return last
		}
		last = append(last, string(b))
	}
}
