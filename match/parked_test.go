package match_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// A reservation that was used, or made anew, in the turn it came in is not given back when its caller gives up.
func TestAReservationThatWasUsedIsNotGivenBack(t *testing.T) {
	users := []presence.Presence{bob}
	for name, c := range map[string]struct {
		then  func(w *keptWorld, id match.ID) error
		taken int // besides ann's seat
	}{
		"used":      {func(w *keptWorld, id match.ID) error { return w.join(id, bob) }, 1},
		"made anew": {func(w *keptWorld, id match.ID) error { return w.Reserve(w.t.Context(), id, users, 2*time.Hour) }, 1},
		"given up":  {func(w *keptWorld, id match.ID) error { return w.Reserve(w.t.Context(), id, users, 0) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inKeptWorld(t, func(t *testing.T, w *keptWorld) {
				id := w.create("m", ann)
				ctx, giveUp := context.WithCancel(t.Context())
				stored := make(chan struct{})
				w.inOneTurn(id, func() error { <-stored; return nil }, func() {
					assert.ErrorIs(t, w.Reserve(ctx, id, users, time.Hour), context.Canceled)
				}, func() { assert.NoError(t, c.then(w, id)) })
				giveUp()
				synctest.Wait()
				close(stored)
				synctest.Wait()
				w.advance(every)
				info, err := w.Get(id)
				require.NoError(t, err)
				require.Equal(t, 1+c.taken, info.Taken)
			})
		})
	}
}

// Who comes and goes in a turn that cannot be stored leaves once.
func TestWhoComesAndGoesInATurnThatCannotBeStored(t *testing.T) {
	for _, hooked := range []bool{true, false} {
		inKeptWorld(t, func(t *testing.T, w *keptWorld) {
			left := make(map[string]int)
			if hooked {
				w.hooks.Left = func(_ match.ID, d match.Departure) { left[d.Session]++ }
				w.restart(t)
			}
			id := w.create("m", ann)
			join := func(p presence.Presence) func() {
				return func() { assert.ErrorIs(t, w.join(id, p), match.ErrNotFound) }
			}
			w.inOneTurn(id, func() error { return match.ErrStale }, join(bob), join(cid),
				func() { assert.NoError(t, w.Leave(id, "bob", match.Left)) }, join(ann)) // who is in already, and stays
			require.Zero(t, w.Len())
			if hooked {
				require.Equal(t, map[string]int{"bob": 1, "cid": 1}, left)
			}
		})
	}
}

// What is told when the turn has been stored is what was true when it was said.
func TestWhatWaitsForTheStoreStaysAsItWas(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.game.loop = func(d *match.Dispatcher, _ *int) {
			data := []byte("1")
			for _, p := range d.Members() {
				assert.NoError(t, d.Broadcast(match.Outgoing{Data: data, To: []presence.Presence{p}}))
				data[0]++
			}
		}
		id := w.create("m", ann, bob)
		w.send(id, ann)
		w.advance(every)
		require.Equal(t, []string{`data 0 "1" to ann,bob`, `data 0 "1" to ann`, `data 0 "2" to bob`, "flush ann,bob"}, without(w.take(), "loop"))

		q := seat(id, cid)
		q.Accepted = func(j match.Joined) { w.journal.add("accepted cid beside %s", names(j.Members)) }
		w.inOneTurn(id, func() error { return nil },
			func() { assert.NoError(t, w.Join(t.Context(), q)) },
			func() { assert.NoError(t, w.Leave(id, "ann", match.Left)) })
		require.Equal(t, []string{
			"accepted cid beside ann,bob", "presence +cid - to ann,bob,cid", "flush ann,bob,cid",
			"presence + -ann to bob,cid", "flush bob,cid",
		}, slices.DeleteFunc(w.take(), func(line string) bool {
			return !strings.HasPrefix(line, "accepted") && !strings.HasPrefix(line, "presence") && !strings.HasPrefix(line, "flush") ||
				line == "flush ann,bob" // of the signals around
		})[:5])
	})
}

// Who watches with a delay does not learn of a turn that could not be stored either.
func TestLateSpectatorsOfATurnThatCannotBeStored(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		late := watchBy(t, w.world, id, dan, time.Second)
		synctest.Wait()
		w.inOneTurn(id, func() error { return match.ErrStale }, func() { _, _ = w.Signal(t.Context(), id, "count") })
		pause(time.Second)
		w.advance(time.Minute)
		stale := fmt.Sprintf("ended (%v)", match.ErrStale)
		require.Equal(t, []string{`data 0 "counted"`, stale, "EOF"}, heard(t, late), "the turn before it was stored")
	})
}

// frugalTally takes one message a second from each player, and tells them of others.
type frugalTally struct{ *tally }

func (h frugalTally) Init(ctx context.Context, p match.Params) (int, match.Settings, error) {
	n, set, err := h.tally.Init(ctx, p)
	set.SenderRate, set.TellDrops = 1, true
	return n, set, err
}

// That messages were dropped is told when the turn is stored, like all the rest.
func TestDropsAreToldWhenTheTurnIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, disk, clock := &telltale{}, &shelf{disk: newDisk()}, tick.NewManual(noon)
		r, err := match.New(match.Config{Outbox: out, Source: clock, Snapshots: disk})
		require.NoError(t, err)
		match.Register(r, "frugal", match.Handler[int](frugalTally{&tally{j: &journal{}}}))
		id, err := r.Create(t.Context(), "frugal", nil)
		require.NoError(t, err)
		require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		clock.Advance(every)
		synctest.Wait()
		out.take()

		open := make(chan struct{})
		disk.failing(func(string) error { <-open; return nil })
		for range 3 {
			_ = r.Send(id, "ann", match.Message{})
		}
		clock.Advance(every)
		synctest.Wait()
		require.Empty(t, out.take())
		close(open)
		synctest.Wait()
		require.Equal(t, []string{"ann lost 2", `data 0 "1" to ann`, "flush ann"}, out.take())
		require.NoError(t, r.End(t.Context(), id, 0))
	})
}
