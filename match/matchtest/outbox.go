package matchtest

import (
	"slices"
	"sync"
	"time"

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

// outbox keeps what a match sends until the test asks for it, by session, and passes it on to virtual players.
type outbox struct {
	id      match.ID             // the match that the transcript is of
	players map[string]*Player   // by session
	since   func() time.Duration // since the match was created

	mu      sync.Mutex
	data    map[string][]match.Outgoing
	events  map[string][]Event
	entries Transcript
}

func newOutbox() *outbox {
	return &outbox{
		players: make(map[string]*Player), data: make(map[string][]match.Outgoing), events: make(map[string][]Event),
	}
}

// record adds an entry to the transcript.
func (o *outbox) record(e Entry) {
	e.At = o.since()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, e)
}

// recordOf records an output, if it is one of the match.
func (o *outbox) recordOf(id match.ID, e Entry) {
	if id == o.id {
		o.record(e)
	}
}

func (o *outbox) transcript() Transcript {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.entries)
}

// MatchData implements [match.Outbox].
func (o *outbox) MatchData(id match.ID, to []presence.Presence, m match.Outgoing) {
	o.recordOf(id, Entry{
		What: Data, To: sessions(to), From: m.From.Session,
		Op: m.Op, Data: slices.Clone(m.Data), Unreliable: m.Unreliable, Replace: m.Replace,
	})
	for _, p := range to {
		m.Data = slices.Clone(m.Data) // one each: a test may change what it got
		if player := o.players[p.Session]; player != nil {
			player.data(m)
		}
		o.mu.Lock()
		o.data[p.Session] = append(o.data[p.Session], m)
		o.mu.Unlock()
	}
}

// MatchPresence implements [match.Outbox].
func (o *outbox) MatchPresence(id match.ID, to, joined, left []presence.Presence) {
	o.recordOf(id, Entry{What: Presence, To: sessions(to), Joined: sessions(joined), Left: sessions(left)})
	o.event(to, Event{Joined: slices.Clone(joined), Left: slices.Clone(left)})
}

// MatchEnded implements [match.Outbox].
func (o *outbox) MatchEnded(id match.ID, to []presence.Presence, err error) {
	e := Entry{What: Ended, To: sessions(to)}
	if err != nil {
		e.Text = err.Error()
	}
	o.recordOf(id, e)
	o.event(to, Event{Ended: true, Err: err})
}

// Flush implements [match.Outbox].
func (o *outbox) Flush(match.ID, []presence.Presence) {}

func (o *outbox) event(to []presence.Presence, e Event) {
	for _, p := range to {
		if player := o.players[p.Session]; player != nil {
			player.event(e)
		}
		o.mu.Lock()
		o.events[p.Session] = append(o.events[p.Session], e)
		o.mu.Unlock()
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
