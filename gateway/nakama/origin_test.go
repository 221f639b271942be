package nakama_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// from sends a request as if it came from an address.
func (w *world) from(peer, method, target string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader("{}"))
	r.RemoteAddr = peer
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return answer{w.t, rec.Code, rec.Header(), rec.Body.String()}
}

func TestTrustedProxies(t *testing.T) {
	var seen netip.Addr
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/64")}
		c.HTTPKey = "servers"
		c.RPC = map[string]nakama.RPC{"where": func(_ context.Context, who nakama.Caller, _ string) (string, error) {
			seen = who.Addr
			return "", nil
		}}
	})
	for name, tt := range map[string]struct {
		peer  string
		lines []string
		want  string
	}{
		"no proxy":                          {"192.0.2.1:80", nil, "192.0.2.1"},
		"a stranger's word":                 {"192.0.2.1:80", []string{"198.51.100.7"}, "192.0.2.1"},
		"through one":                       {"10.0.0.1:80", []string{"198.51.100.7"}, "198.51.100.7"},
		"through two":                       {"10.0.0.1:80", []string{"198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		"in two lines":                      {"10.0.0.1:80", []string{"198.51.100.7", "10.0.0.2"}, "198.51.100.7"},
		"forged in front":                   {"10.0.0.1:80", []string{"1.1.1.1, 10.9.9.9, 198.51.100.7"}, "198.51.100.7"},
		"with a port":                       {"10.0.0.1:80", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		"version 6":                         {"[2001:db8::1]:80", []string{"[2001:db8:1::7]:4711"}, "2001:db8:1::7"},
		"version 4 in 6":                    {"[::ffff:10.0.0.1]:80", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		"nobody named":                      {"10.0.0.1:80", nil, "10.0.0.1"},
		"nonsense":                          {"10.0.0.1:80", []string{"198.51.100.7, unknown"}, "10.0.0.1"},
		"nonsense before the last stranger": {"10.0.0.1:80", []string{"unknown, 198.51.100.7"}, "198.51.100.7"},
		"only proxies":                      {"10.0.0.1:80", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
	} {
		t.Run(name, func(t *testing.T) {
			var headers []string
			for _, line := range tt.lines {
				headers = append(headers, "X-Forwarded-For", line)
			}
			require.Equal(t, 200, w.from(tt.peer, "GET", "/v2/rpc/where?http_key=servers", headers...).status)
			require.Equal(t, tt.want, seen.String())
		})
	}
}

func TestRequestIDs(t *testing.T) {
	j := new(journal)
	var inside string
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		c.Boards, c.Logger, c.HTTPKey = brokenBoards{}, j.logger(), "servers"
		c.RPC = map[string]nakama.RPC{"id": func(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
			inside = nakama.RequestID(ctx)
			return "", nil
		}}
	})
	require.Empty(t, nakama.RequestID(t.Context()))
	first := w.from("192.0.2.1:1", "GET", "/v2/rpc/id?http_key=servers", "X-Request-Id", "chosen-by-a-stranger").header.Get("X-Request-Id")
	require.Len(t, first, 36)
	require.Equal(t, first, inside)
	require.NotEqual(t, first, w.from("192.0.2.1:1", "GET", "/healthcheck").header.Get("X-Request-Id"))
	for id, kept := range map[string]bool{
		"edge-1.a_B": true, "": false, "with blank": false, "\x1b[31m": false, strings.Repeat("x", 65): false,
	} {
		got := w.from("10.0.0.1:1", "GET", "/healthcheck", "X-Request-Id", id).header.Get("X-Request-Id")
		require.Equal(t, kept, got == id, id)
	}
	ann := w.newAccount("ann")
	failed := ann.http("GET", "/v2/leaderboard/wins", "")
	require.Equal(t, http.StatusServiceUnavailable, failed.status)
	require.Contains(t, j.String(), "request="+failed.header.Get("X-Request-Id"))
}

func TestOrigins(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.Origins = []string{"https://game.example", "*.fish.example"}
	})
	for origin, allowed := range map[string]bool{
		"https://game.example": true, "https://GAME.example": true, "http://www.fish.example": true,
		"http://game.example": false, "https://game.example.org": false, "https://fish.example": false,
		"https://game.example:8443": false, "null": false, "https://evil.example/?.fish.example": false, "%zz": false,
	} {
		want := ""
		if allowed {
			want = origin
		}
		got := w.from("192.0.2.1:1", "GET", "/healthcheck", "Origin", origin)
		require.Equal(t, want, got.header.Get("Access-Control-Allow-Origin"), origin)
		require.Contains(t, got.header.Values("Vary"), "Origin")

		got = w.from("192.0.2.1:1", "OPTIONS", "/v2/account", "Origin", origin, "Access-Control-Request-Method", "PUT")
		require.Equal(t, want, got.header.Get("Access-Control-Allow-Origin"), origin)
		require.Equal(t, allowed, got.status == http.StatusOK, origin)
	}
	require.Equal(t, http.StatusOK, w.from("192.0.2.1:1", "OPTIONS", "/v2/account").status)

	_, err := nakama.New(nakama.Config{
		Sessions: w.sessions, Auth: w.users, ServerKey: "defaultkey", Origins: []string{"[broken"},
	})
	require.ErrorContains(t, err, "[broken")
}

// The origins hold for sockets too.
func TestOriginsOfSockets(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) { c.Origins = []string{"https://game.example"} }).listen()
	ann := w.newAccount("ann")
	for origin, status := range map[string]int{
		"https://game.example": http.StatusSwitchingProtocols, "https://evil.example": http.StatusForbidden,
	} {
		s, resp, err := w.dial(url.Values{"token": {ann.token}}, http.Header{"Origin": {origin}})
		require.Equal(t, status, resp.StatusCode, origin)
		if err == nil {
			s.Cut()
		}
	}
}

func TestNewServer(t *testing.T) {
	j := new(journal)
	s := nakama.NewServer(":7350", http.NotFoundHandler(), j.logger())
	for _, limit := range []any{s.ReadTimeout, s.ReadHeaderTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes} {
		require.NotZero(t, limit)
	}
	s.ErrorLog.Print("http: TLS handshake error")
	require.Contains(t, j.String(), "TLS handshake error")
	require.Contains(t, j.String(), slog.LevelWarn.String())
	nakama.NewServer(":7350", nil, nil).ErrorLog.Print("dropped")
}
