package host

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// pipes is a listener whose connections are in memory, so that their deadlines are those of the bubble.
type pipes struct{ conns chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// onNetwork serves the game with the limits of NewServer; dial opens a connection.
func onNetwork(t *testing.T, g *game, test func(dial func() net.Conn)) {
	t.Helper()
	l := pipes{make(chan net.Conn)}
	server := nakama.NewServer("", g.gateway, nil)
	done := make(chan error)
	go func() { done <- server.Serve(l) }()
	test(func() net.Conn {
		ours, theirs := net.Pipe()
		l.conns <- theirs
		return ours
	})
	close(l.conns)
	require.NoError(t, server.Close())
	require.Error(t, <-done)
}

// after sends the head of a request and then, slowly, more; it returns the answer, if there is one, and how long the
// server listened.
func after(c net.Conn, head, more string, pause time.Duration) (status int, took time.Duration) {
	start := time.Now()
	stop := make(chan struct{})
	go func() {
		if _, err := io.WriteString(c, head); err != nil {
			return
		}
		for {
			select {
			case <-stop:
				return
			case <-time.After(pause):
			}
			if _, err := io.WriteString(c, more); err != nil {
				return
			}
		}
	}()
	defer close(stop)
	defer c.Close()
	r := bufio.NewReader(c)
	if resp, err := http.ReadResponse(r, nil); err == nil {
		status = resp.StatusCode
		_ = resp.Body.Close()
	}
	_, _ = io.Copy(io.Discard, r) // until the server hangs up
	return status, time.Since(start)
}

func TestAttacksOverANetwork(t *testing.T) {
	const in = "POST /v2/account/authenticate/device HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ZGVmYXVsdGtleTo=\r\n"
	for name, tt := range map[string]struct {
		head, more string
		pause      time.Duration
		status     int // 0: none is needed
		within     time.Duration
	}{
		"slow body":           {in + "Content-Length: 1000\r\n\r\n{", " ", time.Second, http.StatusBadRequest, 11 * time.Second},
		"body that stops":     {in + "Content-Length: 1000\r\n\r\n{", "", time.Hour, http.StatusBadRequest, 11 * time.Second},
		"slow chunks":         {in + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n", time.Second, http.StatusBadRequest, 11 * time.Second},
		"slow header":         {"GET / HTTP/1.1\r\n", "X: y\r\n", time.Second, 0, 6 * time.Second},
		"nothing at all":      {"", "", time.Hour, 0, 6 * time.Second},
		"header bomb":         {"GET / HTTP/1.1\r\nHost: x\r\n", "X: " + strings.Repeat("y", 1000) + "\r\n", 0, http.StatusRequestHeaderFieldsTooLarge, time.Second},
		"one long header":     {"GET / HTTP/1.1\r\nHost: x\r\nX: ", strings.Repeat("y", 1000), 0, http.StatusRequestHeaderFieldsTooLarge, time.Second},
		"one long line":       {"GET /", strings.Repeat("y", 1000), 0, http.StatusRequestHeaderFieldsTooLarge, time.Second},
		"body without an end": {in + "Transfer-Encoding: chunked\r\n\r\n", "400\r\n" + strings.Repeat(" ", 1024) + "\r\n", 0, http.StatusBadRequest, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			onMemory(t, func(t *testing.T, g *game) {
				onNetwork(t, g, func(dial func() net.Conn) {
					taken := allocated(func() {
						status, took := after(dial(), tt.head, tt.more, tt.pause)
						require.Equal(t, tt.status, status)
						require.LessOrEqual(t, took, tt.within)
					})
					require.Less(t, taken, uint64(4<<20))
				})
			})
		})
	}
}

// Who holds on to connections holds up nobody else.
func TestSlowClientsHoldUpNobody(t *testing.T) {
	onMemory(t, func(t *testing.T, g *game) {
		onNetwork(t, g, func(dial func() net.Conn) {
			for range 200 {
				c := dial()
				defer c.Close()
				_, err := io.WriteString(c, "POST /v2/account/authenticate/device HTTP/1.1\r\n")
				require.NoError(t, err)
			}
			c := dial()
			defer c.Close()
			_, err := fmt.Fprint(c, "GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n")
			require.NoError(t, err)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, http.StatusOK, resp.StatusCode)
		})
	})
}
