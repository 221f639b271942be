package matchmaker

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shoal-go/shoal/presence"
)

// What the methods of a [Matchmaker] return, to be asked for with errors.Is.
var (
	ErrMinCount         = errors.New("matchmaker: minimum count is below 2")
	ErrMaxCount         = errors.New("matchmaker: maximum count is below the minimum")
	ErrCountMultiple    = errors.New("matchmaker: count multiple is below 1")
	ErrMinMultiple      = errors.New("matchmaker: count multiple does not divide the minimum count")
	ErrMaxMultiple      = errors.New("matchmaker: count multiple does not divide the maximum count")
	ErrQuery            = errors.New("matchmaker: query invalid") // a *query.SyntaxError is wrapped with it
	ErrNoPresence       = errors.New("matchmaker: no presence")
	ErrDuplicateSession = errors.New("matchmaker: duplicate session")
	ErrPartyTooLarge    = errors.New("matchmaker: party is larger than the maximum count")
	ErrTooManyTickets   = errors.New("matchmaker: too many tickets")
	ErrNotFound         = errors.New("matchmaker: ticket not found")
	ErrStopped          = errors.New("matchmaker: stopped")
)

// Ticket is what waits for a match. It never changes; a ticket that is edited is another Ticket with the same ID.
type Ticket struct {
	ID      string
	Created time.Time

	// Presences are one player, or the members of a party, who stay together.
	Presences []presence.Presence
	// PartyID is the party that waits, or empty.
	PartyID string

	MinCount      int // players in the match, at least 2
	MaxCount      int // at least MinCount and len(Presences)
	CountMultiple int // the number of players is a multiple of it, and MinCount and MaxCount are too

	// Query says whom the ticket wants. "" means everybody.
	Query string
	// Texts and Numbers are the properties, in the order of their keys: what the queries of others find. [Ticket.Text]
	// and [Ticket.Number] look one up.
	Texts   []TextProperty
	Numbers []NumberProperty
}

// TextProperty is one property of a ticket.
type TextProperty struct{ Key, Value string }

// NumberProperty is one numeric property of a ticket.
type NumberProperty struct {
	Key   string
	Value float64
}

// Request asks for a ticket. The fields that are not explained here mean the same as in Ticket.
type Request struct {
	Presences          []presence.Presence
	PartyID            string
	MinCount, MaxCount int
	CountMultiple      int // 0 means 1
	Query              string
	StringProps        map[string]string
	NumericProps       map[string]float64

	// Accepted is called once if the request succeeds, with the id of the ticket, before anything else is told about
	// it: it is the place to queue the reply. It runs under the lock of the Matchmaker: it must neither block nor call
	// it. nil means that nobody is told.
	Accepted func(ticket string)
}

// ticket is a Ticket with what it takes to match it.
type ticket struct {
	*Ticket
	plan   plan
	serial uint64 // tickets are numbered as they arrive

	backfill *backfill // what it asks players for, if it is a match that asks
	// The lock of the Matchmaker guards the rest.
	original   *Ticket      // before it was widened, if it was
	pool       *poolFigures // where it counts
	next, prev *ticket      // of the queue
	class      *class       // where it waits
	mark       uint64       // the search that must not find it
	from       uint64       // the serial that its next search begins with
	heldIn     uint64       // the run, or the time after it, in which it was last put into a group
	slot       int32        // in the class
	runs       int32        // the runs in which its group was searched
	pooled     bool         // it can be matched
	hungry     bool         // it goes before those who arrive
	matched    bool         // it is in a group that has not been told yet
	gone       Reason       // why it was removed while it was matched, or 0
}

func newTicket(r Request) (*ticket, error) {
	if r.CountMultiple == 0 {
		r.CountMultiple = 1
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	p, err := parse(r.Query)
	if err != nil {
		return nil, err
	}
	t := &Ticket{
		ID: uuid.NewString(), Created: time.Now(), Presences: slices.Clone(r.Presences), PartyID: r.PartyID,
		MinCount: r.MinCount, MaxCount: r.MaxCount, CountMultiple: r.CountMultiple, Query: r.Query,
	}
	t.setProperties(r.StringProps, r.NumericProps)
	return &ticket{Ticket: t, plan: p}, nil
}

func (r *Request) check() error {
	switch {
	case r.MinCount < 2:
		return ErrMinCount
	case r.MaxCount < r.MinCount:
		return ErrMaxCount
	case r.CountMultiple < 1:
		return ErrCountMultiple
	case r.MinCount%r.CountMultiple != 0:
		return ErrMinMultiple
	case r.MaxCount%r.CountMultiple != 0:
		return ErrMaxMultiple
	case len(r.Presences) == 0:
		return ErrNoPresence
	case len(r.Presences) > r.MaxCount:
		return ErrPartyTooLarge
	}
	seen := make(map[string]bool, len(r.Presences))
	for i := range r.Presences {
		if seen[r.Presences[i].Session] {
			return ErrDuplicateSession
		}
		seen[r.Presences[i].Session] = true
	}
	return nil
}

// size is how many players wait with the ticket.
func (t *Ticket) size() int { return len(t.Presences) }

// accepts reports whether the ticket may be in a match of n players.
func (t *ticket) accepts(n int) bool { return t.shape().accepts(n) }

func (t *Ticket) has(session string) bool {
	return slices.ContainsFunc(t.Presences, func(p presence.Presence) bool { return p.Session == session })
}

// apart reports whether two tickets are of different players, and not of two matches.
func (t *ticket) apart(other *ticket) bool {
	if t.backfill != nil && other.backfill != nil {
		return false
	}
	if t.PartyID != "" && t.PartyID == other.PartyID {
		return false
	}
	for i := range t.Presences {
		if other.has(t.Presences[i].Session) {
			return false
		}
	}
	return true
}

// wants returns the score that the query of the ticket gives to another. If it does not match, failed is the term that
// says so.
func (t *ticket) wants(other *ticket, work *int) (score float64, failed *cond) {
	return t.plan.match(other.Ticket, work)
}

// mutual reports whether two tickets may be in one group, whatever its size.
func (t *ticket) mutual(other *ticket, work *int) bool {
	*work -= t.size() * other.size()
	if !t.apart(other) {
		return false
	}
	if _, failed := t.wants(other, work); failed != nil {
		return false
	}
	_, failed := other.wants(t, work)
	return failed == nil
}
