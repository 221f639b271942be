package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/memory"
)

func BenchmarkWriteRecord(b *testing.B) {
	s := memory.New()
	_, err := s.CreateBoard(b.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(b, err)
	w := leaderboard.Write{Board: "wins", Operator: leaderboard.Increment, Score: 1, At: time.Unix(1, 0)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.Owner = fmt.Sprint("owner ", i%1000)
		if _, _, err := s.WriteRecord(b.Context(), w); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStandings(b *testing.B) {
	const n, page = 100_000, 1000
	s := memory.New()
	_, err := s.CreateBoard(b.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(b, err)
	for i := range n {
		w := leaderboard.Write{Board: "wins", Owner: fmt.Sprintf("%08d", i), At: time.Unix(1, 0)}
		_, _, err := s.WriteRecord(b.Context(), w)
		require.NoError(b, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		span := leaderboard.Span{Board: "wins"}
		for range n / page {
			standings, err := s.Standings(b.Context(), span, page)
			if err != nil || len(standings) != page {
				b.Fatal(len(standings), err)
			}
			span.After = &standings[page-1]
		}
	}
}

func BenchmarkAccountByIdentity(b *testing.B) {
	s := memory.New()
	for i := range 1000 {
		name := fmt.Sprint("ann ", i)
		require.NoError(b, s.CreateAccount(b.Context(), auth.Account{ID: name, Username: name}, auth.Identity{Kind: auth.Device, ID: name}))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, _, err := s.AccountByIdentity(b.Context(), auth.Device, fmt.Sprint("ann ", i%1000)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
