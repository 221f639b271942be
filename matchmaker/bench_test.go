package matchmaker

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
)

const duelQuery = "+mode:duel +skill:>=0 +skill:<=100"

func duel(i int, mode string) Request {
	return Request{
		Presences: []presence.Presence{{Session: fmt.Sprint(mode, i)}}, MinCount: 2, MaxCount: 2, Query: duelQuery,
		StringProps: map[string]string{"mode": mode}, NumericProps: map[string]float64{"skill": float64(i % 100)},
	}
}

// fill returns a Matchmaker with so many tickets for two, and some that match nobody.
func fill(b *testing.B, duels, idle int) *Matchmaker {
	m, err := New(Config{Outbox: &told{}, WaitForRun: true})
	require.NoError(b, err)
	for i := range max(duels, idle) {
		if i < idle {
			_, err = m.Add(duel(i, "other"))
			require.NoError(b, err)
		}
		if i < duels {
			_, err = m.Add(duel(i, "duel"))
			require.NoError(b, err)
		}
	}
	return m
}

// One run over a pool in which everybody finds an opponent but the idle ones.
func BenchmarkRun(b *testing.B) {
	for _, size := range []struct{ duels, idle int }{{1000, 0}, {1000, 100}, {0, 1000}} {
		b.Run(fmt.Sprintf("duels=%d/idle=%d", size.duels, size.idle), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				m := fill(b, size.duels, size.idle)
				b.StartTimer()
				m.run(context.Background())
				if left := m.Stats().Tickets; left != size.idle {
					b.Fatal(left)
				}
			}
		})
	}
}

// One ticket that comes, looks at all others in vain, and goes.
func BenchmarkAdd(b *testing.B) {
	for _, waiting := range []int{0, 1000, 5000} {
		b.Run(fmt.Sprintf("waiting=%d", waiting), func(b *testing.B) {
			m := fill(b, 0, waiting)
			m.cfg.WaitForRun = false
			r := duel(0, "duel")
			b.ReportAllocs()
			for b.Loop() {
				id, err := m.Add(r)
				if err != nil {
					b.Fatal(err)
				}
				if err := m.Remove(r.Presences[0].Session, id); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
