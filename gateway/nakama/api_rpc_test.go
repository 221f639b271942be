package nakama_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// rpcWorld has functions that answer with what they are called with.
func rpcWorld(t *testing.T, last *nakama.Caller) *world {
	return newWorld(t, func(_ *world, c *nakama.Config) {
		c.HTTPKey = "server-to-server"
		c.RPC = map[string]nakama.RPC{
			"echo": func(_ context.Context, who nakama.Caller, payload string) (string, error) {
				*last = who
				return payload, nil
			},
			"a/b.c": func(context.Context, nakama.Caller, string) (string, error) { return "nested", nil },
			"typed": func(context.Context, nakama.Caller, string) (string, error) {
				return "", fmt.Errorf("wrapped: %w", &nakama.Error{Code: nakama.FailedPrecondition, Message: "custom msg"})
			},
			"untyped": func(context.Context, nakama.Caller, string) (string, error) {
				return "", errors.New("no fish left")
			},
			"nonsense": func(context.Context, nakama.Caller, string) (string, error) {
				return "", &nakama.Error{Code: 99, Message: "what"}
			},
			"slow": func(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			},
			"panics": func(context.Context, nakama.Caller, string) (string, error) { panic("at the disco") },
		}
	})
}

func TestHTTPRPC(t *testing.T) {
	var who nakama.Caller
	w := rpcWorld(t, &who).listen()
	ann := w.newAccount("ann")

	t.Run("H076", func(t *testing.T) {
		for body, payload := range map[string]string{
			`"{\"a\":1}"`: `{"a":1}`, `""`: "", "": "", "null": "", `"<&>"`: "<&>",
		} {
			require.Equal(t, map[string]any{"payload": payload}, ann.http("POST", "/v2/rpc/echo", body).ok(), body)
		}
		for _, body := range []string{`{"a":1}`, "garbage", `"open`, "1", `"a" "b"`} {
			ann.http("POST", "/v2/rpc/echo", body).refused(http.StatusBadRequest, nakama.InvalidArgument,
				"json: cannot unmarshal object into Go value of type string")
		}
	})
	t.Run("H077", func(t *testing.T) {
		for _, tt := range [][3]string{
			{"", "anything {", "text/plain"},
			{"application/json", `{"a":1}`, "application/json"},
			{"application/json; charset=utf-8", `{}`, "application/json"},
			{"application/octet-stream", "\x00\xff", "application/octet-stream"},
			{"text/html", "<script>", "text/plain"},
			{"image/svg+xml", "<svg/>", "text/plain"},
		} {
			for _, query := range []string{"unwrap", "unwrap=false", "a=b&unwrap=&"} {
				got := ann.http("POST", "/v2/rpc/echo?"+query, tt[1], "Content-Type", tt[0])
				require.Equal(t, http.StatusOK, got.status)
				require.Equal(t, tt[1], got.body)
				require.Equal(t, tt[2], got.header.Get("Content-Type"))
				require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
			}
		}
		ann.http("POST", "/v2/rpc/typed?unwrap", "").refused(http.StatusBadRequest, nakama.FailedPrecondition, "custom msg")
	})
	t.Run("H078", func(t *testing.T) {
		got := w.http("GET", "/v2/rpc/echo?http_key=server-to-server&payload=%22fish%22&a=1&a=2", "")
		require.Equal(t, map[string]any{"payload": ""}, got.ok())
		require.Equal(t, map[string][]string{"payload": {`"fish"`}, "a": {"1", "2"}}, map[string][]string(who.Query))
		require.Empty(t, who.Presence)
	})
	t.Run("the function knows who calls", func(t *testing.T) {
		s := w.signIn("authenticate/custom", `{"id":"custom-ann","vars":{"region":"eu"}}`).ok()
		w.http("POST", "/v2/rpc/echo", "", "Authorization", "Bearer "+s["token"].(string), "X-Build", "7").ok()
		require.Equal(t, ann.id, who.Presence.User)
		require.Equal(t, "ann", who.Presence.Username)
		require.Empty(t, who.Presence.Session)
		require.Equal(t, map[string]string{"region": "eu"}, who.Vars)
		require.False(t, who.Expires.IsZero())
		require.Equal(t, netip.MustParseAddr("127.0.0.1"), who.Addr)
		require.Equal(t, "7", who.Header.Get("X-Build"))
	})
	t.Run("H079", func(t *testing.T) {
		const path = "/v2/rpc/echo"
		w.http("POST", path, "").unauthenticated("Auth token or HTTP key required")
		w.http("POST", path+"?http_key=", "").unauthenticated("Auth token or HTTP key required")
		w.http("POST", path+"?http_key=wrong", "").unauthenticated("HTTP key invalid")
		ann.http("POST", path+"?http_key=wrong", "").unauthenticated("HTTP key invalid")
		for _, header := range []string{basic("wrong"), basic("defaultkey"), basic(""), "Basic !"} {
			w.http("POST", path, "", "Authorization", header).unauthenticated("HTTP key invalid")
		}
		for _, header := range []string{"Bearer x", "bearer " + ann.token, "Digest x", ""} {
			w.http("POST", path, "", "Authorization", header).unauthenticated("Auth token invalid")
		}
		ann.http("POST", path, "", "Authorization", basic("server-to-server")).unauthenticated("Auth token invalid")
		w.http("POST", path, "", "Authorization", basic("server-to-server")).ok()
		w.http("POST", path+"?http_key=server-to-server", "", "Authorization", "Bearer x").ok()
	})
	t.Run("credentials come first, then the id, then the body", func(t *testing.T) {
		w.http("POST", "/v2/rpc/none", "{").unauthenticated("Auth token or HTTP key required")
		ann.http("POST", "/v2/rpc/", "{").invalid("RPC ID must be set")
	})
	t.Run("H080", func(t *testing.T) {
		ann.http("POST", "/v2/rpc/none", "{").refused(http.StatusNotFound, nakama.NotFound, "RPC function not found")
		for _, id := range []string{"echo", "ECHO", "Echo"} {
			ann.http("POST", "/v2/rpc/"+id, `"x"`).ok()
		}
		require.Equal(t, map[string]any{"payload": "nested"}, ann.http("GET", "/v2/rpc/A/B.c", "").ok())
	})
	t.Run("H081", func(t *testing.T) {
		ann.http("POST", "/v2/rpc/typed", "").refused(http.StatusBadRequest, nakama.FailedPrecondition, "custom msg")
		ann.http("POST", "/v2/rpc/untyped", "").refused(http.StatusInternalServerError, nakama.Internal, "no fish left")
		ann.http("POST", "/v2/rpc/nonsense", "").refused(http.StatusInternalServerError, nakama.Internal, "what")
		ann.http("POST", "/v2/rpc/panics", "").
			refused(http.StatusInternalServerError, nakama.Internal, "Internal server error.")
	})
}

