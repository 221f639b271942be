package match_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/tick"
)

// benchmark is a match with so many members, on a clock that moves by hand.
func benchmark(b *testing.B, h match.Handler[none], members int) (*match.Registry, *tick.Manual, match.ID) {
	b.Helper()
	return benchmarkWith(b, h, members, match.Hooks{})
}

func benchmarkWith(
	b *testing.B, h match.Handler[none], members int, hooks match.Hooks,
) (*match.Registry, *tick.Manual, match.ID) {
	b.Helper()
	clock := tick.NewManual(noon)
	r, err := match.New(match.Config{Source: clock, Outbox: silence{}, Hooks: hooks})
	if err != nil {
		b.Fatal(err)
	}
	match.Register(r, "m", h)
	id, err := r.Create(b.Context(), "m", nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range members {
		if err := r.Join(b.Context(), seat(id, who(fmt.Sprint(i)))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	return r, clock, id
}

func BenchmarkCreateAndEnd(b *testing.B) {
	r, _, _ := benchmark(b, &script{}, 0)
	for b.Loop() {
		id, err := r.Create(b.Context(), "m", nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.End(b.Context(), id, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJoinAndLeave(b *testing.B) {
	r, _, id := benchmark(b, &script{}, 4)
	for b.Loop() {
		if err := r.Join(b.Context(), seat(id, ann)); err != nil {
			b.Fatal(err)
		}
		if err := r.Leave(id, "ann", match.Left); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	r, clock, id := benchmark(b, &script{}, 4)
	n := 0
	for b.Loop() {
		if err := r.Send(id, "1", match.Message{Op: 1}); err != nil {
			b.Fatal(err)
		}
		if n++; n%100 == 0 {
			clock.Advance(every)
		}
	}
}

func BenchmarkEmptyTick(b *testing.B) {
	_, clock, _ := benchmark(b, &script{}, 4)
	for b.Loop() {
		clock.Advance(every)
	}
}

// BenchmarkTick is BenchmarkEmptyTick, without hooks and with all that a tick calls.
func BenchmarkTick(b *testing.B) {
	for name, hooks := range map[string]match.Hooks{
		"nil hooks": {},
		"hooks": {
			Tick: func(match.ID, tick.Tick, time.Duration) {},
			Slow: func(match.ID, string, time.Duration) {},
		},
	} {
		b.Run(name, func(b *testing.B) {
			_, clock, _ := benchmarkWith(b, &script{}, 4, hooks)
			for b.Loop() {
				clock.Advance(every)
			}
		})
	}
}

func BenchmarkBroadcast(b *testing.B) {
	for _, members := range []int{4, 32} {
		b.Run(fmt.Sprint(members), func(b *testing.B) {
			o := match.Outgoing{Op: 1, Data: []byte("position")}
			_, clock, _ := benchmark(b, &script{loop: func(c turn, _ []match.Message) error { return c.Broadcast(o) }}, members)
			for b.Loop() {
				clock.Advance(every)
			}
		})
	}
}

// crowd is a source that gives turns by hand, so that a benchmark sees what they cost without a scheduler.
type crowd struct {
	tasks []tick.Task
	now   time.Time
}

func (c *crowd) Add(t tick.Task) tick.Handle {
	c.tasks = append(c.tasks, t)
	return unwoken{c.now}
}
func (c *crowd) Now() time.Time { return time.Now() }

// unwoken is the handle of a task that nobody wakes.
type unwoken struct{ start time.Time }

func (u unwoken) Start(time.Duration) time.Time { return u.start }
func (unwoken) Wake()                           {}
func (unwoken) Elapsed() time.Duration          { return 0 }
func (unwoken) Detach()                         {}
func (unwoken) Remove()                         {}

// BenchmarkCrowd is one tick of one among 10,000 matches without players: what it needs is in no cache.
func BenchmarkCrowd(b *testing.B) {
	c := &crowd{now: time.Now()}
	r, err := match.New(match.Config{Source: c, Outbox: silence{}})
	if err != nil {
		b.Fatal(err)
	}
	match.Register(r, "m", &script{set: match.Settings{Every: every, Overrun: match.Skip}})
	for range 10_000 {
		if _, err := r.Create(b.Context(), "m", nil); err != nil {
			b.Fatal(err)
		}
	}
	rand.Shuffle(len(c.tasks), func(i, j int) { c.tasks[i], c.tasks[j] = c.tasks[j], c.tasks[i] })
	now := c.now
	others := make([]byte, 64<<20) // what the machine does between two ticks
	i := 0
	for b.Loop() {
		if i == 0 {
			b.StopTimer()
			for j := 0; j < len(others); j += 64 {
				others[j]++
			}
			now = now.Add(every)
			b.StartTimer()
		}
		c.tasks[i].Turn(now)
		if i++; i == len(c.tasks) {
			i = 0
		}
	}
}
