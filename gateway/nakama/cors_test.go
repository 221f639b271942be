package nakama_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCORS(t *testing.T) {
	w := newWorld(t, nil).listen()
	const origin, method, headers = "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"
	t.Run("H007", func(t *testing.T) {
		got := w.http("OPTIONS", "/v2/account", "", origin, "https://game.example", method, "PUT",
			headers, "authorization, content-type")
		require.Equal(t, http.StatusOK, got.status)
		require.Empty(t, got.body)
		require.Equal(t, "*", got.header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, "PUT", got.header.Get("Access-Control-Allow-Methods"))
		require.Equal(t, "Authorization,Content-Type", got.header.Get("Access-Control-Allow-Headers"))
	})
	t.Run("H008", func(t *testing.T) {
		for _, path := range []string{"/", "/v2/account", "/v2/nothing", "/v2//account", "/v2/rpc/f"} {
			require.Equal(t, "*", w.http("GET", path, "", origin, "null").header.Get("Access-Control-Allow-Origin"))
			require.NotContains(t, w.http("GET", path, "").header, "Access-Control-Allow-Origin")
		}
	})
	for name, tt := range map[string]struct {
		ask    []string
		status int
	}{
		"simple method":     {[]string{origin, "x", method, "POST"}, http.StatusOK},
		"simple header":     {[]string{origin, "x", method, "GET", headers, "accept"}, http.StatusOK},
		"no origin":         {nil, http.StatusOK},
		"no method":         {[]string{origin, "x"}, http.StatusBadRequest},
		"disallowed method": {[]string{origin, "x", method, "PATCH"}, http.StatusMethodNotAllowed},
		"disallowed header": {[]string{origin, "x", method, "PUT", headers, "authorization,x-evil"}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.http("OPTIONS", "/v2/account", "", tt.ask...)
			require.Equal(t, tt.status, got.status)
			require.Empty(t, got.body)
			require.NotContains(t, got.header, "Access-Control-Allow-Headers")
			require.NotContains(t, got.header, "Access-Control-Allow-Credentials")
			require.Equal(t, tt.ask != nil, got.header.Get("Access-Control-Allow-Origin") == "*")
		})
	}
}
