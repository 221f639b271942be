package relay

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/internal/roster"
	"github.com/shoal-go/shoal/presence"
)

// room is one match. Its methods are called with its lock held.
type room struct {
	id      ID
	by      string // the user who has created it; "" for none
	created time.Time

	newer, older *room        // the Hub's list of all rooms, guarded by its lock
	size         atomic.Int64 // of members, to be read without the lock

	mu      sync.Mutex
	members roster.Roster
	ended   bool // the Hub has forgotten it

	to      []presence.Presence // room for send to work in
	indexes []int
}

func (m *room) join(h *Hub, who presence.Presence, accepted func(Joined)) {
	m.members.Join(who)
	all := m.members.All()
	m.size.Store(int64(len(all)))
	others := slices.Clip(all[:len(all)-1])
	accepted(Joined{ID: m.id, Self: who, Members: others, Size: len(others)})
	h.outbox.RelayPresence(m.id, all, all[len(all)-1:], nil)
	h.outbox.Flush(m.id, all)
	if len(all) == 1 && h.hooks.Created != nil {
		h.hooks.Created(m.id)
	}
	if h.hooks.Joined != nil {
		h.hooks.Joined(m.id, who)
	}
}

func (m *room) leave(h *Hub, session string) error {
	gone, ok := m.members.Leave(session)
	if !ok {
		return ErrNotMember
	}
	m.size.Store(int64(m.members.Len()))
	h.noteLeave(session, m.id)
	rest := m.members.All()
	if len(rest) > 0 {
		h.outbox.RelayPresence(m.id, rest, nil, []presence.Presence{gone})
		h.outbox.Flush(m.id, rest)
	} else {
		defer h.end(m) // after the hooks: they are told of this end before another match begins under the same id
	}
	if h.hooks.Left != nil {
		h.hooks.Left(m.id, gone)
	}
	if len(rest) == 0 && h.hooks.Ended != nil {
		h.hooks.Ended(m.id)
	}
	return nil
}

func (m *room) send(out Outbox, msg Message, to []string) error {
	i, ok := m.members.Index(msg.From.Session)
	if !ok {
		return ErrNotMember
	}
	msg.From = m.members.All()[i]
	if len(to) == 0 {
		m.to = m.members.AppendOthers(m.to[:0], msg.From.Session)
	} else {
		m.pick(to)
	}
	if len(m.to) > 0 {
		out.RelayData(m.id, m.to, msg)
		out.Flush(m.id, m.to)
	}
	return nil
}

// pick sets m.to to the members among the given sessions, oldest first and each once.
func (m *room) pick(sessions []string) {
	m.indexes = m.indexes[:0]
	for _, s := range sessions {
		if i, ok := m.members.Index(s); ok {
			m.indexes = append(m.indexes, i)
		}
	}
	slices.Sort(m.indexes)
	m.to = m.to[:0]
	for _, i := range slices.Compact(m.indexes) {
		m.to = append(m.to, m.members.All()[i])
	}
}
