package party

import (
	"github.com/shoal-go/shoal/presence"
)

// Queue is where parties wait for opponents. A matchmaker is one, with an adapter.
//
// It is called with the lock of the party held: it returns at once, and neither it nor what it calls calls the Parties.
type Queue interface {
	// Add makes one ticket for all members of a party, who stay together, and returns its id. It calls t.Accepted,
	// which is not nil, once if it succeeds, before anything else is told about the ticket. Its errors are handed on.
	Add(party ID, members []presence.Presence, t Ticket) (ticket string, err error)
	// Remove takes back one ticket of a party, or all of them if ticket is "". The error Is ErrTicketNotFound if the
	// party has not that one; having none at all is fine for all.
	Remove(party ID, ticket string) error
}

// Ticket says what a party looks for. What the numbers and the query mean is up to the Queue.
type Ticket struct {
	MinCount, MaxCount int // players in the match, the own ones included
	CountMultiple      int // 0 means 1
	Query              string
	StringProps        map[string]string
	NumericProps       map[string]float64

	// Accepted is called once if the ticket was made, with its id: it is the place to queue the reply. It must neither
	// block nor call the Parties or the Queue. nil means that nobody is told.
	Accepted func(ticket string)
}

// Enqueue makes the party wait with one ticket for all its members, who are told of it. Only the leader may. The error
// Is ErrNotFound, ErrNotLeader, ErrNoQueue, or what the Queue says.
func (p *Parties) Enqueue(id ID, session string, t Ticket) (ticket string, err error) {
	if p.c.Queue == nil {
		return "", ErrNoQueue
	}
	g, err := p.led(id, session)
	if err != nil {
		return "", err
	}
	defer g.mu.Unlock()
	reply := t.Accepted
	t.Accepted = func(ticket string) {
		if reply != nil {
			reply(ticket)
		}
		p.tell(g, g.members.AppendOthers(nil, session), Queued{ticket})
	}
	g.queued = true
	return p.c.Queue.Add(g.id, g.members.All(), t)
}

// Dequeue takes one ticket of the party back. Only the leader may. The error Is ErrNotFound, ErrNotLeader, ErrNoQueue
// or ErrTicketNotFound.
func (p *Parties) Dequeue(c Call, ticket string) error {
	if p.c.Queue == nil {
		return ErrNoQueue
	}
	g, err := p.led(c.ID, c.Session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	if ticket == "" { // which would be all of them
		return ErrTicketNotFound
	}
	if err := p.c.Queue.Remove(g.id, ticket); err != nil {
		return err
	}
	c.accepted()
	return nil
}

// dequeue takes all tickets back: the members have changed. The lock of the party is held.
func (p *Parties) dequeue(g *group) {
	if g.queued {
		g.queued = false
		_ = p.c.Queue.Remove(g.id, "")
	}
}
