package relay

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// What the methods of a [Hub] return, to be asked for with errors.Is.
var (
	// ErrNotFound means that there is no such match.
	ErrNotFound = errors.New("relay: match not found")
	// ErrNotMember means that the session is not in the match.
	ErrNotMember = errors.New("relay: not a member")
	// ErrInvalidID means that a text is not an id.
	ErrInvalidID = errors.New("relay: invalid match id")
	// ErrTooMany means that the session is in too many matches, its user has created too many, or the Hub has too many.
	ErrTooMany = errors.New("relay: too many matches")
)

const (
	defaultMaxMatches = 100_000
	defaultMaxJoined  = 64
	defaultMaxCreated = 64
	defaultListed     = 100
)

// Config configures a [Hub].
type Config struct {
	// Outbox brings data and presence events to the players. Required.
	Outbox Outbox
	// Hooks are told what happens. The zero value tells nobody.
	Hooks Hooks
	// MaxMatches is how many matches there may be at once. 0 means 100,000.
	MaxMatches int
	// MaxJoined is how many matches a session may be in at once. 0 means 64.
	MaxJoined int
	// MaxCreated is how many matches there may be at once that one user has created, in them or not. Those that a
	// matchmaker's token has made do not count. 0 means 64.
	MaxCreated int
}

// Hub holds the relayed matches of a server. It is safe for concurrent use, but the Outbox, the Hooks and Accepted
// functions must not call it. It starts no goroutine and needs no closing.
type Hub struct {
	outbox     Outbox
	hooks      Hooks
	maxMatches int
	maxJoined  int
	maxCreated int

	mu struct { // may be taken while the lock of a room is held, not the other way round
		sync.RWMutex
		rooms  map[ID]*room
		newest *room           // the head of a list of all rooms
		joined map[string][]ID // by session: where it is a member, in the order of its joins
		made   map[string]int  // by user: how many of the rooms it has created
	}
}

// New makes a Hub without matches. It fails if the Config is wrong.
func New(c Config) (*Hub, error) {
	if c.Outbox == nil {
		return nil, errors.New("relay: Config needs an Outbox")
	}
	if c.MaxMatches < 0 || c.MaxJoined < 0 || c.MaxCreated < 0 {
		return nil, errors.New("relay: Config.MaxMatches, MaxJoined or MaxCreated is negative")
	}
	h := &Hub{
		outbox:     c.Outbox,
		hooks:      c.Hooks,
		maxMatches: cmp.Or(c.MaxMatches, defaultMaxMatches),
		maxJoined:  cmp.Or(c.MaxJoined, defaultMaxJoined),
		maxCreated: cmp.Or(c.MaxCreated, defaultMaxCreated),
	}
	h.mu.rooms = make(map[ID]*room)
	h.mu.joined = make(map[string][]ID)
	h.mu.made = make(map[string]int)
	return h, nil
}

// CreateRequest asks for a match to be in.
type CreateRequest struct {
	// Name makes the id: the same name gives the same match, which is joined if it exists. "" means a new match
	// with a random id.
	Name string
	// Who creates and joins the match.
	Who presence.Presence
	// Accepted is called once if the request succeeds, before any event or data of the match goes to Who: it is the
	// place to queue the reply; a Flush for Who follows. It must neither block nor call the Hub. nil means that nobody
	// is told.
	Accepted func(Joined)
}

// JoinRequest asks to be in a match that somebody else may have created.
type JoinRequest struct {
	ID  ID
	Who presence.Presence
	// Create makes the match if it does not exist, as a matchmaker's token allows. False: it has to exist.
	Create bool
	// Accepted is the same as in CreateRequest.
	Accepted func(Joined)
}

// Joined is what a player is told who has got into a match. Members is valid during the call of Accepted only.
type Joined struct {
	ID   ID
	Self presence.Presence
	// Members are the other members, oldest first, and Self too if it was a member before.
	Members []presence.Presence
	// Size is the number to show to the player. It counts as the reference server does: after Create all members,
	// after Join those in Members.
	Size int
	// Again means that Self was a member before; there is no presence event then.
	Again bool
}

// Create makes a match and joins it, or joins the match of that name, and returns its id. The error Is ErrTooMany.
func (h *Hub) Create(r CreateRequest) (ID, error) {
	id := NewID()
	if r.Name != "" {
		id = NamedID(r.Name)
	}
	err := h.join(JoinRequest{ID: id, Who: r.Who, Create: true, Accepted: func(j Joined) {
		if !j.Again {
			j.Size++
		}
		if r.Accepted != nil {
			r.Accepted(j)
		}
	}}, r.Who.User)
	if err != nil {
		return "", err
	}
	return id, nil
}

