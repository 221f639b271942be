package match

import (
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// accept tells the caller that it is in, before anything else can reach it.
func (m *match) accept(c *call, members []presence.Presence, again bool) {
	j := Joined{ID: m.id, Label: m.label.Load().text, Self: c.join.Who.Presence, Members: members, Again: again}
	switch {
	case m.keeper != nil:
		m.keeper.accept(c, j)
	case c.join.Accepted != nil:
		c.join.Accepted(j)
	default:
		return
	}
	if c.join.Sink == nil {
		m.touch(j.Self)
	}
}

// announce tells all who came and who went; all but one session, if that is not "".
func (m *match) announce(joined, left []presence.Presence, but string) {
	to := m.everybody()
	if m.gallery != nil {
		m.hear(Event{Kind: PresenceEvent, Joined: joined, Left: left}, but)
	}
	if but != "" {
		m.scratch = append(m.scratch[:0], to...)
		m.scratch = slices.DeleteFunc(m.scratch, func(p presence.Presence) bool { return p.Session == but })
		to = m.scratch
	}
	if len(to) > 0 {
		m.out.MatchPresence(m.id, to, joined, left)
		m.act().toAll = true
	}
}

// everybody are those at the outbox whom what goes to all is for.
func (m *match) everybody() []presence.Presence {
	if m.gallery == nil {
		return m.roster
	}
	return m.gallery.wired
}

// deliver gives a message to all, or to some members.
func (m *match) deliver(o Outgoing, to []presence.Presence, all bool) {
	o.To, o.Except = nil, nil
	if all {
		to = m.everybody()
		if len(to) > 0 {
			m.act().toAll = true
		}
		m.said.toAll.Messages++
		m.said.toAll.Bytes += uint64(len(o.Data))
		if m.gallery != nil {
			m.hearMessage(o)
		}
	} else {
		m.credit(to, len(o.Data))
		if m.bots > 0 {
			to = m.deliverToSinks(o, to)
		}
		for _, p := range to {
			m.touch(p)
		}
	}
	m.sent(len(to), len(o.Data))
	if len(to) > 0 {
		m.out.MatchData(m.id, to, o)
	}
}

// deliverToSinks gives a message to those members who have a sink, and returns the others, in the place of to.
func (m *match) deliverToSinks(o Outgoing, to []presence.Presence) []presence.Presence {
	data := o.Data
	o.Data = nil
	return slices.DeleteFunc(to, func(p presence.Presence) bool {
		sink := m.members[p.Session].sink
		if sink == nil {
			return false
		}
		if o.Data == nil {
			o.Data = slices.Clone(data)
		}
		m.pour(outlet{p.Session, sink}, Event{Kind: DataEvent, Data: o})
		m.sent(1, len(data))
		return true
	})
}

// recipients are the members that a message to some is for; valid until the next call.
func (m *match) recipients(o *Outgoing) []presence.Presence {
	from := o.To
	if from == nil {
		from = m.roster
	}
	m.scratch = m.scratch[:0]
	for _, p := range from {
		member := m.members[p.Session]
		if member == nil || slices.ContainsFunc(o.Except, func(e presence.Presence) bool { return e.Session == p.Session }) {
			continue
		}
		m.scratch = append(m.scratch, member.Presence)
	}
	return m.scratch
}

// tellDrops tells members about messages of theirs that were dropped.
func (m *match) tellDrops(now time.Time) {
	for _, t := range m.tellings(now) {
		switch {
		case t.to.sink != nil:
			m.pour(outlet{t.to.Session, t.to.sink}, Event{Kind: DroppedEvent, Dropped: t.dropped})
		case m.r.drops != nil:
			m.emit(func() { m.r.drops.MatchDropped(m.id, t.to.Presence, t.dropped) })
			m.touch(t.to.Presence)
		}
	}
}

// touch notes that p has something to be flushed.
func (m *match) touch(p presence.Presence) {
	switch member := m.members[p.Session]; {
	case member == nil: // a spectator
		e := m.act()
		e.gone = append(e.gone, p)
	case !member.touched && member.sink == nil:
		member.touched = true
		e := m.act()
		e.touched = append(e.touched, p)
	}
}

// flush lets everything sent so far leave.
func (m *match) flush() {
	e := &m.effects
	for _, p := range e.touched {
		m.members[p.Session].touched = false
	}
	switch {
	case e.toAll:
		m.out.Flush(m.id, m.everybody())
	case len(e.touched) > 0:
		m.out.Flush(m.id, e.touched)
	}
	if len(e.gone) > 0 {
		gone := slices.Clone(e.gone)
		m.emitSurely(func() { m.r.out.Flush(m.id, gone) })
	}
	e.toAll, e.touched, e.gone = false, e.touched[:0], e.gone[:0]
}
