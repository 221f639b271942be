package ws_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/transporttest"
	"github.com/shoal-go/shoal/transport/ws"
)

// server is a listener whose connections the test gets.
type server struct {
	*httptest.Server
	conns chan *ws.Conn
}

func newServer(t testing.TB, cfg ws.Config, tls bool) *server {
	t.Helper()
	s := &server{conns: make(chan *ws.Conn, 1)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := ws.Accept(w, r, cfg); err == nil {
			s.conns <- c
		}
	}))
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// connect returns both ends of a new connection.
func (s *server) connect(t testing.TB, mode websocket.CompressionMode) (*ws.Conn, client) {
	t.Helper()
	c, _, err := websocket.Dial(context.Background(), s.URL, &websocket.DialOptions{HTTPClient: s.Client(), CompressionMode: mode})
	require.NoError(t, err)
	c.SetReadLimit(-1)
	conn := <-s.conns
	t.Cleanup(func() {
		_ = c.CloseNow()
		_ = conn.Close(transport.CloseNormal, "")
	})
	return conn, client{c}
}

// client is coder's client as the contract needs it.
type client struct{ *websocket.Conn }

func (c client) Send(kind transport.Kind, payload []byte) error {
	return c.Write(context.Background(), websocket.MessageType(kind), payload)
}

func (c client) Receive() (transport.Kind, []byte, error) {
	kind, data, err := c.Read(context.Background())
	if end, ok := errors.AsType[websocket.CloseError](err); ok {
		return 0, nil, &transport.CloseError{Code: int(end.Code), Reason: end.Reason}
	}
	return transport.Kind(kind), data, err
}

func (c client) Close(code int, reason string) error {
	return c.Conn.Close(websocket.StatusCode(code), reason)
}

// patient waits for its client as long as the slowest machine may take.
var patient = ws.Config{WriteWait: time.Minute, CloseAckWait: time.Minute}

func with(cfg ws.Config, poller *ws.Poller) ws.Config {
	cfg.Poller = poller
	return cfg
}

func waiting(cfg ws.Config, wait time.Duration) ws.Config {
	cfg.WriteWait, cfg.CloseAckWait = wait, wait
	return cfg
}

// both runs a test on connections that are read, and on those that a Poller looks at.
func both(t *testing.T, test func(t *testing.T, poller *ws.Poller)) {
	t.Run("read", func(t *testing.T) { test(t, nil) })
	t.Run("polled", func(t *testing.T) { test(t, ws.NewPoller()) })
}

func TestContract(t *testing.T) {
	compressed := ws.Config{Compression: true}
	for name, c := range map[string]struct {
		cfg  ws.Config
		tls  bool
		mode websocket.CompressionMode
	}{
		"tcp":                {},
		"polled":             {cfg: ws.Config{Poller: ws.NewPoller()}},
		"tls":                {tls: true},
		"compressed":         {cfg: compressed, mode: websocket.CompressionNoContextTakeover},
		"compressed, polled": {cfg: with(compressed, ws.NewPoller()), mode: websocket.CompressionNoContextTakeover},
		"compressed, tls":    {cfg: compressed, tls: true, mode: websocket.CompressionNoContextTakeover},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // some cases wait for a time-out
			transporttest.Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, transporttest.Client) {
				conn, client := newServer(t, waiting(c.cfg, wait), c.tls).connect(t, c.mode)
				return conn, client
			})
		})
	}
}

func TestContractOnUnixSocket(t *testing.T) {
	t.Parallel()
	s := &server{conns: make(chan *ws.Conn, 1)}
	waits := make(chan time.Duration, 1) // of the connection that comes next
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := ws.Accept(w, r, waiting(ws.Config{}, <-waits)); err == nil {
			s.conns <- c
		}
	}))
	l, err := net.Listen("unix", t.TempDir()+"/s")
	require.NoError(t, err)
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	hc := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", l.Addr().String())
	}}}
	transporttest.Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, transporttest.Client) {
		waits <- wait
		c, _, err := websocket.Dial(context.Background(), "ws://host", &websocket.DialOptions{HTTPClient: hc})
		require.NoError(t, err)
		c.SetReadLimit(-1)
		conn := <-s.conns
		t.Cleanup(func() { _ = c.CloseNow() })
		return conn, client{c}
	})
}

func TestMessageLimit(t *testing.T) { both(t, messageLimitTest) }

func messageLimitTest(t *testing.T, poller *ws.Poller) {
	for name, c := range map[string]struct {
		limit, want int
		mode        websocket.CompressionMode
	}{
		"default":             {0, 4096, 0},
		"small":               {10, 10, 0},
		"above the buffer":    {100_000, 100_000, 0},
		"after decompressing": {5000, 5000, websocket.CompressionNoContextTakeover},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := with(patient, poller)
			cfg.MaxMessageBytes, cfg.Compression = c.limit, c.mode != 0
			conn, client := newServer(t, cfg, false).connect(t, c.mode)
			go func() {
				_ = client.Send(transport.Text, []byte(strings.Repeat("x", c.want)))
				_ = client.Send(transport.Text, []byte(strings.Repeat("x", c.want+1)))
			}()
			_, data, err := conn.Read()
			require.NoError(t, err)
			require.Len(t, data, c.want)

			_, _, err = conn.Read()
			require.ErrorIs(t, err, transport.ErrTooBig)
			_, _, err = conn.Read()
			require.ErrorIs(t, err, transport.ErrTooBig, "and it stays so")
			closing := make(chan error, 1)
			go func() { closing <- conn.Close(transport.CloseNormal, "not this one") }()
			requireClosed(t, client, transport.CloseTooBig, "message too big")
			require.NoError(t, <-closing)
		})
	}
}

