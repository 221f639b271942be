package match_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

func TestCreateStores(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id, err := w.Create(t.Context(), "m", nil)
		require.NoError(t, err)
		require.Equal(t, []string{"save"}, w.done())
		require.Equal(t, "0", w.state(id))

		w.failing(func(string) error { return errStore })
		_, err = w.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, errStore)
		require.Equal(t, 1, w.Len(), "a match that is not stored is not there")
	})
}

// A save may be done though its answer is lost. The creator was told that there is no match, so there is none later either.
func TestCreateTakesBackWhatMayBeStored(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.shelf.lost = errStore
		_, err := w.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, errStore)
		require.Equal(t, []string{"save", "save"}, w.done())
		w.restart(t)
		require.Zero(t, w.Len())
		require.Empty(t, w.kept, "what was left in its place is gone too")
	})
}

// The store may carry a save out after the creator was told that it failed, and after all that is done about that.
func TestAFirstSaveThatComesLateChangesNothing(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		var late match.Snapshot
		w.saving(func(s match.Snapshot) error {
			if late.ID == "" {
				late = s
				return context.DeadlineExceeded
			}
			return nil
		})
		_, err := w.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, w.SaveSnapshot(t.Context(), late), match.ErrStale)
		w.restart(t)
		require.Zero(t, w.Len())
		require.Empty(t, w.kept)
	})
}

// A match that is refused after it was stored leaves nothing behind.
func TestCreateWhileTheRegistryStopsLeavesNothing(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		ctx, stop := context.WithCancel(t.Context())
		running := make(chan error, 1)
		go func() { running <- w.Run(ctx) }()
		synctest.Wait()
		w.failing(func(op string) error {
			if op == "save" {
				stop()
				synctest.Wait()
			}
			return nil
		})
		_, err := w.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, match.ErrStopped)
		require.NoError(t, <-running)
		require.Empty(t, w.kept)
	})
}

func TestCreateReportsABadSnapshot(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.game.save = func(*int) ([]byte, error) { panic("oh") }
		_, err := w.Create(t.Context(), "m", nil)
		var p *match.PanicError
		require.ErrorAs(t, err, &p)
		require.Equal(t, "Snapshot", p.Callback)
		require.Zero(t, w.Len())
		require.Empty(t, w.done())
	})
}

// All that a stored turn says waits for the store: replies, answers, events, data.
func TestNothingIsConfirmedBeforeItIsStored(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *keptWorld, id match.ID) // in a goroutine
		says []string                        // what the world hears once it is stored
	}{
		{"a join", func(w *keptWorld, id match.ID) {
			q := seat(id, bob)
			q.Accepted = func(match.Joined) { w.journal.add("accepted") }
			require.NoError(w.t, w.Join(w.t.Context(), q))
			w.journal.add("joined")
		}, []string{"accepted", "joined", "presence +bob - to ann,bob", "flush ann,bob"}},
		{"a signal", func(w *keptWorld, id match.ID) {
			reply, err := w.Signal(w.t.Context(), id, "count")
			require.NoError(w.t, err)
			w.journal.add("reply %s", reply)
		}, []string{`data 0 "counted" to ann`, "flush ann", "reply 1"}},
		{"a message", func(w *keptWorld, id match.ID) {
			require.NoError(w.t, w.Send(id, "ann", match.Message{}))
		}, []string{`data 0 "1" to ann`, "flush ann"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inKeptWorld(t, func(t *testing.T, w *keptWorld) {
				id := w.create("m", ann)
				open := make(chan struct{})
				w.failing(func(string) error { <-open; return nil })
				go c.do(w, id)
				synctest.Wait()
				w.advance(every)
				for _, line := range c.says {
					require.NotContains(t, w.lines, line)
				}
				close(open)
				synctest.Wait()
				heard := w.take()
				for _, line := range c.says {
					require.Contains(t, heard, line)
				}
				if c.name == "a join" {
					heard = slices.DeleteFunc(heard, func(l string) bool { return l != "accepted" && l != "flush ann,bob" })
					require.Equal(t, "accepted", heard[0], "the reply comes first")
				}
			})
		})
	}
}

func TestAMatchThatIsNotStoredDoesNotWait(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.game.loop = func(d *match.Dispatcher, _ *int) { require.NoError(t, d.Broadcast(match.Outgoing{Data: []byte("x")})) }
		id := w.create("m", ann)
		w.failing(func(string) error { return errStore })
		require.Equal(t, "1", w.signal(id, "count and forget"))
		require.Equal(t, []string{`data 0 "counted" to ann`, "flush ann"}, w.take())
	})
}

