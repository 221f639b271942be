package stream

import (
	"slices"
	"sync"

	"github.com/shoal-go/shoal/internal/roster"
	"github.com/shoal-go/shoal/presence"
)

// stream is one stream. Its methods are called with its lock held.
type stream struct {
	key Key

	mu      sync.Mutex
	members roster.Roster
	as      map[string]As // of each session
	ended   bool          // the Streams has forgotten it

	to []presence.Presence // room for send to work in
}

func (st *stream) has(session string) bool {
	_, ok := st.members.Index(session)
	return ok
}

// member returns one that there is.
func (st *stream) member(session string) Member {
	i, _ := st.members.Index(session)
	return Member{st.members.All()[i], st.as[session]}
}

func (st *stream) join(out Outbox, m Member) {
	st.members.Join(m.Presence)
	if st.as == nil {
		st.as = make(map[string]As)
	}
	st.as[m.Session] = m.As
	st.tell(out, visible(m), nil)
}

func (st *stream) update(out Outbox, session string, as As) {
	before := st.member(session)
	st.as[session] = as
	st.tell(out, visible(st.member(session)), visible(before))
}

func (st *stream) leave(out Outbox, session string) {
	gone := st.member(session)
	st.members.Leave(session)
	delete(st.as, session)
	st.tell(out, nil, visible(gone))
}

// visible is what others see of a member.
func visible(m Member) []Member {
	if m.Hidden {
		return nil
	}
	return []Member{m}
}

func (st *stream) tell(out Outbox, joined, left []Member) {
	if all := st.members.All(); len(all) > 0 && len(joined)+len(left) > 0 {
		out.StreamPresence(st.key, all, joined, left)
		out.Flush(st.key, all)
	}
}

func (st *stream) send(out Outbox, m Message) {
	to := st.members.All()
	if len(m.To) > 0 {
		st.to = st.to[:0]
		for _, p := range to {
			if slices.Contains(m.To, p.Session) {
				st.to = append(st.to, p)
			}
		}
		to = st.to
	}
	if len(to) > 0 {
		out.StreamData(st.key, to, m)
		out.Flush(st.key, to)
	}
}
