package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/sqlite"
)

func BenchmarkWriteRecord(b *testing.B) {
	for _, always := range []bool{false, true} {
		b.Run(fmt.Sprint("SyncAlways=", always), func(b *testing.B) {
			s, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "shoal.db"), SyncAlways: always})
			require.NoError(b, err)
			defer s.Close()
			_, err = s.CreateBoard(b.Context(), leaderboard.Board{ID: "wins"})
			require.NoError(b, err)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, _, err := s.WriteRecord(b.Context(), increment(fmt.Sprint("owner ", i%1000))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAccountByIdentity(b *testing.B) {
	s := openTemp(b)
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
