package match

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// absence is a seat that is taken by somebody who is not a member at the moment.
type absence struct {
	who   presence.Presence
	until time.Time
	lost  int  // of a held seat: messages dropped
	stray bool // a member when the process before this one ended; the handler does not know yet
}

// Reserve keeps a seat for each of the users, for so long, or for none and fails. A reserved seat counts in the
// capacity and in nothing else. The next join of the user takes it, whatever its session; JoinAttempt is still asked.
// A reservation whose time is over is gone, without a Leave.
//
// Each user has one reservation: reserving again sets a new time, and a time of 0 or less gives the seat up. Sessions
// that are members are left out, and with a [Holder] all users who have a seat, held or not. ErrNotFound, ErrFull,
// ErrBusy, or ErrOwnTurn (see [Dispatcher.Reserve]).
func (r *Registry) Reserve(ctx context.Context, id ID, users []presence.Presence, keep time.Duration) error {
	_, err := r.ask(ctx, id, call{kind: callReserve, users: slices.Clone(users), span: keep})
	return err
}

// Reserve keeps a seat for each of the users as [Registry.Reserve] does, for all joins that follow in the order of
// calls. A JoinAttempt that gives the last seat away so refuses its player. ErrFull.
func (d *Dispatcher) Reserve(users []presence.Presence, keep time.Duration) error {
	if !d.m.inside {
		return ErrOutside
	}
	return d.m.reserve(users, d.m.r.source.Now(), keep)
}

// keep answers a call of Reserve.
func (m *match) keep(c *call) {
	now := m.r.source.Now()
	if c.waiter == nil {
		_ = m.reserve(c.users, now, c.span) // gives seats up, which cannot fail
		return
	}
	if !c.waiter.claimed.CompareAndSwap(false, true) {
		return // the caller has given up
	}
	users, until, before := c.users, now.Add(c.span), m.reserved
	err := m.reserve(users, now, c.span)
	if m.keeper == nil || err != nil || c.span <= 0 {
		m.answer(c.waiter, "", err)
		return
	}
	m.keeper.answer(c.waiter, "", nil, func() {
		m.giveBack(users, before, until)
		m.keeper.asked = true
	})
}

// giveBack undoes a reservation until some time of users whose reservations were others before.
func (m *match) giveBack(users []presence.Presence, before []absence, until time.Time) {
	for _, p := range users {
		i := m.reservation(p.User)
		if i < 0 || !m.reserved[i].until.Equal(until) {
			continue // it has been used, or renewed
		}
		was := slices.IndexFunc(before, func(a absence) bool { return a.who.User == p.User })
		if was >= 0 {
			m.reserved[i].until = before[was].until
		} else {
			m.unreserve(p.User, m.r.source.Now())
		}
	}
}

// reserve keeps seats from now on for a span, for all users or none.
func (m *match) reserve(users []presence.Presence, now time.Time, span time.Duration) error {
	until := now.Add(span)
	if span <= 0 {
		for _, p := range users {
			m.unreserve(p.User, now)
		}
		return nil
	}
	reserved := slices.Clone(m.reserved)
	for _, p := range users {
		if _, seated := m.seatOf(p.User); seated || m.members[p.Session] != nil {
			continue
		}
		if i := slices.IndexFunc(reserved, func(a absence) bool { return a.who.User == p.User }); i >= 0 {
			reserved[i].until = until
		} else {
			reserved = append(reserved, absence{who: p, until: until})
		}
	}
	if more := len(reserved) - len(m.reserved); more > 0 && m.open() < more {
		return ErrFull
	}
	m.reserved = reserved
	m.recount(now)
	return nil
}

// unreserve ends the reservation of a user.
func (m *match) unreserve(user string, now time.Time) {
	if i := m.reservation(user); i >= 0 {
		m.reserved = slices.Delete(m.reserved, i, i+1)
		m.recount(now)
	}
}

// admits reports whether there is a seat for a user: one that is reserved, or an open one.
func (m *match) admits(user string) bool {
	return m.open() > 0 || m.reservation(user) >= 0
}

// reservation is the index in reserved of that of a user, or -1.
func (m *match) reservation(user string) int {
	return slices.IndexFunc(m.reserved, func(a absence) bool { return a.who.User == user })
}

// taken is how many seats are not free.
func (m *match) taken() int { return len(m.roster) + len(m.held) + len(m.reserved) }

// open is how many seats are free.
func (m *match) open() int {
	if m.set.Capacity == 0 {
		return math.MaxInt
	}
	return m.set.Capacity - m.taken()
}

// countSeats publishes how many seats are taken, and sets when the match ends for being empty.
func (m *match) countSeats(now time.Time) {
	taken := m.taken()
	m.size.Store(int32(len(m.roster)))
	m.seats.Store(int32(taken))
	switch {
	case taken > 0:
		m.closing = time.Time{}
	case m.closing.IsZero() && m.set.EmptyAfter > 0:
		m.closing = now.Add(m.set.EmptyAfter)
	}
}

// recount follows every change of the seats.
func (m *match) recount(now time.Time) {
	m.countSeats(now)
	m.r.index.note(m)
	if m.keeper != nil {
		m.keeper.dirty = true
	}
}

// expire frees the seats whose time is over.
func (m *match) expire(now time.Time) {
	if m.seats.Load() == m.size.Load() {
		return // neither reserved nor held
	}
	over := func(a absence) bool { return !now.Before(a.until) }
	if slices.ContainsFunc(m.reserved, over) {
		m.reserved = slices.DeleteFunc(m.reserved, over)
		m.recount(now)
	}
	for !m.over { // one at a time: a Leave may free others
		i := slices.IndexFunc(m.held, over)
		if i < 0 {
			return
		}
		m.release(i, HoldExpired, now)
	}
}

// nextExpiry is when expire has something to do, if that is before t; else t. Zero is never.
func (m *match) nextExpiry(t time.Time) time.Time {
	if m.seats.Load() == m.size.Load() {
		return t
	}
	for i := range m.reserved {
		t = earlier(t, m.reserved[i].until)
	}
	for i := range m.held {
		t = earlier(t, m.held[i].until)
	}
	return t
}

// enter makes p a member, who has lost so many messages before; a reservation of the user is used up.
func (m *match) enter(p presence.Presence, sink *Sink, lost int, now time.Time) {
	m.unwatch(p.Session, false)
	m.unreserve(p.User, now)
	m.seat(p, sink, lost, m.sentToAll())
	m.roster = append(m.roster, p)
	if sink != nil {
		m.bots++
	}
	m.regroup()
	m.recount(now)
}
