package nakama_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
)

// answer is an HTTP response.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// http sends a request, over the network if there is one. headers are names and values in turn.
func (w *world) http(method, target, body string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	if w.server != nil {
		return w.overNetwork(r)
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return answer{w.t, rec.Code, rec.Header(), rec.Body.String()}
}

// listen puts the server on the network, with the limits that NewServer sets.
func (w *world) listen() *world {
	w.server = httptest.NewUnstartedServer(w.h)
	w.server.Config = nakama.NewServer("", w.h, nil)
	w.server.Start()
	w.dialer.DisableCompression, w.dialer.DisableKeepAlives = true, true
	w.t.Cleanup(w.server.Close)
	return w
}

// overNetwork sends a request as it is, and returns the response as it comes.
func (w *world) overNetwork(r *http.Request) answer {
	w.t.Helper()
	u, err := url.Parse(w.server.URL)
	require.NoError(w.t, err)
	r.URL.Scheme, r.URL.Host, r.RequestURI = u.Scheme, u.Host, ""
	resp, err := w.dialer.RoundTrip(r)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return answer{w.t, resp.StatusCode, resp.Header, string(b)}
}

// fields is the body, which must be a JSON object.
func (a answer) fields() map[string]any {
	a.t.Helper()
	var m map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.body), &m), "%d %q", a.status, a.body)
	return m
}

// ok wants a 200 and returns its fields.
func (a answer) ok() map[string]any {
	a.t.Helper()
	require.Equal(a.t, http.StatusOK, a.status, a.body)
	require.Equal(a.t, "application/json", a.header.Get("Content-Type"))
	return a.fields()
}

// nothing wants a 200 that says no more.
func (a answer) nothing() {
	a.t.Helper()
	require.Empty(a.t, a.ok())
}

// refused wants an error, in the form that all errors have.
func (a answer) refused(status int, code nakama.Code, message string) {
	a.t.Helper()
	want := map[string]any{"code": float64(code), "message": message, "error": message}
	require.Equal(a.t, want, a.fields())
	require.Equal(a.t, status, a.status)
	require.Equal(a.t, "application/json", a.header.Get("Content-Type"))
	require.Equal(a.t, status == http.StatusUnauthorized, a.header.Get("WWW-Authenticate") != "")
}

// invalid wants a 400 whose text has a part.
func (a answer) invalid(part string) {
	a.t.Helper()
	message, _ := a.fields()["message"].(string)
	require.Contains(a.t, message, part)
	a.refused(http.StatusBadRequest, nakama.InvalidArgument, message)
}

func basic(key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
}

// signIn posts to a route that asks for the server key.
func (w *world) signIn(route, body string) answer {
	w.t.Helper()
	return w.http("POST", "/v2/account/"+route, body, "Authorization", basic("defaultkey"))
}

// account is a user who has signed in.
type account struct {
	w              *world
	id, name       string
	token, refresh string
}

// newAccount signs a user up with a custom id that is made of the name.
func (w *world) newAccount(name string) *account {
	w.t.Helper()
	s := w.signIn("authenticate/custom?create=true&username="+name, `{"id":"custom-`+name+`"}`).ok()
	a := &account{w: w, name: name, token: s["token"].(string), refresh: s["refresh_token"].(string)}
	claims, err := w.users.Verify(a.token)
	require.NoError(w.t, err)
	a.id = claims.User
	return a
}

// http sends a request with the user's session.
func (a *account) http(method, target, body string, headers ...string) answer {
	a.w.t.Helper()
	return a.w.http(method, target, body, append(headers, "Authorization", "Bearer "+a.token)...)
}

