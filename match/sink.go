package match

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/shoal-go/shoal/presence"
)

var (
	// ErrSinkUsed means that the Sink of a request already belongs to a member or a spectator, or has belonged to one.
	ErrSinkUsed = errors.New("match: sink is in use")
	// ErrTooSlow is what a Sink ends with whose reader fell behind by more than its Limit.
	ErrTooSlow = errors.New("match: sink not read fast enough")
)

// Sink is what a member or spectator without a socket has instead of one: a bounded queue that takes what the match
// sends to it and that its owner, a bot for example, reads with Next. The match never waits for the reader.
//
// The zero value is ready to use. A sink is for one seat: hand it over in a [JoinRequest]; a request that was refused
// gives it back, and so does one whose caller gave up, unless the match of a [Snapshotter] had it already. When the queue
// is full, unreliable messages are dropped first, the oldest of them before others; when only reliable ones are left the
// sink ends with ErrTooSlow, and its owner leaves the match as Disconnected. It is safe for concurrent use.
type Sink struct {
	// Limit is how many events may wait to be read. 0 means 256. It must not change once the sink is in use.
	Limit int

	claimed atomic.Bool

	mu      sync.Mutex
	queue   []Event
	ready   chan struct{} // closed when there is something for a reader who waits
	dropped int
	end     error // what Next returns once the queue is empty; nil while more may come
}

// EventKind says what an [Event] is.
type EventKind uint8

// Kinds of events.
const (
	DataEvent     EventKind = iota // Data is a message
	PresenceEvent                  // members have Joined or Left
	DroppedEvent                   // so many messages of the owner were Dropped, see Settings.TellDrops
	EndedEvent                     // the match is over, Err says why; the last event
)

// Event is one thing that a [Sink] receives. What it points to is shared with other receivers and must not be changed.
type Event struct {
	Kind EventKind
	// Data is a message. Its To and Except are nil.
	Data Outgoing
	// Joined and Left are presences. The own one among the Left means that the owner of the sink was kicked or that
	// the user took the seat over elsewhere: the last event.
	Joined, Left []presence.Presence
	// Dropped is how many messages, besides those told of before.
	Dropped int
	// Err is why the match has ended, nil for a clean end.
	Err error
}

// Next waits for the next event. After the last one it returns io.EOF: the owner is in the match no more. The other
// errors are ErrTooSlow, and that of ctx.
func (s *Sink) Next(ctx context.Context) (Event, error) {
	for {
		e, ready, err := s.take()
		if ready == nil {
			return e, err
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return Event{}, context.Cause(ctx)
		}
	}
}

// Dropped is how many unreliable messages the queue had no room for.
func (s *Sink) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// take returns the first event, or the end, or what to wait for.
func (s *Sink) take() (e Event, ready <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.queue) > 0:
		e, s.queue[0] = s.queue[0], Event{}
		s.queue = s.queue[1:]
		return e, nil, nil
	case s.end != nil:
		return Event{}, nil, s.end
	case s.ready == nil:
		s.ready = make(chan struct{})
	}
	return Event{}, s.ready, nil
}

// put adds an event. It is false when that was one too many: the sink has ended, and its owner must leave.
func (s *Sink) put(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		return true
	}
	s.supersede(e)
	limit := s.Limit
	if limit <= 0 {
		limit = 256
	}
	if len(s.queue) >= limit && !s.makeRoom(e) {
		if e.droppable() {
			s.dropped++
			return true
		}
		s.finish(ErrTooSlow)
		return false
	}
	s.queue = append(s.queue, e)
	s.rouse()
	return true
}

// supersede takes out a message with the same key as e, which goes to the end: what is read is in the order of sending.
func (s *Sink) supersede(e Event) {
	if e.Data.Replace != 0 {
		s.queue = slices.DeleteFunc(s.queue, func(o Event) bool { return o.Data.Replace == e.Data.Replace })
	}
}

// makeRoom drops the oldest message that may be dropped, for one that may not.
func (s *Sink) makeRoom(e Event) bool {
	if e.droppable() {
		return false
	}
	i := slices.IndexFunc(s.queue, func(o Event) bool { return o.droppable() })
	if i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
		s.dropped++
	}
	return i >= 0
}

func (e *Event) droppable() bool { return e.Kind == DataEvent && e.Data.Unreliable }

// last adds the event that ends the sink; there is always room for it.
func (s *Sink) last(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		s.queue = append(s.queue, e)
		s.finish(io.EOF)
	}
}

// close ends the sink without an event. A nil sink may be closed.
func (s *Sink) close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(io.EOF)
}

func (s *Sink) finish(err error) {
	if s.end == nil {
		s.end = err
		s.rouse()
	}
}

func (s *Sink) rouse() {
	if s.ready != nil {
		close(s.ready)
		s.ready = nil
	}
}
