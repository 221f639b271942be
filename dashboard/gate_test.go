package dashboard_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/dashboard"
	"github.com/shoal-go/shoal/match"
)

func TestKeys(t *testing.T) {
	for _, short := range []string{"", "x", "fifteen letters"} {
		_, err := dashboard.New(dashboard.Config{Key: short})
		require.ErrorIs(t, err, dashboard.ErrKey)
	}
}

// mounted is a dashboard with everything, in a folder.
func mounted(t *testing.T, c dashboard.Config) http.Handler {
	t.Helper()
	c.Key = key
	window, err := dashboard.New(c)
	require.NoError(t, err)
	matches, err := match.New(match.Config{Hooks: window.Match()})
	require.NoError(t, err)
	return http.StripPrefix("/deep/down", window.Handler(dashboard.Domains{Matches: matches}))
}

func send(t *testing.T, h http.Handler, method, path, form string, change func(*http.Request)) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://game.example/deep/down"+path, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func cookieOf(t *testing.T, r *http.Response) *http.Cookie {
	t.Helper()
	require.Len(t, r.Cookies(), 1)
	return r.Cookies()[0]
}

func with(c *http.Cookie) func(*http.Request) { return func(r *http.Request) { r.AddCookie(c) } }

func TestTheKeyOpens(t *testing.T) {
	for name, c := range map[string]struct{ method, path, form string }{
		"form": {"POST", "/login", "key=" + url.QueryEscape(key)},
		"link": {"GET", "/?key=" + url.QueryEscape(key), ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := mounted(t, dashboard.Config{})
			in := send(t, h, c.method, c.path, c.form, nil)
			require.Equal(t, http.StatusSeeOther, in.StatusCode)
			require.Equal(t, "./", in.Header.Get("Location"), "the key leaves the address")
			cookie := cookieOf(t, in)
			require.True(t, cookie.HttpOnly)
			require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
			require.Empty(t, cookie.Path, "it is for the folder of the dashboard")
			require.NotContains(t, cookie.Value, key)
			require.Equal(t, 200, send(t, h, "GET", "/", "", with(cookie)).StatusCode)

			out := send(t, h, "POST", "/logout", "", with(cookie))
			require.Negative(t, cookieOf(t, out).MaxAge)
		})
	}
}

// Over TLS, the cookie is never sent without it.
func TestSecureCookies(t *testing.T) {
	proxied := func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }
	for _, c := range []struct {
		name    string
		config  dashboard.Config
		prepare func(*http.Request)
		want    bool
	}{
		{"plain", dashboard.Config{}, nil, false},
		{"the host says so", dashboard.Config{Secure: true}, nil, true},
		{"the proxy says so", dashboard.Config{}, proxied, true},
	} {
		r := send(t, mounted(t, c.config), "POST", "/login", "key="+url.QueryEscape(key), c.prepare)
		require.Equal(t, c.want, cookieOf(t, r).Secure, c.name)
	}
}

func TestAWrongKeyDoesNot(t *testing.T) {
	h := mounted(t, dashboard.Config{})
	for _, wrong := range []string{"", "x", key + "x", key[1:], strings.ToUpper(key)} {
		for _, r := range []*http.Response{
			send(t, h, "POST", "/login", "key="+url.QueryEscape(wrong), nil),
			send(t, h, "GET", "/?key="+url.QueryEscape(wrong), "", nil),
			send(t, h, "GET", "/stream", "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+wrong) }),
		} {
			require.Equal(t, http.StatusUnauthorized, r.StatusCode)
			require.Empty(t, r.Cookies())
		}
	}
}

func TestCookies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := mounted(t, dashboard.Config{})
		good := cookieOf(t, send(t, h, "POST", "/login", "key="+url.QueryEscape(key), nil))
		status := func(value string) int {
			return send(t, h, "GET", "/", "", with(&http.Cookie{Name: good.Name, Value: value})).StatusCode
		}
		require.Equal(t, 200, status(good.Value))
		until, proof, _ := strings.Cut(good.Value, ".")
		other := cookieOf(t, send(t, mounted(t, dashboard.Config{}), "POST", "/login", "key="+url.QueryEscape(key), nil))
		for name, value := range map[string]string{
			"later": until + "9." + proof, "no proof": until + ".", "nothing": "", "another server's": other.Value,
			"the key": key, "cut": good.Value[:len(good.Value)-1],
		} {
			require.Equal(t, http.StatusUnauthorized, status(value), name)
		}
		time.Sleep(12*time.Hour + time.Second)
		require.Equal(t, http.StatusUnauthorized, status(good.Value), "expired")
	})
}

func TestNothingWithoutTheKey(t *testing.T) {
	h := mounted(t, dashboard.Config{})
	for _, route := range []string{
		"GET /stream", "GET /stream/match?id=x", "POST /match/kick", "POST /match/end", "POST /match/signal", "GET /explain?ticket=x",
		"GET /board?id=x", "GET /web/app.html", "GET /app.html", "GET /nothing", "POST /",
	} {
		method, path, _ := strings.Cut(route, " ")
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusMethodNotAllowed}, send(t, h, method, path, "", nil).StatusCode, route)
	}
	for _, path := range []string{"/style.css", "/app.js"} {
		require.Equal(t, 200, send(t, h, "GET", path, "", nil).StatusCode)
	}
}

// A page of somebody else cannot act with the cookie of the host.
func TestOtherSites(t *testing.T) {
	h := mounted(t, dashboard.Config{})
	cookie := cookieOf(t, send(t, h, "POST", "/login", "key="+url.QueryEscape(key), nil))
	for name, header := range map[string][2]string{
		"another site": {"Sec-Fetch-Site", "cross-site"}, "a neighbour": {"Sec-Fetch-Site", "same-site"}, "an old browser": {"Origin", "http://evil.example"},
	} {
		r := send(t, h, "POST", "/match/end", "{}", func(r *http.Request) {
			r.AddCookie(cookie)
			r.Header.Set(header[0], header[1])
		})
		require.Equal(t, http.StatusForbidden, r.StatusCode, name)
	}
	own := send(t, h, "POST", "/match/end", "{}", func(r *http.Request) {
		r.AddCookie(cookie)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	})
	require.Equal(t, http.StatusNotFound, own.StatusCode, "no such match")
	require.Contains(t, own.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	require.Equal(t, "no-referrer", own.Header.Get("Referrer-Policy"))
}

var absolute = regexp.MustCompile(`(?:href|src|action)="/|["'\x60](?:/[a-z]|https?://[^w])`)

// It can be mounted anywhere because no address in it begins at the root.
func TestAddressesAreRelative(t *testing.T) {
	require.True(t, absolute.MatchString(`fetch('/x')`))
	require.True(t, absolute.MatchString(`href="/style.css"`))
	files, err := fs.Glob(os.DirFS("web"), "*.[hj]*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		text, err := os.ReadFile("web/" + name)
		require.NoError(t, err)
		require.Empty(t, absolute.FindAllString(string(text), -1), name)
	}
}

func TestGuard(t *testing.T) {
	window, err := dashboard.New(dashboard.Config{Key: key})
	require.NoError(t, err)
	h := window.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	require.Equal(t, http.StatusUnauthorized, send(t, h, "GET", "/metrics", "", nil).StatusCode)
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) }
	require.Equal(t, http.StatusTeapot, send(t, h, "GET", "/metrics", "", bearer).StatusCode)
}
