package match

import (
	"errors"
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// method is a callback of the handler.
type method uint8

const (
	onInit method = iota
	onJoinAttempt
	onJoin
	onLeave
	onLoop
	onTerminate
	onSignal
	onHold
	onReturn
	onSnapshot
	onRestore
)

func (c method) String() string {
	return [...]string{
		"Init", "JoinAttempt", "Join", "Leave", "Loop", "Terminate", "Signal", "Hold", "Return",
		"Snapshot", "Restore",
	}[c]
}

// answers reports whether an error of the callback is an answer to somebody. That of any other ends the match.
func (c method) answers() bool { return c == onJoinAttempt || c == onSignal || c == onReturn }

// join is the transaction: attempt, seat, reply, presence event. Join follows, see welcome.
func (m *match) join(c *call, now time.Time) {
	w, who := c.waiter, &c.join.Who
	if w.claimed.Load() {
		return // the caller has given up
	}
	if m.members[who.Session] != nil {
		if w.claimed.CompareAndSwap(false, true) {
			m.emit(c.join.Sink.close)
			m.accept(c, m.roster, true)
			m.flush()
			m.answer(w, "", nil)
		}
		return
	}
	if old, ok := m.seatOf(who.User); ok {
		m.takeBack(c, old, now)
		return
	}
	err := ErrFull
	if m.admits(who.User) {
		err = m.run(onJoinAttempt, func() error { return m.kind.joinAttempt(&m.ctx, &m.d, m.clock.at(now), m.state, who) })
		if err == nil && !m.admits(who.User) {
			err = ErrFull // JoinAttempt has reserved the seat for others
		}
	}
	if !w.claimed.CompareAndSwap(false, true) {
		return // given up while JoinAttempt ran: no seat, no trace
	}
	if err != nil || m.over {
		m.refuse(c, err)
		return
	}
	m.enter(who.Presence, c.join.Sink, 0, now)
	m.accept(c, m.roster[:len(m.roster)-1], false)
	m.meter.joins.Add(1)
	m.answer(w, "", nil)
	joined := []presence.Presence{who.Presence}
	m.announce(joined, nil, "")
	if m.r.hooks.Joined != nil {
		m.r.hooks.Joined(m.id, who.Presence)
	}
	m.joined = append(m.joined, who.Presence)
}

// welcome calls Join for all who have taken a seat since the last one. It comes before all else but a join: every other
// callback finds that all members have had their Join.
func (m *match) welcome(now time.Time) {
	if len(m.joined) == 0 || m.over {
		return
	}
	joined := m.joined
	m.joined = nil
	_ = m.run(onJoin, func() error { return m.kind.join(&m.ctx, &m.d, m.clock.at(now), m.state, joined) })
	clear(joined)
	m.joined = joined[:0]
}

// refuse answers a join that did not succeed.
func (m *match) refuse(c *call, err error) {
	err = refusal(err)
	m.meter.refused(err)
	if m.r.hooks.Refused != nil {
		m.r.hooks.Refused(m.id, c.join.Who.Presence, err)
	}
	m.answer(c.waiter, "", err)
}

// refusal is what the caller of a refused join learns. ErrEnd was for the match: a caller who is in a callback of
// another match must not end that one by passing it on.
func refusal(err error) error {
	switch {
	case err == nil:
		return ErrNotFound // let in, but the match has ended
	case errors.Is(err, ErrEnd):
		reject := &RejectError{}
		errors.As(err, &reject)
		return reject
	}
	return err
}

// emit does what others notice: at once, or when the turn has been stored.
func (m *match) emit(f func()) {
	if m.keeper != nil {
		m.keeper.park(f)
		return
	}
	f()
}

// emitSurely is emit for those who must learn also in a match that cannot be stored that they are in it no more.
func (m *match) emitSurely(f func()) {
	if m.keeper != nil {
		m.keeper.parkSurely(f)
		return
	}
	f()
}

// answer answers a call that the turn has claimed.
func (m *match) answer(w *waiter, reply string, err error) {
	if m.keeper != nil {
		m.keeper.answer(w, reply, err, nil)
		return
	}
	w.answer(reply, err)
}

// run runs one callback and all that follows from it: deferred messages, the flush, the label, kicks. It returns the
// callback's error; one that ends the match has done so.
func (m *match) run(c method, f func() error) error {
	if m.keeper != nil {
		m.keeper.dirty = true
	}
	panicked, err := m.timed(c, f)
	if m.acted {
		m.settle()
	}
	switch {
	case err == nil:
	case errors.Is(err, ErrEnd):
		m.end(nil)
	case panicked || !c.answers():
		m.end(err)
	}
	if m.acted && len(m.effects.kicks) > 0 {
		m.kick()
	}
	return err
}

// settle lets what the callback has done take effect, but for kicks: those come after the end, if it has ended the match.
func (m *match) settle() {
	e := &m.effects
	if m.returning == nil {
		m.sendDeferred()
	}
	if e.label != nil {
		m.label.Store(newLabel(*e.label, m.set.Every)) // before the flush: who hears of the change must find it listed
		m.r.index.note(m)
		e.label = nil
	}
	m.flush()
	m.acted = len(e.kicks) > 0 || len(e.deferred) > 0
}

// timed runs the callback and reports it if it was slow. The clock is read only for a hook that wants to know.
func (m *match) timed(c method, f func() error) (panicked bool, err error) {
	if m.r.hooks.Slow == nil {
		return m.protect(c, f)
	}
	began := m.r.source.Now()
	panicked, err = m.protect(c, f)
	if took := m.r.source.Now().Sub(began); took > m.set.slow() {
		m.r.hooks.Slow(m.id, c.String(), took)
	}
	return panicked, err
}

// protect turns a panic of the callback into an error. Whether it was one is told apart, because a callback may return
// the error of another match.
func (m *match) protect(c method, f func() error) (panicked bool, err error) {
	m.inside = true
	defer func() {
		m.inside = false
		if v := recover(); v != nil {
			panicked, err = true, newPanic(c, v)
		}
	}()
	return false, f()
}

// kick removes those whom the callback wanted removed. Their Leave may kick others in turn.
func (m *match) kick() {
	sessions := m.effects.kicks
	m.effects.kicks = nil
	if m.over {
		return
	}
	now := m.r.source.Now()
	m.welcome(now)
	for _, session := range sessions {
		if !m.over {
			m.depart(session, Kicked, now)
		}
	}
}

// sendDeferred delivers what was deferred, to those who are members now: while a player returns that may change.
func (m *match) sendDeferred() {
	e := &m.effects
	for _, l := range e.deferred {
		l.to = slices.DeleteFunc(l.to, func(p presence.Presence) bool { return m.members[p.Session] == nil })
		m.deliver(l.Outgoing, l.to, l.all)
	}
	clear(e.deferred)
	e.deferred = e.deferred[:0]
}

// effects are what callbacks have done and the turn has still to see to.
type effects struct {
	toAll    bool                // all members got something since the last Flush
	touched  []presence.Presence // or just these
	gone     []presence.Presence // and these, who are no members
	deferred []later
	label    *string  // the new one, if not nil
	kicks    []string // sessions to remove after the callback
}

// act is the effects, for one to be added.
func (m *match) act() *effects {
	m.acted = true
	return &m.effects
}

// later is a deferred message and those it is for.
type later struct {
	Outgoing
	to  []presence.Presence
	all bool
}

// toEverybody reports whether a message is for all members, whoever they are.
func (o *Outgoing) toEverybody() bool { return o.To == nil && len(o.Except) == 0 }

// isFor reports whether a message is for p, once p is a member.
func (o *Outgoing) isFor(p presence.Presence) bool {
	same := func(e presence.Presence) bool { return e.Session == p.Session }
	return (o.To == nil || slices.ContainsFunc(o.To, same)) && !slices.ContainsFunc(o.Except, same)
}
