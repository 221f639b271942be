package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/store/sqlite"
	"github.com/shoal-go/shoal/store/storetest"
)

// openTemp opens a store in a new directory, for the duration of the test.
func openTemp(t testing.TB) *sqlite.Store {
	return openFile(t, filepath.Join(t.TempDir(), "shoal.db"))
}

func openFile(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// The tables are made once: each rule gets a copy of the file.
func TestStore(t *testing.T) {
	first := filepath.Join(t.TempDir(), "shoal.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: first})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	empty, err := os.ReadFile(first)
	require.NoError(t, err)
	storetest.All(t, func(t *testing.T) *sqlite.Store {
		path := filepath.Join(t.TempDir(), "shoal.db")
		require.NoError(t, os.WriteFile(path, empty, 0o600))
		return openFile(t, path)
	})
}

func TestDurable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	storetest.Durable(t, func(t *testing.T) *sqlite.Store { return openFile(t, path) })
}
