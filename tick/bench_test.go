package tick_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shoal-go/shoal/tick"
)

// BenchmarkTurn is the cost of one turn of one among 10,000 tasks, on one worker that is never idle.
func BenchmarkTurn(b *testing.B) {
	for name, every := range map[string]func(task int) time.Duration{
		"own times":    func(task int) time.Duration { return time.Duration(10_000+task) * time.Nanosecond },
		"shared times": func(int) time.Duration { return 10 * time.Microsecond },
	} {
		b.Run(name, func(b *testing.B) {
			s := tick.NewScheduler(tick.Config{Workers: 1, Stagger: -1})
			var turns atomic.Int64
			done := make(chan struct{})
			start := time.Now()
			for task := range 10_000 {
				due := start
				s.Add(turnFunc(func(time.Time) time.Time {
					if turns.Add(1) == int64(b.N) {
						close(done)
					}
					due = due.Add(every(task))
					return due
				})).Wake()
			}
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan struct{})
			b.ReportAllocs()
			b.ResetTimer()
			go func() { _ = s.Run(ctx); close(ended) }()
			<-done
			b.StopTimer()
			stop()
			<-ended
		})
	}
}

// BenchmarkWake is the cost of waking a task whose worker is idle, until it has had its turn.
func BenchmarkWake(b *testing.B) {
	s := tick.NewScheduler(tick.Config{Workers: 1})
	turn := make(chan struct{})
	h := s.Add(turnFunc(func(time.Time) time.Time { turn <- struct{}{}; return time.Time{} }))
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() { _ = s.Run(ctx); close(ended) }()
	b.ReportAllocs()
	for b.Loop() {
		h.Wake()
		<-turn
	}
	stop()
	<-ended
}
