package host

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// serve runs a host on memory until the test ends, and returns its address.
func serve(t *testing.T) (addr string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h, err := Open(ctx, Config{
		DB: "memory:", Gateway: nakama.Config{ServerKey: WellKnownKey}, Interval: time.Second,
		Patience: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	gateway, err := h.Gateway(nil)
	require.NoError(t, err)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- h.Serve(ctx, l, gateway) }()
	return l.Addr().String(), func() error { cancel(); return <-done }
}

func TestAClientInTheMiddleOfARequestDoesNotSpoilTheEnd(t *testing.T) {
	addr, stop := serve(t)
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "POST /v2/account/authenticate/custom HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)
	requireAnswers(t, addr) // so the server has accepted the first connection too
	require.NoError(t, stop())
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err = io.Copy(io.Discard, c)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the connection has ended too")
}

func TestReadyUntilItStops(t *testing.T) {
	h, err := Open(t.Context(), Config{
		DB: "memory:", Gateway: nakama.Config{ServerKey: WellKnownKey}, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	require.NoError(t, h.ready(t.Context()))
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gateway, err := h.Gateway(nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Serve(ctx, l, gateway) }()
	requireAnswers(t, l.Addr().String())
	cancel()
	require.NoError(t, <-done)
	require.EqualError(t, h.ready(t.Context()), "stopping")
}

func requireAnswers(t *testing.T, addr string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/healthcheck", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func TestCheckKey(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:7350", "localhost:7350", "[::1]:7350"} {
		require.NoError(t, CheckKey(WellKnownKey, addr, false), addr)
	}
	for _, addr := range []string{":7350", "0.0.0.0:7350", "[::]:7350", "example.org:7350", "nonsense"} {
		require.ErrorContains(t, CheckKey(WellKnownKey, addr, false), "-dev", addr)
		require.NoError(t, CheckKey(WellKnownKey, addr, true), addr)
		require.NoError(t, CheckKey("our own", addr, false), addr)
	}
}
