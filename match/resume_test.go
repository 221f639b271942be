package match_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func TestRestart(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.game.label = func(n int) string { return fmt.Sprintf(`{"n":%d}`, n) }
		w.game.alarm = noon.Add(time.Hour)
		first := w.create("m")
		second := w.create("holder", ann, bob)
		w.send(second, ann)
		w.advance(every)
		require.NoError(t, w.Leave(second, "bob", match.Disconnected))
		require.NoError(t, w.reserve(second, time.Hour, cid))
		w.advance(every)
		synctest.Wait()
		before, err := w.List(match.ListRequest{})
		require.NoError(t, err)

		w.restart(t)
		require.Equal(t, []string{"restore 1", "hold ann"}, w.take(), "who was connected is missed at once")
		after, err := w.List(match.ListRequest{})
		require.NoError(t, err)
		require.Equal(t, []int{1, 0}, []int{before.Matches[0].Size, after.Matches[0].Size}, "only connections are lost")
		before.Matches[0].Size = 0
		require.Equal(t, before, after)
		q := "+label.n:>0"
		found, err := w.List(match.ListRequest{Query: q})
		require.NoError(t, err)
		require.Equal(t, after.Matches[:1], found.Matches)

		w.advance(time.Minute - every/2)
		require.Equal(t, []string{"restore 1", "leave bob hold expired"}, w.take(), "a minute after he went")
		w.advance(every)
		require.Equal(t, []string{"restore 1", "leave ann hold expired"}, w.take())
		w.advance(time.Hour - w.clock.Now().Sub(noon))
		lines := w.take()
		slices.Sort(lines)
		require.Equal(t, []string{"loop 1 at 1h0m0s", "loop 3 at 1h0m0s", "restore 0", "restore 1"}, lines, "the deadlines come")
		require.Equal(t, "0", w.signal(first, ""))
	})
}

func TestAPlayerWhoseSeatIsNotHeldLeavesAfterARestart(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m", ann)
		w.restart(t)
		require.Equal(t, []string{"restore 0", "leave ann disconnected"}, w.take())
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Zero(t, info.Taken)
	})
}

func TestReturnAfterARestart(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("holder", ann, bob, cid)
		w.send(id, ann)
		w.advance(every)
		w.restart(t)
		require.ErrorIs(t, w.join(id, dan), match.ErrFull)
		back := ann
		back.Session = "ann-2"
		require.NoError(t, w.join(id, back))
		synctest.Wait()
		require.Contains(t, w.take(), "return ann-2 for ann, count 1")
	})
}

func TestAMatchThatWasAwakeGoesOn(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id, err := w.Create(t.Context(), "m", nil)
		require.NoError(t, err)
		w.restart(t)
		w.advance(every)
		require.Equal(t, []string{"restore 0", "loop 0 at 100ms"}, w.take())
		require.Equal(t, "0", w.state(id))
	})
}

func TestRunStoresAndGoes(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.hooks = match.Hooks{Ended: func(i match.Info, roster []presence.Presence, cause error) {
			w.journal.add("hook ended %v [%s] (%v)", i.Size, names(roster), cause)
		}}
		w.restart(t)
		asleep, awake := w.create("m"), w.create("m", ann)
		require.Equal(t, "1", w.signal(awake, "count and forget"))
		w.take()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		require.NoError(t, w.Run(ctx))
		lines := w.take()
		slices.Sort(lines)
		require.Equal(t, []string{
			"hook ended 0 [] (match: stopped)", "hook ended 1 [ann] (match: stopped)",
		}, lines, "no Terminate, and the members' match has not ended")
		require.Equal(t, []string{"save"}, w.done(), "the sleeper needs nothing")
		require.Equal(t, "1", w.state(awake))
		w.restart(t)
		require.Equal(t, "0", w.signal(asleep, ""))
		require.Equal(t, "1", w.signal(awake, ""))
	})
}

func TestRunGivesAStoreUpThatNeverWorks(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.create("m", ann)
		w.failing(func(string) error { return errStore })
		ctx, stop := context.WithCancel(t.Context())
		stop()
		require.ErrorContains(t, w.Run(ctx), "1 matches did not end")
	})
}

