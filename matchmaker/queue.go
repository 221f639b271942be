package matchmaker

import (
	"cmp"
	"maps"
	"slices"
)

// queue is the tickets and who waits with them. The lock of the Matchmaker guards it.
type queue struct {
	closed     bool
	maxTickets int
	finder     finder

	run      uint64 // number of the latest run
	last     uint64 // serial
	tickets  map[string]*ticket
	sessions map[string]*session
	parties  map[string][]*ticket
	pool     []*ticket // those that can be matched, oldest first

	completions []Completion // the latest ones
}

// session is one player who waits.
type session struct {
	tickets []*ticket // in no order
	matched bool      // in a group that has not been told yet: none of its tickets is in the pool
}

func newQueue(c Config) queue {
	return queue{
		maxTickets: c.MaxTickets,
		finder:     finder{limit: c.Candidates, maxSteps: c.Steps},
		tickets:    make(map[string]*ticket),
		sessions:   make(map[string]*session),
		parties:    make(map[string][]*ticket),
	}
}

// add puts a new ticket into the queue and, if none of its sessions is matched, into the pool.
func (q *queue) add(t *ticket) error {
	if q.closed {
		return ErrClosed
	}
	for _, p := range t.Presences {
		if s := q.sessions[p.Session]; s != nil && len(s.tickets) >= q.maxTickets {
			return ErrTooManyTickets
		}
	}
	if t.PartyID != "" {
		if len(q.parties[t.PartyID]) >= q.maxTickets {
			return ErrTooManyTickets
		}
		q.parties[t.PartyID] = append(q.parties[t.PartyID], t)
	}
	q.last++
	t.serial = q.last
	q.tickets[t.ID] = t
	for _, p := range t.Presences {
		s := q.sessions[p.Session]
		if s == nil {
			s = &session{}
			q.sessions[p.Session] = s
		}
		s.tickets = append(s.tickets, t)
	}
	q.enter(t)
	return nil
}

// remove forgets a ticket. Of one in a held group it may be called again.
func (q *queue) remove(t *ticket) {
	q.leave(t)
	delete(q.tickets, t.ID)
	isIt := func(other *ticket) bool { return other == t }
	if t.PartyID != "" {
		q.parties[t.PartyID] = slices.DeleteFunc(q.parties[t.PartyID], isIt)
		if len(q.parties[t.PartyID]) == 0 {
			delete(q.parties, t.PartyID)
		}
	}
	for _, p := range t.Presences {
		s := q.sessions[p.Session]
		s.tickets = slices.DeleteFunc(s.tickets, isIt)
		q.forgetIfIdle(p.Session)
	}
}

func (q *queue) forgetIfIdle(id string) {
	if s := q.sessions[id]; len(s.tickets) == 0 && !s.matched {
		delete(q.sessions, id)
	}
}

// ofSession returns the tickets that a session is in, oldest first, as a copy.
func (q *queue) ofSession(id string) []*ticket {
	s := q.sessions[id]
	if s == nil {
		return nil
	}
	return slices.SortedFunc(slices.Values(s.tickets), byAge)
}

// ofParty returns the tickets of a party, oldest first, as a copy.
func (q *queue) ofParty(id string) []*ticket {
	return slices.SortedFunc(slices.Values(q.parties[id]), byAge)
}

// all returns all tickets, oldest first, as a copy.
func (q *queue) all() []*ticket { return slices.SortedFunc(maps.Values(q.tickets), byAge) }

func byAge(a, b *ticket) int { return cmp.Compare(a.serial, b.serial) }

// enter puts a ticket into the pool, at the place of its age, unless one of its sessions is matched.
func (q *queue) enter(t *ticket) {
	for _, p := range t.Presences {
		if q.sessions[p.Session].matched {
			return
		}
	}
	if i, ok := slices.BinarySearchFunc(q.pool, t, byAge); !ok {
		q.pool = slices.Insert(q.pool, i, t)
		t.pooled = true
	}
}

// leave takes a ticket out of the pool.
func (q *queue) leave(t *ticket) {
	if i, ok := slices.BinarySearchFunc(q.pool, t, byAge); ok {
		q.pool = slices.Delete(q.pool, i, i+1)
		t.pooled = false
	}
}

// hold takes all tickets of all sessions of a group out of the pool, until free.
func (q *queue) hold(g *group) {
	for _, t := range g.tickets {
		t.matched, t.heldIn = true, q.run
	}
	for _, e := range g.result.Entries {
		s := q.sessions[e.Presence.Session]
		s.matched = true
		for _, t := range s.tickets {
			q.leave(t)
		}
	}
}

// free lets those tickets of a held group's sessions that are still there back into the pool.
func (q *queue) free(g *group) {
	for _, t := range g.tickets {
		t.matched = false
	}
	for _, e := range g.result.Entries {
		q.sessions[e.Presence.Session].matched = false
	}
	for _, e := range g.result.Entries {
		for _, t := range q.sessions[e.Presence.Session].tickets {
			q.enter(t)
		}
		q.forgetIfIdle(e.Presence.Session)
	}
}
