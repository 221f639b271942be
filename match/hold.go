package match

import (
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// hold asks the handler how long it keeps the seat of a member whose session has ended.
func (m *match) hold(gone Departure, now time.Time) {
	var span time.Duration
	err := m.run(onHold, func() (err error) {
		span, err = m.kind.hold(&m.ctx, &m.d, m.clock.at(now), m.state, gone.Presence)
		return err
	})
	i := m.holding(gone.Session)
	switch {
	case i < 0 || err != nil: // Hold has kicked the player, or ended the match
	case span <= 0:
		m.release(i, Disconnected, now)
	default:
		m.held[i].until = now.Add(span)
		if m.r.hooks.Held != nil {
			m.r.hooks.Held(m.id, gone.Presence, span)
		}
	}
}

// release gives up the held seat with this index.
func (m *match) release(i int, why Reason, now time.Time) {
	a := m.held[i]
	m.held = slices.Delete(m.held, i, i+1)
	m.recount(now)
	m.left(Departure{Presence: a.who, Reason: why, Dropped: a.lost}, now)
}

// holding is the index in held of the seat of a session, or -1.
func (m *match) holding(session string) int {
	return slices.IndexFunc(m.held, func(a absence) bool { return a.who.Session == session })
}

// seatOf finds the one seat that a user has in the match of a Holder, held or not.
func (m *match) seatOf(user string) (p presence.Presence, ok bool) {
	if !m.kind.holds() {
		return p, false
	}
	for _, a := range m.held {
		if a.who.User == user {
			return a.who, true
		}
	}
	for _, p := range m.roster {
		if p.User == user {
			return p, true
		}
	}
	return p, false
}

// takeBack is the join of a user who has a seat: Return, reply, leave of the old session, join of the new one.
func (m *match) takeBack(c *call, old presence.Presence, now time.Time) {
	// The caller cannot give up from here on: what Return changes could not be changed back.
	if !c.waiter.claimed.CompareAndSwap(false, true) {
		return
	}
	m.welcome(now)
	who := c.join.Who.Presence
	m.returning = &who
	err := m.run(onReturn, func() error { return m.kind.takeBack(&m.ctx, &m.d, m.clock.at(now), m.state, old, who) })
	m.returning = nil
	if _, ok := m.seatOf(who.User); err == nil && !ok {
		err = ErrNotMember // Return has kicked the player
	}
	if err != nil || m.over {
		m.refuse(c, err)
	} else {
		m.swap(c, old, now)
	}
	m.sendDeferred()
	m.flush()
}

// swap moves a seat from an old session to that of the join c.
func (m *match) swap(c *call, old presence.Presence, now time.Time) {
	who, left := c.join.Who.Presence, []presence.Presence{old}
	var lost int
	var sink *Sink
	if i := m.holding(old.Session); i >= 0 {
		lost, left = m.held[i].lost, nil // the others have seen it leave
		m.held = slices.Delete(m.held, i, i+1)
	} else {
		gone := m.remove(old.Session)
		lost, sink = gone.lost, gone.sink
		m.exit(gone)
	}
	m.enter(who, c.join.Sink, lost, now)
	m.accept(c, m.roster[:len(m.roster)-1], false)
	m.answer(c.waiter, "", nil)
	if left != nil {
		m.announce(nil, left, who.Session)
		m.dismiss(old, sink)
	}
	m.announce([]presence.Presence{who}, nil, "")
	if m.r.hooks.Left != nil {
		m.r.hooks.Left(m.id, Departure{Presence: old, Reason: Displaced})
	}
	if m.r.hooks.Joined != nil {
		m.r.hooks.Joined(m.id, who)
	}
}
