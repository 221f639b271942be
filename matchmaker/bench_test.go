package matchmaker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/query"
)

// The pools of the benchmarks: 4 modes, 6 regions, a normal skill; a query admits about 2 in 100 of the others, or all.
type benchmarkPool struct {
	*rand.Rand
	everybody bool // queries are *
	lonely    bool // the skill that a ticket wants is far from its own: nobody wants each other
	large     bool // every second ticket is for 2 to 8 players, not for 2
	last      int
}

func newBenchmarkPool() *benchmarkPool { return &benchmarkPool{Rand: rand.New(rand.NewPCG(1, 2))} }

func (b *benchmarkPool) request() Request {
	b.last++
	r := Request{
		Presences: []presence.Presence{{User: "user", Session: fmt.Sprint("session", b.last), Username: "name", Node: "node"}},
		MinCount:  2, MaxCount: 2, Query: "*",
	}
	if b.large && b.last%2 == 0 {
		r.MaxCount = 8
	}
	mode, region, skill := fmt.Sprint("mode", b.IntN(4)), fmt.Sprint("region", b.IntN(6)), 1500+300*b.NormFloat64()
	r.StringProps = map[string]string{"mode": mode, "region": region}
	r.NumericProps = map[string]float64{"skill": skill}
	if !b.everybody {
		low, high := skill-200, skill+200 // about half of all
		if b.lonely {
			low, high = skill+50, skill+500
		}
		r.Query = fmt.Sprintf("+mode:%s +region:%s +skill:>=%.1f +skill:<=%.1f", mode, region, low, high)
	}
	return r
}

// nobody keeps no result.
type nobody struct{}

func (nobody) Matched(Result)  {}
func (nobody) Expired(*Ticket) {}

func (b *benchmarkPool) fill(tb testing.TB, n int) *Matchmaker {
	m, err := New(Config{Outbox: nobody{}, WaitForRun: true})
	require.NoError(tb, err)
	for range n {
		_, err := m.Add(b.request())
		require.NoError(tb, err)
	}
	return m
}

// One ticket is added to a pool of 100,000, and taken back.
func BenchmarkAdd(b *testing.B) {
	const n = 100_000
	for name, p := range map[string]*benchmarkPool{
		"waits for the run":              {},
		"searches/nobody wants each":     {lonely: true},
		"searches/everybody, but larger": {everybody: true},
	} {
		b.Run(name, func(b *testing.B) {
			p.Rand = rand.New(rand.NewPCG(1, 2))
			m := p.fill(b, n)
			m.cfg.WaitForRun = name == "waits for the run"
			var adding time.Duration
			add := func(r Request) {
				if p.everybody {
					r.MinCount, r.MaxCount = 3, 3 // all the others are for 2
				}
				start := time.Now()
				id, err := m.Add(r)
				adding += time.Since(start)
				if err != nil || len(m.queue.tickets) != n+1 {
					b.Fatal(err, len(m.queue.tickets))
				}
				if err := m.Remove(r.Presences[0].Session, id); err != nil {
					b.Fatal(err)
				}
			}
			requests := make([]Request, 5000)
			for i := range requests {
				requests[i] = p.request()
				add(requests[i])
			}
			b.ReportAllocs()
			adding = 0
			for i := 0; b.Loop(); i++ {
				add(requests[i%len(requests)])
			}
			b.ReportMetric(float64(adding.Nanoseconds())/float64(b.N), "ns/add")
		})
	}
}

// What one client can cost all others: a query that no index helps with, in a pool of 100,000.
func BenchmarkAddHostile(b *testing.B) {
	var terms strings.Builder
	for i := range query.MaxClauses {
		fmt.Fprintf(&terms, "a%d:x ", i)
	}
	for name, text := range map[string]string{
		"terms":  terms.String(),
		"scores": "+skill:>0 mode:none^2",
	} {
		b.Run(name, func(b *testing.B) {
			p := newBenchmarkPool()
			m := p.fill(b, 100_000)
			m.cfg.WaitForRun = false
			for b.Loop() {
				r := p.request()
				r.Query, r.MinCount, r.MaxCount = text, 2, 2
				r.NumericProps["skill"] = -1 // nobody wants it
				id, err := m.Add(r)
				require.NoError(b, err)
				require.NoError(b, m.Remove(r.Presences[0].Session, id))
			}
		})
	}
}

// One run over tickets that all find their match, but for a few; of 100,000, half are for 2 players and half for 2 to 8.
func BenchmarkRun(b *testing.B) {
	for _, test := range []struct {
		name string
		n    int
		pool benchmarkPool
	}{
		{"2000/2%", 2000, benchmarkPool{}},
		{"2000/all", 2000, benchmarkPool{everybody: true}},
		{"100000/2%", 100_000, benchmarkPool{large: true}},
		{"100000/all", 100_000, benchmarkPool{large: true, everybody: true}},
		{"100000/nobody", 100_000, benchmarkPool{large: true, lonely: true}},
	} {
		b.Run(test.name, func(b *testing.B) {
			left, players := 0, 0
			var before, after runtime.MemStats
			for b.Loop() {
				b.StopTimer()
				p := test.pool
				p.Rand = rand.New(rand.NewPCG(1, 2))
				m := p.fill(b, test.n)
				runtime.GC()
				runtime.ReadMemStats(&before)
				b.StartTimer()
				m.run(context.Background())
				b.StopTimer()
				runtime.ReadMemStats(&after)
				left, players = m.Stats().Tickets, test.n
				b.StartTimer()
			}
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(players), "B/ticket")
			b.ReportMetric(float64(left), "left")
		})
	}
}

// What a waiting ticket takes, with its texts, which are the host's.
func BenchmarkMemory(b *testing.B) {
	for _, everybody := range []bool{false, true} {
		b.Run(fmt.Sprint("everybody=", everybody), func(b *testing.B) {
			const n = 100_000
			for b.Loop() {
				p := newBenchmarkPool()
				p.everybody = everybody
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				m := p.fill(b, n)
				for range 1000 { // makes the columns
					m.queue.finder.renew()
					_, err := m.queue.find(m.queue.oldest, false)
					require.NoError(b, err)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/ticket")
				runtime.KeepAlive(m)
			}
		})
	}
}
