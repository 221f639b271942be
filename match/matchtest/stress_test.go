package matchtest_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// counter is a handler that counts what reaches it, over all its matches.
type counter struct {
	calls *[7]atomic.Int64
	fail  func(n int64) error // in Loop
}

func (h counter) Init(context.Context, match.Params) (int, match.Settings, error) {
	h.calls[0].Add(1)
	return 0, match.Settings{Every: match.PerSecond(1), Capacity: 4}, nil
}

func (h counter) JoinAttempt(context.Context, *match.Dispatcher, tick.Tick, *int, match.Joiner) error {
	h.calls[1].Add(1)
	return nil
}

func (h counter) Join(context.Context, *match.Dispatcher, tick.Tick, *int, []presence.Presence) error {
	h.calls[2].Add(1)
	return nil
}

func (h counter) Leave(context.Context, *match.Dispatcher, tick.Tick, *int, []match.Departure) error {
	h.calls[3].Add(1)
	return nil
}

func (h counter) Loop(_ context.Context, _ *match.Dispatcher, t tick.Tick, _ *int, in []match.Message) error {
	h.calls[4].Add(int64(len(in)))
	if h.fail != nil {
		return h.fail(t.N)
	}
	return nil
}

func (h counter) Terminate(context.Context, *match.Dispatcher, tick.Tick, *int, time.Duration) error {
	h.calls[5].Add(1)
	return nil
}

func (h counter) Signal(context.Context, *match.Dispatcher, tick.Tick, *int, string) (string, error) {
	h.calls[6].Add(1)
	return "", nil
}

func TestStressReachesEveryCallback(t *testing.T) {
	var calls [7]atomic.Int64
	matchtest.Stress(t, counter{calls: &calls}, matchtest.Config{})
	for i := range calls {
		require.Positive(t, calls[i].Load(), "callback %d", i)
	}
	require.EqualValues(t, 16, calls[0].Load())
	require.EqualValues(t, 16, calls[5].Load())
}

func TestStressLetsMatchesEndAndFail(t *testing.T) {
	for name, err := range map[string]error{"end": match.ErrEnd, "fail": errors.New("failed")} {
		t.Run(name, func(t *testing.T) {
			var calls [7]atomic.Int64
			matchtest.Stress(t, counter{&calls, func(int64) error { return err }}, matchtest.Config{})
		})
	}
}

func TestStressFailsWhenTheHandlerPanics(t *testing.T) {
	said := fails(t, func(tb testing.TB) {
		var calls [7]atomic.Int64
		matchtest.Stress(tb, counter{&calls, func(n int64) error {
			if n == 20 {
				panic("at tick 20")
			}
			return nil
		}}, matchtest.Config{})
	})
	require.Contains(t, said, "panic in Loop: at tick 20")
	require.Contains(t, said, "stress_test.go:")

	said = fails(t, func(tb testing.TB) {
		matchtest.Stress(tb, room{}, matchtest.Config{Params: "panic"})
	})
	require.Contains(t, said, "panic in Init")
}
