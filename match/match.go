package match

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// match is one running match: a mailbox, and a state machine whose turns empty it. What belongs to the turn is used by
// nobody else.
//
// The order of the fields matters. With thousands of matches none of this is in a cache when its turn comes, so all that
// a turn without input touches comes first, up to the beginning of the mailbox, in as few lines of the cache as it can, and
// Warm looks at each of them. TestWarmLines says where they begin.
type match struct {
	label  atomic.Pointer[label]
	d      Dispatcher
	r      *Registry   // never changes
	kind   kind        // never changes
	handle tick.Handle // never changes
	state  any         // a *S; nil while the match of a Snapshotter sleeps

	size       atomic.Int32 // members
	seats      atomic.Int32 // that are taken
	spectators atomic.Int32

	// These, and the others without a comment that says otherwise, belong to the turn.
	acted       bool // something is in effects
	inside      bool // a callback runs
	begun       bool // the first turn has come
	asleep      bool // no ticks until there is input
	terminating bool
	over        bool
	keeper      *keeper             // nil if the match is not kept in a store
	gallery     *gallery            // nil if all members have a socket and nobody watches
	roster      []presence.Presence // members in the order they joined
	closing     time.Time           // when the match ends for being empty; zero if it is not, or may be
	tally       tally
	clock       schedule
	meter       meter
	bots        int // members with a sink

	mailbox

	said      said
	returning *presence.Presence  // who takes a seat back, while Return runs
	joined    []presence.Presence // members whose Join has not come yet
	scratch   []presence.Presence // recipients of a message to some
	calls     []call              // spare for the mailbox
	batch     []Message           // spare for the mailbox
	reserved  []absence           // seats of users who have not come yet
	held      []absence           // seats of players who may return
	effects   effects
	alarm     time.Time // when the sleep ends, if not zero
	deadline  time.Time // when the grace is over
	cause     error     // why the match has ended
	set       Settings

	// And these do not.
	id       ID
	name     string
	out      Outbox
	seq      uint64 // the order of creation
	created  time.Time
	noted    atomic.Bool // in the index
	unlisted atomic.Bool
	slot     int     // guarded by the lock of the index
	waits    blocker // what this one's turn waits for; guarded by Registry.waits
	ctx      turnContext
}

// Warm implements tick.Warmer.
func (m *match) Warm() {
	m.label.Load()
	m.seats.Load()
	m.clock.warm.Load()
	m.tally.warm.Load()
	m.meter.full.Load()
	m.meter.joins.Load()
	m.meter.no.Load()
	m.posted.Load()
}

// Turn implements tick.Task: calls first, in order, then the tick if one is due.
func (m *match) Turn(now time.Time) time.Time {
	if m.over && (m.keeper == nil || m.keeper.open) {
		return m.linger(now)
	}
	if !m.begun {
		m.begun = true
		if m.r.hooks.Created != nil {
			m.r.hooks.Created(m.info())
		}
	}
	if m.keeper != nil {
		if next, waits := m.keeper.begin(now); waits {
			return next
		}
	}
	if m.gallery != nil {
		m.replay(now, false)
	}
	called := m.posted.Load() // what is just being posted wakes the match
	if m.asleep {
		m.rouse(called, now)
	}
	if called {
		m.answerCalls(now)
	}
	m.tally.called = called
	if !m.over {
		m.advance(now)
	}
	if m.asleep && !m.over {
		m.rouse(false, now) // what came during the turn woke nobody
	}
	took := m.handle.Elapsed()
	m.count(took)
	m.clock.work += took
	if m.keeper == nil && !m.over {
		return m.next()
	}
	next := m.conclude(now)
	m.handle.Elapsed() // the next task's turn begins after all that
	return next
}

// conclude is what may take time after the turn proper: the snapshot, and the end.
func (m *match) conclude(now time.Time) time.Time {
	if m.keeper != nil && m.keeper.end() {
		return time.Time{} // woken when the store has done its part
	}
	if m.over {
		m.finish()
		return m.linger(now)
	}
	return m.next()
}

