package ws

import (
	"errors"
	"fmt"
	"os"

	"github.com/shoal-go/shoal/transport"
)

// Read implements transport.Conn. Besides its errors there is transport.ErrTimeout for a client that was silent for
// PongWait, and transport.ErrTooBig and transport.ErrInvalidText for messages that are not accepted: the close frame
// with the fitting code has then been sent.
func (c *Conn) Read() (transport.Kind, []byte, error) {
	if c.polled != nil {
		return c.readPolled()
	}
	if c.closing.Load() {
		return 0, nil, transport.ErrClosed
	}
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	if c.readErr != nil {
		return 0, nil, c.readErr
	}
	kind, payload, err := c.next()
	if c.closing.Load() { // Close reads the rest, and needs no error of its own making
		return 0, nil, transport.ErrClosed
	}
	c.readErr = err
	return kind, payload, err
}

// next waits for the next message.
func (c *Conn) next() (transport.Kind, []byte, error) {
	for {
		m, n, err := c.message(c.in.bytes())
		c.in.skip(n)
		if m.op != 0 || err != nil {
			return transport.Kind(m.op), m.payload, err
		}
		c.in.release()
		if err := c.await(&c.in); err != nil {
			return 0, nil, c.failed(err)
		}
		c.socket.heard()
	}
}

// message takes the first message off b, and returns how many bytes that and what was before it are. Without a message
// and without an error there must come more. It deals with control frames. The payload is valid until the next call.
func (c *Conn) message(b []byte) (m incoming, used int, err error) {
	c.decoder.release()
	if c.discard > 0 {
		used = min(c.discard, len(b))
		c.discard -= used
	}
	for !c.over {
		if c.astray {
			return incoming{}, len(b), nil
		}
		in, n, err := c.decoder.next(b[used:])
		if in.op != opPing {
			c.sendPongs()
		}
		switch {
		case err != nil:
			return incoming{}, used + c.skip(n, len(b)-used), c.refuse(err)
		case n == 0:
			return incoming{}, used, nil
		}
		used += n
		switch in.op {
		case byte(transport.Text), byte(transport.Binary):
			return in, used, nil
		case opPing:
			c.pongs = append(append(c.pongs, final|opPong, byte(len(in.payload))), in.payload...)
		case opClose:
			return incoming{}, used, c.closedByClient(in.payload)
		}
	}
	return incoming{}, len(b), nil
}

// sendPongs answers pings that came together, in one write.
func (c *Conn) sendPongs() {
	if len(c.pongs) > 0 {
		c.socket.pong(c.pongs, c.polled == nil)
		c.pongs = nil
	}
}

// skip makes what is still to come of a refused frame be discarded. It returns how much of it is there.
func (c *Conn) skip(frame, there int) int {
	c.discard = max(0, frame-there)
	return min(frame, there)
}

// refuse tells the client what its mistake was.
func (c *Conn) refuse(err error) error {
	code, reason := transport.CloseProtocolError, "protocol error"
	switch {
	case errors.Is(err, transport.ErrTooBig):
		code, reason = transport.CloseTooBig, "message too big"
	case errors.Is(err, transport.ErrInvalidText):
		code, reason = transport.CloseInvalidText, "text is not valid UTF-8"
	default:
		c.astray = true
	}
	c.answerClose(code, reason)
	return err
}

// closedByClient answers the client's close with the same.
func (c *Conn) closedByClient(payload []byte) error {
	end, err := closeError(payload)
	if err != nil {
		return c.refuse(err)
	}
	c.answerClose(end.Code, end.Reason)
	c.over = true
	return end
}

// answerClose sends a close frame that the client has brought about.
func (c *Conn) answerClose(code int, reason string) {
	if c.polled == nil {
		c.socket.sendClose(code, reason)
		return
	}
	if c.polled.verdict == nil {
		c.polled.verdict = &transport.CloseError{Code: code, Reason: reason}
	}
	c.socket.trySendClose(code, reason)
}

// failed says why the connection broke.
func (c *Conn) failed(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) { // only Close sets one
		return err
	}
	c.over = true
	if c.silent.Load() {
		return errSilent
	}
	return fmt.Errorf("ws: read: %w", err)
}