func TestHTTP(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann := w.newAccount("ann")
	require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}))

	t.Run("H001", func(t *testing.T) {
		got := w.http("GET", "/", "")
		require.Equal(t, http.StatusOK, got.status)
		require.Empty(t, got.body)
	})
	t.Run("H002", func(t *testing.T) {
		w.http("GET", "/healthcheck", "").nothing()
		w.http("GET", "/healthcheck", "", "Authorization", "Bearer nonsense").nothing()
	})
	t.Run("H003", func(t *testing.T) {
		for _, path := range []string{
			"/v2/nothing", "/v3/account", "/v2/account/", "/v2/rpc", "/v2/leaderboard/a%2Fb", "/v2/leaderboard/",
			"/v2/account/link/abacus",
		} {
			ann.http("GET", path, "").refused(http.StatusNotFound, nakama.NotFound, "Not Found")
		}
		require.Equal(t, http.StatusNotFound, w.http("HEAD", "/", "").status)
	})
	t.Run("H004", func(t *testing.T) {
		for _, ask := range [][2]string{
			{"POST", "/v2/account"},
			{"GET", "/v2/session/logout"},
			{"PUT", "/v2/rpc/f"},
		} {
			ann.http(ask[0], ask[1], "").refused(http.StatusNotImplemented, nakama.Unimplemented, "Method Not Allowed")
		}
		require.Equal(t, http.StatusNotImplemented, ann.http("HEAD", "/v2/account", "").status)
	})
	t.Run("H005", func(t *testing.T) { // refused looks at all three
		ann.http("GET", "/v2/leaderboard/none", "").refused(http.StatusNotFound, nakama.NotFound, "Leaderboard not found.")
		w.http("GET", "/v2/account", "").refused(http.StatusUnauthorized, nakama.Unauthenticated, "Auth token required")
	})
	t.Run("H006", func(t *testing.T) {
		ann.http("PUT", "/v2/account", `{"location":"Bern"}`).nothing()
		ann.http("DELETE", "/v2/leaderboard/wins", "").nothing()
	})
	t.Run("H012", func(t *testing.T) {
		for _, path := range []string{"/v2/account", "/v2/nothing", "/v2/rpc/none", "/healthcheck"} {
			got := ann.http("GET", path, "")
			require.Equal(t, "no-store, no-cache, must-revalidate", got.header.Get("Cache-Control"), path)
			require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"), path)
		}
	})
	t.Run("H013", func(t *testing.T) {
		for _, name := range []string{"display_name", "displayName"} {
			ann.http("PUT", "/v2/account", `{"`+name+`":"`+name+`"}`).nothing()
			user := ann.http("GET", "/v2/account", "").ok()["user"].(map[string]any)
			require.Equal(t, name, user["display_name"])
			require.NotContains(t, user, "displayName")
		}
		for _, name := range []string{"min_size", "minSize"} {
			ann.http("GET", "/v2/match?"+name+"=-1", "").invalid("Minimum size must be 0 or above.")
		}
	})
	t.Run("H014", func(t *testing.T) {
		record := ann.http("POST", "/v2/leaderboard/wins", `{"score":"9007199254740993"}`).ok()
		require.Equal(t, "9007199254740993", record["score"])
		require.Equal(t, "1", record["rank"])
		require.Equal(t, 1.0, record["num_score"])
		require.NotContains(t, record, "subscore")
		require.NotContains(t, record, "expiry_time")
	})
	t.Run("H015", func(t *testing.T) {
		ann.http("PUT", "/v2/account?what=1", `{"location":"Bern","what":{"is":[1]}}`).nothing()
	})
	t.Run("H016", func(t *testing.T) {
		const text = `parsing field "limit": strconv.ParseInt: parsing `
		ann.http("GET", "/v2/match?limit=x", "").invalid(text + `"x": invalid syntax`)
		ann.http("GET", "/v2/match?limit=", "").invalid(text + `"": invalid syntax`)
		ann.http("GET", "/v2/match?authoritative=", "").invalid(
			`parsing field "authoritative": strconv.ParseBool: parsing "": invalid syntax`)
	})
	t.Run("H018", func(t *testing.T) {
		user := ann.http("GET", "/v2/account", "").ok()["user"].(map[string]any)
		for _, name := range []string{"create_time", "update_time"} {
			require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, user[name])
		}
	})
}

// What the protocol has and we do not is told apart from what it does not have.
func TestHTTPOfWhatIsNotServed(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.Boards, c.Matches, c.Relays, c.Matchmaker = nil, nil, nil, nil
		c.Objects, c.Notifications, c.Parties = nil, nil, nil
	})
	ann := w.newAccount("ann")
	for _, ask := range []string{
		"GET /v2/friend", "POST /v2/friend/block", "POST /v2/group/g/kick", "GET /v2/user/u/group",
		"GET /v2/channel/c", "POST /v2/iap/purchase/apple", "POST /v2/iap/subscription",
	} {
		method, path, _ := strings.Cut(ask, " ")
		w.http(method, path, "").refused(http.StatusNotImplemented, nakama.Unimplemented, ask+" is not served here")
	}
	for ask, what := range map[string]string{
		"GET /v2/match":                     "Matches",
		"GET /v2/matchmaker/stats":          "Figures of the matchmaker",
		"GET /v2/party":                     "Parties",
		"GET /v2/leaderboard/wins":          "Leaderboards",
		"GET /v2/leaderboard/wins/owner/me": "Leaderboards",
		"POST /v2/leaderboard/wins":         "Leaderboards",
		"DELETE /v2/leaderboard/wins":       "Leaderboards",
		"POST /v2/storage":                  "Storage objects",
		"PUT /v2/storage":                   "Storage objects",
		"PUT /v2/storage/delete":            "Storage objects",
		"GET /v2/storage/saves":             "Storage objects",
		"GET /v2/storage/saves/me":          "Storage objects",
		"GET /v2/notification":              "Notifications",
		"DELETE /v2/notification":           "Notifications",
	} {
		method, path, _ := strings.Cut(ask, " ")
		ann.http(method, path, "").refused(http.StatusNotImplemented, nakama.Unimplemented, what+" are not served here")
	}
	ann.http("DELETE", "/v2/account", "").nothing() // there is just nothing of it on any board
}

