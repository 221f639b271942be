package party

import (
	"github.com/shoal-go/shoal/internal/hook"
	"github.com/shoal-go/shoal/presence"
)

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
		Created: hook.Both1(h.Created, other.Created),
		Joined:  hook.Both2(h.Joined, other.Joined),
		Left:    hook.Both2(h.Left, other.Left),
		Led:     hook.Both2(h.Led, other.Led),
		Ended:   hook.Both1(h.Ended, other.Ended),
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
