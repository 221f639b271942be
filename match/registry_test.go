package match_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func TestNewChecksItsConfig(t *testing.T) {
	for node, ok := range map[string]bool{
		"": true, "a": true, "sixteen-letters-": true, "seventeen-letters": false, "a.b": false,
	} {
		_, err := match.New(match.Config{Node: node})
		require.Equal(t, ok, err == nil, "node %q: %v", node, err)
	}
	for _, c := range []match.Config{{Grace: -1}, {CallTimeout: -1}} {
		_, err := match.New(c)
		require.ErrorContains(t, err, "negative")
	}
}

func TestRegisterRefusesMistakesInTheProgram(t *testing.T) {
	r, err := match.New(match.Config{})
	require.NoError(t, err)
	match.Register(r, "m", &script{})
	require.Panics(t, func() { match.Register(r, "m", &script{}) })
	require.Panics(t, func() { match.Register(r, "", &script{}) })
}

func TestCreate(t *testing.T) {
	type value struct{ rank int }
	want := &value{7}
	var got any
	j := &journal{}
	w := newWorld(t, &script{init: func(_ context.Context, p match.Params) (match.Settings, error) {
		got = p.Value
		return match.Settings{Label: "lobby", Every: match.PerSecond(30)}, nil
	}}, match.Config{Node: "eu-1", Outbox: j, Hooks: j.hooks()})
	id, err := w.Create(t.Context(), "m", want)
	require.NoError(t, err)
	require.Same(t, want, got, "params are handed over as they are")
	_, err = uuid.Parse(id.UUID())
	require.NoError(t, err)
	require.Equal(t, "eu-1", id.Node())
	require.Equal(t, string(id), id.UUID()+"."+id.Node())

	listed, err := w.List(match.ListRequest{})
	require.NoError(t, err)
	require.Equal(t, []match.Info{
		{ID: id, Handler: "m", Label: "lobby", Every: match.PerSecond(30), Created: noon},
	}, listed.Matches, "it is listed the moment Create returns")
	require.NoError(t, w.join(match.ID(id.UUID()+".elsewhere"), ann), "the uuid alone tells matches apart")
	require.Equal(t, "hook created m", j.take()[0])
	require.Equal(t, "shoal", newWorld(t, &script{}, match.Config{}).create().Node(), "the default")
}

// A match whose Init takes so long that the registry stops meanwhile does not begin.
func TestStopWhileInitRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := live(t, &script{init: func(context.Context, match.Params) (match.Settings, error) {
			time.Sleep(time.Minute)
			return match.Settings{}, nil
		}}, tick.Config{}, match.Config{})
		created := make(chan error)
		go func() { _, err := r.Create(t.Context(), "m", nil); created <- err }()
		synctest.Wait()
		stop()
		require.ErrorIs(t, <-created, match.ErrStopped)
		require.Zero(t, r.Len())
	})
}

func TestCreateFails(t *testing.T) {
	for _, c := range []struct {
		name string
		kind string
		set  match.Settings
		err  error
	}{
		{"unknown kind", "nothing", match.Settings{}, match.ErrNoHandler},
		{"too fast", "m", match.Settings{Every: match.PerSecond(241)}, match.ErrSettings},
		{"backwards", "m", match.Settings{Every: -time.Second}, match.ErrSettings},
		{"negative capacity", "m", match.Settings{Capacity: -1}, match.ErrSettings},
		{"negative inbox", "m", match.Settings{Inbox: -1}, match.ErrSettings},
		{"negative limit", "m", match.Settings{MaxBehind: -1}, match.ErrSettings},
		{"negative time", "m", match.Settings{EmptyAfter: -1}, match.ErrSettings},
		{"negative patience", "m", match.Settings{SlowAfter: -1}, match.ErrSettings},
		{"unknown policy", "m", match.Settings{Overrun: 3}, match.ErrSettings},
		{"label of 2049 bytes", "m", match.Settings{Label: strings.Repeat("x", 2049)}, match.ErrLabel},
		{"label of 2048 bytes", "m", match.Settings{Label: strings.Repeat("x", 2048)}, nil},
		{"1 a second", "m", match.Settings{Every: match.PerSecond(1)}, nil},
		{"240 a second", "m", match.Settings{Every: match.PerSecond(240)}, nil},
		{"one a century", "m", match.Settings{Every: 100 * 365 * 24 * time.Hour}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, &script{set: c.set}, match.Config{})
			_, err := w.Create(t.Context(), c.kind, nil)
			require.ErrorIs(t, err, c.err)
			require.Equal(t, err == nil, w.Len() == 1)
		})
	}
}

func TestRatesWithoutAnIntervalAreRefused(t *testing.T) {
	for _, rate := range []float64{0, -1, math.NaN(), math.Inf(-1), math.SmallestNonzeroFloat64} {
		require.Zero(t, match.PerSecond(rate), "%v", rate)
	}
	r, err := match.New(match.Config{})
	require.NoError(t, err)
	match.Register(r, "m", zeroRate{})
	_, err = r.Create(t.Context(), "m", nil)
	require.ErrorIs(t, err, match.ErrSettings)
}

