//go:build unix

package ws

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// raw is a connection of the standard library that is a bare socket, for system calls that do not wait. Any other type
// may do more in its Write than the system call.
type raw struct {
	syscall.RawConn

	// Made once, so that a call allocates nothing.
	write, read func(fd uintptr) bool

	out  []byte // what write writes
	sent int
	err  error

	in      *input // where read reads to
	readErr error
}

// openRaw returns nil where the connection is something else.
func openRaw(conn net.Conn) *raw {
	var r raw
	switch c := conn.(type) {
	case *net.TCPConn:
		r.RawConn, _ = c.SyscallConn()
	case *net.UnixConn:
		r.RawConn, _ = c.SyscallConn()
	}
	if r.RawConn == nil {
		return nil
	}
	r.write, r.read = r.writeOnce, r.readOnce
	return &r
}

// try writes what the socket takes at once. One goroutine at a time may call it.
func (r *raw) try(b []byte) (int, error) {
	r.out = b
	err := r.Write(r.write)
	r.out = nil
	if err != nil {
		return 0, err
	}
	return r.sent, r.err
}

// writeOnce always returns true: there is nothing to wait for.
func (r *raw) writeOnce(fd uintptr) bool {
	r.sent, r.err = writeFD(int(fd), r.out)
	return true
}

// await waits until something comes in, and adds it to in. An idle connection waits without a buffer.
func (r *raw) await(in *input) error {
	r.in = in
	err := r.Read(r.read)
	r.in = nil
	if err == nil {
		err = r.readErr
	}
	return err
}

// readOnce tells whether there is no need to wait.
func (r *raw) readOnce(fd uintptr) bool {
	n, err := readFD(int(fd), r.in.room())
	r.in.filled(max(n, 0))
	r.readErr = err
	r.in.release()
	return n > 0 || err != nil
}

// writeFD is one write(2) on a socket that does not block. 0 bytes without an error mean that it takes none.
func writeFD(fd int, b []byte) (int, error) {
	for {
		n, err := sysWrite(fd, b)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		case err != nil:
			return 0, err
		}
		return n, nil
	}
}

// readFD is one read(2) on a socket that does not block. 0 bytes without an error mean that there are none.
func readFD(fd int, b []byte) (int, error) {
	for {
		n, err := sysRead(fd, b)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}
