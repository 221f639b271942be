package ws

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/transport"
)

// polled is what a Conn has whose socket a Poller looks at. The Conn's lock reading guards all of it.
type polled struct {
	fd       *descriptor
	on       func(transport.Kind, []byte, error) bool
	stopped  atomic.Bool           // on wants no more for now, or there is none yet
	ended    bool                  // on was told of the end
	verdict  *transport.CloseError // how the connection has to be closed: the client's own close, or its mistake
	answered chan struct{}         // while closing: closed when the client's close, or its end, has come

	pulled chan pulled // for Read; made by the first
}

func newPolled(fd *descriptor) *polled {
	p := &polled{fd: fd}
	p.stopped.Store(true)
	return p
}

// CanReceive implements transport.Receiver. It is true where a Poller looks at the connection.
func (c *Conn) CanReceive() bool { return c.polled != nil }

// Receive implements transport.Receiver.
func (c *Conn) Receive(on func(kind transport.Kind, payload []byte, err error) bool) {
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	c.polled.on = on
	if c.closing.Load() {
		c.end(transport.ErrClosed)
		return
	}
	if c.readErr != nil { // it was lost before
		c.end(c.readErr)
		return
	}
	c.polled.stopped.Store(false)
	c.goOn()
}

// Resume implements transport.Receiver.
func (c *Conn) Resume() {
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	if c.polled.stopped.Swap(false) {
		c.goOn()
	}
}

// goOn hands on what is there, and listens for more.
func (c *Conn) goOn() {
	c.in.skip(c.deliver(c.in.bytes()))
	c.in.release()
	c.listen()
}

// ready is called by the Poller when there is something to read. shared is a buffer for what is handed on at once.
func (c *Conn) ready(shared []byte) {
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	if c.polled.stopped.Load() || c.over {
		return
	}
	n, err := c.readInto(shared)
	if err != nil {
		c.end(c.failed(err))
	}
	if n > 0 || err != nil {
		c.listen()
	}
}

// readInto reads once and hands on what that gave.
func (c *Conn) readInto(shared []byte) (int, error) {
	if c.in.buf != nil { // the beginning of a frame is there
		n, err := c.polled.fd.read(c.in.room())
		if n > 0 {
			c.socket.heard()
			c.in.filled(n)
			c.in.skip(c.deliver(c.in.bytes()))
			c.in.release()
		}
		return n, err
	}
	n, err := c.polled.fd.read(shared)
	if n > 0 {
		c.socket.heard()
		c.in.keep(shared[c.deliver(shared[:n]):n])
	}
	return n, err
}

// deliver hands on the messages in b, and returns how many of its bytes are done with.
func (c *Conn) deliver(b []byte) (used int) {
	for !c.polled.stopped.Load() {
		m, n, err := c.message(b[used:])
		used += n
		switch {
		case err != nil:
			c.end(err)
		case m.op == 0:
			return used
		case !c.polled.ended && c.polled.on != nil:
			c.polled.stopped.Store(!c.polled.on(transport.Kind(m.op), m.payload, nil))
		}
	}
	return used
}

// end tells the receiver, once, and whoever waits for the client's close.
func (c *Conn) end(err error) {
	p := c.polled
	if c.readErr == nil {
		c.readErr = err
	}
	if !p.ended && p.on != nil {
		p.ended = true
		p.on(0, nil, c.readErr)
	}
	if c.over && p.answered != nil {
		close(p.answered)
		p.answered = nil
	}
}

// listen makes the Poller look at the socket, or not.
func (c *Conn) listen() { c.polled.fd.listen(!c.polled.stopped.Load() && !c.over) }

// lost is for a connection that has failed on this side.
func (c *Conn) lost(err error) {
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	if !c.over {
		c.over = true
		c.end(err)
	}
}

// closePolled is Close.
func (c *Conn) closePolled(code int, reason string) error {
	answered := c.beginClose(&code, &reason)
	sent := c.socket.sendClose(code, reason)
	defer func() { _ = c.socket.Close() }()
	if !sent {
		return nil
	}
	timer := time.NewTimer(c.ackWait())
	defer timer.Stop()
	select {
	case <-answered:
		return nil
	case <-timer.C:
		return errNotAnswered
	}
}

// beginClose ends receiving; what still comes is discarded. The channel is closed when nothing more is to come.
func (c *Conn) beginClose(code *int, reason *string) <-chan struct{} {
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	p := c.polled
	if p.verdict != nil {
		*code, *reason = p.verdict.Code, p.verdict.Reason
	}
	c.end(transport.ErrClosed)
	answered := make(chan struct{})
	if c.over {
		close(answered)
		return answered
	}
	p.answered = answered
	p.stopped.Store(false)
	c.goOn()
	return answered
}

// pulled is what Read returns.
type pulled struct {
	kind    transport.Kind
	payload []byte
	err     error
}

// readPolled is Read: it receives one message at a time.
func (c *Conn) readPolled() (transport.Kind, []byte, error) {
	p := c.polled
	if p.pulled == nil {
		p.pulled = make(chan pulled, 2) // a message, and the end
		c.Receive(func(kind transport.Kind, payload []byte, err error) bool {
			p.pulled <- pulled{kind, bytes.Clone(payload), err}
			return false
		})
	} else {
		c.Resume()
	}
	m := <-p.pulled
	if m.err != nil {
		p.pulled <- m // every further Read fails as well
	}
	if c.closing.Load() {
		return 0, nil, transport.ErrClosed
	}
	return m.kind, m.payload, m.err
}