func TestASleeperIsUnloadedAndLoadedAgain(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.game.label = func(n int) string { return fmt.Sprintf(`{"n":%d}`, n) }
		id := w.create("holder", ann)
		w.send(id, ann)
		w.advance(every)
		w.take()

		require.NoError(t, w.Leave(id, "ann", match.Disconnected))
		w.advance(every)
		require.Equal(t, []string{"hold ann", "loop 2 at 300ms"}, slices.DeleteFunc(w.take(), func(l string) bool { return l[0] == 'p' }))
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Equal(t, `{"n":1}`, info.Label)
		require.Equal(t, [2]int{0, 1}, [2]int{info.Size, info.Taken}, "the seat is held")
		w.done()
		w.advance(30 * time.Second)
		require.Empty(t, w.done(), "nothing happens")

		require.Equal(t, "1", w.signal(id, ""))
		require.Equal(t, []string{"restore 1", "loop 3 at 30.3s"}, w.take())
		require.Equal(t, []string{"load", "save"}, w.done())
		back := ann
		back.Session = "ann-2"
		require.NoError(t, w.join(id, back))
		synctest.Wait()
		require.Contains(t, w.take(), "return ann-2 for ann, count 1")
	})
}

func TestTheHeldSeatOfASleeperExpires(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("holder", ann)
		require.NoError(t, w.Leave(id, "ann", match.Disconnected))
		w.advance(every)
		w.take()
		w.done()
		w.advance(time.Minute)
		require.Equal(t, []string{"restore 0", "leave ann hold expired"}, w.take())
		require.Equal(t, []string{"load", "save"}, w.done())
		w.restart(t)
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Zero(t, info.Taken)
	})
}

func TestTheEndDeletesAndIsToldAfterwards(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		open := make(chan struct{})
		w.failing(func(string) error { <-open; return nil })
		go func() { _, _ = w.Signal(t.Context(), id, "end") }()
		synctest.Wait()
		require.Empty(t, w.take())
		close(open)
		synctest.Wait()
		require.Equal(t, []string{`data 0 "the end" to ann`, "flush ann", "ended (<nil>) to ann", "flush ann"}, w.take())
		require.Equal(t, []string{"delete"}, w.done())
		require.Empty(t, w.kept)
		require.Zero(t, w.Len())
	})
}

func TestEndOfASleeperLoadsNothing(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m")
		require.NoError(t, w.End(t.Context(), id, 0))
		synctest.Wait()
		require.Equal(t, []string{"delete"}, w.done())
	})
}

func TestAStoreThatFailsIsTriedAgain(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		w.failing(func(string) error { return errStore })
		w.send(id, ann)
		w.clock.Advance(every)
		pause(time.Minute)
		require.Equal(t, []string{"loop 1 at 200ms"}, w.take(), "nothing is confirmed")
		w.send(id, ann)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := w.Signal(ctx, id, "count")
		require.ErrorIs(t, err, context.DeadlineExceeded, "callers do not wait for ever")
		require.ErrorIs(t, w.Join(ctx, seat(id, bob)), context.DeadlineExceeded)

		w.failing(nil)
		pause(10 * time.Second)
		require.Equal(t, []string{`data 0 "1" to ann`, "flush ann"}, w.take())
		w.advance(every)
		require.Contains(t, w.take(), `data 0 "2" to ann`, "what was sent meanwhile is there, the given-up signal is not")
		require.NotContains(t, w.lines, "join bob")
	})
}

// A join that has its seat, but whose caller gives up before it is stored, leaves no ghost.
func TestAJoinIsGivenUpWhileItIsStored(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		w.failing(func(string) error { return errStore })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		q := seat(id, bob)
		q.Accepted = func(match.Joined) { t.Error("accepted") }
		require.ErrorIs(t, w.Join(ctx, q), context.DeadlineExceeded)
		require.Contains(t, w.take(), "join bob, tick 1, count 0")
		w.failing(nil)
		pause(10 * time.Second)
		w.advance(every)
		heard := w.take()
		require.Contains(t, heard, "leave bob disconnected")
		require.Contains(t, heard, "presence + -bob to ann")
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Equal(t, 1, info.Taken)
	})
}

