package match_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

var errBroken = errors.New("broken")

// failing is a match with ann and bob in it, one of whose callbacks does f; fire makes that callback run.
func failing(t *testing.T, callback string, f func(c turn) error, c match.Config) (w *world, fire func() error) {
	t.Helper()
	h := &script{}
	w = newWorld(t, h, c)
	id := w.create(ann, bob)
	switch callback {
	case "JoinAttempt":
		h.attempt = func(c turn, _ match.Joiner) error { return f(c) }
		return w, func() error { return w.join(id, cid) }
	case "Join":
		h.join = func(c turn, _ []presence.Presence) error { return f(c) }
		return w, func() error { return w.join(id, cid) }
	case "Leave":
		h.leave = func(c turn, _ []match.Departure) error { return f(c) }
		return w, func() error { return w.Leave(id, "bob", match.Left) }
	case "Loop":
		h.loop = func(c turn, _ []match.Message) error { return f(c) }
		return w, func() error { w.tick(1); return nil }
	case "Terminate":
		h.terminate = func(c turn, _ time.Duration) error { return f(c) }
		return w, func() error { return w.End(t.Context(), id, time.Minute) }
	case "Signal":
		h.signal = func(c turn, _ string) (string, error) { return "", f(c) }
		return w, func() error { _, err := w.Signal(t.Context(), id, ""); return err }
	}
	t.Fatal(callback)
	return nil, nil
}

// after is who is left in the match when the callback has done its harm.
var after = map[string]string{
	"JoinAttempt": "ann,bob", "Join": "ann,bob,cid", "Leave": "ann", "Loop": "ann,bob", "Terminate": "ann,bob",
	"Signal": "ann,bob",
}

// told is the end of what members hear.
func told(t *testing.T, w *world, n int) []string {
	t.Helper()
	lines := w.take()
	require.GreaterOrEqual(t, len(lines), n)
	return lines[len(lines)-n:]
}

func TestErrEndFromAnyCallbackEndsTheMatchCleanly(t *testing.T) {
	for callback, roster := range after {
		t.Run(callback, func(t *testing.T) {
			j := &journal{}
			w, fire := failing(t, callback, func(c turn) error {
				require.NoError(t, c.Broadcast(match.Outgoing{Op: 9, Data: []byte("bye")}))
				return errors.Join(errBroken, match.ErrEnd) // an error that Is ErrEnd
			}, match.Config{Outbox: j, Hooks: match.Hooks{Ended: j.hooks().Ended}})
			j.take()
			if err := fire(); callback == "JoinAttempt" {
				_, rejected := errors.AsType[*match.RejectError](err)
				require.True(t, rejected)
			} else {
				require.NoError(t, err)
			}
			lines := j.take()
			require.Equal(t, []string{
				`data 9 "bye" to ` + roster, "flush " + roster,
				"ended (<nil>) to " + roster, "flush " + roster,
				"hook ended m [" + roster + "] (<nil>)",
			}, lines[len(lines)-5:])
			require.Zero(t, w.Len())
		})
	}
}

func TestReasonOfARefusalThatEndsTheMatch(t *testing.T) {
	_, fire := failing(t, "JoinAttempt", func(turn) error {
		return errors.Join(match.Reject("closing"), match.ErrEnd)
	}, match.Config{})
	err := fire()
	rejected, ok := errors.AsType[*match.RejectError](err)
	require.True(t, ok)
	require.Equal(t, "closing", rejected.Reason)
	require.NotErrorIs(t, err, match.ErrEnd)
}

// A kick in JoinAttempt runs Leave, and that may end the match: then there is no seat to give.
func TestMatchMayEndBetweenTheAttemptAndTheSeat(t *testing.T) {
	w := newWorld(t, &script{
		attempt: func(c turn, who match.Joiner) error { return c.Kick(c.Members()...) },
		leave:   func(turn, []match.Departure) error { return match.ErrEnd },
		join: func(_ turn, who []presence.Presence) error {
			require.Equal(t, []presence.Presence{ann}, who)
			return nil
		},
	}, match.Config{})
	id := w.create(ann)
	require.ErrorIs(t, w.join(id, bob), match.ErrNotFound)
	require.Zero(t, w.Len())
}

func TestOtherErrorsEndTheMatchAsFailed(t *testing.T) {
	for callback, roster := range after {
		if callback == "JoinAttempt" || callback == "Signal" {
			continue // theirs go to the caller
		}
		t.Run(callback, func(t *testing.T) {
			var logged bytes.Buffer
			w, fire := failing(t, callback, func(turn) error { return errBroken },
				match.Config{Logger: slog.New(slog.NewTextHandler(&logged, nil))})
			require.NoError(t, fire())
			require.Equal(t, []string{"ended (broken) to " + roster, "flush " + roster}, told(t, w, 2))
			require.Zero(t, w.Len())
			require.Contains(t, logged.String(), "match failed")
			require.Contains(t, logged.String(), "broken")
		})
	}
}

