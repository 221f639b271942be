package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/sqlite"
)

func TestMethodsAfterClose(t *testing.T) {
	s := openTemp(t)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	ctx, never := t.Context(), time.Time{}
	for name, call := range map[string]func() error{
		"CreateAccount": func() error { return s.CreateAccount(ctx, auth.Account{}, auth.Identity{}) },
		"AccountsByID":  func() error { _, err := s.AccountsByID(ctx, []string{"1"}); return err },
		"Password":      func() error { _, _, err := s.Password(ctx, "ann"); return err },
		"Revoke":        func() error { return s.Revoke(ctx, auth.Revocation{}) },
		"Key":           func() error { _, err := s.Key(ctx, "access", []byte("key")); return err },
		"Boards":        func() error { _, err := s.Boards(ctx); return err },
		"WriteRecord":   func() error { _, _, err := s.WriteRecord(ctx, increment("ann")); return err },
		"Standings":     func() error { _, err := s.Standings(ctx, leaderboard.Span{Board: "wins"}, 1); return err },
		"RecordsOf":     func() error { _, err := s.RecordsOf(ctx, "wins", never, []string{"ann"}); return err },
	} {
		require.ErrorIs(t, call(), sqlite.ErrClosed, name)
	}
}

func TestCloseWhileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	s := openFile(t, path)
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)

	const writers = 4
	acked, busy := make([]int64, writers), make(chan struct{}, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for {
				_, _, err := s.WriteRecord(t.Context(), increment("ann"))
				if errors.Is(err, sqlite.ErrClosed) {
					return
				}
				if err == nil {
					if acked[i]++; acked[i] == 5 {
						busy <- struct{}{}
					}
				}
				if _, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"}); errors.Is(err, sqlite.ErrClosed) {
					return
				}
			}
		})
	}
	for range writers {
		<-busy
	}
	require.NoError(t, s.Close())
	wg.Wait()
	requireScore(t, openFile(t, path), acked)
}

// requireScore checks that every acknowledged increment was stored, and no other.
func requireScore(t *testing.T, s *sqlite.Store, acked []int64) {
	t.Helper()
	found, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"})
	require.NoError(t, err)
	var sum int64
	for _, n := range acked {
		sum += n
	}
	require.Equal(t, sum, found[0].Score)
}

func TestAnErrorMeansNothingChanged(t *testing.T) {
	s := openTemp(t)
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	const writers, writes = 4, 100
	acked, errs := make([]int64, writers), make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range writes {
				ctx, cancel := context.WithCancel(t.Context())
				gone := make(chan struct{})
				go func() { cancel(); close(gone) }()
				_, _, err := s.WriteRecord(ctx, increment("ann"))
				switch {
				case err == nil:
					acked[i]++
				case !errors.Is(err, context.Canceled):
					errs[i] = err
				}
				<-gone
			}
			if _, _, err := s.WriteRecord(t.Context(), increment("ann")); err == nil {
				acked[i]++
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	requireScore(t, s, acked)
}
