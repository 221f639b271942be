package relay

import "github.com/shoal-go/shoal/presence"

// Hooks are told what happens in the matches of a Hub. Each may be nil. They are called under the lock of the match,
// after the Outbox: they must not block and must not call the Hub.
type Hooks struct {
	Created func(id ID)                        // a match began; Joined follows
	Joined  func(id ID, who presence.Presence) // a new member; not a repeated join
	Left    func(id ID, who presence.Presence) // a member left or was disconnected
	Ended   func(id ID)                        // the last member left
}

// With returns hooks that call those of h, then those of other.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Created: both(h.Created, other.Created),
		Joined:  bothWho(h.Joined, other.Joined),
		Left:    bothWho(h.Left, other.Left),
		Ended:   both(h.Ended, other.Ended),
	}
}

func both(first, second func(ID)) func(ID) {
	if first == nil {
		return second
	}
	if second == nil {
		return first
	}
	return func(id ID) {
		first(id)
		second(id)
	}
}

func bothWho(first, second func(ID, presence.Presence)) func(ID, presence.Presence) {
	if first == nil {
		return second
	}
	if second == nil {
		return first
	}
	return func(id ID, who presence.Presence) {
		first(id, who)
		second(id, who)
	}
}