func TestHTTPPaths(t *testing.T) {
	w := newWorld(t, nil)
	t.Run("a path that is not clean is sent to the clean one", func(t *testing.T) {
		for path, clean := range map[string]string{
			"//v2//account?a=b":   "/v2/account?a=b",
			"/v2/x/../account/":   "/v2/account/",
			"//example.com/v2":    "/example.com/v2",
			"/./":                 "/",
			"/v2/rpc//f%20g?a=%2": "/v2/rpc/f%20g?a=%2",
		} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			raw, query, _ := strings.Cut(path, "?")
			r.URL.Path, r.URL.RawQuery = strings.ReplaceAll(raw, "%20", " "), query
			rec := httptest.NewRecorder()
			w.h.ServeHTTP(rec, r)
			require.Equal(t, http.StatusMovedPermanently, rec.Code, path)
			require.Equal(t, clean, rec.Header().Get("Location"))
		}
	})
	t.Run("what is no path", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = "*"
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		answer{t, rec.Code, rec.Header(), rec.Body.String()}.invalid("Bad Request")
	})
	t.Run("parameters are decoded", func(t *testing.T) {
		require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "my wins"}))
		w.newAccount("ann").http("GET", "/v2/leaderboard/my%20wins", "").nothing()
	})
}

// Who may not call cannot make the server work on a body or a query.
func TestHTTPAsksForCredentialsFirst(t *testing.T) {
	w := newWorld(t, nil)
	w.http("PUT", "/v2/account?x=%zz", "{broken").
		refused(http.StatusUnauthorized, nakama.Unauthenticated, "Auth token required")
	w.http("POST", "/v2/account/authenticate/email", "{broken").
		refused(http.StatusUnauthorized, nakama.Unauthenticated, "Server key required")
}

func TestReadiness(t *testing.T) {
	var sick error
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.Ready = func(context.Context) error { return sick }
	})
	w.http("GET", "/readyz", "").nothing()
	sick = errors.New("the disk is full")
	w.http("GET", "/readyz", "").refused(http.StatusServiceUnavailable, nakama.Unavailable, "Not ready.")
	w.http("GET", "/healthcheck", "").nothing()
	newWorld(t, nil).http("GET", "/readyz", "").nothing()
}

func TestEvent(t *testing.T) {
	const body = `{"name":"level","properties":{"n":"3"},"timestamp":"2026-11-20T09:32:02Z","external":false}`
	var told []*api.Event
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.Hooks.Event = func(_ context.Context, who nakama.Caller, e *api.Event) {
			require.Equal(t, "ann", who.Presence.Username)
			told = append(told, e)
		}
	})
	w.newAccount("ann").http("POST", "/v2/event", body).nothing()
	require.Len(t, told, 1)
	require.Equal(t, "level", told[0].Name)
	require.Equal(t, map[string]string{"n": "3"}, told[0].Properties)
	require.EqualValues(t, 1795167122, told[0].Timestamp.Seconds)
	require.True(t, told[0].External)
	w.http("POST", "/v2/event", body).unauthenticated("Auth token required")
	newWorld(t, nil).newAccount("ann").http("POST", "/v2/event", body).nothing()
}

// A request line and headers beyond the limit of NewServer are refused before anything else.
func TestHeadersAreLimited(t *testing.T) {
	w := newWorld(t, nil).listen()
	require.Equal(t, http.StatusOK, w.http("GET", "/healthcheck", "", "X-Long", strings.Repeat("x", 5<<10)).status)
	got := w.http("GET", "/healthcheck", "", "X-Long", strings.Repeat("x", 10<<10))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, got.status)
}
