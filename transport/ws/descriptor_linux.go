package ws

import (
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const hungUp = 0x2000 // EPOLLRDHUP

// descriptor is a TCP socket outside Go's poller. It is the link of a socket.
type descriptor struct {
	conn  *Conn
	loop  *loop
	until time.Time // of who writes: the deadline

	use sync.RWMutex // held for reading by who makes a system call: Close waits for them
	fd  int          // -1 when closed

	mu       sync.Mutex
	poll     *poll // where it is registered; nil if it is not
	slot     int32
	interest uint32
	known    uint32        // the interest that the kernel knows; 0: it does not know the socket
	writable chan struct{} // a token for who waits in Write; made when needed
}

// try writes what goes at once.
func (d *descriptor) try(b []byte) (int, error) {
	d.use.RLock()
	defer d.use.RUnlock()
	if d.fd < 0 {
		return 0, net.ErrClosed
	}
	d.loop.writes.Add(1)
	return writeFD(d.fd, b)
}

// read reads what is there; 0 bytes without an error mean nothing.
func (d *descriptor) read(b []byte) (int, error) {
	d.use.RLock()
	defer d.use.RUnlock()
	if d.fd < 0 {
		return 0, net.ErrClosed
	}
	return readFD(d.fd, b)
}

// Write writes all of b, and waits where it has to.
func (d *descriptor) Write(b []byte) (sent int, err error) {
	for {
		n, err := d.try(b[sent:])
		if sent += n; err != nil || sent == len(b) {
			return sent, err
		}
		if err := d.waitWritable(); err != nil {
			return sent, err
		}
	}
}

func (d *descriptor) waitWritable() error {
	d.mu.Lock()
	if d.fd < 0 { // Close wakes only who waits already
		d.mu.Unlock()
		return net.ErrClosed
	}
	if d.writable == nil {
		d.writable = make(chan struct{}, 1)
	}
	d.setInterest(d.interest | syscall.EPOLLOUT)
	d.mu.Unlock()
	timer := time.NewTimer(time.Until(d.until))
	defer timer.Stop()
	select {
	case <-d.writable:
		return nil
	case <-timer.C:
		return os.ErrDeadlineExceeded
	}
}

// SetWriteDeadline is for the Writes that follow.
func (d *descriptor) SetWriteDeadline(t time.Time) error {
	d.until = t
	return nil
}

// SetReadDeadline does nothing: nobody waits to read.
func (d *descriptor) SetReadDeadline(time.Time) error { return nil }

// listen makes the Poller tell when there is something to read, or not any more.
func (d *descriptor) listen(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	want := d.interest &^ (syscall.EPOLLIN | hungUp)
	if on {
		want |= syscall.EPOLLIN | hungUp
	}
	d.setInterest(want)
}

// happened is called by the Poller.
func (d *descriptor) happened(events uint32, shared []byte) {
	if events&^(syscall.EPOLLIN|hungUp) != 0 {
		d.mu.Lock()
		if d.interest&syscall.EPOLLOUT != 0 {
			d.setInterest(d.interest &^ syscall.EPOLLOUT)
			d.wakeWriter()
		}
		d.mu.Unlock()
	}
	if events&^syscall.EPOLLOUT != 0 {
		d.conn.ready(shared)
	}
}

func (d *descriptor) wakeWriter() {
	select {
	case d.writable <- struct{}{}:
	default:
	}
}

// setInterest tells the kernel what the Poller wants to know. It is called with the lock held.
func (d *descriptor) setInterest(want uint32) {
	d.interest = want
	d.use.RLock()
	defer d.use.RUnlock()
	if d.fd < 0 || want == d.known {
		return
	}
	if d.poll == nil {
		p, err := d.loop.add(d)
		if err != nil {
			go d.conn.lost(fmt.Errorf("ws: %w", err))
			return
		}
		d.poll = p
	}
	op := syscall.EPOLL_CTL_MOD
	switch {
	case d.known == 0:
		op = syscall.EPOLL_CTL_ADD
	case want == 0: // or the kernel would go on telling that the client has hung up
		op = syscall.EPOLL_CTL_DEL
	}
	if err := epollControl(d.poll.sockets, op, d.fd, want, d.slot); err != nil {
		go d.conn.lost(fmt.Errorf("ws: %w", err))
		return
	}
	d.known = want
}

// Close frees the socket.
func (d *descriptor) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fd < 0 {
		return nil
	}
	d.setInterest(0)
	d.use.Lock()
	err := syscall.Close(d.fd)
	d.fd = -1
	d.use.Unlock()
	if d.poll != nil {
		d.loop.remove(d)
	}
	if d.writable != nil {
		d.wakeWriter() // its write fails
	}
	return err
}
