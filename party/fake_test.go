package party_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

func who(session string) presence.Presence {
	return presence.Presence{User: "u-" + session, Session: session, Username: "n-" + session, Node: "here"}
}

var ann, bob, cid, dan = who("ann"), who("bob"), who("cid"), who("dan")

// recorder is an Outbox that writes down what each session gets.
type recorder struct {
	mu  sync.Mutex
	got map[string][]string
}

func (r *recorder) note(to []presence.Presence, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.got == nil {
		r.got = make(map[string][]string)
	}
	for _, p := range to {
		r.got[p.Session] = append(r.got[p.Session], text)
	}
}

func (r *recorder) PartyEvent(_ party.ID, to []presence.Presence, e party.Event) { r.note(to, text(e)) }

func (r *recorder) Flush(_ party.ID, to []presence.Presence) { r.note(to, "|") }

// text is an event in few letters.
func text(e party.Event) string {
	switch e := e.(type) {
	case party.Welcome:
		return "welcome(" + state(e.State) + ")"
	case party.Members:
		return strings.TrimPrefix(signed("+", e.Joined)+signed("-", e.Left), " ")
	case party.Leader:
		return "leader=" + e.Who.Session
	case party.Asked:
		return "asked=" + e.Who.Session
	case party.Updated:
		return fmt.Sprintf("updated(%v %v %s)", e.Open, e.Hidden, e.Label)
	case party.Closed:
		return "closed"
	case party.Queued:
		return "queued=" + e.Ticket
	case party.Data:
		return fmt.Sprintf("%s:%d:%s", e.From.Session, e.Op, e.Data)
	}
	panic("an event nobody knows")
}

func state(s party.State) string {
	return fmt.Sprintf("%s leader=%s of%s", s.Self.Session, s.Leader.Session, signed("", s.Members))
}

func signed(sign string, all []presence.Presence) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(" " + sign + p.Session)
	}
	return b.String()
}

// take returns what a session got since the last take; flushes are bars.
func (r *recorder) take(session presence.Presence) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := strings.Join(r.got[session.Session], " ")
	delete(r.got, session.Session)
	return got
}

// reply is an Accepted function that writes down where the events go.
func (r *recorder) reply(to presence.Presence) func() {
	return func() { r.note([]presence.Presence{to}, "ok") }
}

// queue is a Queue that keeps tickets.
type queue struct {
	mu      sync.Mutex
	last    int
	tickets map[party.ID][]string
	members []presence.Presence // of the last Add
	ticket  party.Ticket        // the last one
	err     error               // what Add returns
}

func (q *queue) Add(id party.ID, members []presence.Presence, t party.Ticket) (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return "", q.err
	}
	if q.tickets == nil {
		q.tickets = make(map[party.ID][]string)
	}
	q.last++
	ticket := fmt.Sprintf("t%d", q.last)
	q.tickets[id] = append(q.tickets[id], ticket)
	q.members, q.ticket = slices.Clone(members), t
	t.Accepted(ticket)
	return ticket, nil
}

func (q *queue) Remove(id party.ID, ticket string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ticket == "" {
		delete(q.tickets, id)
		return nil
	}
	i := slices.Index(q.tickets[id], ticket)
	if i < 0 {
		return party.ErrTicketNotFound
	}
	q.tickets[id] = slices.Delete(q.tickets[id], i, i+1)
	return nil
}

// world is a Parties with its surroundings.
type world struct {
	*party.Parties
	*recorder
	t     *testing.T
	queue *queue
}

func newWorld(t *testing.T, c party.Config) *world {
	t.Helper()
	w := &world{t: t, recorder: &recorder{}, queue: &queue{}}
	c.Outbox, c.Queue = w.recorder, w.queue
	var err error
	w.Parties, err = party.New(c)
	require.NoError(t, err)
	return w
}

// of makes an open party of four at most with the given members, the first of whom leads, and forgets what they were told.
func (w *world) of(members ...presence.Presence) party.ID {
	w.t.Helper()
	id, err := w.Create(party.CreateRequest{Who: members[0], MaxSize: 4, Settings: party.Settings{Open: true}})
	require.NoError(w.t, err)
	for _, p := range members[1:] {
		in, err := w.Join(party.JoinRequest{ID: id, Who: p})
		require.NoError(w.t, err)
		require.True(w.t, in)
	}
	w.silence(members...)
	return id
}

// closed makes the party one whose leader is asked.
func (w *world) closed(id party.ID, leader presence.Presence) {
	w.t.Helper()
	require.NoError(w.t, w.Update(party.Call{ID: id, Session: leader.Session}, party.Settings{}))
}

func (w *world) silence(ps ...presence.Presence) {
	for _, p := range ps {
		w.take(p)
	}
}

// call is one with a reply.
func (w *world) call(id party.ID, p presence.Presence) party.Call {
	return party.Call{ID: id, Session: p.Session, Accepted: w.reply(p)}
}
