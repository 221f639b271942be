package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// start runs the program until the test ends, and returns its address.
func start(t *testing.T, args ...string) (url string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-log", "error"}, args...), in, t.Output())
		_ = in.Close()
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	_, url, found := strings.Cut(string(line[:n]), "on ")
	require.True(t, found, "%s", line[:n])
	url, _, _ = strings.Cut(url, "\n")
	return url, func() error { cancel(); return <-done }
}

// get asks as a browser does.
func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	return getAs(t, url, "text/html,application/xhtml+xml,*/*;q=0.8")
}

func getAs(t *testing.T, url, accept string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

func TestThePageStandsInFrontOfTheGame(t *testing.T) {
	url, stop := start(t, "-db", "sqlite:"+filepath.Join(t.TempDir(), "fish.db"), "-wins", "3")
	for path, want := range map[string][2]string{
		"/":                 {"text/html; charset=utf-8", "<title>Fish Game</title>"},
		"/style.css":        {"text/css; charset=utf-8", "#stage"},
		"/game/main.js":     {"text/javascript; charset=utf-8", "import"},
		"/client/client.js": {"text/javascript; charset=utf-8", "export class Client"},
		"/icon.svg":         {"image/svg+xml", "<svg"},
		"/config.json":      {"application/json", `"wins":3`},
		"/rules.json":       {"application/json", `"tick_rate": 30`},
	} {
		resp, body := get(t, url+path)
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		require.Equal(t, want[0], resp.Header.Get("Content-Type"), path)
		require.Contains(t, body, want[1], path)
		if !strings.HasSuffix(path, ".json") {
			require.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self';", path)
		}
	}
	resp, _ := get(t, url+"/healthcheck")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	resp, body := getAs(t, url, "*/*")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Empty(t, body, "what health checks of today's servers get")
	for _, path := range []string{"/nowhere", "/game", "/game/", "/index.html", "/../main.go"} {
		resp, body := get(t, url+path)
		require.Equal(t, http.StatusNotFound, resp.StatusCode, path)
		require.JSONEq(t, `{"code":5,"message":"Not Found","error":"Not Found"}`, body)
	}
	resp, _ = get(t, url+"//healthcheck")
	require.Equal(t, http.StatusMovedPermanently, resp.Request.Response.StatusCode, "the game's own answer, page or not")
	require.NoError(t, stop())
}

func TestTheCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		err  string // "": good
	}{
		"defaults":                  {"", ""},
		"another port":              {"-addr localhost:1234", ""},
		"known key for everybody":   {"-addr :7350", "choose another with -key, or allow it on :7350 with -dev"},
		"known key, any address":    {"-addr 0.0.0.0:7350", "with -dev"},
		"known key, development":    {"-addr :7350 -dev", ""},
		"own key for everybody":     {"-addr :7350 -key secret", ""},
		"known key on IPv6 loop":    {"-addr [::1]:7350", ""},
		"unknown flag":              {"-nonsense", "not defined"},
		"bad level":                 {"-log loud", "invalid value"},
		"bad duration":              {"-token-ttl soon", "invalid value"},
		"no rounds":                 {"-wins 0", "-wins must be at least 1"},
		"time runs forward":         {"-bots-after -1s", "no duration negative"},
		"left over":                 {"surplus", `unexpected argument "surplus"`},
		"an address that is no one": {"-addr nonsense", "with -dev"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(strings.Fields(c.args), io.Discard)
			if c.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.err)
			}
		})
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, io.Discard, &out))
	for _, flag := range []string{"-addr", "-db", "-key", "-token-ttl", "-http-key", "-log", "-dev", "-wins", "-bots-after", "-countdown", "-watch-delay", "-dashboard-key"} {
		require.Contains(t, out.String(), "  "+flag)
	}
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "127.0.0.1:0", "-db", "paper:"}, io.Discard, io.Discard), `store "paper:"`)
	missing := filepath.Join(t.TempDir(), "no", "such", "folder", "fish.db")
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "127.0.0.1:0", "-db", "sqlite:" + missing}, io.Discard, io.Discard), missing)
}

func TestFlagsOfTheGateway(t *testing.T) {
	o, err := parse([]string{
		"-origins", "https://game.example, *.fish.example", "-trusted-proxies", "10.0.0.0/8, 2001:db8::/32", "-rotate-refresh",
	}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []string{"https://game.example", "*.fish.example"}, o.gateway.Origins)
	require.Len(t, o.gateway.TrustedProxies, 2)
	require.True(t, o.auth.Rotate)
	_, err = parse([]string{"-trusted-proxies", "10.0.0.1"}, io.Discard)
	require.ErrorContains(t, err, "trusted-proxies")
}

func TestCodesAreOfRunningMatches(t *testing.T) {
	o, err := parse([]string{"-db", "memory:"}, io.Discard)
	require.NoError(t, err)
	s, _, err := newServer(t.Context(), o, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	_, err = s.shareMatch(t.Context(), nakama.Caller{}, `{"match_id":"`+strings.Repeat("x", 1000)+`"}`)
	require.ErrorContains(t, err, "Match not found")
	require.Empty(t, s.codes.known)

	id, err := s.Matches.Create(t.Context(), "fish", opening{private: true})
	require.NoError(t, err)
	answer, err := s.shareMatch(t.Context(), nakama.Caller{}, `{"match_id":"`+string(id)+`"}`)
	require.NoError(t, err)
	found, err := s.findMatch(t.Context(), nakama.Caller{}, answer)
	require.NoError(t, err)
	require.JSONEq(t, `{"match_id":"`+string(id)+`"}`, found)

	_, err = s.findMatch(t.Context(), nakama.Caller{}, `{"code":"`+s.codes.code("a match that is over")+`"}`)
	require.ErrorContains(t, err, "No match has this code")
}
