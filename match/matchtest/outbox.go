package matchtest

import (
	"slices"
	"sync"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// Event is one presence event, or the end of the match, as one player sees it.
type Event struct {
	Joined []presence.Presence
	Left   []presence.Presence
	Ended  bool  // the match is over; the last event
	Err    error // with Ended: why, nil for a clean end
}

// outbox keeps what a match sends until the test asks for it, by session.
type outbox struct {
	mu     sync.Mutex
	data   map[string][]match.Outgoing
	events map[string][]Event
}

func newOutbox() *outbox {
	return &outbox{data: make(map[string][]match.Outgoing), events: make(map[string][]Event)}
}

// MatchData implements [match.Outbox].
func (o *outbox) MatchData(_ match.ID, to []presence.Presence, m match.Outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range to {
		m.Data = slices.Clone(m.Data) // one each: a test may change what it got
		o.data[p.Session] = append(o.data[p.Session], m)
	}
}

// MatchPresence implements [match.Outbox].
func (o *outbox) MatchPresence(_ match.ID, to, joined, left []presence.Presence) {
	o.event(to, Event{Joined: slices.Clone(joined), Left: slices.Clone(left)})
}

// MatchEnded implements [match.Outbox].
func (o *outbox) MatchEnded(_ match.ID, to []presence.Presence, err error) {
	o.event(to, Event{Ended: true, Err: err})
}

// Flush implements [match.Outbox].
func (o *outbox) Flush(match.ID, []presence.Presence) {}

func (o *outbox) event(to []presence.Presence, e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range to {
		o.events[p.Session] = append(o.events[p.Session], e)
	}
}

func (o *outbox) takeData(session string) []match.Outgoing {
	o.mu.Lock()
	defer o.mu.Unlock()
	data := o.data[session]
	delete(o.data, session)
	return data
}

func (o *outbox) takeEvents(session string) []Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	events := o.events[session]
	delete(o.events, session)
	return events
}
