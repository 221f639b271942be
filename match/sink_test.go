package match_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// bot is a join request with a sink.
func bot(id match.ID, p presence.Presence) (match.JoinRequest, *match.Sink) {
	q := seat(id, p)
	q.Sink = &match.Sink{}
	return q, q.Sink
}

// heard reads all that waits in a sink, one line an event.
func heard(t *testing.T, s *match.Sink) (lines []string) {
	t.Helper()
	now, cancel := context.WithCancel(t.Context())
	cancel()
	for {
		e, err := s.Next(now)
		switch {
		case err == context.Canceled: //nolint:errorlint // exactly that
			return lines
		case err != nil:
			return append(lines, err.Error())
		case e.Kind == match.DataEvent:
			require.Nil(t, e.Data.To)
			require.Nil(t, e.Data.Except)
			lines = append(lines, fmt.Sprintf("data %d %q", e.Data.Op, e.Data.Data))
		case e.Kind == match.PresenceEvent:
			lines = append(lines, fmt.Sprintf("presence +%s -%s", names(e.Joined), names(e.Left)))
		case e.Kind == match.DroppedEvent:
			lines = append(lines, fmt.Sprintf("lost %d", e.Dropped))
		case e.Kind == match.EndedEvent:
			lines = append(lines, fmt.Sprintf("ended (%v)", e.Err))
		}
	}
}

func TestSinkReceivesWhatASocketWould(t *testing.T) {
	w := newWorld(t, &script{
		set: match.Settings{Capacity: 3},
		join: func(c turn, who []presence.Presence) error {
			return c.Broadcast(match.Outgoing{Op: 1, Data: []byte("welcome " + who[0].Session)})
		},
		loop: func(c turn, in []match.Message) error {
			for _, m := range in {
				o := match.Outgoing{Op: m.Op, Data: m.Data, From: m.From}
				switch m.Op {
				case 2:
					o.Except = []presence.Presence{m.From}
				case 3:
					o.To = []presence.Presence{bob, cid}
				}
				require.NoError(t, c.BroadcastDeferred(o))
				require.NoError(t, c.Broadcast(o))
				clear(m.Data)
			}
			return nil
		},
	}, match.Config{})
	id := w.create(ann)
	q, bobs := bot(id, bob)
	q.Accepted = func(j match.Joined) { w.add("accepted %s beside %s", j.Self.Session, names(j.Members)) }
	require.NoError(t, w.Join(t.Context(), q))
	require.Equal(t, []string{
		"accepted bob beside ann", "presence +bob - to ann", `data 1 "welcome bob" to ann`, "flush ann",
	}, w.take(), "the outbox does not know of bob")
	require.Equal(t, []string{"presence +bob -", `data 1 "welcome bob"`}, heard(t, bobs))

	require.ErrorIs(t, w.Join(t.Context(), q), match.ErrSinkUsed)
	require.NoError(t, w.Send(id, "bob", match.Message{Op: 1, Data: []byte("a")}))
	require.NoError(t, w.Send(id, "bob", match.Message{Op: 2, Data: []byte("b")}))
	require.NoError(t, w.Send(id, "ann", match.Message{Op: 2, Data: []byte("c")}))
	require.NoError(t, w.Send(id, "ann", match.Message{Op: 3, Data: []byte("d")}))
	w.tick(1)
	require.Equal(t, []string{
		`data 1 "a"`, `data 2 "c"`, `data 3 "d"`, // at once
		`data 1 "a"`, `data 2 "c"`, `data 3 "d"`, // deferred
	}, heard(t, bobs))
	require.Equal(t, []string{
		`data 1 "a" to ann`, `data 2 "b" to ann`, `data 1 "a" to ann`, `data 2 "b" to ann`, "flush ann",
	}, w.take())

	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, 2, info.Size, "its seat is like any other")
	require.NoError(t, w.join(id, cid))
	require.NoError(t, w.Leave(id, "cid", match.Left))
	require.NoError(t, w.End(t.Context(), id, 0))
	require.Equal(t, []string{
		"presence +cid -", `data 1 "welcome cid"`, "presence + -cid", "ended (match: stopped)", "EOF",
	}, heard(t, bobs))
}

func TestHowASinkEnds(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(w *world, id match.ID) error
		want  []string
	}{
		"leave":      {func(w *world, id match.ID) error { return w.Leave(id, "bob", match.Left) }, []string{"EOF"}},
		"disconnect": {func(w *world, id match.ID) error { return w.Leave(id, "bob", match.Disconnected) }, []string{"EOF"}},
		"kick":       {func(w *world, id match.ID) error { return w.Kick(id, bob) }, []string{"presence + -bob", "EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, &script{}, match.Config{})
			id := w.create(ann)
			q, bobs := bot(id, bob)
			require.NoError(t, w.Join(t.Context(), q))
			heard(t, bobs)
			w.take()
			require.NoError(t, c.leave(w, id))
			require.Equal(t, c.want, heard(t, bobs))
			require.Equal(t, []string{"presence + -bob to ann", "flush ann"}, w.take())
			require.ErrorIs(t, w.Join(t.Context(), q), match.ErrSinkUsed, "a sink is for one seat")
			require.NoError(t, w.join(id, bob), "and without one bob is as the others are")
			w.tick(1)
			require.Equal(t, []string{"presence +bob - to ann,bob", "flush ann,bob"}, w.take())
		})
	}
}

