package nakama_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

// pipes is a network of its own, so that real WebSockets can be tested on a clock that is not.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (m *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *pipes) Close() error {
	m.once.Do(func() { close(m.done) })
	return nil
}

func (m *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func (m *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// inMemory puts the server on a network in memory.
func (w *world) inMemory() {
	l := newPipes()
	w.server = &httptest.Server{URL: "http://memory", Listener: l, Config: nakama.NewServer("", w.h, nil)}
	go func() { _ = w.server.Config.Serve(l) }()
	w.dialer.DialContext = l.dial
	w.dialer.DisableCompression, w.dialer.DisableKeepAlives = true, true
}

// socket is the client's end of a WebSocket. What comes is kept until it is asked for; who never asks is a slow reader.
type socket struct {
	conn *websocket.Conn
	in   chan received
	cut  context.CancelFunc
}

type received struct {
	kind transport.Kind
	b    []byte
	err  error
}

// kinds are those of WebSocket messages.
var kinds = map[transport.Kind]websocket.MessageType{
	transport.Text: websocket.MessageText, transport.Binary: websocket.MessageBinary,
}

// dial opens a socket.
func (w *world) dial(query url.Values, header http.Header) (*socket, *http.Response, error) {
	w.t.Helper()
	target := "ws" + strings.TrimPrefix(w.server.URL, "http") + "/ws?" + query.Encode()
	conn, resp, err := websocket.Dial(w.t.Context(), target, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &w.dialer}, HTTPHeader: header, OnPingReceived: w.onPing,
	})
	if err != nil {
		return nil, resp, err
	}
	conn.SetReadLimit(-1)
	ctx, cut := context.WithCancel(context.Background())
	s := &socket{conn, make(chan received, 256), cut}
	w.sockets = append(w.sockets, s)
	go s.receive(ctx)
	return s, resp, nil
}

func (s *socket) receive(ctx context.Context) {
	for {
		kind, b, err := s.conn.Read(ctx)
		r := received{b: b, err: err}
		for k, of := range kinds {
			if of == kind {
				r.kind = k
			}
		}
		if closed, ok := errors.AsType[websocket.CloseError](err); ok {
			r.err = &transport.CloseError{Code: int(closed.Code), Reason: closed.Reason}
		}
		select {
		case s.in <- r:
		case <-ctx.Done():
		}
		if err != nil {
			close(s.in)
			return
		}
	}
}

// Send sends a message.
func (s *socket) Send(kind transport.Kind, b []byte) error {
	return s.conn.Write(context.Background(), kinds[kind], b)
}

// Receive waits for the next message.
func (s *socket) Receive() (transport.Kind, []byte, error) {
	r, ok := <-s.in
	if !ok {
		return 0, nil, net.ErrClosed
	}
	return r.kind, r.b, r.err
}

// Cut ends the connection without a word.
func (s *socket) Cut() {
	s.cut()
	_ = s.conn.CloseNow()
}

// asked is what stands in the place of a token for a session that a test makes up.
const asked = "asked."

// madeUp takes made-up tokens besides real ones.
type madeUp struct{ *auth.Service }

func (m madeUp) Verify(token string) (auth.Claims, error) {
	text, ok := strings.CutPrefix(token, asked)
	if !ok {
		return m.Service.Verify(token)
	}
	var c auth.Claims
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	return c, err
}

// tokenFor makes a token up.
func tokenFor(hello nakama.Hello) string {
	b, _ := json.Marshal(auth.Claims{
		User: hello.User, Username: hello.Username, Vars: hello.Vars, Expires: hello.Expires, Family: hello.Family,
	})
	return asked + base64.RawURLEncoding.EncodeToString(b)
}

// overTCP runs a test over the loopback network, once with clients that speak JSON, once protobuf, once one of each.
func overTCP(t *testing.T, change func(*world, *nakama.Config), f func(t *testing.T, w *world, first, second transport.Kind)) {
	for name, kinds := range formats {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, change).listen()
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 2)
			go func() { done <- w.matches.Run(ctx) }()
			go func() { done <- w.queue.Run(ctx) }()
			defer func() {
				cancel()
				require.NoError(t, <-done)
				require.NoError(t, <-done)
				require.NoError(t, w.sessions.Shutdown(t.Context(), transport.CloseGoingAway, "bye"))
			}()
			f(t, w, kinds[0], kinds[1])
		})
	}
}
