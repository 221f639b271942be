package ws

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// ErrConfig is returned by Accept and Config.Check for settings that contradict each other.
var ErrConfig = errors.New("ws: PongWait must be longer than PingPeriod")

// Config configures connections. The zero value is ready for use.
type Config struct {
	// MaxMessageBytes is the largest message a client may send, after decompression; a larger one closes the
	// connection with code 1009. 0 means 4096.
	MaxMessageBytes int

	// PingPeriod is how often the server sends a ping. 0 means 15 seconds.
	PingPeriod time.Duration

	// PongWait is how long a client may be silent, not even answering pings, before its connection is cut.
	// It must be longer than PingPeriod. 0 means 25 seconds.
	PongWait time.Duration

	// WriteWait is how long one Write may take before the connection is cut. 0 means 5 seconds.
	WriteWait time.Duration

	// CloseAckWait is how long Close waits for the client's answer (but WriteWait, if that is longer, for a client
	// that has been slow: it still has a backlog to read before it finds the close). 0 means 2 seconds.
	CloseAckWait time.Duration

	// Origins are the hosts whose web pages may connect, as patterns of path.Match ("*.example.com"); the server's own
	// host always may. nil means any: the check protects sites that know their users by cookies, which a
	// browser sends along for any page; game clients show a token.
	Origins []string

	// Poller, if there is one, waits for what comes in on plain TCP connections, instead of a goroutine each that reads.
	// It pays for a Conn whose messages are received (Conn.Receive). nil means none; outside Linux it changes nothing.
	Poller *Poller

	// Compression offers permessage-deflate to clients, for messages of 512 bytes and more. The default is off: it
	// costs some hundred times the CPU of a plain write, and most game messages are small.
	Compression bool
}

func (c Config) filled() Config {
	if c.MaxMessageBytes <= 0 {
		c.MaxMessageBytes = 4096
	}
	for _, d := range []struct {
		field *time.Duration
		zero  time.Duration
	}{
		{&c.PingPeriod, 15 * time.Second},
		{&c.PongWait, 25 * time.Second},
		{&c.WriteWait, 5 * time.Second},
		{&c.CloseAckWait, 2 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.zero
		}
	}
	return c
}

// Check returns ErrConfig when Accept would refuse to work with c. Call it once when the server starts.
func (c Config) Check() error {
	if c = c.filled(); c.PongWait <= c.PingPeriod {
		return ErrConfig
	}
	return nil
}

// Accept answers a WebSocket handshake. When it returns an error the client has been answered, with the HTTP
// status that fits; the error is for the log. When it returns none, w and r must not be used any more, and the caller
// does what the package documentation says.
func Accept(w http.ResponseWriter, r *http.Request, cfg Config) (*Conn, error) {
	if err := cfg.Check(); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return nil, err
	}
	cfg = cfg.filled()
	options := websocket.AcceptOptions{
		InsecureSkipVerify: cfg.Origins == nil,
		OriginPatterns:     cfg.Origins,
	}
	if cfg.Compression {
		options.CompressionMode = websocket.CompressionNoContextTakeover
	}
	h := &hijacker{ResponseWriter: w}
	under, err := websocket.Accept(h, r, &options)
	if err != nil {
		return nil, fmt.Errorf("ws: %w", err)
	}
	_ = under.CloseNow() // from here on the connection is ours
	// The only extension there is; without context takeover, so each message is compressed by itself.
	return newConn(h.conn, h.early, w.Header().Get("Sec-WebSocket-Extensions") != "", cfg), nil
}

func newConn(conn net.Conn, early []byte, deflate bool, cfg Config) *Conn {
	c := &Conn{
		socket:       newSocket(cfg.WriteWait),
		decoder:      decoder{limit: cfg.MaxMessageBytes, deflate: deflate},
		pingPeriod:   cfg.PingPeriod,
		pongWait:     cfg.PongWait,
		writeWait:    cfg.WriteWait,
		closeAckWait: cfg.CloseAckWait,
		reading:      make(chan struct{}, 1),
		done:         make(chan struct{}),
	}
	c.socket.deflate = deflate
	c.in.keep(early)
	c.attach(conn, cfg.Poller)
	c.start()
	return c
}

// attach chooses how the connection is read and written.
func (c *Conn) attach(conn net.Conn, poller *Poller) {
	if poller != nil {
		if d := poller.take(conn, c); d != nil {
			c.socket.link, c.socket.try = d, d.try
			c.socket.broke = func(err error) { go c.lost(err) }
			c.polled = newPolled(d)
			return
		}
	}
	c.socket.link = conn
	c.await = func(in *input) error {
		n, err := conn.Read(in.waitingRoom())
		in.filled(n)
		if n > 0 {
			return nil // an error comes again
		}
		return err
	}
	if r := openRaw(conn); r != nil {
		c.socket.try, c.await = r.try, r.await
	}
}

// hijacker gives coder's connection, which only does the handshake, nothing to write to or close.
type hijacker struct {
	http.ResponseWriter
	conn  net.Conn
	early []byte // what the client sent before our answer
}

// WriteHeader implements http.ResponseWriter. It spells the answer to the key as RFC 6455 does and not as net/http would:
// the letters mean the same, but there are clients that look for these, the one for C++ among them.
func (h *hijacker) WriteHeader(status int) {
	const name = "Sec-WebSocket-Accept"
	header, key := h.Header(), http.CanonicalHeaderKey(name)
	if accept, ok := header[key]; ok {
		delete(header, key)
		header[name] = accept
	}
	h.ResponseWriter.WriteHeader(status)
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = conn
	if n := rw.Reader.Buffered(); n > 0 {
		early, _ := rw.Reader.Peek(n)
		h.early = bytes.Clone(early)
	}
	nothing, _ := net.Pipe()
	return nothing, bufio.NewReadWriter(bufio.NewReaderSize(nothing, 16), bufio.NewWriterSize(nothing, 16)), nil
}
