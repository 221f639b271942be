package ws

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/shoal-go/shoal/transport"
)

// Conn is one WebSocket connection of a client. It implements transport.TryWriter.
// One goroutine reads; one goroutine at a time writes; Close may be called at any time by anyone.
type Conn struct {
	under    *websocket.Conn
	socket   *socket
	buffered *bufio.Reader // what under reads through

	maxMessage                                    int
	pingPeriod, pongWait, writeWait, closeAckWait time.Duration

	reading chan struct{} // a lock, held by who reads: Read, at the end Close. A channel, so that synctest sees who waits
	body    io.Reader     // the message that is being read; nil between messages
	buf     *[]byte       // holds the payload the last Read returned
	readErr error         // what every further Read returns
	over    bool          // the client has closed, or is gone: there is nothing to wait for
	astray  bool          // a protocol error: where the next frame begins is not known

	closing  atomic.Bool
	silent   atomic.Bool // cut, because nothing came for pongWait
	done     chan struct{}
	beat     *time.Timer
	nextPing time.Duration // on the socket's clock; owned by the timer
}

var _ transport.TryWriter = (*Conn)(nil)

func newConn(under *websocket.Conn, h *hijacker, cfg Config) *Conn {
	c := &Conn{
		under:        under,
		socket:       h.socket,
		buffered:     h.reader,
		maxMessage:   cfg.MaxMessageBytes,
		pingPeriod:   cfg.PingPeriod,
		pongWait:     cfg.PongWait,
		writeWait:    cfg.WriteWait,
		closeAckWait: cfg.CloseAckWait,
		reading:      make(chan struct{}, 1),
		done:         make(chan struct{}),
		nextPing:     cfg.PingPeriod,
	}
	under.SetReadLimit(-1) // Read sees to it
	c.beat = time.AfterFunc(time.Hour, c.onBeat)
	c.beat.Reset(c.pingPeriod)
	return c
}

// onBeat runs when a ping is due, or when the client may have been silent for too long.
// One timer does both, and the reader only notes the time: that is cheaper than a read deadline per message.
func (c *Conn) onBeat() {
	if c.closing.Load() {
		return
	}
	now := c.socket.now()
	if len(c.reading) == 0 { // the server is busy with a message: how could the client be heard?
		c.socket.read.Store(int64(now))
	}
	idle := now - c.socket.lastRead()
	if idle >= c.pongWait {
		c.silent.Store(true)
		_ = c.socket.Conn.Close()
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
	_ = c.socket.SetReadDeadline(time.Unix(1, 0)) // a waiting Read returns; from then on Close reads
	sent := c.socket.sendClose(code, reason)
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	var err error
	if sent && !c.over {
		err = c.awaitClose()
	}
	_ = c.under.CloseNow()
	return err
}

// awaitClose reads until the client's close comes. Without it the system would answer data that is still on its way
// with a reset, and that makes some clients forget what they have not read yet, the close frame with its reason
// included.
func (c *Conn) awaitClose() error {
	wait := c.closeAckWait
	if c.socket.wasSlow() {
		wait = max(wait, c.writeWait)
	}
	_ = c.socket.SetReadDeadline(time.Now().Add(wait))
	if c.astray {
		_, err := io.Copy(io.Discard, c.socket)
		return closeResult(err)
	}
	for {
		if c.body != nil {
			if _, err := io.Copy(io.Discard, c.body); err != nil {
				return closeResult(err)
			}
		}
		_, body, err := c.under.Reader(context.Background())
		if err != nil {
			return closeResult(err)
		}
		c.body = body
	}
}

func closeResult(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("ws: close was not answered: %w", transport.ErrTimeout)
	}
	return nil // the client's close, or it is gone
}
