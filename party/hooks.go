package party

import "github.com/shoal-go/shoal/presence"

// Hooks are told what happens in the parties of a server. Each may be nil. They are called under the lock of the party,
// after the Outbox: they must not block and must not call the Parties.
type Hooks struct {
	Created func(id ID)                        // a party began; Joined follows
	Joined  func(id ID, who presence.Presence) // a new member
	Left    func(id ID, who presence.Presence) // a member left, was removed or disconnected, or the party was closed
	Led     func(id ID, who presence.Presence) // another member leads
	Ended   func(id ID)                        // nobody is in it any more
}

// With returns hooks that call those of h, then those of other.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Created: both(h.Created, other.Created),
		Joined:  bothWho(h.Joined, other.Joined),
		Left:    bothWho(h.Left, other.Left),
		Led:     bothWho(h.Led, other.Led),
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

func (h *Hooks) created(id ID) {
	if h.Created != nil {
		h.Created(id)
	}
}

func (h *Hooks) joined(id ID, who presence.Presence) {
	if h.Joined != nil {
		h.Joined(id, who)
	}
}

func (h *Hooks) left(id ID, who presence.Presence) {
	if h.Left != nil {
		h.Left(id, who)
	}
}

func (h *Hooks) led(id ID, who presence.Presence) {
	if h.Led != nil {
		h.Led(id, who)
	}
}

func (h *Hooks) ended(id ID) {
	if h.Ended != nil {
		h.Ended(id)
	}
}
