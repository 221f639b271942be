package match_test

import (
	"bytes"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func TestLeaveIsCalledOnceWithItsReason(t *testing.T) {
	for _, c := range []struct {
		name  string
		leave func(t *testing.T, w *world, id match.ID)
		want  []string
	}{
		{"the player asks", func(t *testing.T, w *world, id match.ID) {
			require.NoError(t, w.Leave(id, "bob", match.Left))
		}, []string{"presence + -bob to ann,cid", "leave bob left, members ann,cid", "flush ann,cid"}},
		{"the session ends", func(t *testing.T, w *world, id match.ID) {
			require.NoError(t, w.Leave(id, "bob", match.Disconnected))
		}, []string{"presence + -bob to ann,cid", "leave bob disconnected, members ann,cid", "flush ann,cid"}},
		{"the host kicks, and the player is told", func(t *testing.T, w *world, id match.ID) {
			require.NoError(t, w.Kick(id, bob, dan))
		}, []string{
			"presence + -bob to ann,cid", "presence + -bob to bob",
			"leave bob kicked, members ann,cid", "flush ann,cid", "flush bob",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w *world
			w = newWorld(t, &script{leave: func(c turn, gone []match.Departure) error {
				w.add("leave %s, members %s", sessions(gone), names(c.Members()))
				return nil
			}}, match.Config{})
			id := w.create(ann, bob, cid)
			c.leave(t, w, id)
			require.Equal(t, c.want, w.take())
			require.ErrorIs(t, w.Leave(id, "bob", match.Disconnected), match.ErrNotMember)
			require.NoError(t, w.Kick(id, bob))
			w.tick(3)
			require.Empty(t, w.take(), "once")
		})
	}
}

func TestKickFromACallbackComesAfterIt(t *testing.T) {
	var w *world
	w = newWorld(t, &script{
		loop: func(c turn, _ []match.Message) error {
			require.NoError(t, c.Kick(ann, dan, ann, cid))
			require.NoError(t, c.Broadcast(match.Outgoing{Op: 1}))
			w.add("loop ends, members %s", names(c.Members()))
			return nil
		},
		leave: func(c turn, gone []match.Departure) error {
			w.add("leave %s", sessions(gone))
			if gone[0].Session == "ann" {
				return c.Kick(bob, bob, bob, bob) // a chain
			}
			return nil
		},
	}, match.Config{})
	id := w.create(ann, bob, cid)
	w.tick(1)
	require.Equal(t, []string{
		`data 1 "" to ann,bob,cid`, "loop ends, members ann,bob,cid", "flush ann,bob,cid",
		"presence + -ann to bob,cid", "presence + -ann to ann", "leave ann kicked", "flush bob,cid", "flush ann",
		"presence + -bob to cid", "presence + -bob to bob", "leave bob kicked", "flush cid", "flush bob",
		"presence + -cid to cid", "leave cid kicked", "flush cid",
	}, w.take())
	require.ErrorIs(t, w.Send(id, "ann", match.Message{}), match.ErrNotMember)
}

func TestKickIsLogged(t *testing.T) {
	var logged bytes.Buffer
	w := newWorld(t, &script{}, match.Config{
		Logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	id := w.create(ann, bob)
	require.NoError(t, w.Leave(id, "ann", match.Left))
	require.NoError(t, w.Kick(id, bob))
	require.Regexp(t, `^[^\n]*msg="member kicked" match=`+string(id)+` handler=m user=u-bob session=bob\n$`, logged.String())
}

func TestMatchThatEndsCallsNoLeave(t *testing.T) {
	w := newWorld(t, &script{
		loop: func(c turn, _ []match.Message) error {
			require.NoError(t, c.Kick(ann))
			return match.ErrEnd
		},
		leave: func(turn, []match.Departure) error { t.Error("Leave was called"); return nil },
	}, match.Config{})
	w.create(ann, bob)
	w.tick(1)
	require.Equal(t, []string{"ended (<nil>) to ann,bob", "flush ann,bob"}, w.take())
}

// Of several who are kicked together, those who are left when a Leave ends the match have no Leave of their own.
func TestLeaveThatEndsTheMatchIsTheLast(t *testing.T) {
	left := 0
	out := &journal{}
	w := newWorld(t, &script{
		loop:  func(c turn, _ []match.Message) error { return c.Kick(c.Members()...) },
		leave: func(turn, []match.Departure) error { left++; return match.ErrEnd },
	}, match.Config{Outbox: out, Hooks: out.hooks()})
	w.create(ann, bob)
	out.take()
	w.tick(1)
	require.Equal(t, 1, left)
	require.Equal(t, []string{
		"presence + -ann to bob", "presence + -ann to ann", "hook left ann kicked", "flush bob", "flush ann",
		"ended (<nil>) to bob", "flush bob", "hook ended m [bob] (<nil>)",
	}, out.take())
}

func TestJoinMayKick(t *testing.T) {
	var w *world
	w = newWorld(t, &script{
		attempt: func(c turn, who match.Joiner) error { return c.Kick(who.Presence) }, // who is no member yet
		join: func(c turn, who []presence.Presence) error {
			w.add("join %s", names(who))
			return c.Kick(who...)
		},
		leave: func(_ turn, gone []match.Departure) error { w.add("leave %s", sessions(gone)); return nil },
	}, match.Config{})
	require.NoError(t, w.join(w.create(), ann))
	require.Equal(t, []string{"join ann", "leave ann kicked"}, without(without(w.take(), "presence"), "flush"))
}

func TestInputOfALeaverIsDroppedAndCounted(t *testing.T) {
	var got []match.Message
	var left []match.Departure
	w := newWorld(t, &script{
		loop:  func(_ turn, in []match.Message) error { got = append(got, in...); return nil },
		leave: func(_ turn, gone []match.Departure) error { left = append(left, gone...); return nil },
	}, match.Config{})
	id := w.create(ann, bob)
	for i := range 5 {
		require.NoError(t, w.Send(id, "ann", match.Message{Op: int64(i)}))
		require.NoError(t, w.Send(id, "bob", match.Message{Op: int64(i)}))
	}
	require.NoError(t, w.Leave(id, "ann", match.Left))
	require.ErrorIs(t, w.Send(id, "ann", match.Message{}), match.ErrNotMember)
	w.tick(1)
	require.Len(t, got, 5)
	for i, m := range got {
		require.Equal(t, bob, m.From)
		require.EqualValues(t, i, m.Op)
	}
	require.Equal(t, []match.Departure{{Presence: ann, Reason: match.Left, Dropped: 5}}, left)
}

// While the match is busy its callers go on: what they post counts from then on, in order.
func TestCallsOfOneSessionKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, release := &journal{}, make(chan none)
		r, stop := live(t, &script{
			loop: func(_ turn, in []match.Message) error { j.add("%d messages", len(in)); <-release; return nil },
			join: func(_ turn, who []presence.Presence) error { j.add("join %s", names(who)); return nil },
			leave: func(_ turn, gone []match.Departure) error {
				j.add("leave %s, %d dropped", sessions(gone), gone[0].Dropped)
				return nil
			},
		}, tick.Config{}, match.Config{})
		id := create(t, r)
		require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		pause(every) // the loop has begun, and waits
		joined := make(chan error, 1)
		require.NoError(t, r.Send(id, "ann", match.Message{}))
		require.NoError(t, r.Leave(id, "ann", match.Left))
		require.ErrorIs(t, r.Leave(id, "ann", match.Left), match.ErrNotMember, "has left already")
		require.ErrorIs(t, r.Send(id, "ann", match.Message{}), match.ErrNotMember)
		go func() { joined <- r.Join(t.Context(), seat(id, ann)) }()
		synctest.Wait()
		require.NoError(t, r.Leave(id, "ann", match.Disconnected), "the join is on its way in")
		require.ErrorIs(t, r.Leave(id, "ann", match.Disconnected), match.ErrNotMember)
		require.ErrorIs(t, r.Leave(id, "bob", match.Disconnected), match.ErrNotMember)
		close(release)
		require.NoError(t, <-joined)
		pause(every)
		stop()
		require.Equal(t, []string{
			"join ann", "0 messages", "leave ann left, 1 dropped", "join ann", "leave ann disconnected, 0 dropped",
			"0 messages",
		}, j.take()[:6])
	})
}

func TestLeaveWhileJoinAttemptRunsIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, release := &journal{}, make(chan none)
		r, _ := live(t, &script{
			attempt: func(turn, match.Joiner) error { <-release; return nil },
		}, tick.Config{}, match.Config{Hooks: j.hooks()})
		id := create(t, r)
		joined := make(chan error, 1)
		go func() { joined <- r.Join(t.Context(), seat(id, ann)) }()
		synctest.Wait()
		require.NoError(t, r.Leave(id, "ann", match.Disconnected), "the session ended meanwhile")
		close(release)
		require.NoError(t, <-joined)
		synctest.Wait()
		require.Equal(t, []string{"hook created m", "hook joined ann", "hook left ann disconnected"}, j.take())
	})
}

func TestSessionComesBack(t *testing.T) {
	var got []int64
	w := newWorld(t, &script{loop: func(_ turn, in []match.Message) error {
		for _, m := range in {
			got = append(got, m.Op)
		}
		return nil
	}}, match.Config{})
	id := w.create(ann)
	require.NoError(t, w.Send(id, "ann", match.Message{Op: 1}))
	require.NoError(t, w.Leave(id, "ann", match.Left))
	require.NoError(t, w.join(id, ann))
	require.NoError(t, w.Send(id, "ann", match.Message{Op: 2}))
	w.tick(1)
	require.Equal(t, []int64{2}, got, "what it sent before it left stays dropped")
}

func TestReasonsHaveNames(t *testing.T) {
	require.Equal(t, "left", match.Left.String())
	require.Equal(t, "disconnected", match.Disconnected.String())
	require.Equal(t, "kicked", match.Kicked.String())
	require.Equal(t, "unknown", match.Reason(99).String())
}

func TestMessagesAfterLeaveAreIgnoredAlsoBeforeTheSeat(t *testing.T) {
	var w *world
	var id match.ID
	w = newWorld(t, &script{
		attempt: func(_ turn, who match.Joiner) error { return w.Leave(id, who.Session, match.Left) },
		join: func(_ turn, who []presence.Presence) error {
			require.ErrorIs(t, w.Send(id, who[0].Session, match.Message{}), match.ErrNotMember)
			return nil
		},
	}, match.Config{})
	id = w.create()
	require.NoError(t, w.Join(t.Context(), seat(id, bob)))
}
