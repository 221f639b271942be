package matchmaker

import (
	"context"
	"log/slog"
	"sync"
)

// Matchmaker holds the tickets that wait. It is safe for concurrent use, but the Outbox, the Hooks and Accepted functions
// must not call it. Config.Matched and Config.Reserve may.
//
// Tickets may be added before Run, but without Run only the search on arrival forms groups.
type Matchmaker struct {
	cfg     Config
	ctx     context.Context // of Config.Matched and Config.Reserve
	cancel  context.CancelFunc
	placing sync.WaitGroup // groups that Matched works on

	mu      sync.Mutex
	queue   queue
	figures figures
	pending []*group // that nobody works on yet
	placers int      // goroutines that place groups
}

// New makes a Matchmaker without tickets. It fails if the Config is wrong.
func New(c Config) (*Matchmaker, error) {
	c, err := c.filled()
	if err != nil {
		return nil, err
	}
	m := &Matchmaker{cfg: c, queue: newQueue(c), figures: newFigures(c.Pool)}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m, nil
}

// Add makes a ticket and returns its id. A full group of it and others, if there is one, is formed before Add returns,
// and told too if Config.Matched is nil. A party that is a full group by itself waits for the next run, so that its
// leader can take the ticket back.
//
// The error Is one of ErrMinCount, ErrMaxCount, ErrCountMultiple, ErrMinMultiple, ErrMaxMultiple, ErrQuery,
// ErrNoPresence, ErrPartyTooLarge and ErrDuplicateSession if the request will stay wrong, ErrTooManyTickets if a
// session or the party waits with Config.MaxTickets tickets, or ErrStopped if Run has stopped.
//
// Once RemoveSession was called for a session it must not be added again: nobody would remove its tickets.
func (m *Matchmaker) Add(r Request) (ticket string, err error) {
	t, err := newTicket(r)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.queue.add(t); err != nil {
		return "", err
	}
	m.figures.added(t)
	if r.Accepted != nil {
		r.Accepted(t.ID)
	}
	if m.cfg.Hooks.Added != nil {
		m.cfg.Hooks.Added(t.Ticket)
	}
	if t.pooled && !m.cfg.WaitForRun && t.size() < t.MaxCount {
		m.arrive(t)
	}
	return t.ID, nil
}

// Remove takes back a ticket that a session has made for itself. The error is ErrNotFound if there is no such ticket,
// if it is another's or a party's, or if it is too late: the ticket is in a group that is about to be told. Should that
// come to nothing, the ticket does not wait on.
func (m *Matchmaker) Remove(session, ticket string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.queue.tickets[ticket]
	if t == nil || t.PartyID != "" || !t.has(session) {
		return ErrNotFound
	}
	return m.takeBack(t)
}

// RemoveSession removes all tickets that a session is in, also those of its party: its connection is gone.
func (m *Matchmaker) RemoveSession(session string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.queue.ofSession(session) {
		m.remove(t, Disconnected)
	}
}

// RemovePartyTicket takes back one ticket of a party, whose leader wants it so. The error is ErrNotFound in the cases of
// Remove.
func (m *Matchmaker) RemovePartyTicket(partyID, ticket string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.queue.tickets[ticket]
	if t == nil || t.PartyID == "" || t.PartyID != partyID {
		return ErrNotFound
	}
	return m.takeBack(t)
}

// RemoveParty removes all tickets of a party: its members have changed, or it is over.
func (m *Matchmaker) RemoveParty(partyID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.queue.ofParty(partyID) {
		m.remove(t, PartyChanged)
	}
}

// remove forgets a ticket. The lock is held, as in all functions below.
func (m *Matchmaker) remove(t *ticket, why Reason) {
	m.queue.remove(t)
	if t.matched { // told to the hooks when it is known whether the group comes to something
		t.gone = why
		return
	}
	m.removed(t, why)
}

// takeBack removes a ticket because its owner wants it so. It may be too late.
func (m *Matchmaker) takeBack(t *ticket) error {
	m.remove(t, Cancelled)
	if t.matched {
		return ErrNotFound
	}
	return nil
}

func (m *Matchmaker) removed(t *ticket, why Reason) {
	m.figures.left(t, why)
	if m.cfg.Hooks.Removed != nil {
		m.cfg.Hooks.Removed(t.Ticket, why)
	}
}

// match looks for a group for a ticket and, if there is one, sets it on its way. It reports whether there is one.
func (m *Matchmaker) match(t *ticket, full bool) bool {
	tickets := m.find(t, full)
	if tickets != nil {
		m.start(tickets)
	}
	return tickets != nil
}

func (m *Matchmaker) find(t *ticket, full bool) []*ticket {
	tickets, err := m.queue.find(t, full)
	if err != nil {
		m.cfg.Logger.LogAttrs(m.ctx, slog.LevelError, "a group of the host's is not used", slog.Any("error", err))
	}
	if m.queue.finder.tired && tickets == nil && m.cfg.Hooks.GaveUp != nil {
		m.cfg.Hooks.GaveUp(t.Ticket)
	}
	return tickets
}

// start sets a group on its way.
func (m *Matchmaker) start(tickets []*ticket) {
	g := newGroup(tickets, m.cfg.Rating)
	m.queue.hold(g)
	if m.cfg.Matched == nil && g.backfill == nil {
		m.tell(g)
		return
	}
	m.dispatch(g)
}

// arrive looks for a full group for a new ticket. It takes nobody whom a hungry ticket needs, one that some runs have
// passed over although it allows fewer players than its MaxCount: that goes first.
func (m *Matchmaker) arrive(t *ticket) {
	m.queue.finder.renew()
	for t.pooled {
		tickets := m.find(t, true)
		if tickets == nil {
			return
		}
		if !m.feed(tickets) {
			m.start(tickets)
			return
		}
	}
}

// feed matches one hungry ticket that wants somebody of a group that is about to be formed without it, if it can be
// matched.
func (m *Matchmaker) feed(group []*ticket) bool {
	for _, t := range m.queue.hungryFor(group) {
		if m.queue.finder.work < 0 {
			break
		}
		if m.match(t, false) {
			return true
		}
	}
	return false
}