func TestHTTPRPCWithoutAKey(t *testing.T) {
	w := newWorld(t, nil) // no HTTPKey: nobody has it, not even who presents an empty one
	w.http("POST", "/v2/rpc/echo", "", "Authorization", basic("")).unauthenticated("HTTP key invalid")
	w.http("POST", "/v2/rpc/echo?http_key=x", "").unauthenticated("HTTP key invalid")
}

func TestHTTPRPCIsGivenUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var who nakama.Caller
		w := rpcWorld(t, &who)
		w.newAccount("ann").http("POST", "/v2/rpc/slow", "").
			refused(http.StatusGatewayTimeout, nakama.DeadlineExceeded, "context deadline exceeded")
	})
}

// A connection outlives what fails on it.
func TestHTTPPanicKeepsTheConnection(t *testing.T) {
	var who nakama.Caller
	w := rpcWorld(t, &who)
	s := httptest.NewServer(w.h)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	in := bufio.NewReader(conn)
	for _, want := range []int{500, 500, 200} {
		path := map[int]string{500: "panics", 200: "echo"}[want]
		_, err = fmt.Fprintf(conn, "GET /v2/rpc/%s?http_key=server-to-server HTTP/1.1\r\nHost: x\r\n\r\n", path)
		require.NoError(t, err)
		resp, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		require.Equal(t, want, resp.StatusCode)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
	}
	require.Equal(t, netip.MustParseAddr("127.0.0.1"), who.Addr)
}