func TestWhatCannotBeSavedOrRestoredStaysInTheStore(t *testing.T) {
	bad := errors.New("bad bytes")
	for _, c := range []struct {
		name    string
		spoil   func(w *keptWorld)
		restart bool
		is      func(t *testing.T, err error)
	}{
		{"Snapshot fails", func(w *keptWorld) { w.game.save = func(*int) ([]byte, error) { return nil, bad } }, false, wraps(bad)},
		{"Snapshot panics", func(w *keptWorld) { w.game.save = func(*int) ([]byte, error) { panic("oh") } }, false, panicIn("Snapshot")},
		{"Restore fails", func(w *keptWorld) { w.game.load = func([]byte) (int, error) { return 0, bad } }, true, wraps(bad)},
		{"Restore panics", func(w *keptWorld) { w.game.load = func([]byte) (int, error) { panic("oh") } }, true, panicIn("Restore")},
	} {
		t.Run(c.name, func(t *testing.T) {
			inKeptWorld(t, func(t *testing.T, w *keptWorld) {
				var cause error
				w.hooks.Ended = func(_ match.Info, _ []presence.Presence, err error) { cause = err }
				w.restart(t)
				id := w.create("m")
				require.Equal(t, "1", w.signal(id, "count"))
				w.advance(time.Second)
				if c.restart {
					w.restart(t)
				}
				c.spoil(w)
				_, err := w.Signal(t.Context(), id, "count")
				require.ErrorIs(t, err, match.ErrNotFound)
				synctest.Wait()
				c.is(t, cause)
				require.Zero(t, w.Len())

				w.game.save, w.game.load = nil, nil
				w.restart(t)
				require.Equal(t, "2", w.signal(id, "count"), "a better program goes on with it")
			})
		})
	}
}

func wraps(want error) func(*testing.T, error) {
	return func(t *testing.T, err error) { t.Helper(); require.ErrorIs(t, err, want) }
}

func panicIn(callback string) func(*testing.T, error) {
	return func(t *testing.T, err error) {
		t.Helper()
		var p *match.PanicError
		require.ErrorAs(t, err, &p)
		require.Equal(t, callback, p.Callback)
	}
}

func TestWhatIsNotInTheStoreAnyMoreHasEnded(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m")
		delete(w.kept, id)
		_, err := w.Signal(t.Context(), id, "")
		require.ErrorIs(t, err, match.ErrNotFound)
		synctest.Wait()
		require.Zero(t, w.Len())
	})
}

func TestSaveOutsideACallback(t *testing.T) {
	var d *match.Dispatcher
	w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error { d = c.Dispatcher; return c.Save() }}, match.Config{})
	w.create()
	w.tick(1)
	require.ErrorIs(t, d.Save(), match.ErrOutside)
}

// Bots and spectators, near and far, are no exception.
func TestSinksWaitForTheStoreToo(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		var bot, near, late match.Sink
		q := seat(id, bob)
		q.Sink = &bot
		require.NoError(t, w.Join(t.Context(), q))
		q = match.JoinRequest{ID: id, Who: match.Joiner{Presence: cid}, Sink: &near}
		require.NoError(t, w.Watch(t.Context(), q, 0))
		q = match.JoinRequest{ID: id, Who: match.Joiner{Presence: dan}, Sink: &late}
		require.NoError(t, w.Watch(t.Context(), q, time.Second))
		synctest.Wait()
		w.advance(every)

		heard := make(chan string, 10)
		listen := func(name string, s *match.Sink) {
			for {
				e, err := s.Next(t.Context())
				if err != nil {
					return
				}
				if e.Kind == match.DataEvent {
					heard <- name
				}
			}
		}
		go listen("bot", &bot)
		go listen("near", &near)
		go listen("late", &late)
		w.failing(func(string) error { return errStore })
		w.send(id, ann)
		w.advance(10 * time.Second)
		require.Empty(t, heard)
		w.failing(nil)
		pause(10 * time.Second)
		require.ElementsMatch(t, []string{"bot", "near", "late"}, []string{<-heard, <-heard, <-heard})
		require.NoError(t, w.End(t.Context(), id, 0))
		w.advance(time.Second)
	})
}

// Who watches with a delay does not hear again of what it was told when it came, though that has waited for the store.
func TestLateSpectatorOfATurnThatIsStored(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		require.NoError(t, w.watch(id, cid, time.Second)) // so that there is something to be late with
		synctest.Wait()
		open := make(chan struct{})
		w.failing(func(string) error { <-open; return nil })
		w.send(id, ann)
		w.advance(every)
		go func() { assert.NoError(t, w.join(id, bob)) }() // the turn that waits handles both
		synctest.Wait()
		late := &match.Sink{}
		go func() {
			q := match.JoinRequest{ID: id, Who: match.Joiner{Presence: dan}, Sink: late}
			q.Accepted = func(j match.Joined) { assert.Equal(t, "ann,bob", names(j.Members)) }
			assert.NoError(t, w.Watch(t.Context(), q, time.Second))
		}()
		synctest.Wait()
		close(open)
		synctest.Wait()
		w.failing(nil)
		require.NoError(t, w.Leave(id, "bob", match.Left))
		pause(10 * time.Second)
		w.advance(10 * time.Second)
		got := heard(t, late)
		require.Contains(t, got, "presence + -bob")
		require.NotContains(t, got, "presence +bob -")
		require.NoError(t, w.End(t.Context(), id, 0))
		w.advance(time.Second)
	})
}
