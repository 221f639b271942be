package transport

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// PipeConfig configures a Pipe. The zero value is ready for use.
type PipeConfig struct {
	// Window is how many messages one side may send before the other receives. 0 means 64.
	Window int

	// WriteWait is how long Write waits for the client to make room. 0 means 5 seconds.
	WriteWait time.Duration

	// CloseAckWait is how long Close of the server's end waits for the client to receive it. 0 means 2 seconds.
	CloseAckWait time.Duration
}

func (c PipeConfig) filled() PipeConfig {
	if c.Window <= 0 {
		c.Window = 64
	}
	if c.WriteWait <= 0 {
		c.WriteWait = 5 * time.Second
	}
	if c.CloseAckWait <= 0 {
		c.CloseAckWait = 2 * time.Second
	}
	return c
}

// Pipe connects a server and a client in one process: for tests, and for bots that play beside the server. It is made of
// channels only, so in a testing/synctest bubble its time is the bubble's.
func Pipe(cfg PipeConfig) (server TryWriter, client *PipeClient) {
	cfg = cfg.filled()
	p := &pipe{
		down:    make(chan pipeMessage, cfg.Window),
		up:      make(chan pipeMessage, cfg.Window),
		closing: make(chan struct{}),
		acked:   make(chan struct{}),
		gone:    make(chan struct{}),
	}
	return &pipeConn{pipe: p, cfg: cfg}, &PipeClient{pipe: p}
}

type pipeMessage struct {
	kind Kind
	data []byte
	end  *CloseError // the last message of its direction
}

type pipe struct {
	down, up chan pipeMessage // to the client, to the server
	closing  chan struct{}    // closed when the server's end starts to close
	acked    chan struct{}    // closed when the client has received the close
	gone     chan struct{}    // closed when the connection is freed
	free     sync.Once
}

func (p *pipe) cut() { p.free.Do(func() { close(p.gone) }) }

// pipeConn is the server's end.
type pipeConn struct {
	*pipe
	cfg    PipeConfig
	closed atomic.Bool
	peer   atomic.Pointer[CloseError] // how the client closed
}

// Read implements Conn.
func (c *pipeConn) Read() (Kind, []byte, error) {
	if err := c.usable(); err != nil {
		return 0, nil, err
	}
	select {
	case m := <-c.up:
		if m.end != nil {
			c.peer.Store(m.end)
			c.cut()
			return 0, nil, m.end
		}
		return m.kind, m.data, nil
	case <-c.closing:
		return 0, nil, ErrClosed
	case <-c.gone:
		return 0, nil, ErrClosed
	}
}

func (c *pipeConn) usable() error {
	if c.closed.Load() {
		return ErrClosed
	}
	if end := c.peer.Load(); end != nil {
		return end
	}
	select {
	case <-c.gone:
		return ErrClosed
	default:
		return nil
	}
}

// TryWrite implements TryWriter.
func (c *pipeConn) TryWrite(frames []*Frame) (int, error) {
	if err := c.usable(); err != nil {
		return 0, err
	}
	for i, f := range frames {
		select {
		case c.down <- message(f):
		default:
			return i, ErrBlocked
		}
	}
	return len(frames), nil
}

// Write implements Conn.
func (c *pipeConn) Write(frames []*Frame) error {
	n, err := c.TryWrite(frames)
	if !errors.Is(err, ErrBlocked) {
		return err
	}
	timeout := time.NewTimer(c.cfg.WriteWait)
	defer timeout.Stop()
	for _, f := range frames[n:] {
		select {
		case c.down <- message(f):
		case <-timeout.C:
			c.cut()
			return ErrTimeout
		case <-c.closing:
			return ErrClosed
		case <-c.gone:
			return ErrClosed
		}
	}
	return nil
}

func message(f *Frame) pipeMessage {
	return pipeMessage{kind: f.Kind(), data: slices.Clone(f.Payload())}
}

// Close implements Conn.
func (c *pipeConn) Close(code int, reason string) error {
	if c.closed.Swap(true) {
		<-c.gone
		return nil
	}
	defer c.cut()
	close(c.closing)
	timeout := time.NewTimer(c.cfg.WriteWait)
	defer timeout.Stop()
	select {
	case c.down <- pipeMessage{end: &CloseError{Code: code, Reason: reason}}:
	case <-timeout.C:
		return ErrTimeout
	case <-c.gone:
		return nil
	}
	timeout.Reset(c.cfg.CloseAckWait)
	select {
	case <-c.acked:
		return nil
	case <-timeout.C:
		return ErrTimeout
	case <-c.gone:
		return nil
	}
}

// PipeClient is the client's end of a Pipe.
// One goroutine may send while another receives.
type PipeClient struct {
	*pipe
	end atomic.Pointer[CloseError] // how the server closed
}

// Send sends a copy of payload to the server; it waits when Window messages are on their way. The error is ErrClosed
// once the server has closed or the connection is gone.
func (c *PipeClient) Send(kind Kind, payload []byte) error {
	return c.send(pipeMessage{kind: kind, data: slices.Clone(payload)})
}

func (c *PipeClient) send(m pipeMessage) error {
	select {
	case <-c.gone:
		return ErrClosed
	case <-c.closing:
		return ErrClosed
	default:
	}
	select {
	case c.up <- m:
		return nil
	case <-c.gone:
		return ErrClosed
	case <-c.closing:
		return ErrClosed
	}
}

// Receive waits for the next message from the server. When the server closed the error is a *CloseError, and the
// server's Close is acknowledged; when the connection was cut it is ErrClosed.
func (c *PipeClient) Receive() (Kind, []byte, error) {
	if end := c.end.Load(); end != nil {
		return 0, nil, end
	}
	select {
	case m := <-c.down:
		return c.got(m)
	case <-c.gone:
	}
	select { // what was sent before the cut
	case m := <-c.down:
		return c.got(m)
	default:
		return 0, nil, ErrClosed
	}
}

func (c *PipeClient) got(m pipeMessage) (Kind, []byte, error) {
	if m.end != nil {
		c.end.Store(m.end)
		close(c.acked)
		return 0, nil, m.end
	}
	return m.kind, m.data, nil
}

// Close tells the server code and reason after all that was sent before; it does not wait for it to read them.
func (c *PipeClient) Close(code int, reason string) error {
	return c.send(pipeMessage{end: &CloseError{Code: code, Reason: reason}})
}

// Cut breaks the connection without a word, as a client that loses power does.
func (c *PipeClient) Cut() { c.cut() }
