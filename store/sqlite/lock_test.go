package sqlite_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/sqlite"
)

func requireLocked(t *testing.T, path string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.ErrorIs(t, err, sqlite.ErrLocked)
	require.ErrorContains(t, err, path)
	require.Nil(t, s)
}

func TestAFileIsOfOneStore(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "shoal.db"), filepath.Join(dir, "link.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	_, err = s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	requireLocked(t, path)
	require.NoError(t, os.Symlink("shoal.db", link))
	requireLocked(t, link)

	_, _, err = s.WriteRecord(t.Context(), increment("ann"))
	require.NoError(t, err, "who has it goes on")
	copied := filepath.Join(dir, "copy.db")
	require.NoError(t, s.Backup(t.Context(), copied))
	openFile(t, copied)
	require.NoError(t, s.Close())
	openFile(t, link)
	requireLocked(t, path)
}

// A lock ends with its process, however that ends.
func TestAKilledProcessLeavesNoLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	_, err = s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashFile+"="+path, crashRound+"=0")
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	requireLocked(t, path)
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
	require.FileExists(t, path+"-lock")
	openFile(t, path)
}

// Many that open and close a file in turn never have it at the same time, though each removes the lock of the one before.
func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	var open atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Readers: 1})
				if err != nil {
					continue
				}
				if open.Add(1) > 1 {
					t.Error("two stores have one file")
				}
				open.Add(-1)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	openFile(t, path)
	requireLocked(t, path)
}