func requireClosed(t *testing.T, c client, code int, reason string) {
	t.Helper()
	_, _, err := c.Receive()
	var end *transport.CloseError
	require.ErrorAs(t, err, &end)
	require.Equal(t, transport.CloseError{Code: code, Reason: reason}, *end)
}

func TestTextMustBeUTF8(t *testing.T) { both(t, textMustBeUTF8Test) }

func textMustBeUTF8Test(t *testing.T, poller *ws.Poller) {
	conn, client := newServer(t, with(patient, poller), false).connect(t, 0)
	require.NoError(t, client.Send(transport.Binary, []byte("\xff")))
	require.NoError(t, client.Send(transport.Text, []byte("a\xff")))
	kind, data, err := conn.Read()
	require.NoError(t, err, "binary may be anything")
	require.Equal(t, transport.Binary, kind)
	require.Equal(t, "\xff", string(data))
	_, _, err = conn.Read()
	require.ErrorIs(t, err, transport.ErrInvalidText)
	closing := make(chan error, 1)
	go func() { closing <- conn.Close(transport.CloseNormal, "") }()
	requireClosed(t, client, transport.CloseInvalidText, "text is not valid UTF-8")
	require.NoError(t, <-closing)
}

func TestCloseOfClientIsEchoed(t *testing.T) { both(t, closeOfClientIsEchoedTest) }

func closeOfClientIsEchoedTest(t *testing.T, poller *ws.Poller) {
	conn, client := newServer(t, with(patient, poller), false).connect(t, 0)
	closed := make(chan error, 1)
	go func() { closed <- client.Close(4711, "gone fishing") }()
	_, _, err := conn.Read()
	var end *transport.CloseError
	require.ErrorAs(t, err, &end)
	require.Equal(t, 4711, end.Code)
	require.NoError(t, <-closed, "coder's Close fails when the answer has another code")
	require.ErrorIs(t, conn.Write(nil), transport.ErrClosed)
}

func TestCloseFrames(t *testing.T) { both(t, closeFramesTest) }

func closeFramesTest(t *testing.T, poller *ws.Poller) {
	long := strings.Repeat("a", 122) + "é" // 124 bytes, the last two are one letter
	for name, c := range map[string]struct {
		code   int
		reason string
		want   transport.CloseError
	}{
		"own code":          {4000, "why", transport.CloseError{Code: 4000, Reason: "why"}},
		"no reason":         {1001, "", transport.CloseError{Code: 1001}},
		"code not sendable": {1006, "why", transport.CloseError{Code: 1000, Reason: "why"}},
		"no code":           {0, "why", transport.CloseError{Code: 1000, Reason: "why"}},
		"long reason":       {1000, long, transport.CloseError{Code: 1000, Reason: long[:122]}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, client := newServer(t, with(patient, poller), false).connect(t, 0)
			closing := make(chan error, 1)
			go func() { closing <- conn.Close(c.code, c.reason) }()
			requireClosed(t, client, c.want.Code, c.want.Reason)
			require.NoError(t, <-closing)
		})
	}
}

func TestOrigins(t *testing.T) {
	for name, c := range map[string]struct {
		origins []string
		origin  string
		status  int
	}{
		"nil takes any":      {nil, "https://elsewhere.example", http.StatusSwitchingProtocols},
		"listed":             {[]string{"*.example"}, "https://game.example", http.StatusSwitchingProtocols},
		"not listed":         {[]string{"game.example"}, "https://evil.example", http.StatusForbidden},
		"none but own host":  {[]string{}, "https://game.example", http.StatusForbidden},
		"not from a browser": {[]string{}, "", http.StatusSwitchingProtocols},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := patient
			cfg.Origins = c.origins
			s := newServer(t, cfg, false)
			header := http.Header{}
			if c.origin != "" {
				header.Set("Origin", c.origin)
			}
			conn, resp, err := websocket.Dial(context.Background(), s.URL, &websocket.DialOptions{HTTPHeader: header})
			require.Equal(t, c.status, resp.StatusCode)
			if err == nil {
				_ = conn.CloseNow()
				_ = (<-s.conns).Close(transport.CloseNormal, "")
			}
		})
	}
}

func TestAcceptRefuses(t *testing.T) {
	t.Run("contradicting settings", func(t *testing.T) {
		cfg := ws.Config{PingPeriod: time.Minute}
		require.ErrorIs(t, cfg.Check(), ws.ErrConfig)
		w := httptest.NewRecorder()
		_, err := ws.Accept(w, httptest.NewRequest(http.MethodGet, "/ws", nil), cfg)
		require.ErrorIs(t, err, ws.ErrConfig)
		require.Equal(t, http.StatusInternalServerError, w.Code)
	})
	t.Run("no handshake", func(t *testing.T) {
		w := httptest.NewRecorder()
		_, err := ws.Accept(w, httptest.NewRequest(http.MethodGet, "/ws", nil), ws.Config{})
		require.Error(t, err)
		require.Equal(t, http.StatusUpgradeRequired, w.Code)
	})
	t.Run("no hijacking", func(t *testing.T) {
		_, err := ws.Accept(httptest.NewRecorder(), handshake(), ws.Config{})
		require.ErrorIs(t, err, http.ErrNotSupported)
	})
	require.NoError(t, ws.Config{}.Check())
}
