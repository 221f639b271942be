package sqlite_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/sqlite"
)

// A copy has what was acknowledged before it began, nothing that was not asked for when it ended, and each write whole.
func TestBackupDuringWrites(t *testing.T) {
	s := openTemp(t)
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	const writers = 4
	var asked, acked atomic.Int64
	var failed atomic.Pointer[error]
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for ctx.Err() == nil {
				asked.Add(1)
				if _, _, err := s.WriteRecord(t.Context(), increment("ann")); err != nil {
					failed.Store(&err)
					return
				}
				acked.Add(1)
			}
		})
	}
	for range 5 {
		path := filepath.Join(t.TempDir(), "copy.db")
		for before := acked.Load(); acked.Load() < before+50 && failed.Load() == nil; {
			time.Sleep(time.Millisecond) // so that every copy is of something new
		}
		least := acked.Load()
		require.NoError(t, s.Backup(t.Context(), path))
		most := asked.Load()
		found, err := openFile(t, path).RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"})
		require.NoError(t, err)
		require.GreaterOrEqual(t, found[0].Score, least)
		require.LessOrEqual(t, found[0].Score, most)
		require.EqualValues(t, found[0].Score, found[0].NumScore)
	}
	stop()
	wg.Wait()
	require.Nil(t, failed.Load(), "writes go on")
}

func TestBackupIsForItsOwnerOnlyAndReplacesNothing(t *testing.T) {
	s, path := openTemp(t), filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, s.Backup(t.Context(), path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	err = s.Backup(t.Context(), path)
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, path)
	openFile(t, path)

	nowhere := filepath.Join(t.TempDir(), "nowhere", "copy.db")
	require.ErrorIs(t, s.Backup(t.Context(), nowhere), fs.ErrNotExist)

	late := filepath.Join(t.TempDir(), "copy.db")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Backup(gone, late), context.Canceled)
	require.NoFileExists(t, late)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Backup(t.Context(), late), sqlite.ErrClosed)
	require.NoFileExists(t, late)
}
