package matchmaker

import (
	"cmp"
	"iter"
	"slices"

	"github.com/shoal-go/shoal/presence"
)

// queue is the tickets and who waits with them. The lock of the Matchmaker guards it.
type queue struct {
	stopped    bool
	maxTickets int
	finder     finder

	run      uint64 // number of the latest run
	last     uint64 // serial
	tickets  map[string]*ticket
	oldest   *ticket // of a list of all of them
	newest   *ticket
	sessions map[string]*session
	parties  map[string][]*ticket
	pool     pool
	own      []*ticket // used again
}

// session is one player who waits.
type session struct {
	tickets []*ticket // in no order
	matched bool      // in a group that has not been told yet: none of its tickets can be matched
}

func newQueue(c Config) queue {
	return queue{
		maxTickets: c.MaxTickets,
		finder:     finder{limit: c.Candidates, maxSteps: c.Steps, score: c.Score, form: c.Form},
		tickets:    make(map[string]*ticket),
		sessions:   make(map[string]*session),
		parties:    make(map[string][]*ticket),
		pool:       newPool(),
	}
}

// add puts a new ticket into the queue. It can be matched if none of its sessions is.
func (q *queue) add(t *ticket) error {
	if q.stopped {
		return ErrStopped
	}
	for i := range t.players() {
		if s := q.sessions[t.Presences[i].Session]; s != nil && len(s.tickets) >= q.maxTickets {
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
	q.link(t)
	for i := range t.players() {
		id := t.Presences[i].Session
		s := q.sessions[id]
		if s == nil {
			s = &session{}
			q.sessions[id] = s
		}
		s.tickets = append(s.tickets, t)
	}
	t.pooled = q.free(t)
	q.pool.enter(t)
	return nil
}

// remove forgets a ticket. Of one in a held group it may be called again.
func (q *queue) remove(t *ticket) {
	if q.tickets[t.ID] != t {
		return
	}
	q.pool.leave(t)
	q.unlink(t)
	delete(q.tickets, t.ID)
	isIt := func(other *ticket) bool { return other == t }
	if t.PartyID != "" {
		q.parties[t.PartyID] = slices.DeleteFunc(q.parties[t.PartyID], isIt)
		if len(q.parties[t.PartyID]) == 0 {
			delete(q.parties, t.PartyID)
		}
	}
	for i := range t.players() {
		id := t.Presences[i].Session
		s := q.sessions[id]
		s.tickets = slices.DeleteFunc(s.tickets, isIt)
		q.forgetIfIdle(id)
	}
}

func (q *queue) forgetIfIdle(id string) {
	if s := q.sessions[id]; s != nil && len(s.tickets) == 0 && !s.matched {
		delete(q.sessions, id)
	}
}

// link puts a ticket at the end of the list.
func (q *queue) link(t *ticket) {
	t.prev = q.newest
	if q.newest == nil {
		q.oldest = t
	} else {
		q.newest.next = t
	}
	q.newest = t
}

func (q *queue) unlink(t *ticket) {
	if t.prev == nil {
		q.oldest = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		q.newest = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.next, t.prev = nil, nil
}

// players are those who wait with a ticket. Those of a match that asks for more do not.
func (t *ticket) players() []presence.Presence {
	if t.backfill != nil {
		return nil
	}
	return t.Presences
}

// ofSession returns the tickets that a session is in, oldest first, as a copy.
func (q *queue) ofSession(id string) []*ticket {
	s := q.sessions[id]
	if s == nil || len(s.tickets) == 0 {
		return nil
	}
	return slices.SortedFunc(slices.Values(s.tickets), byAge)
}

// ofParty returns the tickets of a party, oldest first, as a copy.
func (q *queue) ofParty(id string) []*ticket {
	return slices.SortedFunc(slices.Values(q.parties[id]), byAge)
}

// all returns all tickets, oldest first. They must not change meanwhile.
func (q *queue) all() iter.Seq[*ticket] {
	return func(yield func(*ticket) bool) {
		for t := q.oldest; t != nil; t = t.next {
			if !yield(t) {
				return
			}
		}
	}
}

func byAge(a, b *ticket) int { return cmp.Compare(a.serial, b.serial) }

// free reports whether none of a ticket's sessions is matched.
func (q *queue) free(t *ticket) bool {
	return !slices.ContainsFunc(t.players(), func(p presence.Presence) bool { return q.sessions[p.Session].matched })
}

// show lets a ticket be matched, or not.
func (q *queue) show(t *ticket, pooled bool) {
	t.pooled = pooled
	t.class.show(t)
}

// exclude collects the tickets that t cannot be grouped with because of its players.
func (q *queue) exclude(t *ticket) {
	q.own = q.own[:0]
	for i := range t.Presences {
		if s := q.sessions[t.Presences[i].Session]; s != nil { // not of one who plays in a match that asks for more
			q.own = append(q.own, s.tickets...)
		}
	}
	if t.PartyID != "" {
		q.own = append(q.own, q.parties[t.PartyID]...)
	}
}

// find returns the group of a ticket, or nil. The error is the host's.
func (q *queue) find(t *ticket, full bool) ([]*ticket, error) {
	q.exclude(t)
	return q.finder.find(&q.pool, t, q.own, full)
}

// hungryFor returns the hungry tickets outside of a group that could be grouped with one inside, oldest first.
func (q *queue) hungryFor(group []*ticket) (hungry []*ticket) {
	f := &q.finder
	for _, t := range group {
		q.exclude(t)
		f.begin(t, false)
		f.hungry = true
		f.collect(&q.pool, q.own, f.most(t))
		for _, c := range f.candidates {
			if !slices.Contains(group, c.ticket) {
				hungry = append(hungry, c.ticket)
			}
		}
	}
	slices.SortFunc(hungry, byAge)
	return slices.Compact(hungry)
}

// replace gives a ticket that waits another form, without changing its place in the order.
func (q *queue) replace(t *ticket, next *Ticket, p plan) {
	pooled := t.pooled
	q.pool.leave(t)
	t.Ticket, t.plan, t.pooled = next, p, pooled
	q.pool.enter(t)
}

// hold keeps all tickets of all sessions of a group from being matched, until release.
func (q *queue) hold(g *group) {
	for _, t := range g.tickets {
		t.matched, t.heldIn = true, q.run
		q.show(t, false)
	}
	for i := range g.result.Entries {
		s := q.sessions[g.result.Entries[i].Presence.Session]
		s.matched = true
		for _, t := range s.tickets {
			q.show(t, false)
		}
	}
}

// release lets those tickets of a held group's sessions that are still there be matched again.
func (q *queue) release(g *group) {
	for _, t := range g.tickets {
		t.matched = false
		if t.backfill != nil && q.tickets[t.ID] == t {
			q.show(t, true)
		}
	}
	for i := range g.result.Entries {
		q.sessions[g.result.Entries[i].Presence.Session].matched = false
	}
	for i := range g.result.Entries {
		id := g.result.Entries[i].Presence.Session
		for _, t := range q.sessions[id].tickets {
			q.show(t, q.free(t))
		}
		q.forgetIfIdle(id)
	}
}
