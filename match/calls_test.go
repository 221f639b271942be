package match_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func TestSignalAnswersItsCaller(t *testing.T) {
	broken := errors.New("broken")
	w := newWorld(t, &script{signal: func(_ turn, data string) (string, error) {
		switch data {
		case "fail":
			return "half", broken
		case "end":
			return "bye", match.ErrEnd
		}
		return "re: " + data, nil
	}}, match.Config{})
	id := w.create()
	for _, c := range []struct {
		data, reply string
		err         error
		left        int // matches after it
	}{
		{"hello", "re: hello", nil, 1},
		{"fail", "half", broken, 1},
		{"end", "bye", nil, 0},
		{"hello", "", match.ErrNotFound, 0},
	} {
		reply, err := w.Signal(t.Context(), id, c.data)
		require.ErrorIs(t, err, c.err)
		require.Equal(t, c.reply, reply)
		require.Equal(t, c.left, w.Len())
	}
}

func TestCallsAreHandledInTheOrderTheyWereMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, release := &journal{}, make(chan none)
		r, stop := live(t, &script{
			join:   func(_ turn, who []presence.Presence) error { j.add("join %s", names(who)); return nil },
			leave:  func(_ turn, gone []match.Departure) error { j.add("leave %s", sessions(gone)); return nil },
			signal: func(_ turn, data string) (string, error) { j.add("signal %s", data); return "", nil },
			loop:   func(c turn, _ []match.Message) error { j.add("loop %d", c.tick.N); <-release; return nil },
		}, tick.Config{}, match.Config{})
		id := create(t, r)
		pause(every)
		signal := func(data string) {
			go func() { _, _ = r.Signal(t.Context(), id, data) }()
			synctest.Wait()
		}
		join := func(p presence.Presence) {
			go func() { _ = r.Join(t.Context(), seat(id, p)) }()
			synctest.Wait()
		}
		signal("1")
		join(ann)
		signal("2")
		require.NoError(t, r.Leave(id, "ann", match.Left))
		signal("3")
		join(bob)
		require.NoError(t, r.Kick(id, bob))
		signal("4")
		go func() { _ = r.End(t.Context(), id, 0) }()
		synctest.Wait()
		signal("never")
		close(release)
		stop()
		require.Equal(t, []string{
			"loop 0", "signal 1", "join ann", "signal 2", "leave ann left", "signal 3", "join bob", "leave bob kicked",
			"signal 4",
		}, j.take())
	})
}

func TestTooManyWaitingSignalsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan none)
		r, _ := live(t, &script{loop: func(turn, []match.Message) error { <-release; return nil }},
			tick.Config{}, match.Config{})
		id := create(t, r)
		pause(every)
		errs := make(chan error, 129)
		for range 128 {
			go func() { _, err := r.Signal(t.Context(), id, ""); errs <- err }()
		}
		synctest.Wait()
		_, err := r.Signal(t.Context(), id, "")
		require.ErrorIs(t, err, match.ErrBusy)
		go func() { errs <- r.Join(t.Context(), seat(id, ann)) }() // joins have their own bound
		synctest.Wait()
		close(release)
		for range 129 {
			require.NoError(t, <-errs)
		}
	})
}

func TestSignalCallerWhoGaveUpIsNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := 0
		r, _ := live(t, &script{
			set:    match.Settings{Overrun: match.Skip},
			signal: func(turn, string) (string, error) { signals++; time.Sleep(2 * time.Second); return "late", nil },
		}, tick.Config{}, match.Config{})
		id := create(t, r)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("out of patience"))
		defer cancel()
		second := make(chan error, 1)
		go func() {
			synctest.Wait()
			_, err := r.Signal(ctx, id, "waits behind the first")
			second <- err
		}()
		_, err := r.Signal(ctx, id, "")
		require.EqualError(t, err, "out of patience")
		require.EqualError(t, <-second, "out of patience")
		_, err = r.Signal(ctx, id, "too late from the start")
		require.EqualError(t, err, "out of patience")
		pause(time.Minute)
		require.Equal(t, 1, signals)
	})
}

// passOn makes h pass a signal on to the first match that its data names, and answer what that one answers.
func passOn(h *script, r *match.Registry) {
	h.signal = func(c turn, data string) (string, error) {
		next, rest, _ := strings.Cut(data, " ")
		if next == "" {
			return "end of the line", nil
		}
		return r.Signal(c.Context, match.ID(next), rest)
	}
}

// registries are those on which waiting in a turn is tried: by hand, and with one worker that nobody else relieves, so
// that only Handle.Detach can.
func registries(t *testing.T, h *script, test func(t *testing.T, r *match.Registry)) {
	t.Run("Manual", func(t *testing.T) { test(t, newWorld(t, h, match.Config{}).Registry) })
	t.Run("Scheduler", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, _ := live(t, h, tick.Config{Workers: 1, Slow: time.Hour}, match.Config{})
			began := time.Now()
			test(t, r)
			require.Less(t, time.Since(began), 3*every, "nobody waited for a deadline")
		})
	})
}

