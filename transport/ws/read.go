package ws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/shoal-go/shoal/transport"
)

// Buffers of the messages being read: taken when a message begins, given back by the next Read.
const (
	readBuffer    = 4<<10 + 1 // one more than the usual limit, to see that a message is larger
	maxReadPooled = 64 << 10
)

var readBuffers = sync.Pool{New: func() any { b := make([]byte, 0, readBuffer); return &b }}

// Read implements transport.Conn. Besides its errors there is transport.ErrTimeout for a client that was silent for
// PongWait, and transport.ErrTooBig and transport.ErrInvalidText for messages that are not accepted: the close frame
// with the fitting code has then been sent.
func (c *Conn) Read() (transport.Kind, []byte, error) {
	if c.closing.Load() {
		return 0, nil, transport.ErrClosed
	}
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	c.freeBuffer()
	if c.readErr != nil {
		return 0, nil, c.readErr
	}
	kind, payload, err := c.next()
	if c.closing.Load() { // Close reads the rest; it needs body and over, but not an error of its own making
		return 0, nil, transport.ErrClosed
	}
	c.readErr = err
	return kind, payload, err
}

func (c *Conn) next() (transport.Kind, []byte, error) {
	if c.buffered.Buffered() == 0 {
		c.socket.await()
	}
	kind, body, err := c.under.Reader(context.Background())
	if err != nil {
		return 0, nil, c.failed(err)
	}
	c.body = body
	c.buf = readBuffers.Get().(*[]byte)
	if err := c.fill(); err != nil {
		return 0, nil, err
	}
	c.body = nil
	payload := *c.buf
	if kind == websocket.MessageText && !utf8.Valid(payload) {
		c.over = !c.socket.sendClose(transport.CloseInvalidText, "text is not valid UTF-8")
		return 0, nil, transport.ErrInvalidText
	}
	return transport.Kind(kind), payload, nil
}

// fill reads the message into the buffer.
func (c *Conn) fill() error {
	b := (*c.buf)[:0]
	defer func() { *c.buf = b }()
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := c.body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case len(b) > c.maxMessage:
			c.socket.sendClose(transport.CloseTooBig, "message too big")
			return transport.ErrTooBig
		case err == io.EOF:
			return nil
		case err != nil:
			return c.failed(err)
		}
	}
}

// freeBuffer gives the buffer of the last message back. Close must not: the reader may still be using it.
func (c *Conn) freeBuffer() {
	if c.buf != nil && cap(*c.buf) <= maxReadPooled {
		readBuffers.Put(c.buf)
	}
	c.buf = nil
}

// failed translates an error of coder's reader, after which there is nothing more to read.
func (c *Conn) failed(err error) error {
	var end websocket.CloseError
	switch {
	case errors.As(err, &end):
		c.over = true
		return &transport.CloseError{Code: int(end.Code), Reason: end.Reason}
	case c.silent.Load():
		c.over = true
		return fmt.Errorf("ws: client was silent: %w", transport.ErrTimeout)
	case c.closing.Load():
		return transport.ErrClosed // the read deadline woke us: Close goes on reading
	case isBroken(err):
		c.over = true
	default:
		c.astray = true
		c.socket.sendClose(transport.CloseProtocolError, "protocol error") // where coder has not sent its own
	}
	return fmt.Errorf("ws: read: %w", err)
}

// isBroken tells an error of the network from a mistake of the client.
func isBroken(err error) bool {
	var op net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &op)
}
