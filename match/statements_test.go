package match_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// The numbered statements about the reference server that clients have no part in. A handler there has other methods, and
// what a statement says of them is read as of ours.

func TestCreationStatements(t *testing.T) {
	for name, check := range map[string]func(t *testing.T){
		"R001": func(t *testing.T) {
			w := newWorld(t, &script{}, match.Config{Node: "n1"})
			id, err := w.Create(t.Context(), "m", nil)
			require.NoError(t, err)
			require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.n1$`, id)
			require.NoError(t, w.join(id, ann))
		},
		"R002": func(t *testing.T) {
			type caller struct{}
			inits := 0
			w := newWorld(t, &script{init: func(ctx context.Context, _ match.Params) (match.Settings, error) {
				inits++
				require.Equal(t, "me", ctx.Value(caller{}), "the creator's own context")
				return match.Settings{}, nil
			}}, match.Config{})
			_, err := w.Create(context.WithValue(t.Context(), caller{}, "me"), "m", nil)
			require.NoError(t, err)
			w.tick(3)
			require.Equal(t, 1, inits)
		},
		"R003_differs": func(t *testing.T) { paramsArrive(t, nil) },
		"R004_differs": func(t *testing.T) { paramsArrive(t, &struct{ c chan int }{make(chan int)}) },
		"R005_differs": func(t *testing.T) {
			for rate, ok := range map[float64]bool{1: true, 60: true, 61: true, 240: true, 0.001: true, 0: false, -1: false, 241: false} {
				w := newWorld(t, &script{init: func(context.Context, match.Params) (match.Settings, error) {
					every := match.PerSecond(rate)
					return match.Settings{Every: max(every, 1)}, nil // script takes 0 for another
				}}, match.Config{})
				_, err := w.Create(t.Context(), "m", nil)
				if ok {
					require.NoError(t, err, rate)
				} else {
					require.ErrorIs(t, err, match.ErrSettings, rate)
				}
			}
		},
		"R006_differs": func(t *testing.T) {
			for n, want := range map[int]error{2048: nil, 2049: match.ErrLabel} {
				w := newWorld(t, labelled(match.Settings{}), match.Config{})
				_, err := w.Create(t.Context(), "m", strings.Repeat("x", n))
				require.ErrorIs(t, err, want)
			}
			w := newWorld(t, &script{init: func(context.Context, match.Params) (match.Settings, error) {
				return match.Settings{}, context.DeadlineExceeded
			}}, match.Config{})
			_, err := w.Create(t.Context(), "m", nil)
			require.ErrorIs(t, err, context.DeadlineExceeded, "Init fails by its error: there is no state to be nil")
			require.Zero(t, w.Len())
		},
		"R007_differs": func(t *testing.T) {
			_, err := newWorld(t, &script{}, match.Config{}).Create(t.Context(), "M", nil)
			require.ErrorIs(t, err, match.ErrNoHandler)
		},
		"R008_differs": func(t *testing.T) {
			var id match.ID
			var d *match.Dispatcher
			w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error { id, d = c.ID(), c.Dispatcher; return nil }}, match.Config{})
			want := w.create()
			w.tick(1)
			require.Equal(t, want, id)
			require.NotNil(t, d.Log())
			info, err := w.Get(id)
			require.NoError(t, err)
			require.Equal(t, match.Info{ID: id, Handler: "m", Every: every, Created: noon}, info, "the rest, for all to ask")
		},
		"R009": func(t *testing.T) {
			var during context.Context
			w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error { during = c.Context; return nil }}, match.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			id, err := w.Create(ctx, "m", nil)
			require.NoError(t, err)
			cancel()
			w.tick(2)
			require.NoError(t, during.Err(), "the creator's context has no part in it")
			require.NoError(t, w.End(t.Context(), id, 0))
			require.ErrorIs(t, during.Err(), context.Canceled)
		},
	} {
		t.Run(name, check)
	}
}

func paramsArrive(t *testing.T, value any) {
	t.Helper()
	w := newWorld(t, &script{init: func(_ context.Context, p match.Params) (match.Settings, error) {
		require.Equal(t, value, p.Value)
		return match.Settings{}, nil
	}}, match.Config{})
	_, err := w.Create(t.Context(), "m", value)
	require.NoError(t, err)
}

// starts runs a match in real time, as it seems to it, and returns when its Loops began, counted from its creation. The
// n-th Loop takes busy(n).
func starts(t *testing.T, set match.Settings, during time.Duration, busy func(n int64) time.Duration) (at []time.Duration, cause error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		h := &script{set: set, loop: func(c turn, _ []match.Message) error {
			at = append(at, time.Since(begun))
			time.Sleep(busy(c.tick.N))
			return nil
		}}
		ended := make(chan error, 1)
		r, stop := live(t, h, tick.Config{}, match.Config{Hooks: match.Hooks{
			Ended: func(_ match.Info, _ []presence.Presence, why error) { ended <- why },
		}})
		create(t, r)
		time.Sleep(during)
		stop()
		cause = <-ended
	})
	return at, cause
}

func TestTickStatements(t *testing.T) {
	const ms = time.Millisecond
	t.Run("R010", func(t *testing.T) {
		var n []int64
		w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error { n = append(n, c.tick.N); return nil }}, match.Config{})
		w.create()
		w.clock.Advance(every - 1)
		require.Empty(t, n)
		w.clock.Advance(1)
		require.Equal(t, []int64{0}, n)
	})
	t.Run("R011", func(t *testing.T) {
		at, _ := starts(t, match.Settings{}, 6*time.Second+50*ms, func(int64) time.Duration { return 20 * ms })
		require.Len(t, at, 60)
		for i, start := range at {
			require.Equal(t, time.Duration(i+1)*every, start)
		}
	})
	t.Run("R012_differs", func(t *testing.T) {
		at, cause := starts(t, match.Settings{MaxBehind: 10}, 10*time.Second, func(int64) time.Duration { return 150 * ms })
		for i, start := range at {
			require.Equal(t, every+time.Duration(i)*150*ms, start, "back to back")
		}
		require.ErrorIs(t, cause, match.ErrBehind, "until it has fallen too far behind")
		require.Less(t, len(at), 30)
	})
	t.Run("R013_differs", func(t *testing.T) {
		stall := func(n int64) time.Duration {
			if n == 5 {
				return 2 * time.Second
			}
			return 0
		}
		for policy, loops := range map[match.Overrun]int{match.CatchUp: 50, match.Skip: 31, match.SlowDown: 31} {
			at, _ := starts(t, match.Settings{Overrun: policy, MaxBehind: 30}, 5*time.Second+50*ms, stall)
			require.InDelta(t, loops, len(at), 1, "%v", policy)
		}
	})
	t.Run("R014", neverAtTheSameTime)
	t.Run("R015", func(t *testing.T) {
		var seen []string
		note := func(c turn, what string) { seen = append(seen, fmt.Sprint(what, c.tick.N)) }
		w := newWorld(t, &script{
			attempt: func(c turn, _ match.Joiner) error { note(c, "attempt"); return nil },
			join:    func(c turn, _ []presence.Presence) error { note(c, "join"); return nil },
			loop:    func(c turn, _ []match.Message) error { note(c, "loop"); return nil },
		}, match.Config{})
		id := w.create()
		w.tick(1)
		require.NoError(t, w.join(id, ann))
		w.tick(1)
		require.Equal(t, []string{"loop0", "attempt1", "join1", "loop1"}, seen)
	})
	t.Run("R034_differs", func(t *testing.T) {
		loops := 0
		w := newWorld(t, &script{loop: func(_ turn, in []match.Message) error { loops++; require.Empty(t, in); return nil }}, match.Config{})
		w.create()
		w.tick(3)
		require.Equal(t, 3, loops)
	})
}

// neverAtTheSameTime lets 1,000 players join while signals come and ticks run.
func neverAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, calls atomic.Int32
		busy := func() error {
			if inside.Add(1) != 1 {
				t.Error("two callbacks at once")
			}
			calls.Add(1)
			time.Sleep(time.Microsecond)
			inside.Add(-1)
			return nil
		}
		h := &script{
			set:     match.Settings{Every: time.Millisecond * 5, Overrun: match.SlowDown},
			attempt: func(turn, match.Joiner) error { return busy() },
			join:    func(turn, []presence.Presence) error { return busy() },
			leave:   func(turn, []match.Departure) error { return busy() },
			loop:    func(turn, []match.Message) error { return busy() },
			signal:  func(turn, string) (string, error) { return "", busy() },
		}
		r, _ := live(t, h, tick.Config{Workers: 4}, match.Config{})
		id := create(t, r)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				for n := range 50 {
					who := who(fmt.Sprint(i, "-", n))
					if err := r.Join(t.Context(), seat(id, who)); err != nil {
						t.Error(err)
					}
					if _, err := r.Signal(t.Context(), id, ""); err != nil {
						t.Error(err)
					}
					if err := r.Leave(id, who.Session, match.Left); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		require.Greater(t, calls.Load(), int32(3000))
	})
}

func TestMemberStatements(t *testing.T) {
	t.Run("R021", func(t *testing.T) {
		var seen []string
		w := newWorld(t, &script{
			join:  func(_ turn, who []presence.Presence) error { seen = append(seen, "join "+names(who)); return nil },
			leave: func(_ turn, gone []match.Departure) error { seen = append(seen, "leave "+sessions(gone)); return nil },
		}, match.Config{})
		id := w.create(ann)
		require.NoError(t, w.Leave(id, ann.Session, match.Left))
		require.Equal(t, []string{"join ann", "leave ann left"}, seen)
	})
	t.Run("R028_differs", func(t *testing.T) {
		leaves := 0
		w := newWorld(t, &script{leave: func(turn, []match.Departure) error { leaves++; return nil }}, match.Config{})
		id := w.create()
		gaveUp, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, w.Join(gaveUp, seat(id, ann)), context.Canceled)
		w.clock.Advance(time.Minute)
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Zero(t, info.Size, "who is not in has left no trace")
		require.Zero(t, leaves)
	})
	t.Run("R035", func(t *testing.T) {
		w := newWorld(t, &script{signal: func(c turn, _ string) (string, error) {
			require.NoError(t, c.Broadcast(match.Outgoing{To: []presence.Presence{}}))
			require.NoError(t, c.Broadcast(match.Outgoing{To: []presence.Presence{bob, cid}}))
			require.NoError(t, c.BroadcastDeferred(match.Outgoing{To: []presence.Presence{bob}}))
			return "", nil
		}}, match.Config{})
		id := w.create(ann)
		_, err := w.Signal(t.Context(), id, "")
		require.NoError(t, err)
		require.Empty(t, w.take())
	})
	t.Run("R038_differs", func(t *testing.T) {
		w := newWorld(t, &script{signal: func(c turn, _ string) (string, error) {
			for range 128 {
				require.NoError(t, c.BroadcastDeferred(match.Outgoing{}))
			}
			return "", c.BroadcastDeferred(match.Outgoing{})
		}}, match.Config{})
		_, err := w.Signal(t.Context(), w.create(ann), "")
		require.ErrorIs(t, err, match.ErrTooManyDeferred)
	})
	t.Run("R040_differs", func(t *testing.T) {
		var d *match.Dispatcher
		w := newWorld(t, &script{signal: func(c turn, _ string) (string, error) { d = c.Dispatcher; return "", match.ErrEnd }}, match.Config{})
		_, _ = w.Signal(t.Context(), w.create(ann), "")
		require.ErrorIs(t, d.Broadcast(match.Outgoing{}), match.ErrOutside)
		require.ErrorIs(t, d.BroadcastDeferred(match.Outgoing{}), match.ErrOutside)
		require.ErrorIs(t, d.Kick(ann), match.ErrOutside)
		require.ErrorIs(t, d.SetLabel("x"), match.ErrOutside)
	})
	t.Run("R047_differs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &script{set: match.Settings{Overrun: match.SlowDown}, attempt: func(_ turn, who match.Joiner) error {
				if who.User == ann.User {
					time.Sleep(time.Second)
				}
				return nil
			}}
			r, _ := live(t, h, tick.Config{}, match.Config{})
			id := create(t, r)
			answers := make(chan error, 400)
			go func() { answers <- r.Join(t.Context(), seat(id, ann)) }()
			synctest.Wait()
			for i := range cap(answers) - 1 {
				go func() { answers <- r.Join(t.Context(), seat(id, who(fmt.Sprint(i)))) }()
			}
			joined := 0
			for range cap(answers) {
				if err := <-answers; err == nil {
					joined++
				} else {
					require.ErrorIs(t, err, match.ErrBusy, "those for whom there is no room are told at once")
				}
			}
			require.GreaterOrEqual(t, joined, 128)
			info, err := r.Get(id)
			require.NoError(t, err, "and the match lives")
			require.Equal(t, joined, info.Size)
		})
	})
}

func TestEndStatements(t *testing.T) {
	t.Run("R045", func(t *testing.T) {
		var called []string
		w := newWorld(t, &script{
			loop:      func(turn, []match.Message) error { return match.ErrEnd },
			leave:     func(turn, []match.Departure) error { called = append(called, "leave"); return nil },
			terminate: func(turn, time.Duration) error { called = append(called, "terminate"); return nil },
		}, match.Config{})
		id := w.create(ann, bob)
		w.tick(2)
		_, err := w.Get(id)
		require.ErrorIs(t, err, match.ErrNotFound)
		require.Empty(t, called)
	})
	t.Run("R046", func(t *testing.T) {
		w := newWorld(t, &script{set: match.Settings{EmptyAfter: 2 * time.Second}}, match.Config{})
		id := w.create(ann)
		w.tick(30)
		require.NoError(t, w.Leave(id, ann.Session, match.Left))
		w.tick(19)
		require.Equal(t, 1, w.Len())
		w.tick(1)
		require.Zero(t, w.Len())

		w = newWorld(t, &script{}, match.Config{})
		w.create()
		w.tick(100_000)
		require.Equal(t, 1, w.Len())
	})
	t.Run("R048_differs", func(t *testing.T) { shutDown(t, 5*time.Second) })
	t.Run("R049", func(t *testing.T) { shutDown(t, 0) })
}

// shutDown stops a registry with a match in it.
func shutDown(t *testing.T, grace time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		graces := make(chan time.Duration, 10)
		h := &script{terminate: func(_ turn, grace time.Duration) error { graces <- grace; return nil }}
		r, stop := live(t, h, tick.Config{}, match.Config{Grace: grace})
		id := create(t, r)
		begun := time.Now()
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		synctest.Wait()
		_, err := r.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, match.ErrStopped)
		if grace > 0 {
			require.NoError(t, r.Join(t.Context(), seat(id, ann)), "joins still work")
		}
		<-stopped
		require.Equal(t, grace, time.Since(begun))
		if close(graces); grace > 0 {
			require.Equal(t, grace, <-graces)
		}
		_, more := <-graces
		require.False(t, more, "Terminate is called once, or not at all without a grace")
	})
}

func TestCallStatements(t *testing.T) {
	t.Run("R050_differs", func(t *testing.T) {
		w := newWorld(t, &script{signal: func(_ turn, text string) (string, error) {
			if text == "end" {
				return "last words", match.ErrEnd
			}
			return "got " + text, nil
		}}, match.Config{})
		id := w.create()
		reply, err := w.Signal(t.Context(), id, "it")
		require.NoError(t, err)
		require.Equal(t, "got it", reply)
		for _, unknown := range []match.ID{"b84ed8ed-a7b1-502f-83f6-90132e68adef.shoal", "zzz", ""} {
			_, err = w.Signal(t.Context(), unknown, "")
			require.ErrorIs(t, err, match.ErrNotFound)
		}
		reply, err = w.Signal(t.Context(), id, "end")
		require.NoError(t, err)
		require.Equal(t, "last words", reply, "are not lost")
		require.Zero(t, w.Len())
	})
	t.Run("R051_differs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &script{set: match.Settings{Overrun: match.SlowDown}, signal: func(_ turn, text string) (string, error) {
				if text == "slow" {
					time.Sleep(time.Second)
				}
				return "", nil
			}}
			r, _ := live(t, h, tick.Config{}, match.Config{})
			id := create(t, r)
			answers := make(chan error, 1+128)
			signal := func(text string) { _, err := r.Signal(t.Context(), id, text); answers <- err }
			go signal("slow")
			synctest.Wait()
			for range 128 {
				go signal("")
			}
			synctest.Wait()
			before := time.Now()
			_, err := r.Signal(t.Context(), id, "")
			require.ErrorIs(t, err, match.ErrBusy, "with 128 in front of it")
			require.Zero(t, time.Since(before))
			for range cap(answers) {
				require.NoError(t, <-answers)
			}
		})
	})
	t.Run("R052_differs", func(t *testing.T) {
		w := newWorld(t, labelled(match.Settings{}), match.Config{})
		_, err := w.Get("b84ed8ed-a7b1-502f-83f6-90132e68adef.shoal")
		require.ErrorIs(t, err, match.ErrNotFound)
		id, err := w.Create(t.Context(), "m", "label")
		require.NoError(t, err)
		require.NoError(t, w.join(id, ann))
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Equal(t, match.Info{ID: id, Handler: "m", Label: "label", Size: 1, Taken: 1, Every: every, Created: noon}, info)
	})
}
