package party

import (
	"time"

	"github.com/shoal-go/shoal/presence"
)

// Outbox is what a network layer implements to bring to players what happens in their parties.
//
// It is called with the lock of the party held, one call at a time for one party, at the same time for different ones.
// The methods queue what they are given and return; they never block and never call the Parties. All slices are valid
// during the call only and must not be changed.
type Outbox interface {
	// PartyEvent tells the given sessions what happened.
	PartyEvent(id ID, to []presence.Presence, e Event)
	// Flush follows and is for all who were told something: what is queued should go out now. Who has only been
	// given a reply, by an Accepted function, is flushed by who queued it.
	Flush(id ID, to []presence.Presence)
}

// Event is something that happens in a party: one of the types below.
type Event interface{ event() }

// The events.
type (
	// Welcome tells a new member what it has got into. The one who creates a party is told in the reply instead.
	Welcome struct{ State }
	// Members tells all members who came or who went; one of the two is empty. Who came is told too, who went is not.
	Members struct{ Joined, Left []presence.Presence }
	// Leader tells all members who leads from now on.
	Leader struct{ Who presence.Presence }
	// Asked tells the leader who asks to get in.
	Asked struct{ Who presence.Presence }
	// Updated tells all members, the leader among them, the settings that are new.
	Updated struct{ Settings }
	// Closed tells a member that was removed, or all when the leader closes the party, that it is over for them.
	Closed struct{}
	// Queued tells the members other than the leader that the party waits with a ticket.
	Queued struct{ Ticket string }
	// Data is what a member says to all others.
	Data struct {
		From presence.Presence
		Op   int64 // what kind of message it is; the number means something to the clients only
		Data []byte
	}
)

func (Welcome) event() {}
func (Members) event() {}
func (Leader) event()  {}
func (Asked) event()   {}
func (Updated) event() {}
func (Closed) event()  {}
func (Queued) event()  {}
func (Data) event()    {}

// Settings are what the leader can change.
type Settings struct {
	Open   bool   // who joins is in at once; else the leader is asked
	Hidden bool   // it is not in the lists that clients see
	Label  string // a JSON object that queries search, up to 2048 bytes. "" means {}
}

// Info is what is known of a party from outside, at one moment.
type Info struct {
	ID ID
	Settings
	Size    int // members, at least 1
	MaxSize int
	Created time.Time
}

// State is a party as one of its members sees it.
type State struct {
	Info
	Self    presence.Presence
	Leader  presence.Presence
	Members []presence.Presence // all of them, oldest first; valid during the call only
}
