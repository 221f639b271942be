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
	h := &hijacker{ResponseWriter: w, cfg: cfg}
	under, err := websocket.Accept(h, r, &options)
	if err != nil {
		return nil, fmt.Errorf("ws: %w", err)
	}
	// The only extension there is; without context takeover, so each message is compressed by itself.
	h.socket.deflate = w.Header().Get("Sec-WebSocket-Extensions") != ""
	return newConn(under, h, cfg), nil
}

// hijacker puts our socket and small buffers between coder's connection and the network.
type hijacker struct {
	http.ResponseWriter
	cfg    Config
	socket *socket
	reader *bufio.Reader
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.socket = newSocket(conn, h.cfg.WriteWait)
	if n := rw.Reader.Buffered(); n > 0 { // the client did not wait for our answer
		early, _ := rw.Reader.Peek(n)
		h.socket.rest = bytes.Clone(early)
	}
	h.reader = bufio.NewReaderSize(h.socket, h.socket.readSize())
	// The writer holds any control frame (127 bytes), so coder makes one Write of each: see socket.Write.
	return h.socket, bufio.NewReadWriter(h.reader, bufio.NewWriterSize(h.socket, 128)), nil
}
