package ws

import (
	"encoding/binary"
	"net"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/shoal-go/shoal/transport"
)

const (
	opClose = 0x88 // final fragment, close
	opPing  = 0x89 // final fragment, ping
	opPong  = 0x8A // final fragment, pong

	maxReason = 123 // bytes a close frame holds beside its code

	slowWrite = 100 * time.Millisecond // a client that lets a write wait this long has a backlog
)

var pingFrame = []byte{opPing, 0}

// socket is the network connection below a Conn. It is the only place that writes: our data frames and pings, and the
// control frames of coder's connection, which sees the socket as its net.Conn.
//
// Invariants, for whoever holds lock:
//   - what goes out is a sequence of whole frames: tail is the rest of the last one that was begun, and goes first;
//   - after a close frame nothing goes out.
type socket struct {
	net.Conn
	writeWait time.Duration
	epoch     time.Time    // when the connection began: the zero of its clock
	read      atomic.Int64 // on that clock, when bytes last came in

	lock    chan struct{} // a channel, so that synctest sees who waits for a slow write
	tail    []byte
	deflate bool // clients of this connection take compressed messages
	closed  bool // a close frame has been sent
	slow    bool // the client has once not taken everything at once, or soon
	broken  error

	// Read ahead by await; owned by who reads.
	fetch   func(fd uintptr) bool // the method fetchOnce, made once
	fetched *[]byte               // from fetchBuffers
	rest    []byte                // what of it Read has not returned yet
	readErr error                 // what Read returns after it, once

	// For writing without blocking; raw is nil where that is not possible.
	raw     syscall.RawConn
	attempt func(fd uintptr) bool // the method once, made once: a write allocates nothing
	out     []byte
	n       int
	err     error
}

func newSocket(conn net.Conn, writeWait time.Duration) *socket {
	s := &socket{Conn: conn, writeWait: writeWait, epoch: time.Now(), lock: make(chan struct{}, 1)}
	s.openRaw()
	return s
}

// readSize is the size of the buffer coder reads through: it saves system calls only where await does not.
func (s *socket) readSize() int {
	if s.raw != nil {
		return 64
	}
	return 512
}

func (s *socket) now() time.Duration      { return time.Since(s.epoch) }
func (s *socket) lastRead() time.Duration { return time.Duration(s.read.Load()) }

// Read implements net.Conn; it notes that the client lives.
func (s *socket) Read(p []byte) (int, error) {
	if len(s.rest) > 0 {
		n := copy(p, s.rest)
		s.rest = s.rest[n:]
		s.giveBack()
		return n, nil
	}
	if err := s.readErr; err != nil {
		s.readErr = nil
		return 0, err
	}
	n, err := s.Conn.Read(p)
	if n > 0 {
		s.read.Store(int64(s.now()))
	}
	return n, err
}

// await returns when a message, or the end, begins to come in, where it can wait for that; it must be called between
// frames. An idle connection waits here and not in coder's reader: nearer to the bottom of its goroutine's stack,
// which so stays small, with no buffer, and without work for each pong.
func (s *socket) await() {
	for s.raw != nil && len(s.rest) == 0 && s.readErr == nil {
		if err := s.raw.Read(s.fetch); err != nil {
			s.readErr = err
			return
		}
		s.read.Store(int64(s.now()))
		s.skipPongs()
	}
}

// skipPongs drops the whole pongs at the beginning of rest; that they came is all there is to know.
func (s *socket) skipPongs() {
	const header = 6 // opcode, length, masking key
	for len(s.rest) >= header && s.rest[0] == opPong && s.rest[1] >= 0x80 && s.rest[1] <= 0x80+125 {
		size := header + int(s.rest[1]&0x7f)
		if len(s.rest) < size {
			return
		}
		s.rest = s.rest[size:]
	}
	s.giveBack()
}

// giveBack frees the buffer that is empty.
func (s *socket) giveBack() {
	if len(s.rest) == 0 && s.fetched != nil {
		fetchBuffers.Put(s.fetched)
		s.fetched, s.rest = nil, nil
	}
}

// Write implements net.Conn for coder's connection, which calls it once per control frame.
func (s *socket) Write(frame []byte) (int, error) {
	s.acquire()
	defer s.release()
	if s.closed {
		return len(frame), nil // our close frame was the last; coder wants to answer the client's
	}
	if s.broken != nil {
		return 0, s.broken
	}
	s.closed = frame[0] == opClose
	if err := s.push(frame); err != nil {
		return 0, err
	}
	return len(frame), nil
}

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
	if s.raw == nil {
		_ = s.push(pingFrame)
		return true
	}
	if ok, err := s.tryTail(); !ok || err != nil {
		return false
	}
	_, _ = s.tryPush(pingFrame)
	return true
}

// sendClose sends the close frame, unless one was sent. It tells whether the client can be expected to answer.
func (s *socket) sendClose(code int, reason string) bool {
	s.acquire()
	defer s.release()
	if s.closed || s.broken != nil {
		return s.broken == nil
	}
	s.closed = true
	return s.push(closeFrame(code, reason)) == nil
}

// wasSlow tells whether the client may have much to read before it comes to what was written last.
func (s *socket) wasSlow() bool {
	s.acquire()
	defer s.release()
	return s.slow
}

func closeFrame(code int, reason string) []byte {
	if !sendable(code) {
		code = transport.CloseNormal
	}
	for len(reason) > maxReason || !utf8.ValidString(reason) {
		reason = reason[:len(reason)-1]
	}
	b := []byte{opClose, byte(2 + len(reason))}
	b = binary.BigEndian.AppendUint16(b, uint16(code))
	return append(b, reason...)
}

// sendable tells whether RFC 6455 lets a server send this code.
func sendable(code int) bool {
	switch {
	case code >= 1000 && code <= 1014:
		return code != 1004 && code != 1005 && code != 1006
	}
	return code >= 3000 && code <= 4999
}