type zeroRate struct{ match.NopHandler[none] }

func (zeroRate) Init(context.Context, match.Params) (none, match.Settings, error) {
	return none{}, match.Settings{}, nil
}

func (zeroRate) Loop(context.Context, *match.Dispatcher, tick.Tick, *none, []match.Message) error {
	return nil
}

// A handler that says only what it must, on a registry that was told nothing.
func TestNopHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := match.New(match.Config{Grace: time.Hour})
		require.NoError(t, err)
		match.Register(r, "idle", idle{})
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		id, err := r.Create(t.Context(), "idle", nil)
		require.NoError(t, err)
		require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		require.NoError(t, r.Join(t.Context(), seat(id, bob)))
		require.NoError(t, r.Leave(id, "ann", match.Left))
		reply, err := r.Signal(t.Context(), id, "anybody?")
		require.NoError(t, err)
		require.Empty(t, reply)
		pause(time.Second)
		stop()
		began := time.Now()
		require.NoError(t, <-ran)
		require.Zero(t, time.Since(began), "it ends on Terminate")
	})
}

type idle struct{ match.NopHandler[none] }

func (idle) Init(context.Context, match.Params) (none, match.Settings, error) {
	return none{}, match.Settings{Every: every}, nil
}

func (idle) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *none, _ []match.Message) error {
	return d.Broadcast(match.Outgoing{Op: 1})
}

// stillborn says why it cannot begin, and has no settings then.
type stillborn struct{ match.NopHandler[none] }

func (stillborn) Init(context.Context, match.Params) (s none, set match.Settings, err error) {
	return s, set, errNotYou
}

func (stillborn) Loop(context.Context, *match.Dispatcher, tick.Tick, *none, []match.Message) error {
	return nil
}

func TestInitThatFailsNeedsNoSettings(t *testing.T) {
	_, err := newWorld(t, stillborn{}, match.Config{}).Create(t.Context(), "m", nil)
	require.ErrorIs(t, err, errNotYou)
	require.NotErrorIs(t, err, match.ErrSettings)
}

func TestInitMayFail(t *testing.T) {
	h := &script{init: func(context.Context, match.Params) (match.Settings, error) {
		return match.Settings{}, errBroken
	}}
	w := newWorld(t, h, match.Config{})
	_, err := w.Create(t.Context(), "m", nil)
	require.ErrorIs(t, err, errBroken)
	h.init = func(context.Context, match.Params) (match.Settings, error) { panic("oops") }
	_, err = w.Create(t.Context(), "m", nil)
	panicked, ok := errors.AsType[*match.PanicError](err)
	require.True(t, ok)
	require.Equal(t, "Init", panicked.Callback)
	require.Zero(t, w.Len())
}

func TestUnknownMatch(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{})
	for _, id := range []match.ID{"", ".", "x", match.ID(uuid.NewString() + ".shoal")} {
		_, err := w.Get(id)
		require.ErrorIs(t, err, match.ErrNotFound)
		require.ErrorIs(t, w.join(id, ann), match.ErrNotFound)
		require.ErrorIs(t, w.Leave(id, "ann", match.Left), match.ErrNotFound)
		require.ErrorIs(t, w.Kick(id, ann), match.ErrNotFound)
		require.ErrorIs(t, w.End(t.Context(), id, 0), match.ErrNotFound)
		_, err = w.Signal(t.Context(), id, "")
		require.ErrorIs(t, err, match.ErrNotFound)
	}
}

func TestEnd(t *testing.T) {
	t.Run("at once, without Terminate", func(t *testing.T) {
		w := newWorld(t, &script{
			terminate: func(turn, time.Duration) error { t.Error("Terminate"); return nil },
		}, match.Config{})
		id := w.create(ann)
		require.NoError(t, w.End(t.Context(), id, 0))
		require.Equal(t, []string{"ended (match: stopped) to ann", "flush ann"}, w.take())
		require.ErrorIs(t, w.End(t.Context(), id, 0), match.ErrNotFound)
	})
	t.Run("with grace, Terminate once, and the sooner end counts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var graces []time.Duration
			r, _ := live(t, &script{
				set:       match.Settings{Every: time.Hour},
				terminate: func(_ turn, grace time.Duration) error { graces = append(graces, grace); return nil },
			}, tick.Config{}, match.Config{})
			id := create(t, r)
			began := time.Now()
			for _, grace := range []time.Duration{time.Minute, 30 * time.Second} {
				go func() { _ = r.End(t.Context(), id, grace) }()
				synctest.Wait()
			}
			require.NoError(t, r.End(t.Context(), id, 2*time.Minute), "it waits for longer than CallTimeout")
			require.Equal(t, 30*time.Second, time.Since(began))
			require.Equal(t, []time.Duration{time.Minute}, graces)
		})
	})
}

func TestGracefulShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		r, err := match.New(match.Config{Outbox: j, Grace: 3 * time.Second})
		require.NoError(t, err)
		match.Register(r, "stays", &script{
			terminate: func(_ turn, grace time.Duration) error { j.add("terminate %s", grace); return nil },
			loop:      func(c turn, _ []match.Message) error { j.add("loop"); return nil },
			set:       match.Settings{Every: time.Second},
		})
		match.Register(r, "goes", &script{terminate: func(turn, time.Duration) error { return match.ErrEnd }})
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		id, err := r.Create(t.Context(), "stays", nil)
		require.NoError(t, err)
		_, err = r.Create(t.Context(), "goes", nil)
		require.NoError(t, err)
		require.NoError(t, r.Join(t.Context(), seat(id, ann)))
		pause(500 * time.Millisecond)
		j.take()

		stop()
		stopped := time.Now()
		synctest.Wait()
		require.Equal(t, 1, r.Len(), "one has gone at once")
		_, err = r.Create(t.Context(), "stays", nil)
		require.ErrorIs(t, err, match.ErrStopped)
		require.NoError(t, r.Join(t.Context(), seat(id, bob)), "joins are still accepted")
		require.NoError(t, <-ran)
		require.Equal(t, 3*time.Second, time.Since(stopped))
		require.Equal(t, []string{
			"terminate 3s", "presence +bob - to ann,bob", "flush ann,bob", "loop", "loop", "loop",
			"ended (match: stopped) to ann,bob", "flush ann,bob",
		}, j.take())
		require.Zero(t, r.Len())
	})
}

func TestShutdownWithoutGraceEndsMatchesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := live(t, &script{terminate: func(turn, time.Duration) error { t.Error("Terminate"); return nil }},
			tick.Config{}, match.Config{})
		for range 10 {
			create(t, r)
		}
		began := time.Now()
		stop()
		require.Zero(t, time.Since(began))
		require.Zero(t, r.Len())
		_, err := r.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, match.ErrStopped)
	})
}

func TestRunGivesUpAStuckCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := match.New(match.Config{Grace: time.Second})
		require.NoError(t, err)
		release := make(chan none)
		match.Register(r, "m", &script{loop: func(turn, []match.Message) error { <-release; return nil }})
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		create(t, r)
		pause(time.Second)
		stop()
		began := time.Now()
		require.ErrorContains(t, <-ran, "1 matches did not end")
		require.Equal(t, 6*time.Second, time.Since(began))
		close(release)
	})
}

// slowOutbox takes its time to tell members that a match has ended.
type slowOutbox struct{ journal }

func (o *slowOutbox) MatchEnded(id match.ID, to []presence.Presence, err error) {
	time.Sleep(time.Second)
	o.journal.MatchEnded(id, to, err)
}

func TestRunReturnsWhenMembersHaveBeenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, scheduler := &slowOutbox{}, tick.NewScheduler(tick.Config{})
		r, err := match.New(match.Config{Outbox: out, Source: scheduler, Hooks: out.hooks()})
		require.NoError(t, err)
		match.Register(r, "m", &script{})
		go func() { _ = scheduler.Run(t.Context()) }()
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		require.NoError(t, r.Join(t.Context(), seat(create(t, r), ann)))
		synctest.Wait()
		out.take()
		stop()
		require.NoError(t, <-ran)
		require.Equal(t, []string{
			"ended (match: stopped) to ann", "flush ann", "hook ended m [ann] (match: stopped)",
		}, out.take())
	})
}

func TestRunWithoutMatchesReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, stop := live(t, &script{}, tick.Config{}, match.Config{Grace: time.Hour})
		stop()
		require.Zero(t, time.Since(began))
	})
}

func TestTwoRegistriesInOneProcess(t *testing.T) {
	h := &script{}
	one, two := newWorld(t, h, match.Config{Node: "one"}), newWorld(t, h, match.Config{Node: "two"})
	h.signal = func(c turn, other string) (string, error) {
		if other == "" {
			return string(c.ID()), nil
		}
		return two.Signal(c.Context, match.ID(other), "")
	}
	a, b := one.create(ann), two.create(bob)
	_, err := one.Get(b)
	require.ErrorIs(t, err, match.ErrNotFound)
	reply, err := one.Signal(t.Context(), a, string(b))
	require.NoError(t, err)
	require.Equal(t, string(b), reply)
	require.NoError(t, one.End(t.Context(), a, 0))
	require.Equal(t, 1, two.Len())
	require.Empty(t, two.take())
}

func TestEndReturnsWhenTheHostHasBeenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Bool
		r, err := match.New(match.Config{Hooks: match.Hooks{Ended: func(match.Info, []presence.Presence, error) {
			time.Sleep(time.Second)
			told.Store(true)
		}}})
		require.NoError(t, err)
		match.Register(r, "m", &script{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		id, err := r.Create(t.Context(), "m", nil)
		require.NoError(t, err)
		require.NoError(t, r.End(t.Context(), id, 0))
		require.True(t, told.Load())
		cancel()
		require.NoError(t, <-done)
	})
}
