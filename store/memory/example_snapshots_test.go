package memory_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/tick"
)

// counter is a match that counts signals.
type counter struct{ match.NopHandler[int] }

func (counter) Init(context.Context, match.Params) (int, match.Settings, error) {
	return 0, match.Settings{Every: match.PerSecond(1)}, nil
}

func (counter) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, _ *int, _ []match.Message) error {
	return d.SleepUntil(t.At.AddDate(0, 0, 3))
}

func (counter) Signal(_ context.Context, d *match.Dispatcher, _ tick.Tick, n *int, _ string) (string, error) {
	*n++
	return strconv.Itoa(*n), d.Save() // the caller has the answer once it is stored
}

func (counter) Snapshot(n *int) ([]byte, error) { return []byte(strconv.Itoa(*n)), nil }

func (counter) Restore(_ context.Context, data []byte) (int, error) {
	return strconv.Atoi(string(data))
}

// A match whose handler is a Snapshotter goes on in the next process, here in the next registry.
func ExampleStore_snapshots() {
	ctx, store := context.Background(), memory.New()
	start := func() *match.Registry {
		matches, err := match.New(match.Config{Snapshots: store, Source: tick.NewManual(time.Now())})
		if err != nil {
			panic(err)
		}
		match.Register(matches, "counter", counter{})
		if err := matches.Resume(ctx); err != nil {
			panic(err)
		}
		return matches
	}

	matches := start()
	id, err := matches.Create(ctx, "counter", nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(matches.Signal(ctx, id, "count"))

	matches = start()
	fmt.Println(matches.Len(), "match is still there")
	fmt.Println(matches.Signal(ctx, id, "count"))

	// Output:
	// 1 <nil>
	// 1 match is still there
	// 2 <nil>
}