func TestMatchesMayCallEachOtherButNotInACircle(t *testing.T) {
	h := &script{}
	registries(t, h, func(t *testing.T, r *match.Registry) {
		passOn(h, r)
		a, b, c := create(t, r), create(t, r), create(t, r)
		for _, route := range []struct {
			path []match.ID
			err  error
		}{
			{[]match.ID{a, b}, nil},
			{[]match.ID{a, b, c}, nil},
			{[]match.ID{a, a}, match.ErrOwnTurn},
			{[]match.ID{a, b, a}, match.ErrOwnTurn},
			{[]match.ID{a, b, c, a}, match.ErrOwnTurn},
			{[]match.ID{a, b, c, b}, match.ErrOwnTurn},
			{[]match.ID{c, b, a}, nil},
		} {
			var rest []string
			for _, id := range route.path[1:] {
				rest = append(rest, string(id))
			}
			reply, err := r.Signal(t.Context(), route.path[0], strings.Join(rest, " "))
			require.ErrorIs(t, err, route.err)
			if route.err == nil {
				require.Equal(t, "end of the line", reply)
			}
		}
		require.Equal(t, 3, r.Len(), "nobody ended")
	})
}

// Two matches that call each other at the same moment: one of them is refused, and none waits.
func TestMatchesThatCallEachOtherAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meet := make(chan none)
		h := &script{set: match.Settings{Overrun: match.Skip}}
		r, _ := live(t, h, tick.Config{Workers: 2}, match.Config{})
		h.signal = func(c turn, other string) (string, error) {
			if other == "" {
				return "answer", nil
			}
			<-meet
			return r.Signal(c.Context, match.ID(other), "")
		}
		a, b := create(t, r), create(t, r)
		errs := make(chan error, 2)
		for _, pair := range [][2]match.ID{{a, b}, {b, a}} {
			go func() { _, err := r.Signal(t.Context(), pair[0], string(pair[1])); errs <- err }()
		}
		pause(time.Second)
		close(meet)
		first, second := <-errs, <-errs
		if first == nil {
			first, second = second, first
		}
		require.ErrorIs(t, first, match.ErrOwnTurn)
		require.NoError(t, second)
	})
}

func TestWaitingCallsFromACallback(t *testing.T) {
	calls := map[string]func(c turn, r *match.Registry, id match.ID) error{
		"Signal": func(c turn, r *match.Registry, id match.ID) error {
			_, err := r.Signal(c.Context, id, "")
			return err
		},
		"Join": func(c turn, r *match.Registry, id match.ID) error { return r.Join(c.Context, seat(id, dan)) },
		"End":  func(c turn, r *match.Registry, id match.ID) error { return r.End(c.Context, id, 0) },
		"Create": func(c turn, r *match.Registry, id match.ID) error { // Init calls a match in the turn of this one
			_, err := r.Create(c.Context, "caller", id)
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			h := &script{}
			registries(t, h, func(t *testing.T, r *match.Registry) {
				match.Register(r, "caller", &script{init: func(ctx context.Context, p match.Params) (match.Settings, error) {
					_, err := r.Signal(ctx, p.Value.(match.ID), "")
					return match.Settings{}, err
				}})
				match.Register(r, "other", &script{})
				other, err := r.Create(t.Context(), "other", nil)
				require.NoError(t, err)
				var errOwn, errOther error
				h.signal = func(c turn, _ string) (string, error) {
					errOwn, errOther = call(c, r, c.ID()), call(c, r, other)
					return "", nil
				}
				_, err = r.Signal(t.Context(), create(t, r), "")
				require.NoError(t, err)
				require.ErrorIs(t, errOwn, match.ErrOwnTurn)
				require.NoError(t, errOther)
			})
		})
	}
}

func TestSlowInitInACallbackHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &script{set: match.Settings{Overrun: match.Skip}}
		r, _ := live(t, h, tick.Config{Workers: 1, Slow: time.Hour}, match.Config{})
		h.signal = func(c turn, _ string) (string, error) { _, err := r.Create(c.Context, "slow", nil); return "", err }
		match.Register(r, "slow", &script{init: func(context.Context, match.Params) (match.Settings, error) {
			time.Sleep(5 * time.Second)
			return match.Settings{}, nil
		}})
		s := &stall{}
		match.Register(r, "fine", &script{loop: s.loop(time.Now())})
		_, err := r.Create(t.Context(), "fine", nil)
		require.NoError(t, err)
		_, err = r.Signal(t.Context(), create(t, r), "")
		require.NoError(t, err)
		synctest.Wait()
		require.GreaterOrEqual(t, len(s.begins), 49)
		for i, at := range s.begins {
			require.Equal(t, time.Duration(i+1)*every, at, "tick %d", i)
		}
	})
}

func TestCallsThatDoNotWaitAreFreeInACallback(t *testing.T) {
	j := &journal{}
	w := newWorld(t, &script{leave: func(_ turn, gone []match.Departure) error {
		j.add("leave %s", sessions(gone))
		return nil
	}}, match.Config{})
	match.Register(w.Registry, "self", &script{
		leave: func(_ turn, gone []match.Departure) error { j.add("leave %s", sessions(gone)); return nil },
		loop: func(c turn, in []match.Message) error {
			j.add("loop %d: %d messages", c.tick.N, len(in))
			if c.tick.N == 0 {
				require.NoError(t, w.Send(c.ID(), "ann", match.Message{}))
				require.NoError(t, w.Leave(c.ID(), "bob", match.Left))
				require.NoError(t, w.Kick(c.ID(), cid))
				j.add("loop ends")
			}
			return nil
		},
	})
	id, err := w.Create(t.Context(), "self", nil)
	require.NoError(t, err)
	for _, p := range []presence.Presence{ann, bob, cid} {
		require.NoError(t, w.join(id, p))
	}
	w.tick(2)
	require.Equal(t, []string{
		"loop 0: 0 messages", "loop ends", "leave bob left", "leave cid kicked", "loop 1: 1 messages",
	}, j.take())
}
