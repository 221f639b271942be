package party_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

func TestEnqueue(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann, bob, cid)
	ticket, err := w.Enqueue(id, ann.Session, party.Ticket{
		MinCount: 4, MaxCount: 8, CountMultiple: 2, Query: "*",
		Accepted: func(ticket string) { w.note([]presence.Presence{ann}, "ok "+ticket) },
	})
	require.NoError(t, err)
	require.Equal(t, "ok "+ticket, w.take(ann), "the leader knows it from the reply")
	require.Equal(t, "queued="+ticket+" |", w.take(bob))
	require.Equal(t, "queued="+ticket+" |", w.take(cid))
	require.Equal(t, []presence.Presence{ann, bob, cid}, w.queue.members)
	require.Equal(t, 8, w.queue.ticket.MaxCount)
	second, err := w.Enqueue(id, ann.Session, party.Ticket{})
	require.NoError(t, err)
	w.silence(ann, bob, cid)

	require.NoError(t, w.Dequeue(w.call(id, ann), ticket))
	require.Equal(t, "ok", w.take(ann))
	require.ErrorIs(t, w.Dequeue(w.call(id, ann), ticket), party.ErrTicketNotFound)
	require.ErrorIs(t, w.Dequeue(w.call(id, ann), ""), party.ErrTicketNotFound)
	require.Empty(t, w.take(ann))
	require.Equal(t, []string{second}, w.queue.tickets[id], "the other one waits on")

	w.queue.err = errors.New("no more room")
	_, err = w.Enqueue(id, ann.Session, party.Ticket{})
	require.Equal(t, w.queue.err, err, "the errors of the queue are handed on")
	require.Empty(t, w.take(bob))
}

func TestAChangeOfMembersTakesTicketsBack(t *testing.T) {
	for name, change := range map[string]func(w *world, id party.ID) error{
		"join": func(w *world, id party.ID) error {
			_, err := w.Join(party.JoinRequest{ID: id, Who: cid})
			return err
		},
		"accept": func(w *world, id party.ID) error {
			w.closed(id, ann)
			_, err := w.Join(party.JoinRequest{ID: id, Who: cid})
			return errors.Join(err, w.Accept(w.call(id, ann), cid))
		},
		"leave": func(w *world, id party.ID) error {
			require.NoError(t, w.Leave(id, bob.Session))
			return nil
		},
		"disconnect of the leader": func(w *world, _ party.ID) error {
			w.LeaveAll(ann.Session)
			return nil
		},
		"remove": func(w *world, id party.ID) error { return w.Remove(w.call(id, ann), bob) },
		"close":  func(w *world, id party.ID) error { return w.Close(w.call(id, ann)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, party.Config{})
			id := w.of(ann, bob)
			other := w.of(dan)
			for _, q := range []struct {
				id     party.ID
				leader presence.Presence
			}{{id, ann}, {id, ann}, {other, dan}} {
				_, err := w.Enqueue(q.id, q.leader.Session, party.Ticket{})
				require.NoError(t, err)
			}
			require.NoError(t, change(w, id))
			require.Empty(t, w.queue.tickets[id])
			require.Len(t, w.queue.tickets[other], 1)
		})
	}
	for name, change := range map[string]func(w *world, id party.ID) error{
		"promote": func(w *world, id party.ID) error { return w.Promote(w.call(id, ann), bob) },
		"update":  func(w *world, id party.ID) error { return w.Update(w.call(id, ann), party.Settings{}) },
		"request": func(w *world, id party.ID) error {
			w.closed(id, ann)
			_, err := w.Join(party.JoinRequest{ID: id, Who: cid})
			return err
		},
	} {
		t.Run("not "+name, func(t *testing.T) {
			w := newWorld(t, party.Config{})
			id := w.of(ann, bob)
			_, err := w.Enqueue(id, ann.Session, party.Ticket{})
			require.NoError(t, err)
			require.NoError(t, change(w, id))
			require.Len(t, w.queue.tickets[id], 1)
		})
	}
}

func TestWithoutAQueue(t *testing.T) {
	p, err := party.New(party.Config{Outbox: &recorder{}})
	require.NoError(t, err)
	id, err := p.Create(party.CreateRequest{Who: ann, MaxSize: 2})
	require.NoError(t, err)
	_, err = p.Enqueue(id, ann.Session, party.Ticket{})
	require.ErrorIs(t, err, party.ErrNoQueue)
	require.ErrorIs(t, p.Dequeue(party.Call{ID: id, Session: ann.Session}, "t"), party.ErrNoQueue)
	p.LeaveAll(ann.Session)
}