func TestPanicEndsThatMatchAlone(t *testing.T) {
	for callback, roster := range after {
		for name, value := range map[string]any{"text": "oops", "error": io.ErrUnexpectedEOF, "ErrEnd": match.ErrEnd} {
			t.Run(callback+" "+name, func(t *testing.T) {
				var logged bytes.Buffer
				var cause error
				w, fire := failing(t, callback, func(turn) error { panic(value) }, match.Config{
					Logger: slog.New(slog.NewTextHandler(&logged, nil)),
					Hooks:  match.Hooks{Ended: func(_ match.Info, _ []presence.Presence, err error) { cause = err }},
				})
				match.Register(w.Registry, "neighbour", &script{})
				neighbour, err := w.Create(t.Context(), "neighbour", nil)
				require.NoError(t, err)

				err = fire()
				panicked, ok := errors.AsType[*match.PanicError](cause)
				require.True(t, ok)
				require.Equal(t, callback, panicked.Callback)
				require.Equal(t, value, panicked.Value)
				require.Contains(t, string(panicked.Stack), "failure_test.go", "the stack shows where")
				if callback == "JoinAttempt" || callback == "Signal" {
					require.Error(t, err, "the caller is told")
				}
				lines := told(t, w, 2)
				require.Equal(t, "flush "+roster, lines[1])
				require.Equal(t, "ended ("+panicked.Error()+") to "+roster, lines[0])
				require.Contains(t, logged.String(), "failure_test.go")
				w.tick(1)
				_, err = w.Get(neighbour)
				require.NoError(t, err)
				require.Equal(t, 1, w.Len())
			})
		}
	}
}

func TestPanicValueThatIsAnErrorCanBeAskedFor(t *testing.T) {
	_, fire := failing(t, "Signal", func(turn) error { panic(io.ErrUnexpectedEOF) }, match.Config{})
	require.ErrorIs(t, fire(), io.ErrUnexpectedEOF)
	_, fire = failing(t, "Signal", func(turn) error { panic("text") }, match.Config{})
	require.NotErrorIs(t, fire(), io.ErrUnexpectedEOF)
}

func TestContextIsDoneWhenTheMatchHasEnded(t *testing.T) {
	var early, late turn
	w := newWorld(t, &script{
		join: func(c turn, _ []presence.Presence) error { early = c; return nil },
		loop: func(c turn, _ []match.Message) error {
			late = c
			require.NoError(t, c.Err())
			select {
			case <-early.Done():
				t.Error("done before the end")
			default:
			}
			_, limited := c.Deadline()
			require.False(t, limited)
			return match.ErrEnd
		},
	}, match.Config{})
	w.create(ann)
	w.tick(1)
	<-early.Done()
	<-late.Done()
	require.Error(t, late.Err())
	require.Nil(t, late.Value("anything"))
}

func TestCallersWaitingForAMatchThatEndsAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan none)
		r, _ := live(t, &script{loop: func(turn, []match.Message) error { <-release; return match.ErrEnd }},
			tick.Config{}, match.Config{})
		id := create(t, r)
		pause(every)
		answers := make(chan error, 3)
		go func() { answers <- r.Join(t.Context(), seat(id, ann)) }()
		go func() { _, err := r.Signal(t.Context(), id, ""); answers <- err }()
		go func() { answers <- r.End(t.Context(), id, time.Minute) }()
		synctest.Wait()
		began := time.Now()
		close(release)
		got := []error{<-answers, <-answers, <-answers}
		require.Zero(t, time.Since(began), "at once")
		require.ElementsMatch(t, []error{match.ErrNotFound, match.ErrNotFound, nil}, got)
	})
}

// What one match's callback returns is not what another match's call means.
func TestTroubleOfACalledMatchStaysThere(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(c turn, r *match.Registry, id match.ID) error
	}{
		{"a signal that ends it", func(c turn, r *match.Registry, id match.ID) error {
			_, err := r.Signal(c.Context, id, "end")
			return err
		}},
		{"a signal that panics", func(c turn, r *match.Registry, id match.ID) error {
			_, err := r.Signal(c.Context, id, "panic")
			return err
		}},
		{"a join that ends it", func(c turn, r *match.Registry, id match.ID) error {
			return r.Join(c.Context, seat(id, ann))
		}},
		{"a join that panics", func(c turn, r *match.Registry, id match.ID) error {
			return r.Join(c.Context, seat(id, bob))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, &script{
				attempt: func(_ turn, who match.Joiner) error {
					if who.Session == "bob" {
						panic("oops")
					}
					return fmt.Errorf("enough: %w", match.ErrEnd)
				},
				signal: func(_ turn, data string) (string, error) {
					if data == "panic" {
						panic("oops")
					}
					return "", match.ErrEnd
				},
			}, match.Config{})
			id := w.create()
			match.Register(w.Registry, "caller", &script{signal: func(d turn, _ string) (string, error) {
				return "", c.call(d, w.Registry, id)
			}})
			caller, err := w.Create(t.Context(), "caller", nil)
			require.NoError(t, err)
			_, _ = w.Signal(t.Context(), caller, "")
			_, err = w.Get(id)
			require.ErrorIs(t, err, match.ErrNotFound)
			_, err = w.Get(caller)
			require.NoError(t, err, "the caller goes on")
		})
	}
}

func TestInitThatEndsDoesNotEndItsCreator(t *testing.T) {
	var w *world
	w = newWorld(t, &script{signal: func(c turn, _ string) (string, error) {
		_, err := w.Create(c.Context, "dud", nil)
		return "", err
	}}, match.Config{})
	match.Register(w.Registry, "dud", &script{init: func(context.Context, match.Params) (match.Settings, error) {
		return match.Settings{}, match.ErrEnd
	}})
	id := w.create()
	_, err := w.Signal(t.Context(), id, "")
	require.Error(t, err)
	require.NotErrorIs(t, err, match.ErrEnd)
	_, err = w.Get(id)
	require.NoError(t, err, "the creator goes on")
}
