package transport

import (
	"errors"
	"sync"
	"time"

	"github.com/shoal-go/shoal/presence"
)

const (
	reasonQueueFull = "session outgoing queue full" // clients know this text
	reasonLost      = "connection lost"

	// writeBytes bounds what the writer gives to one Write, which must be done within the write wait: so little that
	// a peer on a bad line is not cut, so much that the number of writes does not matter.
	writeBytes = 16 << 10

	// flushRounds is how many writes a Flush makes for others that flush meanwhile before it leaves the rest to the
	// writer.
	flushRounds = 4
)

// errExpired ends the writing of a closing session whose time is over.
var errExpired = errors.New("transport: closed before everything was written")

// Session is one connected client: who it is, and the bounded queue of frames on their way to it.
// All methods are safe for concurrent use. None of them blocks, and none but Flush writes.
type Session struct {
	who   presence.Presence
	kind  Kind
	conn  Conn
	try   TryWriter // conn, if it can
	owner *Sessions
	write func() // the method run, made once: starting the writer allocates nothing
	done  chan struct{}

	mu      sync.Mutex
	queue   queue
	spare   []*Frame // an empty slice for the next batch
	writing bool     // someone owns the right to write: a Flush, or the writer; stays true once closing
	again   bool     // Flush was called while someone wrote
	closing bool
	code    int
	reason  string
	until   time.Time // while closing: no more Writes after this
	drops   Drops

	// Owned by whoever set writing.
	batch   []*Frame // all frames of the batch that is leaving
	left    []*Frame // the part of batch that has not left
	blocked bool     // TryWrite returned ErrBlocked: the next call must be Write
}

// Presence returns who is connected.
func (s *Session) Presence() presence.Presence { return s.who }

// Kind returns the kind of messages this client wants. Queue does not check it.
func (s *Session) Kind() Kind { return s.kind }

// Done is closed when the session has ended: its connection is freed, it is out of the register, and Hooks.Closed has
// run.
func (s *Session) Done() <-chan struct{} { return s.done }

// Reason returns the code and reason the session was closed with, or 0 and "" as long as it is open. A connection
// that broke while the session wrote has the code CloseAbnormal.
func (s *Session) Reason() (code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code, s.reason
}

// Drops returns how many frames did not leave so far.
func (s *Session) Drops() Drops {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drops
}

// Waiting returns how many frames, and bytes, are in the queue and have not begun to leave.
func (s *Session) Waiting() (frames, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue.frames), s.queue.bytes
}

// Queue puts f at the end of the queue, with a reference of its own; it leaves with the next Flush (a long queue starts
// to leave earlier). A frame that finds the queue full makes Unreliable ones give way; when there is none, and it is not
// Unreliable itself, the session is closed with the reason "session outgoing queue full". On a session that
// is closed or closing Queue does nothing but count.
func (s *Session) Queue(f *Frame, o Outgoing) {
	s.mu.Lock()
	if s.closing {
		s.drops.Unsent++
		s.mu.Unlock()
		return
	}
	superseded, dropped, ok := s.queue.push(f, o, s.owner.cfg.QueueMessages, s.owner.cfg.QueueBytes)
	if superseded == 0 && dropped == 0 && ok { // as nearly always
		// A burst within one turn must not look like a slow reader: the writer starts when the queue is half full.
		start := s.halfFullLocked() && s.requestLocked()
		s.mu.Unlock()
		if start {
			go s.write()
		}
		return
	}
	s.overflow(o, superseded, dropped, ok)
}

func (s *Session) halfFullLocked() bool {
	return len(s.queue.frames) >= (s.owner.cfg.QueueMessages+1)/2 || s.queue.bytes >= (s.owner.cfg.QueueBytes+1)/2
}

// overflow does what is left of a Queue that cost a frame. It is called with the lock held, and gives it back.
func (s *Session) overflow(o Outgoing, superseded, dropped int, ok bool) {
	unsent, start := 0, false
	switch {
	case ok:
	case o.Unreliable:
		dropped++
	default:
		unsent, start = 1, s.closeLocked(CloseNormal, reasonQueueFull)
	}
	s.drops.add(DropSuperseded, superseded)
	s.drops.add(DropUnreliable, dropped)
	s.drops.add(DropUnsent, unsent)
	s.mu.Unlock()
	s.owner.dropped(s, DropSuperseded, superseded)
	s.owner.dropped(s, DropUnreliable, dropped)
	s.owner.dropped(s, DropUnsent, unsent)
	if start {
		go s.write()
	}
}

