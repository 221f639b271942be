package ws

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/shoal-go/shoal/transport"
)

// Everything in this file is called by who holds the lock of the socket, or takes it first.

// usable returns why nothing may be written any more.
func (s *socket) usable() error {
	if s.closed {
		return transport.ErrClosed
	}
	return s.broken
}

// writeFrames is Write of Conn.
func (s *socket) writeFrames(frames []*transport.Frame) error {
	s.acquire()
	defer s.release()
	if err := s.usable(); err != nil {
		return err
	}
	b := newBatch(s.deflate, frames)
	defer b.free()
	return s.patiently(func() error {
		err := s.writeTail()
		for out, _ := b.next(); err == nil && out != nil; out, _ = b.next() {
			_, err = s.Write(out)
		}
		return err
	})
}

// tryFrames is TryWrite of Conn.
func (s *socket) tryFrames(frames []*transport.Frame) (int, error) {
	if s.try == nil || !s.tryAcquire() {
		return 0, transport.ErrBlocked
	}
	defer s.release()
	if err := s.usable(); err != nil {
		return 0, err
	}
	if ok, err := s.tryTail(); !ok || err != nil {
		return 0, blockedOr(err)
	}
	if len(frames) == 1 && !s.deflate { // as mostly
		if ok, err := s.tryPush(frames[0].WebSocket()); !ok || err != nil {
			return 1, blockedOr(err)
		}
		return 1, nil
	}
	b := newBatch(s.deflate, frames)
	defer b.free()
	for taken := 0; ; {
		out, n := b.next()
		if out == nil {
			return taken, nil
		}
		taken += n
		if ok, err := s.tryPush(out); !ok || err != nil {
			return taken, blockedOr(err)
		}
	}
}

func blockedOr(err error) error {
	if err == nil {
		return transport.ErrBlocked
	}
	return err
}

// push writes b, after the tail, and may block for the write wait.
func (s *socket) push(b []byte) error {
	if len(b)+len(s.tail) == 0 {
		return nil
	}
	return s.patiently(func() error {
		err := s.writeTail()
		if err == nil && len(b) > 0 {
			_, err = s.Write(b)
		}
		return err
	})
}

// writeTail writes the tail, and may block.
func (s *socket) writeTail() error {
	if len(s.tail) == 0 {
		return nil
	}
	_, err := s.Write(s.tail)
	s.tail = nil
	return err
}

// tryPush begins to write b. When the client does not take all, the rest becomes the tail, and ok is false.
func (s *socket) tryPush(b []byte) (ok bool, err error) {
	n, err := s.try(b)
	if err != nil {
		return false, s.fail(err)
	}
	if n == len(b) {
		return true, nil
	}
	s.tail, s.slow = append([]byte(nil), b[n:]...), true
	return false, nil
}

func (s *socket) tryTail() (ok bool, err error) {
	if len(s.tail) == 0 {
		return true, nil
	}
	n, err := s.try(s.tail)
	if err != nil {
		return false, s.fail(err)
	}
	if s.tail = s.tail[n:]; len(s.tail) > 0 {
		return false, nil
	}
	s.tail = nil
	return true, nil
}

// patiently runs write, which may block, for at most the write wait.
func (s *socket) patiently(write func() error) error {
	begin := time.Now()
	_ = s.SetWriteDeadline(begin.Add(s.writeWait))
	err := write()
	if time.Since(begin) > slowWrite {
		s.slow = true
	}
	if err != nil {
		return s.fail(err)
	}
	if s.try != nil { // a deadline that has passed would fail writes that do not block
		_ = s.SetWriteDeadline(time.Time{})
	}
	return nil
}

// fail notes that a frame may have been cut short: nothing can follow it.
func (s *socket) fail(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = transport.ErrTimeout
	}
	s.broken = fmt.Errorf("ws: write: %w", err)
	s.tail = nil
	_ = s.Close()
	if s.broke != nil {
		s.broke(s.broken)
	}
	return s.broken
}
