package nakama_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
)

func zipped(t *testing.T, encoding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if encoding == "deflate" {
		var err error
		w, err = flate.NewWriter(&b, flate.BestCompression)
		require.NoError(t, err)
	}
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestCompression(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		c.RPC = map[string]nakama.RPC{"length": func(_ context.Context, _ nakama.Caller, payload string) (string, error) {
			return strconv.Itoa(len(payload)), nil
		}}
	}).listen()
	ann := w.newAccount("ann")

	t.Run("H009", func(t *testing.T) {
		for accept, encoding := range map[string]string{
			"gzip": "gzip", "br, gzip, deflate": "gzip", "deflate,gzip": "deflate",
			"gzip;q=1": "", "br": "", "": "",
		} {
			got := ann.http("GET", "/v2/account", "", "Accept-Encoding", accept)
			require.Equal(t, http.StatusOK, got.status)
			require.Equal(t, encoding, got.header.Get("Content-Encoding"), accept)
			require.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
			var r io.Reader = strings.NewReader(got.body)
			switch encoding {
			case "gzip":
				var err error
				r, err = gzip.NewReader(r)
				require.NoError(t, err)
			case "deflate":
				r = flate.NewReader(r)
			}
			b, err := io.ReadAll(r)
			require.NoError(t, err)
			require.Contains(t, string(b), ann.id)
		}
		require.Empty(t, w.http("GET", "/", "", "Accept-Encoding", "gzip").body)
	})
	t.Run("H010", func(t *testing.T) {
		for _, encoding := range []string{"gzip", "deflate"} {
			ann.http("PUT", "/v2/account", zipped(t, encoding, `{"location":"`+encoding+`"}`), "Content-Encoding", encoding).
				nothing()
			user := ann.http("GET", "/v2/account", "").ok()["user"].(map[string]any)
			require.Equal(t, encoding, user["location"])
			ann.http("POST", "/v2/session/logout", "no "+encoding, "Content-Encoding", encoding).
				invalid("Request body cannot be read as " + encoding + ".")
		}
		ann.http("PUT", "/v2/account", "", "Content-Encoding", "gzip").invalid("No fields to update.")
	})
	t.Run("H011", func(t *testing.T) {
		const text = "http: request body too large"
		pad := func(n int) string { return `{"location":"Bern"` + strings.Repeat(" ", n-19) + "}" }
		ann.http("PUT", "/v2/account", pad(262144)).nothing()
		ann.http("PUT", "/v2/account", pad(262145)).refused(http.StatusBadRequest, nakama.InvalidArgument, text)
		for _, encoding := range []string{"gzip", "deflate"} {
			ann.http("PUT", "/v2/account", zipped(t, encoding, pad(262144)), "Content-Encoding", encoding).nothing()
			bomb := zipped(t, encoding, pad(262145))
			require.Less(t, len(bomb), 1000)
			ann.http("PUT", "/v2/account", bomb, "Content-Encoding", encoding).
				refused(http.StatusBadRequest, nakama.InvalidArgument, text)
			ann.http("POST", "/v2/rpc/length?unwrap", bomb, "Content-Encoding", encoding).
				refused(http.StatusBadRequest, nakama.InvalidArgument, text)
		}
	})
}

// A body that is too large also ends the connection, so that the rest of it need not be read.
func TestTooLargeABodyClosesTheConnection(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) { c.MaxBody = 10 })
	s := httptest.NewServer(w.h)
	defer s.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v2/account/authenticate/custom",
		strings.NewReader(strings.Repeat(" ", 11)))
	require.NoError(t, err)
	r.Header.Set("Authorization", basic("defaultkey"))
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.True(t, resp.Close)
}