// Flush makes everything queued leave, in one write. The calling goroutine writes if nobody else does and the
// connection takes it without blocking; else the writer does, together with all that is flushed meanwhile.
func (s *Session) Flush() {
	s.mu.Lock()
	if len(s.queue.frames) == 0 || !s.requestLocked() {
		s.mu.Unlock()
		return
	}
	if s.try == nil {
		s.mu.Unlock()
		go s.write()
		return
	}
	for range flushRounds {
		s.takeLocked()
		s.mu.Unlock()
		n, err := s.try.TryWrite(s.batch)
		release(s.batch[:n])
		s.left = s.batch[n:]
		s.blocked = err != nil // for any other error Write fails as well: the writer deals with it
		if s.blocked {
			go s.write()
			return
		}
		s.mu.Lock()
		s.recycleLocked()
		if s.restLocked() {
			s.mu.Unlock()
			return
		}
		if s.closing {
			break
		}
	}
	s.mu.Unlock()
	go s.write()
}

// requestLocked asks for the queue to leave. It tells whether the caller has to see to it; else the one who writes does.
func (s *Session) requestLocked() bool {
	if s.writing {
		s.again = true
		return false
	}
	s.writing, s.again = true, true
	return true
}

// restLocked gives the right to write back, unless there is more to do.
func (s *Session) restLocked() bool {
	if s.closing || s.again && len(s.queue.frames) > 0 {
		return false
	}
	s.writing = false
	return true
}

// takeLocked makes everything queued the batch that is leaving.
func (s *Session) takeLocked() {
	s.batch = s.queue.take(s.spare)
	s.left, s.spare = s.batch, nil
	s.again = false
}

// recycleLocked keeps the slice of a batch that has left for the next one.
func (s *Session) recycleLocked() {
	if s.batch != nil && cap(s.batch) <= keepFrames {
		s.spare = s.batch[:0]
	}
	s.batch, s.left = nil, nil
}

// Close ends the session: what is queued is written first, for at most the write wait, so that a last message reaches
// the client; then the connection is closed with code and reason. Close returns at once, Done tells when it is over.
// The first call decides about code and reason.
func (s *Session) Close(code int, reason string) {
	s.mu.Lock()
	start := !s.closing && s.closeLocked(code, reason)
	s.mu.Unlock()
	if start {
		go s.write()
	}
}

// closeLocked begins the end. It tells whether the caller has to start the writer.
func (s *Session) closeLocked(code int, reason string) bool {
	s.closing, s.code, s.reason = true, code, reason
	s.until = time.Now().Add(s.owner.cfg.WriteWait)
	start := !s.writing
	s.writing = true
	return start
}

// run is the writer: it writes until nothing is left to leave, and ends the session if it is closing.
func (s *Session) run() {
	for {
		if err := s.writeBatch(); err != nil {
			s.lost(err)
			break
		}
		s.mu.Lock()
		s.recycleLocked()
		if s.restLocked() {
			s.mu.Unlock()
			return
		}
		over := s.closing && len(s.queue.frames) == 0
		if !over {
			s.takeLocked()
		}
		s.mu.Unlock()
		if over {
			break
		}
	}
	s.end()
}

// writeBatch writes what is left of the batch, or, when the session is closing, as much of it as its time allows.
func (s *Session) writeBatch() error {
	for s.blocked || len(s.left) > 0 && !s.expired() {
		n := piece(s.left)
		if err := s.conn.Write(s.left[:n]); err != nil {
			return err
		}
		release(s.left[:n])
		s.left, s.blocked = s.left[n:], false
	}
	if len(s.left) == 0 {
		return nil
	}
	return errExpired
}

// piece returns how many frames one Write gets.
func piece(frames []*Frame) int {
	size := 0
	for i, f := range frames {
		if size += len(f.bytes); size > writeBytes && i > 0 {
			return i
		}
	}
	return len(frames)
}

func (s *Session) expired() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.expiredLocked()
}

// expiredLocked tells whether the session is closing and has written for long enough.
func (s *Session) expiredLocked() bool {
	return s.closing && time.Now().After(s.until)
}

// lost notes that the connection failed, unless the session was closing anyway.
func (s *Session) lost(err error) {
	s.mu.Lock()
	if !s.closing {
		s.closeLocked(CloseAbnormal, reasonLost)
	}
	s.mu.Unlock()
	s.owner.cfg.Logger.Debug("session write ended", "session", s.who.Session, "error", err)
}

// end closes the connection and takes the session out of the register. Only the writer calls it, once.
func (s *Session) end() {
	s.mu.Lock()
	unsent := len(s.left) + len(s.queue.frames)
	release(s.left)
	release(s.queue.take(nil))
	s.batch, s.left, s.spare = nil, nil, nil
	s.drops.add(DropUnsent, unsent)
	code, reason := s.code, s.reason
	s.mu.Unlock()
	s.owner.dropped(s, DropUnsent, unsent)
	if code == CloseAbnormal {
		code = CloseNormal // 1006 is for reports, it must not be sent
	}
	if err := s.conn.Close(code, reason); err != nil {
		s.owner.cfg.Logger.Debug("session close", "session", s.who.Session, "error", err)
	}
	s.owner.remove(s)
	if s.owner.cfg.Hooks.Closed != nil {
		s.owner.cfg.Hooks.Closed(s)
	}
	close(s.done)
}
