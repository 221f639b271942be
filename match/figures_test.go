package match_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// watched runs a match inside a bubble and returns what Hooks.Slow and Hooks.Tick told.
func watched(t *testing.T, h match.Handler[none], play func(r *match.Registry, id match.ID)) (slow, ticks []string) {
	t.Helper()
	r, stop := live(t, h, tick.Config{Workers: 1}, match.Config{Hooks: match.Hooks{
		Slow: func(_ match.ID, callback string, took time.Duration) {
			slow = append(slow, fmt.Sprint(callback, " ", took))
		},
		Tick: func(_ match.ID, t tick.Tick, took time.Duration) {
			ticks = append(ticks, fmt.Sprint(t.N, " late ", t.At.Sub(t.Scheduled), " took ", took))
		},
	}})
	play(r, create(t, r))
	stop()
	return slow, ticks
}

func TestSlowCallbacksAreReported(t *testing.T) {
	const limit = every / 2
	for _, c := range []struct {
		name  string
		after time.Duration
		busy  time.Duration
		want  time.Duration // 0: not reported
	}{
		{"at half the interval", 0, limit, 0},
		{"over half the interval", 0, limit + 1, limit + 1},
		{"under a limit that was set", 80 * time.Millisecond, 80 * time.Millisecond, 0},
		{"over it", 10 * time.Millisecond, 11 * time.Millisecond, 11 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				busy := func() { time.Sleep(c.busy) }
				h := &holder{
					hold:     func(turn, presence.Presence) (time.Duration, error) { busy(); return time.Hour, nil },
					takeBack: func(turn, presence.Presence, presence.Presence) error { busy(); return nil },
				}
				h.set = match.Settings{SlowAfter: c.after, Overrun: match.SlowDown}
				h.attempt = func(turn, match.Joiner) error { busy(); return nil }
				h.join = func(turn, []presence.Presence) error { busy(); return nil }
				h.leave = func(turn, []match.Departure) error { busy(); return nil }
				h.signal = func(turn, string) (string, error) { busy(); return "", nil }
				h.terminate = func(turn, time.Duration) error { busy(); panic("the end") }
				slow, _ := watched(t, h, func(r *match.Registry, id match.ID) {
					ctx := t.Context()
					require.NoError(t, r.Join(ctx, seat(id, ann)))
					require.NoError(t, r.Leave(id, "ann", match.Disconnected))
					require.NoError(t, r.Join(ctx, seat(id, again(ann))))
					require.NoError(t, r.Kick(id, again(ann)))
					_, err := r.Signal(ctx, id, "")
					require.NoError(t, err)
					require.NoError(t, r.End(ctx, id, time.Minute))
				})
				var want []string
				for _, name := range []string{"JoinAttempt", "Join", "Hold", "Return", "Leave", "Signal", "Terminate"} {
					if c.want > 0 {
						want = append(want, fmt.Sprint(name, " ", c.want))
					}
				}
				require.Equal(t, want, slow)
			})
		})
	}
}

func TestTickFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &script{
			loop: func(c turn, _ []match.Message) error {
				time.Sleep(time.Duration(c.tick.N) * 60 * time.Millisecond)
				return nil
			},
			signal: func(turn, string) (string, error) { time.Sleep(20 * time.Millisecond); return "", nil },
		}
		slow, ticks := watched(t, h, func(r *match.Registry, id match.ID) {
			time.Sleep(every - 10*time.Millisecond)
			_, err := r.Signal(t.Context(), id, "")
			require.NoError(t, err)
			pause(3*every - 11*time.Millisecond)
		})
		require.Equal(t, []string{"Loop 60ms", "Loop 120ms"}, slow)
		require.Equal(t, []string{"0 late 10ms took 0s", "1 late 0s took 60ms", "2 late 0s took 120ms"}, ticks)
	})
}

func TestSlowLoopThatPanicsIsReportedBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, ticks := watched(t, &script{loop: func(turn, []match.Message) error {
			time.Sleep(time.Second)
			panic("oh")
		}}, func(*match.Registry, match.ID) { pause(time.Minute) })
		require.Equal(t, []string{"Loop 1s"}, slow)
		require.Equal(t, []string{"0 late 0s took 1s"}, ticks)
	})
}

// What went to all in the turn in which a player came, and is not in the figures yet, must not be taken off its own.
func TestFiguresInTheTurnOfAJoin(t *testing.T) {
	var w *world
	var seen []match.PlayerFigures
	w = newWorld(t, &script{
		attempt: func(c turn, _ match.Joiner) error { return c.Broadcast(match.Outgoing{Data: []byte("who comes?")}) },
		join: func(c turn, _ []presence.Presence) error {
			seen = w.figures(c.ID()).Players
			return nil
		},
	}, match.Config{})
	w.create(ann)
	require.Equal(t, []match.PlayerFigures{{Presence: ann}}, seen)
}
