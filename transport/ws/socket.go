package ws

import (
	"net"
	"sync/atomic"
	"time"
)

// slowWrite is the time after which a client that lets a write wait has a backlog.
const slowWrite = 100 * time.Millisecond

var pingFrame = []byte{final | opPing, 0}

// link is the network connection below a socket.
type link interface {
	// Write blocks until the deadline.
	Write(b []byte) (int, error)
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	Close() error
}

// socket is the writing side of a connection. It is the only place that writes.
//
// Invariants, for whoever holds lock:
//   - what goes out is a sequence of whole frames: tail is the rest of the last one that was begun, and goes first;
//   - after a close frame nothing goes out.
type socket struct {
	link
	// try writes what the client takes at once, maybe nothing. nil where that is not possible.
	try func(b []byte) (int, error)
	// broke is told when a write has failed and the link is closed. nil where a waiting read tells that.
	broke     func(error)
	writeWait time.Duration
	epoch     time.Time    // when the connection began: the zero of its clock
	read      atomic.Int64 // on that clock, when bytes last came in

	lock     chan struct{} // a channel, so that synctest sees who waits for a slow write
	answerer atomic.Bool   // a goroutine waits to send a pong
	tail     []byte
	deflate  bool // clients of this connection take compressed messages
	closed   bool // a close frame has been sent
	slow     bool // the client has once not taken everything at once, or soon
	broken   error
}

func newSocket(writeWait time.Duration) *socket {
	return &socket{writeWait: writeWait, epoch: time.Now(), lock: make(chan struct{}, 1)}
}

func (s *socket) now() time.Duration      { return time.Since(s.epoch) }
func (s *socket) lastRead() time.Duration { return time.Duration(s.read.Load()) }

// heard notes that the client lives.
func (s *socket) heard() { s.read.Store(int64(s.now())) }

func (s *socket) acquire() { s.lock <- struct{}{} }
func (s *socket) release() { <-s.lock }

func (s *socket) tryAcquire() bool {
	select {
	case s.lock <- struct{}{}:
		return true
	default:
		return false
	}
}

// ping sends a ping. It tells whether it did: not while someone else writes, nor behind a tail, since it must not
// wait. Where there is no writing without blocking it may wait for the write wait, on the timer's own goroutine.
func (s *socket) ping() bool {
	if !s.tryAcquire() {
		return false
	}
	defer s.release()
	if s.usable() != nil {
		return true
	}
	if s.try == nil {
		_ = s.push(pingFrame)
		return true
	}
	if ok, err := s.tryTail(); !ok || err != nil {
		return false
	}
	_, _ = s.tryPush(pingFrame)
	return true
}

// pong sends pongs. Where the caller must not wait and somebody writes, a goroutine of its own does, for the first
// of the pings that come meanwhile: section 5.5.3 lets the others go.
func (s *socket) pong(frames []byte, wait bool) {
	if wait {
		s.acquire()
		defer s.release()
		s.pushUsable(frames)
		return
	}
	if s.tryAcquire() {
		defer s.release()
		if ok, err := s.tryTail(); ok && err == nil && s.usable() == nil {
			_, _ = s.tryPush(frames)
			return
		}
	}
	if !s.answerer.Swap(true) {
		go func() {
			s.acquire()
			defer s.release()
			s.answerer.Store(false)
			s.pushUsable(frames)
		}()
	}
}

func (s *socket) pushUsable(frame []byte) {
	if s.usable() == nil {
		_ = s.push(frame)
	}
}

// sendClose sends the close frame, unless one was sent. It tells whether the client can be expected to answer.
func (s *socket) sendClose(code int, reason string) bool {
	s.acquire()
	defer s.release()
	switch {
	case s.broken != nil:
		return false
	case s.closed:
		return s.push(nil) == nil
	}
	s.closed = true
	return s.push(closeFrame(code, reason)) == nil
}

// trySendClose is sendClose for who must not wait. When somebody writes it does nothing; a close frame that the client
// does not take at once becomes the tail.
func (s *socket) trySendClose(code int, reason string) {
	if !s.tryAcquire() {
		return
	}
	defer s.release()
	if s.usable() != nil {
		return
	}
	if ok, err := s.tryTail(); ok && err == nil {
		s.closed = true
		_, _ = s.tryPush(closeFrame(code, reason))
	}
}

// wasSlow tells whether the client may have much to read before it comes to what was written last.
func (s *socket) wasSlow() bool {
	s.acquire()
	defer s.release()
	return s.slow
}

var _ link = net.Conn(nil)
