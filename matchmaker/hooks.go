package matchmaker

import "github.com/shoal-go/shoal/internal/hook"

// Hooks are told what happens to tickets. Each may be nil. They are called under the lock of the Matchmaker: they must
// not block and must not call it.
type Hooks struct {
	Added   func(t *Ticket)           // a ticket waits; Request.Accepted has been called
	Removed func(t *Ticket, r Reason) // a ticket is gone without a match
	Matched func(r Result)            // a group has been told
	Failed  func(r Result, err error) // Config.Matched or Config.Reserve failed; the tickets wait on
	GaveUp  func(t *Ticket)           // a search that found no group has taken all Config.Steps; there will be others
}

// Reason is why a ticket is gone without a match.
type Reason uint8

// The reasons.
const (
	Cancelled    Reason = iota + 1 // Remove, RemovePartyTicket
	Disconnected                   // RemoveSession
	PartyChanged                   // RemoveParty
	Superseded                     // a session in it was matched with another ticket
	Stopped                        // Run has stopped
	Expired                        // it has waited for Config.Expiry
)

// String returns the name of the reason in lower case.
func (r Reason) String() string {
	switch r {
	case Cancelled:
		return "cancelled"
	case Disconnected:
		return "disconnected"
	case PartyChanged:
		return "party changed"
	case Superseded:
		return "superseded"
	case Stopped:
		return "stopped"
	case Expired:
		return "expired"
	default:
		return "unknown"
	}
}

// With returns hooks that call those of h, then those of other.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Added:   hook.Both1(h.Added, other.Added),
		Removed: hook.Both2(h.Removed, other.Removed),
		Matched: hook.Both1(h.Matched, other.Matched),
		Failed:  hook.Both2(h.Failed, other.Failed),
		GaveUp:  hook.Both1(h.GaveUp, other.GaveUp),
	}
}