// Join makes a session a member of a match. All members get a presence event, the new one after its reply. It changes
// nothing, but is accepted, if the session is a member already. The error Is ErrNotFound, ErrTooMany or, with
// JoinRequest.Create, ErrInvalidID.
//
// Once LeaveAll was called for a session it must not join again: nobody would remove it.
func (h *Hub) Join(r JoinRequest) error {
	if r.Create {
		if id, err := ParseID(string(r.ID)); err != nil || id != r.ID {
			return ErrInvalidID
		}
	}
	return h.join(r, "")
}

// join is for whoever joins; by is the user who has created the match if it is new, "" for a matchmaker.
func (h *Hub) join(r JoinRequest, by string) error {
	if r.Accepted == nil {
		r.Accepted = func(Joined) {}
	}
	m, err := h.enter(r.ID, r.Create, by)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	all := m.members.All()
	if i, ok := m.members.Index(r.Who.Session); ok {
		r.Accepted(Joined{ID: m.id, Self: all[i], Members: all, Size: len(all), Again: true})
		h.outbox.Flush(m.id, all[i:i+1:i+1])
		return nil
	}
	if !h.noteJoin(r.Who.Session, m.id) {
		if m.members.Len() == 0 {
			h.end(m)
		}
		return ErrTooMany
	}
	m.join(h, r.Who, r.Accepted)
	return nil
}

// enter returns the room of an id with its lock held.
func (h *Hub) enter(id ID, create bool, by string) (m *room, err error) {
	for {
		if m = h.find(id); m != nil {
			m.mu.Lock()
		} else if !create {
			return nil, ErrNotFound
		} else if m, err = h.open(id, by); err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		if !m.ended {
			return m, nil
		}
		m.mu.Unlock() // its last member left after find: there is another room by now, or none
	}
}

func (h *Hub) find(id ID) *room {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.mu.rooms[id]
}

// open makes a room and returns it with its lock held, so that nobody gets in before its creator. It returns nil if
// another goroutine was first.
func (h *Hub) open(id ID, by string) (*room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mu.rooms[id] != nil {
		return nil, nil
	}
	if len(h.mu.rooms) >= h.maxMatches || by != "" && h.mu.made[by] >= h.maxCreated {
		return nil, ErrTooMany
	}
	m := &room{id: id, by: by, created: time.Now()}
	m.mu.Lock() // nobody else knows it, so this cannot wait
	m.older = h.mu.newest
	if m.older != nil {
		m.older.newer = m
	}
	h.mu.newest = m
	h.mu.rooms[id] = m
	if by != "" {
		h.mu.made[by]++
	}
	return m, nil
}

// end forgets a room without members. The lock of the room is held.
func (h *Hub) end(m *room) {
	m.ended = true
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.mu.rooms, m.id)
	if h.mu.made[m.by]--; h.mu.made[m.by] <= 0 {
		delete(h.mu.made, m.by)
	}
	if m.newer != nil {
		m.newer.older = m.older
	} else {
		h.mu.newest = m.older
	}
	if m.older != nil {
		m.older.newer = m.newer
	}
}

// noteJoin remembers that a session is in a match, for LeaveAll. It returns false if it is in too many.
func (h *Hub) noteJoin(session string, id ID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.mu.joined[session]) >= h.maxJoined {
		return false
	}
	h.mu.joined[session] = append(h.mu.joined[session], id)
	return true
}

func (h *Hub) noteLeave(session string, id ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := h.mu.joined[session]
	i := slices.Index(ids, id)
	switch {
	case i < 0: // LeaveAll took them all
	case len(ids) == 1:
		delete(h.mu.joined, session)
	default:
		h.mu.joined[session] = slices.Delete(ids, i, i+1)
	}
}

// Leave takes a session out of a match, and the other members get a presence event. The match ends when the last member
// leaves. The error is ErrNotFound or ErrNotMember; then nothing has changed.
func (h *Hub) Leave(id ID, session string) error {
	m := h.find(id)
	if m == nil {
		return ErrNotFound
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.leave(h, session)
}

// LeaveAll takes a session out of all its matches, in the order in which it joined them: its connection is gone.
func (h *Hub) LeaveAll(session string) {
	h.mu.Lock()
	ids := h.mu.joined[session]
	delete(h.mu.joined, session)
	h.mu.Unlock()
	for _, id := range ids {
		_ = h.Leave(id, session) // it may have left meanwhile
	}
}

// Send brings a message to the members whose sessions are listed, once each, whatever else is in the list; the sender
// is among them only if listed. An empty list means all members but the sender. It keeps nothing of m and to.
// The error, which a gateway does not tell its client, is ErrNotFound or ErrNotMember.
func (h *Hub) Send(id ID, m Message, to []string) error {
	r := h.find(id)
	if r == nil {
		return ErrNotFound
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.send(h.outbox, m, to)
}
