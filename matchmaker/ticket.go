package matchmaker

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/query"
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
	ErrClosed           = errors.New("matchmaker: closed")
)

// Ticket is what waits for a match. It is read only.
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

	// Query says whom the ticket wants. Empty means everybody.
	Query string
	// StringProps and NumericProps are what the queries of others find.
	StringProps  map[string]string
	NumericProps map[string]float64
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
	// it. Nil means that nobody is told.
	Accepted func(ticket string)
}

// ticket is a Ticket with what it takes to match it.
type ticket struct {
	Ticket
	serial uint64 // tickets are numbered as they arrive
	query  *query.Query
	doc    query.Doc // what the queries of others are matched against
	flat   bool      // the query gives all tickets that it matches the same score

	// The lock of the Matchmaker guards the rest.
	runs    int    // the runs in which its group was searched
	heldIn  uint64 // the run, or the time after it, in which it was last put into a group
	pooled  bool   // it is in the pool: it can be matched
	matched bool   // it is in a group that has not been told yet
	gone    Reason // why it was removed while it was matched, or 0
}

func newTicket(r Request) (*ticket, error) {
	if r.CountMultiple == 0 {
		r.CountMultiple = 1
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	q, err := query.Parse(r.Query, query.Options{Field: field})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	t := &ticket{
		Ticket: Ticket{
			ID: uuid.NewString(), Created: time.Now(), Presences: slices.Clone(r.Presences), PartyID: r.PartyID,
			MinCount: r.MinCount, MaxCount: r.MaxCount, CountMultiple: r.CountMultiple, Query: r.Query,
			StringProps: maps.Clone(r.StringProps), NumericProps: maps.Clone(r.NumericProps),
		},
		query: q,
		flat:  flat(q),
	}
	t.doc = document(&t.Ticket)
	return t, nil
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

const propertyPrefix = "properties."

// field returns the field of a document for a name in a query.
func field(name string) string {
	switch name {
	case "min_count", "max_count", "created_at", "party_id", "ticket":
		return name
	}
	if strings.HasPrefix(name, propertyPrefix) {
		return name
	}
	return propertyPrefix + name
}

func document(t *Ticket) query.Doc {
	d := query.Doc{}
	d.Add("min_count", query.Number(float64(t.MinCount)))
	d.Add("max_count", query.Number(float64(t.MaxCount)))
	d.Add("created_at", query.Number(float64(t.Created.UnixNano())))
	d.Add("ticket", query.Text(t.ID))
	if t.PartyID != "" {
		d.Add("party_id", query.Text(t.PartyID))
	}
	for k, v := range t.NumericProps {
		d.Add(propertyPrefix+k, query.Number(v))
	}
	for k, v := range t.StringProps {
		if _, isNumber := t.NumericProps[k]; !isNumber {
			d.Add(propertyPrefix+k, query.Text(v))
		}
	}
	return d
}

// flat reports whether all documents that match a query have the same score: if no term is left to chance, and none
// has degrees.
func flat(q *query.Query) bool {
	musts, shoulds := 0, 0
	for _, c := range q.Clauses() {
		if c.Test == query.Fuzzy {
			return false
		}
		switch c.Occur {
		case query.Must:
			musts++
		case query.Should:
			shoulds++
		}
	}
	return shoulds == 0 || musts == 0 && shoulds == 1
}

// size is how many players wait with the ticket.
func (t *ticket) size() int { return len(t.Presences) }

// accepts reports whether the ticket may be in a match of n players.
func (t *ticket) accepts(n int) bool {
	return n >= t.MinCount && n <= t.MaxCount && n%t.CountMultiple == 0
}

func (t *ticket) has(session string) bool {
	return slices.ContainsFunc(t.Presences, func(p presence.Presence) bool { return p.Session == session })
}

// apart reports whether two tickets are of different players.
func (t *ticket) apart(other *ticket) bool {
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

// wants returns the score that the query of the ticket gives to another.
func (t *ticket) wants(other *ticket) (score float64, ok bool) { return t.query.Match(other.doc) }

// mutual reports whether two tickets may be in one group, whatever its size.
func (t *ticket) mutual(other *ticket) bool {
	if !t.apart(other) {
		return false
	}
	if _, ok := t.wants(other); !ok {
		return false
	}
	_, ok := other.wants(t)
	return ok
}
