package relay

import "github.com/shoal-go/shoal/presence"

// Outbox is what a network layer implements to bring to players what happens in their matches.
//
// The Hub calls it with the lock of the match held, one call at a time for one match, at the same time for different
// ones. The methods queue what they are given and return; they never block and never call the Hub, not even because a
// session's queue has overflowed and the session must go: end it from another goroutine. All slices, Message.Data
// among them, are valid during the call only and must not be changed.
type Outbox interface {
	// RelayData brings a message to the given members.
	RelayData(id ID, to []presence.Presence, m Message)
	// RelayPresence tells the given members who came and who went. One of joined and left is empty. Who joined is
	// told too, who left is not.
	RelayPresence(id ID, to, joined, left []presence.Presence)
	// Flush follows each of the two above, and an Accepted after which there is no event, and is for the same members:
	// what is queued should go out now.
	Flush(id ID, to []presence.Presence)
}

// Message is what one member tells others.
type Message struct {
	From       presence.Presence // the sender; Send looks at the Session only and fills in the rest
	Op         int64             // what kind of message it is; the number means something to the clients only
	Data       []byte            // the contents
	Unreliable bool              // it may be dropped on its way to a slow reader
}
