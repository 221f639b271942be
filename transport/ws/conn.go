package ws

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/transport"
)

// Conn is one WebSocket connection of a client. It implements transport.TryWriter and transport.Receiver.
// One goroutine reads; one goroutine at a time writes; Close may be called at any time by anyone.
type Conn struct {
	socket *socket
	await  func(*input) error // waits until something comes in, and adds it
	polled *polled            // the socket, where a Poller looks at it; nil elsewhere

	pingPeriod, pongWait, writeWait, closeAckWait time.Duration

	reading chan struct{} // a lock, held by who reads: Read, at the end Close. A channel, so that synctest sees who waits
	decoder decoder
	in      input
	discard int   // bytes of a message that was too big
	readErr error // what every further Read returns
	over    bool  // the client has closed, or is gone: there is nothing to wait for
	astray  bool  // a protocol error: where the next frame begins is not known
	pongs   []byte

	closing  atomic.Bool
	silent   atomic.Bool // cut, because nothing came for pongWait
	done     chan struct{}
	beat     *time.Timer
	nextPing time.Duration // on the socket's clock; owned by the timer
}

var (
	_ transport.TryWriter = (*Conn)(nil)
	_ transport.Receiver  = (*Conn)(nil)
)

// errSilent is what the connection of a silent client ends with.
var errSilent = fmt.Errorf("ws: client was silent: %w", transport.ErrTimeout)

// errNotAnswered is what Close returns for a client that does not answer.
var errNotAnswered = fmt.Errorf("ws: close was not answered: %w", transport.ErrTimeout)

// start makes the connection live.
func (c *Conn) start() {
	c.nextPing = c.pingPeriod
	c.beat = time.AfterFunc(time.Hour, c.onBeat)
	c.beat.Reset(c.pingPeriod)
}

// onBeat runs when a ping is due, or when the client may have been silent for too long.
// One timer does both, and the reader only notes the time: that is cheaper than a read deadline per message.
func (c *Conn) onBeat() {
	if c.closing.Load() {
		return
	}
	now := c.socket.now()
	if c.busy() { // how could the client be heard?
		c.socket.read.Store(int64(now))
	}
	idle := now - c.socket.lastRead()
	if idle >= c.pongWait {
		c.silent.Store(true)
		c.cut()
		return
	}
	if now >= c.nextPing {
		c.nextPing = now + c.pingPeriod
		if !c.socket.ping() {
			c.nextPing = now + c.pingPeriod/8 // someone is writing, or the client is slow: soon again
		}
	}
	c.beat.Reset(min(c.nextPing-now, c.pongWait-idle))
}

// busy tells whether the server is still at a message, so that nobody listens.
func (c *Conn) busy() bool {
	if c.polled != nil {
		return c.polled.stopped.Load()
	}
	return len(c.reading) == 0
}

// cut ends the connection without a word.
func (c *Conn) cut() {
	_ = c.socket.Close()
	if c.polled != nil {
		c.lost(errSilent)
	}
}

// Write implements transport.Conn.
func (c *Conn) Write(frames []*transport.Frame) error { return c.socket.writeFrames(frames) }

// TryWrite implements transport.TryWriter.
func (c *Conn) TryWrite(frames []*transport.Frame) (int, error) { return c.socket.tryFrames(frames) }

// Close implements transport.Conn. A code that must not be sent becomes 1000, and a reason of more than the 123 bytes
// that a close frame holds is cut. The error is transport.ErrTimeout when the client did not answer.
func (c *Conn) Close(code int, reason string) error {
	if c.closing.Swap(true) {
		<-c.done
		return nil
	}
	defer close(c.done)
	c.beat.Stop()
	if c.polled != nil {
		return c.closePolled(code, reason)
	}
	_ = c.socket.SetReadDeadline(time.Unix(1, 0)) // a waiting Read returns; from then on Close reads
	sent := c.socket.sendClose(code, reason)
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	var err error
	if sent && !c.over {
		err = c.awaitClose()
	}
	_ = c.socket.Close()
	return err
}

// awaitClose reads until the client's close comes. Without it the system would answer data that is still on its way
// with a reset, and that makes some clients forget what they have not read yet, the close frame with its reason
// included.
func (c *Conn) awaitClose() error {
	_ = c.socket.SetReadDeadline(time.Now().Add(c.ackWait()))
	for {
		_, _, err := c.next()
		switch {
		case c.over: // the client's close, or it is gone
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return errNotAnswered
		}
	}
}

// ackWait is how long to wait for the answer to our close.
func (c *Conn) ackWait() time.Duration {
	if c.socket.wasSlow() {
		return max(c.closeAckWait, c.writeWait)
	}
	return c.closeAckWait
}
