package main

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// lateness counts how late ticks began, in buckets that grow by an eighth of a power of two, about 9 %. It begins when
// it is first asked: to count costs as much as a whole tick of an empty match.
type lateness struct {
	asked   atomic.Bool
	buckets [8 * 40]atomic.Int64
}

func (l *lateness) add(late time.Duration) {
	if !l.asked.Load() {
		return
	}
	i := 0
	if late > 0 {
		i = min(int(8*math.Log2(float64(late)))+1, len(l.buckets)-1)
	}
	l.buckets[i].Add(1)
}

// take returns the figures since the last call.
func (l *lateness) take() map[string]any {
	l.asked.Store(true)
	var counts [len(l.buckets)]int64
	var total int64
	for i := range counts {
		counts[i] = l.buckets[i].Swap(0)
		total += counts[i]
	}
	at := func(share float64) float64 {
		left := int64(share * float64(total))
		for i, n := range counts {
			if left -= n; left < 0 {
				return math.Exp2(float64(i)/8) / 1000
			}
		}
		return 0
	}
	return map[string]any{"ticks": total, "p50_us": at(0.5), "p99_us": at(0.99), "p999_us": at(0.999)}
}

// rpc is the function bench_lateness, which returns the figures since it was last called.
func (l *lateness) rpc(context.Context, nakama.Caller, string) (string, error) {
	return encode(l.take())
}
