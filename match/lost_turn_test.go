package match_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// late lets one save of a shelf happen later than its caller waits for it; do carries it out.
func (w *keptWorld) late() (do func() error) {
	var held *match.Snapshot
	w.saving(func(s match.Snapshot) error {
		if held == nil {
			held = &s
			return errStore // which says nothing about what becomes of it
		}
		return nil
	})
	return func() error { return w.SaveSnapshot(context.Background(), *held) }
}

// A save that was given up may be carried out by the store later than those that came after it.
func TestASaveThatComesLateChangesNothing(t *testing.T) {
	t.Run("after a newer one", func(t *testing.T) {
		inKeptWorld(t, func(t *testing.T, w *keptWorld) {
			id := w.create("m", ann)
			do := w.late()
			require.Equal(t, "1", w.signal(id, "count"))
			require.Equal(t, "2", w.signal(id, "count"))
			require.ErrorIs(t, do(), match.ErrStale)
			w.restart(t)
			require.Equal(t, "3", w.signal(id, "count"))
		})
	})
	t.Run("after the end", func(t *testing.T) {
		inKeptWorld(t, func(t *testing.T, w *keptWorld) {
			id := w.create("m", ann)
			do := w.late()
			require.Equal(t, "1", w.signal(id, "count"))
			require.NoError(t, w.End(t.Context(), id, 0))
			require.ErrorIs(t, do(), match.ErrNotFound)
			w.restart(t)
			require.Zero(t, w.Len(), "the match has not come back")
		})
	})
	t.Run("after the next process has looked", func(t *testing.T) {
		inKeptWorld(t, func(t *testing.T, w *keptWorld) {
			id := w.create("m")
			var last match.Snapshot
			w.saving(func(s match.Snapshot) error { last = s; return nil })
			require.Equal(t, "1", w.signal(id, "count"))
			last.Version, last.State = last.Version+1, []byte("5")
			w.restart(t)
			require.NoError(t, w.SaveSnapshot(t.Context(), last), "nothing has been stored since")
			require.Equal(t, "6", w.signal(id, "count"), "what was stored last counts")
		})
	})
}

// inOneTurn has a match do several things in one turn that is stored. What its store answers to that is answer's business,
// which is asked again and again.
func (w *keptWorld) inOneTurn(id match.ID, answer func() error, do ...func()) {
	w.t.Helper()
	open, saves := make(chan struct{}), 0
	w.failing(func(op string) error {
		if op != "save" {
			return nil
		}
		if saves++; saves > 1 {
			return answer()
		}
		<-open
		return nil
	})
	count := func() { _, _ = w.Signal(w.t.Context(), id, "count") }
	for _, f := range append([]func(){count}, append(do, count)...) {
		go f()
		synctest.Wait() // the first one waits for the store, and the others for it
	}
	w.take()
	close(open)
	synctest.Wait()
}

// A match that cannot be stored ends, and what its last turn did has not happened: but nobody is left waiting in it.
func TestTheTurnThatCannotBeStored(t *testing.T) {
	const ended = "ended (match: taken over by another process)"
	for _, c := range []struct {
		name  string
		do    func(t *testing.T, w *keptWorld, q match.JoinRequest) // while ann is a member, and bob with a sink
		bob   []string                                              // what bob's sink hears
		says  []string                                              // what the outbox hears
		hooks []string                                              // who has joined and left
	}{
		{
			"a member leaves", func(t *testing.T, w *keptWorld, q match.JoinRequest) {
				assert.NoError(t, w.Leave(q.ID, "bob", match.Left))
			}, []string{"EOF"}, []string{ended + " to ann"}, []string{"-bob left"},
		},
		{
			"a member is kicked", func(t *testing.T, w *keptWorld, q match.JoinRequest) {
				assert.NoError(t, w.Kick(q.ID, bob))
			}, []string{"presence + -bob", "EOF"}, []string{ended + " to ann"}, []string{"-bob kicked"},
		},
		{
			"a member with a socket is kicked", func(t *testing.T, w *keptWorld, q match.JoinRequest) {
				assert.NoError(t, w.Kick(q.ID, ann))
			}, []string{ended, "EOF"}, []string{"presence + -ann to ann", "flush ann"}, []string{"-ann kicked"},
		},
		{
			"a player joins", func(t *testing.T, w *keptWorld, q match.JoinRequest) {
				assert.ErrorIs(t, w.Join(t.Context(), q), match.ErrNotFound)
			}, []string{ended, "EOF"}, []string{ended + " to ann"}, []string{"+cid", "-cid disconnected"},
		},
		{
			"a spectator comes", func(t *testing.T, w *keptWorld, q match.JoinRequest) {
				assert.ErrorIs(t, w.Watch(t.Context(), q, 0), match.ErrNotFound)
			}, []string{ended, "EOF"}, []string{ended + " to ann"}, nil,
		},
		{
			"a spectator with a delay comes", func(t *testing.T, w *keptWorld, q match.JoinRequest) {
				assert.ErrorIs(t, w.Watch(t.Context(), q, time.Minute), match.ErrNotFound)
			}, []string{ended, "EOF"}, []string{ended + " to ann"}, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			inKeptWorld(t, func(t *testing.T, w *keptWorld) {
				var hooks []string
				w.hooks = match.Hooks{
					Joined: func(_ match.ID, p presence.Presence) { hooks = append(hooks, "+"+p.Session) },
					Left: func(_ match.ID, d match.Departure) {
						hooks = append(hooks, "-"+d.Session+" "+d.Reason.String())
					},
				}
				w.restart(t)
				id := w.create("m", ann)
				q, bobs := bot(id, bob)
				require.NoError(t, w.Join(t.Context(), q))
				synctest.Wait()
				w.advance(every)
				heard(t, bobs)
				hooks = nil

				q, cids := bot(id, cid)
				q.Accepted = func(match.Joined) { t.Error("accepted") }
				w.inOneTurn(id, func() error { return match.ErrStale }, func() { c.do(t, w, q) })
				bobHeard, says := heard(t, bobs), w.take()
				require.Equal(t, c.bob, bobHeard[len(bobHeard)-len(c.bob):])
				require.Subset(t, says, c.says)
				require.Equal(t, c.hooks, hooks)
				_, err := w.Get(id)
				require.ErrorIs(t, err, match.ErrNotFound)

				w.failing(nil)
				q.ID, q.Accepted = w.create("m"), nil
				require.Empty(t, heard(t, cids))
				require.NoError(t, w.Join(t.Context(), q), "a sink that was not used is its owner's")
				synctest.Wait()
				require.Equal(t, []string{"presence +cid -"}, heard(t, cids))
			})
		})
	}
}

