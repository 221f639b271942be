package match

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// ErrNoSpectators means that the match does not let anybody watch.
var ErrNoSpectators = errors.New("match: no spectators")

// Watch lets a session watch a match. A spectator receives what goes to all: presence events, the end, and messages that
// name neither recipients nor exceptions. It takes no seat and is in no list of members; it cannot send, and no callback
// tells of it. With a delay it receives everything so much later, from the moment it came; if the match ends meanwhile
// the rest follows in its time. q is that of Join: Accepted comes before anything else, Meta is not read.
//
// Leave and Kick end it. A session that is a member or watches already is accepted again, and nothing changes; a
// spectator who joins is one no more. ErrNotFound, ErrNoSpectators or ErrFull (see Settings.Spectators), ErrBusy,
// ErrNoSession, ErrSinkUsed, ErrOwnTurn.
func (r *Registry) Watch(ctx context.Context, q JoinRequest, delay time.Duration) error {
	return r.admit(ctx, call{kind: callWatch, join: &q, span: max(0, delay)})
}

// gallery is what a match has besides members with a socket: those who have a sink, and spectators. Most matches have
// none of them, and no gallery.
type gallery struct {
	spectators []*spectator
	wired      []presence.Presence // those with a socket, whom what goes to all is for at once: members, then spectators
	sinks      []outlet            // and those with a sink
	delays     []*delay            // and what the others have still to receive
}

// spectator is a session that watches.
type spectator struct {
	presence.Presence
	sink  *Sink
	delay time.Duration
	since int // the number of the first event that it receives, if delayed
}

// outlet is a sink and the session whose it is.
type outlet struct {
	session string
	sink    *Sink
}

// delay is what spectators with the same delay have still to receive.
type delay struct {
	span   time.Duration
	first  int // number of events[0]
	events []timed
}

// timed is an event and when it is due.
type timed struct {
	Event
	due time.Time
}

// watch answers a call of Watch.
func (m *match) watch(c *call, now time.Time) {
	if !c.waiter.claimed.CompareAndSwap(false, true) {
		return // the caller has given up
	}
	who := c.join.Who.Presence
	count := 0
	if m.gallery != nil {
		count = len(m.gallery.spectators)
	}
	again := m.members[who.Session] != nil || m.spectator(who.Session) >= 0
	switch limit := m.set.Spectators; {
	case again:
		m.emit(c.join.Sink.close)
	case limit < 0:
		m.answer(c.waiter, "", ErrNoSpectators)
		return
	case limit > 0 && count == limit:
		m.answer(c.waiter, "", ErrFull)
		return
	}
	m.accept(c, m.roster, again)
	if !again {
		m.addSpectator(&spectator{Presence: who, sink: c.join.Sink, delay: c.span})
	}
	m.flush()
	m.answer(c.waiter, "", nil)
}

func (m *match) addSpectator(s *spectator) {
	m.setWatching(s.Session, true)
	m.spectators.Add(1)
	if m.gallery == nil {
		m.gallery = &gallery{}
	}
	g := m.gallery
	g.spectators = append(g.spectators, s)
	if s.delay > 0 {
		d := g.delayOf(s.delay)
		m.emit(func() { s.since = d.first + len(d.events) })
	}
	m.regroup()
}

// delayOf finds or makes the queue for a delay.
func (g *gallery) delayOf(span time.Duration) *delay {
	i := slices.IndexFunc(g.delays, func(d *delay) bool { return d.span == span })
	if i < 0 {
		i = len(g.delays)
		g.delays = append(g.delays, &delay{span: span})
	}
	return g.delays[i]
}

// spectator is the index of the one with this session, or -1.
func (m *match) spectator(session string) int {
	if m.gallery == nil {
		return -1
	}
	return slices.IndexFunc(m.gallery.spectators, func(s *spectator) bool { return s.Session == session })
}

// unwatch ends the watching of a session, if it does. Who was kicked is told.
func (m *match) unwatch(session string, kicked bool) {
	i := m.spectator(session)
	if i < 0 {
		return
	}
	g := m.gallery
	s := g.spectators[i]
	g.spectators = slices.Delete(g.spectators, i, i+1)
	g.delays = slices.DeleteFunc(g.delays, func(d *delay) bool {
		return !slices.ContainsFunc(g.spectators, func(s *spectator) bool { return s.delay == d.span })
	})
	m.setWatching(session, false)
	m.spectators.Add(-1)
	if kicked {
		m.dismiss(s.Presence, s.sink)
	} else {
		s.sink.close()
	}
	m.regroup()
}

// regroup follows every change of who is in the match: it sorts those whom something goes to by how they receive it.
func (m *match) regroup() {
	if m.gallery == nil && m.bots == 0 {
		return
	}
	if m.gallery == nil {
		m.gallery = &gallery{}
	}
	g := m.gallery
	if m.bots == 0 && len(g.spectators) == 0 {
		m.gallery = nil
		return
	}
	g.wired, g.sinks = g.wired[:0], g.sinks[:0]
	for _, p := range m.roster {
		g.add(p, m.members[p.Session].sink)
	}
	for _, s := range g.spectators {
		if s.delay == 0 {
			g.add(s.Presence, s.sink)
		}
	}
}

