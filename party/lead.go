package party

import (
	"slices"

	"github.com/shoal-go/shoal/presence"
)

// Call says who wants something of which party.
type Call struct {
	ID      ID
	Session string // who asks
	// Accepted is called once if the call succeeds, before anything that follows from it is told: it is the place to
	// queue the reply. It must neither block nor call the Parties. nil means that nobody is told.
	Accepted func()
}

func (c *Call) accepted() {
	if c.Accepted != nil {
		c.Accepted()
	}
}

// Send brings data to all other members; it is not kept. Only members may. The error Is ErrNotFound or ErrNotMember.
func (p *Parties) Send(c Call, op int64, data []byte) error {
	g, err := p.enter(c.ID)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	from, ok := g.member(c.Session)
	if !ok {
		return ErrNotMember
	}
	c.accepted()
	p.tell(g, g.members.AppendOthers(nil, c.Session), Data{from, op, data})
	return nil
}

// Requests gives the leader the list of those who have asked to join, oldest first; it is valid during the call of
// accepted only, for which Call.Accepted is the rule. The error Is ErrNotFound or ErrNotLeader.
func (p *Parties) Requests(id ID, session string, accepted func(pending []presence.Presence)) error {
	g, err := p.led(id, session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	accepted(slices.Clip(g.pending))
	return nil
}

// Accept makes somebody a member who has asked to join; who is named by user, session and username. Only the leader may.
// The error Is ErrNotFound, ErrNotLeader, ErrRequestNotFound or ErrFull.
func (p *Parties) Accept(c Call, who presence.Presence) error {
	g, err := p.led(c.ID, c.Session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.pending, func(w presence.Presence) bool { return same(w, who) })
	if i < 0 {
		return ErrRequestNotFound
	}
	if g.full() {
		return ErrFull
	}
	who = g.pending[i] // with its node
	g.pending = slices.Delete(g.pending, i, i+1)
	p.note(who.Session, place{g.id, true}) // in the place of the request: there is room
	c.accepted()
	p.admit(g, who)
	return nil
}

// Remove takes a member out, who is told that it is over, or turns a request to join down, of which nobody is told; who
// is named by user, session and username. Only the leader may, and not remove itself. The error Is ErrNotFound,
// ErrNotLeader, ErrRemoveSelf or ErrNotMember.
func (p *Parties) Remove(c Call, who presence.Presence) error {
	g, err := p.led(c.ID, c.Session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	if i := g.request(who.Session); i >= 0 && same(g.pending[i], who) {
		g.drop(who.Session)
		p.forget(who.Session, g.id)
		c.accepted()
		return nil
	}
	member, ok := g.member(who.Session)
	switch {
	case !ok || !same(member, who):
		return ErrNotMember
	case member == g.leader:
		return ErrRemoveSelf
	}
	c.accepted()
	p.tell(g, []presence.Presence{member}, Closed{})
	p.part(g, member)
	return nil
}

// Promote makes another member the leader; who is named by user, session and username. Only the leader may. The error Is
// ErrNotFound, ErrNotLeader or ErrNotMember.
func (p *Parties) Promote(c Call, who presence.Presence) error {
	g, err := p.led(c.ID, c.Session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	member, ok := g.member(who.Session)
	if !ok || !same(member, who) {
		return ErrNotMember
	}
	g.leader = member
	c.accepted()
	p.tell(g, g.members.All(), Leader{member})
	p.c.Hooks.led(g.id, member)
	return nil
}

// Update changes the settings; all of them are given. Only the leader may. The error Is ErrNotFound, ErrNotLeader,
// ErrHiddenLabel, if the party is to be hidden and have a label, ErrLabelTooLong or ErrLabel.
func (p *Parties) Update(c Call, s Settings) error {
	g, err := p.led(c.ID, c.Session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	if s.Hidden && s.Label != "" {
		return ErrHiddenLabel
	}
	if err := g.show(s, p.c.Node); err != nil {
		return err
	}
	c.accepted()
	p.tell(g, g.members.All(), Updated{g.shown.Load().Settings})
	return nil
}

// Close ends a party. All members are told that it is over, without events for each that goes. Only the leader may. The
// error Is ErrNotFound or ErrNotLeader.
func (p *Parties) Close(c Call) error {
	g, err := p.led(c.ID, c.Session)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	c.accepted()
	gone := slices.Clone(g.members.All())
	p.dequeue(g)
	p.tell(g, gone, Closed{})
	for _, who := range gone {
		g.members.Leave(who.Session)
		p.forget(who.Session, g.id)
	}
	g.size.Store(0)
	p.end(g)
	for _, who := range gone {
		p.c.Hooks.left(g.id, who)
	}
	p.c.Hooks.ended(g.id)
	return nil
}