func TestRefusedSinkCanBeUsedAgain(t *testing.T) {
	open := false
	w := newWorld(t, &script{attempt: func(turn, match.Joiner) error {
		if !open {
			return match.Reject("closed")
		}
		return nil
	}}, match.Config{})
	id := w.create()
	q, bobs := bot(id, bob)
	require.Error(t, w.Join(t.Context(), q))
	open = true
	require.NoError(t, w.Join(t.Context(), q))
	require.Equal(t, []string{"presence +bob -"}, heard(t, bobs))

	again, unused := bot(id, bob)
	require.NoError(t, w.Join(t.Context(), again))
	require.Equal(t, []string{"EOF"}, heard(t, unused))
	require.Empty(t, heard(t, bobs), "the first one stays")
}

func TestJoinOrCreateWithASink(t *testing.T) {
	w := newWorld(t, &script{set: match.Settings{Capacity: 1}}, match.Config{})
	var sink match.Sink
	_, err := w.JoinOrCreate(t.Context(), match.JoinOrCreateRequest{
		Handler: "m", Who: match.Joiner{Presence: ann}, Sink: &sink,
	})
	require.NoError(t, err)
	require.Equal(t, []string{"presence +ann -"}, heard(t, &sink))
}

// A sink whose reader does not keep up loses what may be lost, and then its seat; the match does not notice.
func TestFullSink(t *testing.T) {
	var out []match.Outgoing
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error {
		for _, o := range out {
			require.NoError(t, c.Broadcast(o))
		}
		return nil
	}}, match.Config{})
	message := func(op int64, unreliable bool, replace uint64) match.Outgoing {
		return match.Outgoing{Op: op, Unreliable: unreliable, Replace: replace}
	}
	for name, c := range map[string]struct {
		out     []match.Outgoing
		want    []string
		dropped int
	}{
		"the newest unreliable one": {
			[]match.Outgoing{message(1, false, 0), message(2, true, 0), message(3, false, 0), message(4, true, 0)},
			[]string{`data 1 ""`, `data 2 ""`, `data 3 ""`},
			1,
		},
		"an older one for a reliable one": {
			[]match.Outgoing{message(1, true, 0), message(2, true, 0), message(3, false, 0), message(4, false, 0)},
			[]string{`data 2 ""`, `data 3 ""`, `data 4 ""`},
			1,
		},
		"replaced ones take no room, and the new ones no place of theirs": {
			[]match.Outgoing{message(1, false, 7), message(2, false, 0), message(3, false, 0), message(4, false, 7)},
			[]string{`data 2 ""`, `data 3 ""`, `data 4 ""`},
			0,
		},
		"too many reliable ones": {
			[]match.Outgoing{message(1, false, 0), message(2, false, 0), message(3, false, 0), message(4, false, 0), message(5, false, 0)},
			[]string{`data 1 ""`, `data 2 ""`, `data 3 ""`, match.ErrTooSlow.Error()},
			0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			out = nil
			id := w.create()
			q, _ := bot(id, bob)
			q.Sink = &match.Sink{Limit: 3}
			require.NoError(t, w.Join(t.Context(), q))
			heard(t, q.Sink)
			out = c.out
			w.tick(1)
			out = nil
			require.Equal(t, c.want, heard(t, q.Sink))
			require.Equal(t, c.dropped, q.Sink.Dropped())
			info, err := w.Get(id)
			require.NoError(t, err)
			require.Equal(t, c.want[len(c.want)-1] != match.ErrTooSlow.Error(), info.Size == 1)
		})
	}
}

func TestSinkOverflowIsADisconnect(t *testing.T) {
	h := &holder{hold: func(turn, presence.Presence) (time.Duration, error) { return time.Minute, nil }}
	h.loop = func(c turn, _ []match.Message) error {
		return c.Broadcast(match.Outgoing{To: []presence.Presence{bob}})
	}
	var left []string
	w := newWorld(t, h, match.Config{Hooks: match.Hooks{
		Left: func(_ match.ID, d match.Departure) { left = append(left, d.Session+" "+d.Reason.String()) },
	}})
	id := w.create(ann)
	q, _ := bot(id, bob)
	q.Sink = &match.Sink{Limit: 2}
	require.NoError(t, w.Join(t.Context(), q))
	w.tick(5)
	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, 1, info.Size)
	require.Equal(t, 2, info.Taken, "the seat is held, as that of a socket would be")
	q, sink := bot(id, again(bob))
	require.NoError(t, w.Join(t.Context(), q), "and the bot returns with another sink")
	require.Equal(t, []string{"bob displaced"}, left)
	require.Equal(t, []string{"presence +bob2 -"}, heard(t, sink)[:1])
	another, _ := bot(id, again(again(bob)))
	require.NoError(t, w.Join(t.Context(), another))
	lines := heard(t, sink)
	require.Equal(t, []string{"presence + -bob2", "EOF"}, lines[len(lines)-2:], "a sink whose seat was taken over ends")
}

func TestNextWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := live(t, &script{loop: func(c turn, _ []match.Message) error {
			return c.Broadcast(match.Outgoing{Op: c.tick.N})
		}}, tick.Config{}, match.Config{})
		q, sink := bot(create(t, r), bob)
		require.NoError(t, r.Join(t.Context(), q))
		_, err := sink.Next(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), every/2)
		defer cancel()
		_, err = sink.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for {
					if _, err := sink.Next(t.Context()); err != nil {
						require.ErrorIs(t, err, io.EOF)
						return
					}
				}
			})
		}
		pause(10 * every)
		stop()
		readers.Wait()
	})
}