// What has failed is told: as the cause of an end that the stop alone would not have been, or in the log.
func TestWhyAnEndIsNotStored(t *testing.T) {
	for name, c := range map[string]struct {
		op    string
		end   func(w *keptWorld, id match.ID)
		cause error
		logs  string
	}{
		"the registry stops": {"save", func(w *keptWorld, _ match.ID) {
			over, cancel := context.WithCancel(w.t.Context())
			cancel()
			assert.NoError(w.t, w.Run(over))
		}, match.ErrStale, `msg="match failed"`},
		"the match ends": {"delete", func(w *keptWorld, id match.ID) {
			assert.NoError(w.t, w.End(w.t.Context(), id, 0))
		}, match.ErrStopped, `msg="match ended, but its snapshot stays"`},
	} {
		t.Run(name, func(t *testing.T) {
			inKeptWorld(t, func(t *testing.T, w *keptWorld) {
				var cause error
				var logged bytes.Buffer
				w.hooks.Ended = func(_ match.Info, _ []presence.Presence, err error) { cause = err }
				w.log = slog.New(slog.NewTextHandler(&logged, nil))
				w.restart(t)
				id := w.create("m", ann)
				w.failing(func(op string) error {
					if op == c.op {
						return match.ErrStale
					}
					return nil
				})
				c.end(w, id)
				synctest.Wait()
				require.ErrorIs(t, cause, c.cause)
				require.Contains(t, logged.String(), c.logs)
				require.Contains(t, logged.String(), match.ErrStale.Error())
			})
		})
	}
}

// Who gives up a reservation while it is being stored has none, and who had one before has that.
func TestAReservationIsGivenUpWhileItIsStored(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		require.NoError(t, w.Reserve(t.Context(), id, []presence.Presence{bob}, 20*time.Second))
		synctest.Wait()
		taken := func() int {
			info, err := w.Get(id)
			require.NoError(t, err)
			return info.Taken
		}
		w.inOneTurn(id, func() error { return errStore }, func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := w.Reserve(ctx, id, []presence.Presence{bob, cid}, time.Hour)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		require.Equal(t, 3, taken(), "there were two more while it looked as if it would be done")
		pause(2 * time.Second)
		w.failing(nil)
		pause(10 * time.Second)
		require.Equal(t, 2, taken(), "of ann, and for bob")
		w.restart(t)
		require.Equal(t, 1, taken(), "the store knows; ann has not come back")
		w.advance(21 * time.Second)
		require.Zero(t, taken(), "what bob had before is over")
	})
}

// A sink that was given up while the match had it does not come back: the match may still pour into it.
func TestASinkIsGivenUpWhileItsJoinIsStored(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		w.failing(func(string) error { return errStore })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		q, bobs := bot(id, bob)
		require.ErrorIs(t, w.Join(ctx, q), context.DeadlineExceeded)
		require.ErrorIs(t, w.Join(t.Context(), q), match.ErrSinkUsed)
		w.failing(nil)
		pause(10 * time.Second)
		w.advance(every)
		got := heard(t, bobs)
		require.Equal(t, "EOF", got[len(got)-1])
		q, _ = bot(id, bob)
		assert.NoError(t, w.Join(t.Context(), q))
	})
}
