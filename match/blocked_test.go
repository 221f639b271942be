package match_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/tick"
)

func TestBlockedMatchDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := live(t, &script{}, tick.Config{Workers: 2}, match.Config{})
		s := &stall{}
		match.Register(r, "fine", &script{loop: s.loop(time.Now())})
		release := make(chan none)
		match.Register(r, "blocked", &script{loop: func(turn, []match.Message) error { <-release; return match.ErrEnd }})
		for range 8 {
			_, err := r.Create(t.Context(), "blocked", nil)
			require.NoError(t, err)
		}
		_, err := r.Create(t.Context(), "fine", nil)
		require.NoError(t, err)
		pause(time.Minute)
		require.Equal(t, 9, r.Len())
		require.Len(t, s.begins, 600)
		for i, at := range s.begins {
			require.LessOrEqual(t, at, time.Duration(i+1)*every+80*time.Millisecond, "tick %d", i) // 8 times 10 ms
			if i > 1 {
				require.Equal(t, time.Duration(i+1)*every, at, "tick %d", i)
			}
		}
		close(release)
		stop()
	})
}

// latenesses are how late the Loops of many matches began.
type latenesses struct {
	mu   sync.Mutex
	late []time.Duration
}

func (l *latenesses) loop(c turn, _ []match.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late = append(l.late, c.tick.At.Sub(c.tick.Scheduled))
	return nil
}

// share is how late all but the latest were that are above a share of them.
func (l *latenesses) share(of float64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.late)
	return l.late[int(of*float64(len(l.late)-1))]
}

// among starts one match that blocks its worker for so long in every tick, and many others at 20 Hz.
func (l *latenesses) among(t testing.TB, r *match.Registry, others int, block time.Duration) {
	t.Helper()
	match.Register(r, "others", &script{set: match.Settings{Every: 50 * time.Millisecond}, loop: l.loop})
	match.Register(r, "blocks", &script{
		set:  match.Settings{Every: 50 * time.Millisecond, Overrun: match.Skip},
		loop: func(turn, []match.Message) error { time.Sleep(block); return nil },
	})
	_, err := r.Create(t.Context(), "blocks", nil) // first, so that those with the same start come after it
	require.NoError(t, err)
	for range others {
		_, err := r.Create(t.Context(), "others", nil)
		require.NoError(t, err)
	}
}

// In the time of the bubble nothing takes time but what sleeps: all lateness is that of waiting for the match that blocks.
// Its neighbours wait once, until the guard has seen it.
func TestMatchThatBlocksInEveryTickDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const others, seconds = 1000, 4
		r, stop := live(t, &script{}, tick.Config{Workers: 2}, match.Config{})
		var l latenesses
		l.among(t, r, others, 500*time.Millisecond)
		pause(seconds*time.Second + 25*time.Millisecond)
		stop()
		require.Len(t, l.late, 20*seconds*others, "no tick is left out")
		require.LessOrEqual(t, l.share(0.99), 15*time.Millisecond)
		require.LessOrEqual(t, l.share(1), 20*time.Millisecond, "twice what a turn may take")
		delayed := slices.IndexFunc(l.late, func(d time.Duration) bool { return d > 0 })
		require.Positive(t, delayed, "the match that blocks does hold up its worker")
		require.LessOrEqual(t, len(l.late)-delayed, others, "but each of its neighbours once at most")
	})
}

// BenchmarkLatenessBesideABlockedMatch is the same on the clock of the machine. Each iteration is a second.
func BenchmarkLatenessBesideABlockedMatch(b *testing.B) {
	for name, block := range map[string]time.Duration{"500ms": 500 * time.Millisecond, "none": 0} {
		b.Run(name, func(b *testing.B) {
			r, err := match.New(match.Config{})
			require.NoError(b, err)
			ran := make(chan error, 1)
			ctx, cancel := context.WithCancel(b.Context())
			go func() { ran <- r.Run(ctx) }()
			var l latenesses
			l.among(b, r, 1000, block)
			for b.Loop() {
				time.Sleep(time.Second)
			}
			cancel()
			require.NoError(b, <-ran)
			for unit, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99, "max-ms": 1} {
				b.ReportMetric(l.share(share).Seconds()*1000, unit)
			}
		})
	}
}
