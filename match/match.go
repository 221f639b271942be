package match

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// match is one running match: a mailbox, and a state machine whose turns empty it. All fields below the mailbox
// belong to the turn, but for those that never change and the atomic ones.
type match struct {
	mailbox

	id      ID
	name    string
	r       *Registry
	seq     uint64 // the order of creation
	created time.Time
	handle  tick.Handle
	size    atomic.Int32
	label   atomic.Pointer[label]
	waits   *match // the match whose answer this one's turn waits for; guarded by the registry's waits lock

	set   Settings
	cb    callbacks
	ctx   turnContext
	d     Dispatcher
	clock schedule

	roster   []presence.Presence // members in the order they joined
	inside   bool                // a callback runs
	toAll    bool                // all members got something since the last Flush
	touched  []presence.Presence // or just these
	gone     []presence.Presence // and these, who are members no more
	deferred []later
	kicks    []string // sessions to remove after the callback
	newLabel *string
	scratch  []presence.Presence // recipients of a message to some
	calls    []call              // spare for the mailbox
	batch    []Message           // spare for the mailbox

	begun       bool // the first turn has come
	terminating bool
	deadline    time.Time // when the grace is over
	emptySince  time.Time
	cause       error // why the match has ended
	over        bool
}

// Turn implements tick.Task: calls first, in order, then the tick if one is due.
func (m *match) Turn(now time.Time) time.Time {
	if m.over {
		return time.Time{}
	}
	if !m.begun {
		m.begun = true
		if m.r.hooks.Created != nil {
			m.r.hooks.Created(m.info())
		}
	}
	calls := m.take(m.calls)
	for i := range calls {
		if m.over {
			calls[i].refuse()
			continue
		}
		m.do(&calls[i], now)
	}
	if len(calls) > 0 {
		m.handled()
		clear(calls)
	}
	m.calls = calls[:0]
	if !m.over {
		m.advance(now)
	}
	if m.over {
		m.finish()
		return time.Time{}
	}
	m.clock.work += m.r.source.Now().Sub(now)
	return m.next()
}

// advance does what time asks for.
func (m *match) advance(now time.Time) {
	due := !now.Before(m.clock.due)
	switch {
	case m.terminating && !now.Before(m.deadline):
		m.end(ErrStopped)
	case m.set.EmptyAfter > 0 && len(m.roster) == 0 && now.Sub(m.emptySince) >= m.set.EmptyAfter:
		m.end(ErrEmpty)
	case !due:
	case m.clock.settle() && m.set.Overrun == CatchUp:
		m.end(ErrBehind)
	default:
		m.loop(now)
	}
}

// next is when the match wants its next turn if nobody wakes it.
func (m *match) next() time.Time {
	next := m.clock.due
	if m.terminating && m.deadline.Before(next) {
		next = m.deadline
	}
	if m.set.EmptyAfter > 0 && len(m.roster) == 0 {
		if end := m.emptySince.Add(m.set.EmptyAfter); end.Before(next) {
			next = end
		}
	}
	return next
}

// loop runs one tick.
func (m *match) loop(now time.Time) {
	t := m.clock.begin(now)
	in, overflow := m.collect(m.batch)
	if overflow > 0 {
		m.r.log.Warn("inbox full, messages dropped", "match", m.id, "handler", m.name, "dropped", overflow)
	}
	m.run("Loop", func() error { return m.cb.loop(&m.ctx, &m.d, t, in) })
	if in != nil {
		clear(in)
		m.batch = in[:0]
	}
}

// do handles one call.
func (m *match) do(c *call, now time.Time) {
	switch c.kind {
	case callJoin:
		m.join(c, now)
	case callLeave:
		m.depart(c.session, c.reason, now)
	case callSignal:
		m.signal(c, now)
	case callEnd:
		m.terminate(c.grace, now)
	}
}

// refuse answers a call that the match did not live to handle.
func (c *call) refuse() {
	if c.waiter != nil && c.waiter.claimed.CompareAndSwap(false, true) {
		c.waiter.answer("", ErrNotFound)
	}
}

func (m *match) signal(c *call, now time.Time) {
	if !c.waiter.claimed.CompareAndSwap(false, true) {
		return // the caller has given up
	}
	var reply string
	err := m.run("Signal", func() (err error) {
		reply, err = m.cb.signal(&m.ctx, &m.d, m.clock.at(now), c.data)
		return err
	})
	if errors.Is(err, ErrEnd) {
		err = nil // that was for the match; its caller has an answer
	}
	c.waiter.answer(reply, err)
}

func (m *match) terminate(grace time.Duration, now time.Time) {
	if grace <= 0 {
		m.end(ErrStopped)
		return
	}
	deadline := now.Add(grace)
	if m.terminating {
		if deadline.Before(m.deadline) {
			m.deadline = deadline
		}
		return
	}
	m.terminating, m.deadline = true, deadline
	m.run("Terminate", func() error { return m.cb.terminate(&m.ctx, &m.d, m.clock.at(now), grace) })
}

// depart removes a member.
func (m *match) depart(session string, why Reason, now time.Time) {
	gone := m.unseat(session)
	if gone == nil {
		return
	}
	m.roster = slices.DeleteFunc(m.roster, func(p presence.Presence) bool { return p.Session == session })
	m.size.Store(int32(len(m.roster)))
	if len(m.roster) == 0 {
		m.emptySince = now
	}
	left := []presence.Presence{gone.Presence}
	m.announce(nil, left)
	if why == Kicked {
		// Who asked to leave, or has no connection any more, is not told; who was kicked must be.
		m.r.out.MatchPresence(m.id, left, nil, left)
		m.gone = append(m.gone, gone.Presence)
	}
	d := Departure{Presence: gone.Presence, Reason: why, Dropped: gone.lost}
	if m.r.hooks.Left != nil {
		m.r.hooks.Left(m.id, d)
	}
	m.run("Leave", func() error { return m.cb.leave(&m.ctx, &m.d, m.clock.at(now), []Departure{d}) })
}

// finish ends a match whose over is set: members are told, callers answered, and nothing is called again.
func (m *match) finish() {
	for _, c := range m.close() {
		c.refuse()
	}
	m.r.unlist(m)
	if len(m.roster) > 0 {
		m.r.out.MatchEnded(m.id, m.roster, m.cause)
		m.toAll = true
		m.flush()
	}
	info := m.info()
	m.size.Store(0)
	m.ctx.cancel()
	m.handle.Remove()
	m.r.ended(info, m.roster, m.cause)
	m.r.done()
}

// end makes this turn the last one; the first cause counts.
func (m *match) end(cause error) {
	if !m.over {
		m.over, m.cause = true, cause
	}
}
