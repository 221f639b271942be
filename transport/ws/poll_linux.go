package ws

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// How long a Poller lets messages come in while there is traffic. What comes in waits half of it on average; the
	// shorter it is, the more often a thread is woken for fewer messages. In between it is the time that some
	// messages take: few, if they are answered at once, as with a relay; else (input of matches, which waits for
	// their next tick) more.
	shortPause   = 500 * time.Microsecond
	longPause    = time.Millisecond
	fewMessages  = 2
	calmPause    = 2 * time.Millisecond
	moreMessages = 8
	// calmSweeps is how many sweeps in a row without an answer make the Poller calm.
	calmSweeps = 64
	// quietSweeps is how many sweeps without an event it takes until the Poller waits for the next one instead.
	quietSweeps = 2

	sweepEvents = 256
	// sharedInput is how much one client is listened to before the others have their turn.
	sharedInput = 8 << 10
)

// Poller waits for many sockets at once. While there is traffic it does not wait for each message, but looks every
// half to two milliseconds at what has come in on all of them: a thread that goes to sleep and is woken costs more than
// a message. It works while it has connections and needs no Close.
type Poller struct {
	mu    sync.Mutex
	loops []loop // each with a goroutine and a share of the connections
	added int
}

// NewPoller returns a Poller with a goroutine for every two cores that Go uses.
func NewPoller() *Poller {
	return &Poller{loops: make([]loop, (runtime.GOMAXPROCS(0)+1)/2)}
}

// take makes conn a descriptor of its own, if it is plain TCP. Go's own poller would look at it as well; so
// conn is closed, which leaves the socket open behind the duplicate. nil means that conn stays as it is: it is something
// else, or there is no descriptor to spare.
func (p *Poller) take(conn net.Conn, c *Conn) *descriptor {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	bare, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	fd := -1
	if err := bare.Control(func(from uintptr) { fd = duplicate(from) }); err != nil || fd < 0 {
		return nil
	}
	_ = tcp.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &p.loops[p.added%len(p.loops)]
	p.added++
	return &descriptor{fd: fd, conn: c, loop: l}
}

// duplicate returns a negative number if it cannot.
func duplicate(fd uintptr) int {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1
	}
	return int(n)
}

// loop is one goroutine of a Poller, which runs while there are descriptors.
type loop struct {
	writes atomic.Uint64 // on its descriptors

	mu    sync.Mutex
	poll  *poll // nil while there are no descriptors
	slots []*descriptor
	free  []int32
	count int
}

// add finds a place for d, and returns where its socket has to be registered.
func (l *loop) add(d *descriptor) (*poll, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == 0 {
		p, err := openPoll()
		if err != nil {
			return nil, err
		}
		l.poll = p
		go l.run(p)
	}
	l.count++
	if n := len(l.free); n > 0 {
		d.slot, l.free = l.free[n-1], l.free[:n-1]
		l.slots[d.slot] = d
	} else {
		d.slot = int32(len(l.slots))
		l.slots = append(l.slots, d)
	}
	return l.poll, nil
}

// remove gives the place of d back.
func (l *loop) remove(d *descriptor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slots[d.slot] = nil
	l.free = append(l.free, d.slot)
	if l.count--; l.count == 0 {
		l.poll.stop()
		l.poll, l.slots, l.free = nil, nil, nil
	}
}

// run looks at the sockets until the poll is stopped.
func (l *loop) run(p *poll) {
	defer p.free()
	shared := make([]byte, sharedInput)
	events := make([]syscall.EpollEvent, sweepEvents)
	ready := make([]*descriptor, 0, sweepEvents)
	var pace pace
	for {
		n := p.look(events)
		before := l.writes.Load()
		ready = l.lookUp(p, events[:n], ready[:0])
		for i, d := range ready {
			if d != nil {
				d.happened(events[i].Events, shared)
			}
		}
		clear(ready)
		// A write of somebody else meanwhile is taken for an answer now and then. That does no harm.
		pause := pace.next(n, l.writes.Load() != before)
		if n < len(events) && !p.pause(pause) {
			return
		}
	}
}

