//go:build unix

package ws

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// openRaw prepares writing without blocking, for the connections of the standard library that are a bare socket. Any
// other type may do more in its Write than the system call.
func (s *socket) openRaw() {
	switch c := s.Conn.(type) {
	case *net.TCPConn:
		s.raw, _ = c.SyscallConn()
	case *net.UnixConn:
		s.raw, _ = c.SyscallConn()
	}
	s.attempt = s.once
	s.fetch = s.fetchOnce
}

// once is one write(2) on a socket that does not block. It always returns true: there is nothing to wait for.
func (s *socket) once(fd uintptr) bool {
	for {
		s.n, s.err = writeFD(fd, s.out)
		switch {
		case errors.Is(s.err, syscall.EINTR):
			continue
		case errors.Is(s.err, syscall.EAGAIN):
			s.n, s.err = 0, nil
		}
		return true
	}
}

var fetchBuffers = sync.Pool{New: func() any { b := make([]byte, 4<<10); return &b }}

// fetchOnce is one read(2), into a buffer that is taken only for what came. It tells whether there is no need to wait.
func (s *socket) fetchOnce(fd uintptr) bool {
	b := fetchBuffers.Get().(*[]byte)
	n, err := readFD(fd, *b)
	for errors.Is(err, syscall.EINTR) {
		n, err = readFD(fd, *b)
	}
	if n > 0 {
		s.fetched, s.rest = b, (*b)[:n]
		return true
	}
	fetchBuffers.Put(b)
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return false
	case err == nil:
		err = io.EOF
	}
	s.readErr = err
	return true
}
