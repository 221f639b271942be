package party

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shoal-go/shoal/presence"
)

// Parties holds the parties of a server. It is safe for concurrent use, but the Outbox, the Queue, the Hooks and Accepted
// functions must not call it. It starts no goroutine and needs no closing.
type Parties struct {
	c Config

	mu struct { // may be taken while the lock of a group is held, not the other way round
		sync.RWMutex
		groups   map[ID]*group
		newest   *group // the head of a list of all groups
		last     uint64 // serial
		sessions map[string][]place
	}
}

// place is a party where a session is a member or has asked to be one. A session's places are in the order of its joins.
type place struct {
	id     ID
	member bool
}

func (p *Parties) find(id ID) *group {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.mu.groups[id]
}

// enter returns the party of an id with its lock held.
func (p *Parties) enter(id ID) (*group, error) {
	g := p.find(id)
	if g == nil {
		return nil, ErrNotFound
	}
	g.mu.Lock()
	if g.ended { // since find
		g.mu.Unlock()
		return nil, ErrNotFound
	}
	return g, nil
}

// led is enter for what only the leader may do.
func (p *Parties) led(id ID, session string) (*group, error) {
	g, err := p.enter(id)
	if err != nil {
		return nil, err
	}
	if g.leader.Session != session {
		g.mu.Unlock()
		return nil, ErrNotLeader
	}
	return g, nil
}

// open makes a party for its first member and returns it with its lock held, so that nobody gets in before.
func (p *Parties) open(r CreateRequest) (*group, error) {
	g := &group{id: ID(uuid.NewString() + "." + p.c.Node), created: time.Now(), maxSize: r.MaxSize}
	if err := g.show(r.Settings, p.c.Node); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.mu.groups) >= p.c.MaxParties || !p.noteLocked(r.Who.Session, place{g.id, true}) {
		return nil, ErrTooMany
	}
	p.mu.last++
	g.serial = p.mu.last
	g.mu.Lock() // nobody else knows it, so this cannot wait
	g.older = p.mu.newest
	if g.older != nil {
		g.older.newer = g
	}
	p.mu.newest = g
	p.mu.groups[g.id] = g
	return g, nil
}

// end forgets a party without members, and those who still ask to join it. The lock of the party is held.
func (p *Parties) end(g *group) {
	g.ended = true
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, who := range g.pending {
		p.forgetLocked(who.Session, g.id)
	}
	g.pending = nil
	delete(p.mu.groups, g.id)
	if g.newer != nil {
		g.newer.older = g.older
	} else {
		p.mu.newest = g.older
	}
	if g.older != nil {
		g.older.newer = g.newer
	}
}

// note remembers the place of a session as its latest, for LeaveAll. It returns false if there are too many.
func (p *Parties) note(session string, at place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.noteLocked(session, at)
}

func (p *Parties) noteLocked(session string, at place) bool {
	p.forgetLocked(session, at.id)
	if len(p.mu.sessions[session]) >= p.c.MaxJoined {
		return false
	}
	p.mu.sessions[session] = append(p.mu.sessions[session], at)
	return true
}

func (p *Parties) forget(session string, id ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgetLocked(session, id)
}

func (p *Parties) forgetLocked(session string, id ID) {
	places := slices.DeleteFunc(p.mu.sessions[session], func(at place) bool { return at.id == id })
	if len(places) == 0 {
		delete(p.mu.sessions, session)
		return
	}
	p.mu.sessions[session] = places
}

// places returns where a session is, as a copy.
func (p *Parties) places(session string) []place {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Clone(p.mu.sessions[session])
}

// tell brings an event to sessions at once.
func (p *Parties) tell(g *group, to []presence.Presence, e Event) {
	if len(to) == 0 {
		return
	}
	p.c.Outbox.PartyEvent(g.id, to, e)
	p.c.Outbox.Flush(g.id, to)
}

// Get returns what is known of a party. The error is ErrNotFound.
func (p *Parties) Get(id ID) (Info, error) {
	if g := p.find(id); g != nil {
		if info := g.info(); info.Size > 0 {
			return info, nil
		}
	}
	return Info{}, ErrNotFound
}