// pace decides when to look next.
type pace struct {
	rate  float64 // events per second; what was lately counts more
	pause time.Duration
	quiet int // sweeps in a row without an event
	calm  int // sweeps in a row whose messages were not answered at once
}

// next returns how long to pause after a sweep with n events; 0 means until the next event.
func (p *pace) next(n int, answered bool) time.Duration {
	if n > 0 {
		p.quiet = 0
	} else if p.quiet++; p.quiet > quietSweeps {
		*p = pace{}
		return 0
	}
	if p.calm++; answered {
		p.calm = 0
	}
	if p.pause > 0 {
		p.rate += (float64(n)/p.pause.Seconds() - p.rate) / 16
	}
	messages, longest := fewMessages, longPause
	if p.calm > calmSweeps {
		messages, longest = moreMessages, calmPause
	}
	p.pause = min(max(time.Duration(float64(messages)/p.rate*float64(time.Second)), shortPause), longest)
	return p.pause
}

// lookUp finds the descriptors of the events.
func (l *loop) lookUp(p *poll, events []syscall.EpollEvent, ready []*descriptor) []*descriptor {
	if len(events) == 0 {
		return ready
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		var d *descriptor
		if l.poll == p {
			d = l.slots[e.Fd]
		}
		ready = append(ready, d) // a place that has a new owner meanwhile does no harm: it reads nothing
	}
	return ready
}

// poll is the kernel's side of a loop. sockets holds all sockets. outer, which Go's own poller looks at, holds a timer
// and, only when the loop waits for the next event, sockets.
type poll struct {
	sockets, timer int
	outerFD        int
	outer          *os.File
	wait           syscall.RawConn
	woken          func(fd uintptr) bool // made once
}

func openPoll() (_ *poll, err error) {
	p := &poll{sockets: -1, timer: -1, outerFD: -1}
	defer func() {
		if err != nil {
			err = fmt.Errorf("ws: poller: %w", err)
			p.free()
		}
	}()
	if p.sockets, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if p.timer, err = newTimer(); err != nil {
		return nil, err
	}
	if p.outerFD, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if err = epollControl(p.outerFD, syscall.EPOLL_CTL_ADD, p.timer, syscall.EPOLLIN|edge, 0); err != nil {
		return nil, err
	}
	if err = epollControl(p.outerFD, syscall.EPOLL_CTL_ADD, p.sockets, oneShot, 0); err != nil {
		return nil, err
	}
	if err = syscall.SetNonblock(p.outerFD, true); err != nil { // or os.NewFile would not give it to Go's poller
		return nil, err
	}
	p.outer = os.NewFile(uintptr(p.outerFD), "poller")
	if err = p.outer.SetReadDeadline(time.Time{}); err != nil { // it did not
		return nil, err
	}
	if p.wait, err = p.outer.SyscallConn(); err != nil {
		return nil, err
	}
	var one [1]syscall.EpollEvent
	p.woken = func(fd uintptr) bool { return epollWait(int(fd), one[:]) > 0 }
	return p, nil
}

// stop makes pause return false.
func (p *poll) stop() { _ = p.outer.SetReadDeadline(time.Unix(1, 0)) }

func (p *poll) free() {
	if p.outer != nil {
		_ = p.outer.Close()
		p.outerFD = -1
	}
	for _, fd := range []int{p.sockets, p.timer, p.outerFD} {
		if fd >= 0 {
			_ = syscall.Close(fd)
		}
	}
}

// look returns how many events there are.
func (p *poll) look(events []syscall.EpollEvent) int { return epollWait(p.sockets, events) }

// pause waits for d, or, if that is 0, for the next event. It is false after stop.
func (p *poll) pause(d time.Duration) bool {
	if d > 0 {
		setTimer(p.timer, d)
	} else { // once: while there is traffic, events must not wake anybody
		_ = epollControl(p.outerFD, syscall.EPOLL_CTL_MOD, p.sockets, syscall.EPOLLIN|oneShot, 0)
	}
	return p.wait.Read(p.woken) == nil
}