func (g *gallery) add(p presence.Presence, sink *Sink) {
	if sink != nil {
		g.sinks = append(g.sinks, outlet{p.Session, sink})
	} else {
		g.wired = append(g.wired, p)
	}
}

// hear gives an event that is for all, but perhaps one session, to those who are not at the outbox now.
func (m *match) hear(e Event, but string) {
	for _, o := range m.gallery.sinks {
		if o.session != but {
			m.pour(o, e)
		}
	}
	if len(m.gallery.delays) == 0 {
		return
	}
	now := m.r.source.Now()
	for _, d := range m.gallery.delays {
		if m.keeper != nil { // and not by emit, which would cost all others an allocation
			m.keeper.park(func() { d.events = append(d.events, timed{e, now.Add(d.span)}) })
			continue
		}
		d.events = append(d.events, timed{e, now.Add(d.span)})
	}
}

// hearMessage is hear for a message, whose data is the sender's.
func (m *match) hearMessage(o Outgoing) {
	if len(m.gallery.sinks)+len(m.gallery.delays) > 0 {
		o.Data = slices.Clone(o.Data)
		m.sent(len(m.gallery.sinks), len(o.Data))
		m.hear(Event{Kind: DataEvent, Data: o}, "")
	}
}

// hearEnd is hear for the last event.
func (m *match) hearEnd() {
	for _, o := range m.gallery.sinks {
		o.sink.last(Event{Kind: EndedEvent, Err: m.cause})
	}
	m.gallery.sinks = m.gallery.sinks[:0]
	m.hear(Event{Kind: EndedEvent, Err: m.cause}, "")
}

// pour gives an event to a sink. The owner of one that takes no more leaves, as who has lost the connection does.
func (m *match) pour(o outlet, e Event) {
	if m.keeper != nil {
		m.keeper.park(func() { m.fill(o, e) })
		return
	}
	m.fill(o, e)
}

func (m *match) fill(o outlet, e Event) {
	if !o.sink.put(e) {
		_ = m.post(call{kind: callLeave, session: o.session, reason: Disconnected}) // may be leaving already
		m.handle.Wake()
	}
}

// replay sends what is due, or all, to the spectators who receive it late.
func (m *match) replay(now time.Time, all bool) {
	for _, d := range m.gallery.delays {
		n := 0
		for n < len(d.events) && (all || !now.Before(d.events[n].due)) {
			m.replayEvent(d, n)
			n++
		}
		if n == 0 {
			continue
		}
		d.events = slices.Delete(d.events, 0, n)
		d.first += n
		if to := m.late(d, d.first); len(to) > 0 {
			m.out.Flush(m.id, to)
		}
	}
}

// replayEvent sends one event of a delay to those who were there when it came.
func (m *match) replayEvent(d *delay, i int) {
	e, n := d.events[i].Event, d.first+i
	for _, s := range m.gallery.spectators {
		switch {
		case s.sink == nil || s.delay != d.span || s.since > n:
		case e.Kind == EndedEvent:
			s.sink.last(e)
		default:
			m.pour(outlet{s.Session, s.sink}, e)
		}
	}
	to := m.late(d, n)
	switch {
	case len(to) == 0:
	case e.Kind == DataEvent:
		m.sent(len(to), len(e.Data.Data))
		m.out.MatchData(m.id, to, e.Data)
	case e.Kind == PresenceEvent:
		m.out.MatchPresence(m.id, to, e.Joined, e.Left)
	case e.Kind == EndedEvent:
		m.out.MatchEnded(m.id, to, e.Err)
	}
}

// late are the spectators with a socket who receive event n of a delay; valid until the next call.
func (m *match) late(d *delay, n int) []presence.Presence {
	m.scratch = m.scratch[:0]
	for _, s := range m.gallery.spectators {
		if s.sink == nil && s.delay == d.span && s.since <= n {
			m.scratch = append(m.scratch, s.Presence)
		}
	}
	return m.scratch
}

// nextReplay is when replay has something to do, if that is before t; else t. Zero is never.
func (m *match) nextReplay(t time.Time) time.Time {
	if m.gallery == nil {
		return t
	}
	for _, d := range m.gallery.delays {
		if len(d.events) > 0 {
			t = earlier(t, d.events[0].due)
		}
	}
	return t
}

// linger is a turn of a match that has ended: spectators with a delay see it to its end. Nobody waits for that when the
// registry stops.
func (m *match) linger(now time.Time) time.Time {
	calls := m.take(nil)
	for i := range calls {
		m.unwatch(calls[i].session, calls[i].reason == Kicked) // nothing else can be posted
	}
	m.handled()
	m.flush()
	if m.gallery != nil {
		m.replay(now, m.r.stopping())
	}
	next := m.nextReplay(time.Time{})
	if next.IsZero() {
		m.handle.Remove()
		m.r.done(m)
	}
	return next
}
