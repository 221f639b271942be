package match_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// inbox is a world whose Loop keeps what it gets.
func inbox(t *testing.T, bound int, c match.Config) (w *world, batch *[]match.Message) {
	batch = new([]match.Message)
	return newWorld(t, &script{
		set: match.Settings{Inbox: bound},
		loop: func(_ turn, in []match.Message) error {
			*batch = append([]match.Message(nil), in...)
			return nil
		},
	}, c), batch
}

func TestLoopGetsWhatWasSentSinceTheLastOne(t *testing.T) {
	w, batch := inbox(t, 0, match.Config{})
	id := w.create(ann, bob)
	w.clock.Advance(30 * time.Millisecond)
	require.NoError(t, w.Send(id, "bob", match.Message{Op: 1, Data: []byte("x"), From: ann, Dropped: 9}))
	require.NoError(t, w.Send(id, "ann", match.Message{Op: 2, Unreliable: true}))
	at := w.clock.Now()
	w.tick(1)
	require.Equal(t, []match.Message{
		{From: bob, Op: 1, Data: []byte("x"), At: at}, // nobody speaks for another
		{From: ann, Op: 2, Unreliable: true, At: at},
	}, *batch)
	w.tick(1)
	require.Empty(t, *batch)
}

func TestFullInboxKeepsTheFirstOfOneSenderInOrder(t *testing.T) {
	var logged bytes.Buffer
	drops := 0
	w, batch := inbox(t, 0, match.Config{
		Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		Hooks:  match.Hooks{Dropped: func(match.ID, presence.Presence, match.Drop, int) { drops++ }},
	})
	id := w.create(ann)
	for i := range 300 {
		err := w.Send(id, "ann", match.Message{Op: int64(i)})
		if i < 128 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, match.ErrDropped)
		}
	}
	w.tick(1)
	require.Len(t, *batch, 128)
	for i, m := range *batch {
		require.EqualValues(t, i, m.Op)
		require.Zero(t, m.Dropped)
	}
	require.Equal(t, 172, drops)
	require.Contains(t, logged.String(), "dropped=172")
	require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("\n")), "one line a tick, however many were dropped")

	require.NoError(t, w.Send(id, "ann", match.Message{Op: 300}))
	require.NoError(t, w.Send(id, "ann", match.Message{Op: 301}))
	w.tick(1)
	require.Equal(t, 172, (*batch)[0].Dropped, "the handler learns what is missing")
	require.Zero(t, (*batch)[1].Dropped)
}

func TestFloodingSenderCannotPushOutOthers(t *testing.T) {
	w, batch := inbox(t, 8, match.Config{})
	id := w.create(ann, bob, cid)
	send := func(session string, n int) (dropped int) {
		for i := range n {
			if w.Send(id, session, match.Message{Op: int64(i)}) != nil {
				dropped++
			}
		}
		return dropped
	}
	require.Equal(t, 92, send("ann", 100), "ann takes the whole inbox")
	require.Zero(t, send("bob", 2), "and gives way to who has less")
	require.Equal(t, 10, send("ann", 10))
	require.Zero(t, send("cid", 2))
	require.Equal(t, 1, send("bob", 2), "three are as much as ann has now")
	require.Equal(t, 1, send("cid", 1), "for a difference of one nobody is pushed out")
	w.tick(1)
	got := map[string][]int64{}
	for _, m := range *batch {
		got[m.From.Session] = append(got[m.From.Session], m.Op)
	}
	require.Equal(t, map[string][]int64{"ann": {0, 1, 2}, "bob": {0, 1, 0}, "cid": {0, 1}}, got)
	require.NoError(t, w.Send(id, "ann", match.Message{}))
	w.tick(1)
	require.Equal(t, 92+10+5, (*batch)[0].Dropped, "those pushed out count too")
}

// What a dropped message was to tell of messages dropped before it is told by the next one.
func TestDropsBeforeADroppedMessageAreNotForgotten(t *testing.T) {
	w, batch := inbox(t, 4, match.Config{})
	id := w.create(ann, bob, cid)
	send := func(session string, n int) {
		for range n {
			_ = w.Send(id, session, match.Message{})
		}
	}
	send("bob", 2)
	send("ann", 3) // the third is dropped
	require.NoError(t, w.Leave(id, "bob", match.Left))
	send("ann", 2) // the first of these knows of it
	send("cid", 2) // and is pushed out, after the second
	w.tick(1)
	require.Len(t, *batch, 4)
	send("ann", 1)
	w.tick(1)
	require.Equal(t, 3, (*batch)[0].Dropped)
}

func TestEachSenderGetsAFairShare(t *testing.T) {
	for senders := 1; senders <= 5; senders++ {
		t.Run(fmt.Sprint(senders), func(t *testing.T) {
			w, batch := inbox(t, 60, match.Config{})
			id := w.create()
			for i := range senders {
				require.NoError(t, w.join(id, who(fmt.Sprint(i))))
			}
			for i := range senders { // one after the other, each as much as it can
				for range 100 {
					_ = w.Send(id, fmt.Sprint(i), match.Message{})
				}
			}
			w.tick(1)
			require.Len(t, *batch, 60)
			got := map[string]int{}
			for _, m := range *batch {
				got[m.From.Session]++
			}
			for s, n := range got {
				require.InDelta(t, 60/senders, n, 1, "sender %s", s)
			}
		})
	}
}

func TestSendToNobody(t *testing.T) {
	w, _ := inbox(t, 0, match.Config{})
	id := w.create(ann)
	require.ErrorIs(t, w.Send(id, "bob", match.Message{}), match.ErrNotMember)
	require.ErrorIs(t, w.Send("no such match", "ann", match.Message{}), match.ErrNotFound)
	require.NoError(t, w.End(t.Context(), id, 0))
	require.ErrorIs(t, w.Send(id, "ann", match.Message{}), match.ErrNotFound)
}
