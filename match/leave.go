package match

import (
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// depart removes a member.
func (m *match) depart(session string, why Reason, now time.Time) {
	gone := m.remove(session)
	if gone == nil {
		if i := m.holding(session); i >= 0 {
			m.release(i, why, now)
		} else {
			m.unwatch(session, why == Kicked)
			m.flush()
		}
		return
	}
	m.exit(gone)
	held := why == Disconnected && m.kind.holds()
	if held {
		m.held = append(m.held, absence{who: gone.Presence, lost: gone.lost})
	}
	m.recount(now)
	left := []presence.Presence{gone.Presence}
	m.announce(nil, left, "")
	if why == Kicked {
		m.r.log.Debug("member kicked", "match", m.id, "handler", m.name, "user", gone.User, "session", gone.Session)
		m.dismiss(gone.Presence, gone.sink)
	} else {
		m.emitSurely(gone.sink.close) // who asked to leave, or has no connection any more, is not told
	}
	d := Departure{Presence: gone.Presence, Reason: why, Dropped: gone.lost}
	if held {
		m.hold(d, now)
	} else {
		m.left(d, now)
	}
}

// left tells of a member who has gone for good.
func (m *match) left(d Departure, now time.Time) {
	if m.r.hooks.Left != nil {
		m.r.hooks.Left(m.id, d)
	}
	_ = m.run(onLeave, func() error { return m.kind.leave(&m.ctx, &m.d, m.clock.at(now), m.state, []Departure{d}) })
}

// remove takes away the seat of a member, if it is one, with the input it left behind.
func (m *match) remove(session string) *member {
	gone, left := m.unseat(session)
	if left > 0 && m.r.hooks.Dropped != nil {
		m.r.hooks.Dropped(m.id, gone.Presence, DropLeft, left)
	}
	return gone
}

// dismiss tells somebody that it is in the match no more.
func (m *match) dismiss(p presence.Presence, sink *Sink) {
	self := []presence.Presence{p}
	if sink != nil {
		m.emitSurely(func() { sink.last(Event{Kind: PresenceEvent, Left: self}) })
		return
	}
	m.emitSurely(func() { m.r.out.MatchPresence(m.id, self, nil, self) })
	e := m.act()
	e.gone = append(e.gone, p)
}

// disown takes the seat, or the place to watch from, of one who never learns that it was there. Its sink is its own again.
func (m *match) disown(q *JoinRequest) {
	session := q.Who.Session
	if i := m.spectator(session); i >= 0 {
		m.gallery.spectators[i].sink = nil
		m.unwatch(session, false)
		return
	}
	gone := m.remove(session)
	if gone == nil {
		return // it left in the same turn
	}
	m.exit(gone)
	m.recount(m.r.source.Now())
	if m.r.hooks.Left != nil {
		m.r.hooks.Left(m.id, Departure{Presence: gone.Presence, Reason: Disconnected, Dropped: gone.lost})
	}
}

// exit takes a member who has been unseated out of the roster. A recount must follow.
func (m *match) exit(gone *member) {
	m.roster = slices.DeleteFunc(m.roster, func(p presence.Presence) bool { return p.Session == gone.Session })
	if gone.sink != nil {
		m.bots--
	}
	m.regroup()
}

// finish ends a match whose over is set: members are told, callers answered, and no callback is called again. To linger
// is all that is left.
func (m *match) finish() {
	calls := m.close()
	m.r.unlist(m)
	for i := range calls {
		calls[i].refuse()
	}
	if to := m.everybody(); len(to) > 0 && (m.keeper == nil || !m.keeper.suspended) {
		m.out.MatchEnded(m.id, to, m.cause)
		m.act().toAll = true
		m.flush()
	}
	if m.gallery != nil {
		m.hearEnd()
	}
	info := m.info()
	m.size.Store(0)
	m.seats.Store(0)
	roster := slices.Clip(m.roster)
	for _, a := range m.held {
		roster = append(roster, a.who)
	}
	m.r.reportEnd(info, roster, m.cause)
	m.ctx.cancel() // last: who waits for the end may count on all of the above
}

// end makes this turn the last one; the first cause counts.
func (m *match) end(cause error) {
	if !m.over {
		m.over, m.cause = true, cause
	}
}
