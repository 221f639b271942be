package memory_test

import (
	"fmt"
	"math/rand/v2"
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

// BenchmarkBoardsWrite is a score with everything but a disk: the rules, the store, and the rank among a million.
func BenchmarkBoardsWrite(b *testing.B) {
	const n = 1_000_000
	s := memory.New()
	boards, err := leaderboard.Open(b.Context(), leaderboard.Config{Store: s})
	require.NoError(b, err)
	require.NoError(b, boards.Create(b.Context(), leaderboard.Board{ID: "wins", Operator: leaderboard.Set}))
	rnd := rand.New(rand.NewPCG(1, 2))
	owners := make([]string, n)
	write := func(owner string) {
		_, err := boards.Write(b.Context(), leaderboard.Submission{Board: "wins", Owner: owner, Score: rnd.Int64N(1 << 40)})
		if err != nil {
			b.Fatal(err)
		}
	}
	for i := range owners {
		owners[i] = fmt.Sprintf("%08x-%04x-4000-8000-%012x", rnd.Uint32(), i&0xffff, rnd.Uint64()>>16)
		write(owners[i])
	}
	b.ReportAllocs()
	for b.Loop() {
		write(owners[rnd.IntN(n)])
	}
}
