package match

import (
	"time"

	"github.com/shoal-go/shoal/internal/hook"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Outbox takes what matches send: it is what a host's network layer implements. It is called in turns of matches,
// for one match by one goroutine at a time, and must never block, nor panic: what a handler's panic does to its match alone
// an Outbox's may do to the program. Slices belong to the engine and are valid during
// the call. Recipients get what is for them in the order of the calls; nothing need leave before Flush.
type Outbox interface {
	// MatchData sends m to each of to. The To and Except fields of m have been used up.
	MatchData(id ID, to []presence.Presence, m Outgoing)
	// MatchPresence tells each of to who joined and who left.
	MatchPresence(id ID, to, joined, left []presence.Presence)
	// MatchEnded tells each of to that the match is over for everybody; err is nil for a clean end.
	MatchEnded(id ID, to []presence.Presence, err error)
	// Flush ends a callback that sent something: to is everybody who got something since the last Flush.
	Flush(id ID, to []presence.Presence)
}

// DropOutbox is what an [Outbox] may be besides: it tells players about messages that they sent. New looks for it once.
type DropOutbox interface {
	// MatchDropped tells a member that so many of its messages, besides those it was told of before, have been
	// dropped. It is called for matches with Settings.TellDrops, as the methods of Outbox are.
	MatchDropped(id ID, to presence.Presence, dropped int)
}

// nowhere is the outbox of a registry without one.
type nowhere struct{}

func (nowhere) MatchData(ID, []presence.Presence, Outgoing)     {}
func (nowhere) MatchPresence(_ ID, _, _, _ []presence.Presence) {}
func (nowhere) MatchEnded(ID, []presence.Presence, error)       {}
func (nowhere) Flush(ID, []presence.Presence)                   {}

// Hooks lets a host observe matches. Every field may be nil. Hooks run in the turn of the match, must be quick and
// must not call into the registry with a waiting call.
type Hooks struct {
	Created func(Info) // comes before all others of the match
	// Ended gets the members the match still had, after them those whose seats were held, and the cause: nil for a clean
	// end.
	Ended  func(info Info, roster []presence.Presence, cause error)
	Joined func(id ID, who presence.Presence)
	// Refused tells of a join that was not given a seat. For ErrBusy it may run on any goroutine.
	Refused func(id ID, who presence.Presence, cause error)
	// Left tells of each presence that Joined told of, once: also of a session that the user's next one has replaced.
	Left func(id ID, gone Departure)
	// Held tells of a disconnected player whose seat is kept; Left follows when the seat is given up or taken back.
	Held func(id ID, who presence.Presence, keep time.Duration)
	// Tick tells of each Loop and how long it took, with all that it sent; it comes after it. How late the tick was
	// is At - Scheduled.
	Tick func(id ID, t tick.Tick, took time.Duration)
	// Slow tells of a callback, by the name of its method, that took longer than Settings.SlowAfter; the waiting calls
	// it made count.
	Slow func(id ID, callback string, took time.Duration)
	// Dropped tells that n messages of a member will not reach a Loop, and why. It may run on any goroutine.
	Dropped func(id ID, from presence.Presence, why Drop, n int)
}

// With returns hooks that call those of h, then those of other.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Created: hook.Both1(h.Created, other.Created),
		Ended:   hook.Both3(h.Ended, other.Ended),
		Joined:  hook.Both2(h.Joined, other.Joined),
		Refused: hook.Both3(h.Refused, other.Refused),
		Left:    hook.Both2(h.Left, other.Left),
		Held:    hook.Both3(h.Held, other.Held),
		Tick:    hook.Both3(h.Tick, other.Tick),
		Slow:    hook.Both3(h.Slow, other.Slow),
		Dropped: hook.Both4(h.Dropped, other.Dropped),
	}
}
