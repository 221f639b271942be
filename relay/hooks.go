package relay

import (
	"github.com/shoal-go/shoal/internal/hook"
	"github.com/shoal-go/shoal/presence"
)

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
		Created: hook.Both1(h.Created, other.Created),
		Joined:  hook.Both2(h.Joined, other.Joined),
		Left:    hook.Both2(h.Left, other.Left),
		Ended:   hook.Both1(h.Ended, other.Ended),
	}
}