func TestRunResumes(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m")
		r, err := match.New(match.Config{Source: w.clock, Snapshots: w.shelf})
		require.NoError(t, err)
		match.Register(r, "m", match.Handler[int](w.game))
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		synctest.Wait()
		_, err = r.Get(id)
		require.NoError(t, err)
		require.NoError(t, r.Resume(t.Context()), "once is enough")
		require.Equal(t, 1, r.Len())
		stop()
		require.NoError(t, <-ran)

		w.failing(func(string) error { return errStore })
		r, err = match.New(match.Config{Source: w.clock, Snapshots: w.shelf})
		require.NoError(t, err)
		require.ErrorIs(t, r.Run(t.Context()), errStore)
	})
}

func TestResumeLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		w.create("m")
		odd := match.Snapshot{ID: "odd.shoal", Epoch: 1, Head: []byte("?")}
		w.kept[odd.ID] = odd
		r, err := match.New(match.Config{Source: w.clock, Snapshots: w.shelf})
		require.NoError(t, err)
		match.Register(r, "m", &script{}) // no Snapshotter
		require.NoError(t, r.Resume(t.Context()))
		require.Zero(t, r.Len())
		require.Len(t, w.kept, 2)
		r, err = match.New(match.Config{Source: w.clock, Snapshots: w.shelf})
		require.NoError(t, err)
		match.Register(r, "other", &script{})
		require.NoError(t, r.Resume(t.Context()))
		require.Zero(t, r.Len())
	})
}

// A match that was made before Resume is the one that is there, and a handler that is no Snapshotter is like any other.
func TestResumeAfterCreate(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		j := &journal{}
		r, err := match.New(match.Config{Source: w.clock, Snapshots: w.shelf})
		require.NoError(t, err)
		match.Register(r, "m", match.Handler[int](&tally{j: j}))
		match.Register(r, "plain", &script{})
		id, err := r.Create(t.Context(), "m", nil)
		require.NoError(t, err)
		plain, err := r.Create(t.Context(), "plain", nil)
		require.NoError(t, err)
		require.NoError(t, r.Join(t.Context(), seat(plain, ann)))
		require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		require.NoError(t, r.Resume(t.Context()))
		require.Equal(t, 2, r.Len())
		info, err := r.Get(id)
		require.NoError(t, err)
		require.Equal(t, 1, info.Size)
		require.Len(t, w.kept, 1)
	})
}

func TestResumeTurnsPages(t *testing.T) {
	inKeptWorld(t, func(t *testing.T, w *keptWorld) {
		id := w.create("m")
		const more = 2345
		for i := range more {
			s := w.kept[id]
			var head map[string]any
			require.NoError(t, json.Unmarshal(s.Head, &head))
			head["Created"] = noon.Add(time.Duration(more-i) * time.Second)
			s.ID = match.ID(fmt.Sprintf("%d.shoal", i))
			var err error
			s.Head, err = json.Marshal(head)
			require.NoError(t, err)
			w.kept[s.ID] = s
		}
		w.restart(t)
		all, err := w.List(match.ListRequest{Limit: math.MaxInt})
		require.NoError(t, err)
		require.Len(t, all.Matches, more+1)
		require.Equal(t, match.ID("0.shoal"), all.Matches[0].ID, "the newest comes first, whatever its id")
	})
}

func TestWithoutAStoreASnapshotterIsLikeAnyOther(t *testing.T) {
	h := &tally{}
	w := &world{journal: &journal{}, t: t, clock: tick.NewManual(noon)}
	h.j = w.journal
	var err error
	w.Registry, err = match.New(match.Config{Outbox: w.journal, Source: w.clock})
	require.NoError(t, err)
	match.Register(w.Registry, "m", match.Handler[int](h))
	require.NoError(t, w.Resume(t.Context()))
	id := w.create(ann)
	reply, err := w.Signal(t.Context(), id, "count")
	require.NoError(t, err)
	require.Equal(t, "1", reply)
	w.tick(1)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, w.Run(ctx))
	require.Contains(t, w.take(), fmt.Sprintf("ended (%v) to ann", match.ErrStopped))
}

// A registry that is stopped before it has begun stops in good order, whatever the store says to that.
func TestRunThatIsOverBeforeItBegins(t *testing.T) {
	for name, failing := range map[string]func(string) error{
		"reading takes the end of the context for an error": func(string) error { return context.Canceled },
		"the store is there": nil,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := match.New(match.Config{Snapshots: &shelf{disk: newDisk(), fail: failing}})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.NoError(t, r.Run(ctx))
		})
	}
}