// answerCalls does what the mailbox holds, in order.
func (m *match) answerCalls(now time.Time) {
	calls := m.take(m.calls)
	for i := range calls {
		if m.over {
			calls[i].refuse()
			continue
		}
		if calls[i].kind != callJoin {
			m.welcome(now)
		}
		m.do(&calls[i], now)
	}
	m.welcome(now)
	m.handled()
	clear(calls)
	m.calls = calls[:0]
}

// advance does what time asks for.
func (m *match) advance(now time.Time) {
	m.expire(now)
	if m.over {
		return
	}
	due := !m.asleep && !now.Before(m.clock.due)
	switch {
	case m.terminating && !now.Before(m.deadline):
		m.end(ErrStopped)
	case !m.closing.IsZero() && !now.Before(m.closing):
		m.end(ErrEmpty)
	case !due:
	case m.clock.settle() && m.clock.overrun == CatchUp:
		m.end(m.clock.behind())
	default:
		m.loop(now)
	}
}

// next is when the match wants its next turn if nobody wakes it; zero is never.
func (m *match) next() time.Time {
	next := m.clock.due
	if m.asleep {
		next = m.alarm
	}
	next = m.nextReplay(m.nextExpiry(next))
	if m.terminating {
		next = earlier(next, m.deadline)
	}
	if !m.closing.IsZero() {
		next = earlier(next, m.closing)
	}
	return next
}

// earlier is the first of two moments; t may be zero, which is never.
func earlier(t, u time.Time) time.Time {
	if t.IsZero() || u.Before(t) {
		return u
	}
	return t
}

// rouse ends the sleep of the match if there is a reason: a call, a message, or the time.
func (m *match) rouse(called bool, now time.Time) {
	at := now
	switch {
	case called || !m.doze():
	case !m.alarm.IsZero() && !now.Before(m.alarm):
		at = m.alarm
	default:
		return
	}
	m.asleep = false
	m.clock.resume(at)
}

// loop runs one tick.
func (m *match) loop(now time.Time) {
	t := m.clock.begin(now)
	if t.Missed > 0 {
		m.leftOut(t.Missed)
	}
	in, overflow := m.collect(&m.batch)
	if overflow > 0 {
		m.r.log.Warn("inbox full, messages dropped", "match", m.id, "handler", m.name, "dropped", overflow)
	}
	began := now
	if m.tally.called || m.r.hooks.Tick != nil { // else the clock need not be read
		began = m.r.source.Now()
	}
	m.tally.ticked, m.tally.late, m.tally.before = true, now.Sub(t.Scheduled), began.Sub(now)
	if m.untold.Load() && m.set.TellDrops {
		m.tellDrops(now)
	}
	_ = m.run(onLoop, func() error { return m.kind.loop(&m.ctx, &m.d, t, m.state, in) })
	if m.r.hooks.Tick != nil {
		m.r.hooks.Tick(m.id, t, m.r.source.Now().Sub(began))
	}
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
	case callWatch:
		m.watch(c, now)
	case callLeave:
		m.depart(c.session, c.reason, now)
	case callSignal:
		m.signal(c, now)
	case callReserve:
		m.keep(c)
	case callEnd:
		m.terminate(c.span, now)
	case callSuspend:
		m.keeper.suspended = true
		m.end(ErrStopped)
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
	err := m.run(onSignal, func() (err error) {
		reply, err = m.kind.signal(&m.ctx, &m.d, m.clock.at(now), m.state, c.data)
		return err
	})
	if errors.Is(err, ErrEnd) {
		err = nil // that was for the match; its caller has an answer
	}
	m.answer(c.waiter, reply, err)
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
	_ = m.run(onTerminate, func() error { return m.kind.terminate(&m.ctx, &m.d, m.clock.at(now), m.state, grace) })
}
