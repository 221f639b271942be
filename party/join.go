package party

import (
	"slices"

	"github.com/shoal-go/shoal/presence"
)

// CreateRequest asks for a party to lead.
type CreateRequest struct {
	Who     presence.Presence
	MaxSize int // members, 1 to 256
	Settings
	// Accepted is called once if the request succeeds, before any event of the party goes to Who: it is the place to
	// queue the reply. It must neither block nor call the Parties. nil means that nobody is told.
	Accepted func(State)
}

// JoinRequest asks to be in a party.
type JoinRequest struct {
	ID  ID
	Who presence.Presence
	// Accepted is called once if the request succeeds, as in CreateRequest; who is in at once is told more by a Welcome.
	Accepted func()
}

// Create makes a party with one member, its leader, and returns its id. The error Is ErrMaxSize, ErrLabelTooLong,
// ErrLabel or ErrTooMany.
//
// Once LeaveAll was called for a session it must neither create nor join a party: nobody would remove it.
func (p *Parties) Create(r CreateRequest) (ID, error) {
	if r.MaxSize < 1 || r.MaxSize > MaxSize {
		return "", ErrMaxSize
	}
	g, err := p.open(r)
	if err != nil {
		return "", err
	}
	defer g.mu.Unlock()
	g.leader = r.Who
	g.add(r.Who)
	if r.Accepted != nil {
		r.Accepted(g.state(r.Who))
	}
	p.c.Hooks.created(g.id)
	p.joined(g, r.Who)
	return g.id, nil
}

// Join makes a session a member of an open party, or asks the leader of a closed one. in tells which of the two: whether
// it is a member now. To join an open party again changes nothing.
//
// The error Is ErrNotFound, ErrFull or ErrTooMany; of a closed party also ErrAlreadyMember, ErrAlreadyAsked, if the user
// has asked with this session or another, and ErrTooManyRequests, if as many wait as the party can have members.
func (p *Parties) Join(r JoinRequest) (in bool, err error) {
	g, err := p.enter(r.ID)
	if err != nil {
		return false, err
	}
	defer g.mu.Unlock()
	if r.Accepted == nil {
		r.Accepted = func() {}
	}
	open := g.shown.Load().Open
	if _, member := g.member(r.Who.Session); member {
		if !open {
			return true, ErrAlreadyMember
		}
		r.Accepted()
		return true, nil
	}
	if g.full() {
		return false, ErrFull
	}
	if !open {
		return false, p.ask(g, r)
	}
	if !p.note(r.Who.Session, place{g.id, true}) {
		return false, ErrTooMany
	}
	g.drop(r.Who.Session) // it may have asked when the party was closed
	r.Accepted()
	p.admit(g, r.Who)
	return true, nil
}

// ask puts a request before the leader.
func (p *Parties) ask(g *group, r JoinRequest) error {
	if slices.ContainsFunc(g.pending, func(w presence.Presence) bool { return w.User == r.Who.User }) {
		return ErrAlreadyAsked
	}
	if len(g.pending) >= g.maxSize {
		return ErrTooManyRequests
	}
	if !p.note(r.Who.Session, place{g.id, false}) {
		return ErrTooMany
	}
	g.pending = append(g.pending, r.Who)
	r.Accepted()
	p.tell(g, []presence.Presence{g.leader}, Asked{r.Who})
	return nil
}

// admit makes a session a member that is none. Its place is noted already.
func (p *Parties) admit(g *group, who presence.Presence) {
	g.add(who)
	p.dequeue(g)
	p.c.Outbox.PartyEvent(g.id, []presence.Presence{who}, Welcome{g.state(who)})
	p.joined(g, who)
}

// joined tells everybody of a new member.
func (p *Parties) joined(g *group, who presence.Presence) {
	p.tell(g, g.members.All(), Members{Joined: []presence.Presence{who}})
	p.c.Hooks.joined(g.id, who)
}

// Leave takes a session out of a party, or its request to join back. The other members are told, first who leads them
// now, if it was the leader: the oldest of them. The party ends when its last member leaves. The error Is ErrNotFound or
// ErrNotMember; then nothing has changed.
func (p *Parties) Leave(id ID, session string) error {
	g, err := p.enter(id)
	if err != nil {
		return err
	}
	defer g.mu.Unlock()
	if g.drop(session) {
		p.forget(session, id)
		return nil
	}
	who, ok := g.member(session)
	if !ok {
		return ErrNotMember
	}
	p.part(g, who)
	return nil
}

// LeaveAll takes a session out of all parties, with its requests to join others: its connection is gone.
func (p *Parties) LeaveAll(session string) {
	for _, at := range p.places(session) {
		_ = p.Leave(at.id, session) // it may have left meanwhile
	}
}

// LeaveOthers takes a session out of all parties that it joined before the one with this id, for a host that allows one
// at a time. It does nothing if the session is not a member of that one.
func (p *Parties) LeaveOthers(session string, id ID) {
	places := p.places(session)
	kept := slices.Index(places, place{id, true})
	for _, at := range places[:max(kept, 0)] {
		if at.member {
			_ = p.Leave(at.id, session) // it may have left meanwhile
		}
	}
}

// part takes a member out and tells the others.
func (p *Parties) part(g *group, who presence.Presence) {
	g.members.Leave(who.Session)
	g.size.Store(int64(g.members.Len()))
	p.forget(who.Session, g.id)
	p.dequeue(g)
	rest := g.members.All()
	if len(rest) == 0 {
		p.end(g)
		p.c.Hooks.left(g.id, who)
		p.c.Hooks.ended(g.id)
		return
	}
	if g.leader == who {
		g.leader = rest[0]
		p.c.Outbox.PartyEvent(g.id, rest, Leader{g.leader})
		defer p.c.Hooks.led(g.id, g.leader)
	}
	p.tell(g, rest, Members{Left: []presence.Presence{who}})
	p.c.Hooks.left(g.id, who)
}

func (g *group) add(who presence.Presence) {
	g.members.Join(who)
	g.size.Store(int64(g.members.Len()))
}

// drop takes a request to join away, if there is one.
func (g *group) drop(session string) bool {
	i := g.request(session)
	if i < 0 {
		return false
	}
	g.pending = slices.Delete(g.pending, i, i+1)
	return true
}
