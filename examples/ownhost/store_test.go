package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/storetest"
)

// opened returns the store of a file.
func opened(t testing.TB, path string) *store {
	t.Helper()
	s, err := openStore(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "data.jsonl") }

// A host keeps what it uses, and asks for the contracts of that.
func TestStore(t *testing.T) {
	open := func(t *testing.T) *store { return opened(t, newPath(t)) }
	t.Run("Accounts", func(t *testing.T) { storetest.Accounts(t, open) })
	t.Run("Identities", func(t *testing.T) { storetest.Identities(t, open) })
	t.Run("Deletions", func(t *testing.T) { storetest.Deletions(t, open) })
	t.Run("Revocations", func(t *testing.T) { storetest.Revocations(t, open) })
	t.Run("Keys", func(t *testing.T) { storetest.Keys(t, open) })
	t.Run("Definitions", func(t *testing.T) { storetest.Definitions(t, open) })
	t.Run("Records", func(t *testing.T) { storetest.Records(t, open) })
	t.Run("Rankings", func(t *testing.T) { storetest.Rankings(t, open) })
	t.Run("Periods", func(t *testing.T) { storetest.Periods(t, open) })
}

func TestStoreKeepsAllOverARestart(t *testing.T) {
	s, path := populated(t)
	ctx, now := t.Context(), time.Now()
	_, err := s.Key(ctx, "access", []byte("\x00\xff"))
	require.NoError(t, err)
	require.NoError(t, s.Revoke(ctx, auth.Revocation{User: "1", Family: "phone", At: now, Until: now.Add(time.Hour)}))
	for _, board := range []string{"wins", "losses"} {
		_, err = s.CreateBoard(ctx, leaderboard.Board{ID: board})
		require.NoError(t, err)
		_, _, err = s.WriteRecord(ctx, leaderboard.Write{Board: board, Owner: "1", Score: 7, At: now})
		require.NoError(t, err)
	}
	require.NoError(t, s.DeleteBoard(ctx, "losses"))
	want := s.rows
	for _, rows := range []int{len(want.Accounts), len(want.Keys), len(want.Revocations), len(want.Boards), len(want.Records)} {
		require.Equal(t, 1, rows)
	}
	for range 3 {
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "closing twice does no harm")
		s = opened(t, path)
		require.Equal(t, want, s.rows)
	}
}

// populated makes a store with an account, and returns the path too.
func populated(t testing.TB) (*store, string) {
	path := newPath(t)
	s := opened(t, path)
	err := s.CreateAccount(t.Context(), auth.Account{ID: "1", Username: "ann"}, auth.Identity{Kind: auth.Device, ID: "phone"})
	require.NoError(t, err)
	return s, path
}

func usernames(t testing.TB, s *store) []string {
	t.Helper()
	all, err := s.AccountsByID(t.Context(), []string{"1", "2"})
	require.NoError(t, err)
	names := []string{}
	for _, a := range all {
		names = append(names, a.Username)
	}
	return names
}

func TestStoreSurvivesAKill(t *testing.T) {
	_, path := populated(t) // and not closed
	require.Equal(t, []string{"ann"}, usernames(t, opened(t, path)))
}

// A process that is killed while it writes leaves a part of a line. Nobody was told that it was done.
func TestStoreDropsAnUnfinishedLine(t *testing.T) {
	_, path := populated(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	bob := `{"Accounts":{"2":{"Account":{"ID":"2","Username":"bob"},"Identities":[]}}}`
	for n := range len(bob) + 1 {
		require.NoError(t, os.WriteFile(path, append(whole, bob[:n]...), 0o600))
		s := opened(t, path)
		require.Equal(t, []string{"ann"}, usernames(t, s))
		require.NoError(t, s.DeleteAccount(t.Context(), "3", time.Now()), "it can be written to")
		require.NoError(t, s.Close())
		require.Equal(t, []string{"ann"}, usernames(t, opened(t, path)))
	}
	require.NoError(t, os.WriteFile(path, append(whole, bob+"\n"...), 0o600))
	require.ElementsMatch(t, []string{"ann", "bob"}, usernames(t, opened(t, path)))
}

func TestStoreRefusesWhatItDidNotWrite(t *testing.T) {
	path := newPath(t)
	foreign := "{}\nnot ours\n{}\n"
	require.NoError(t, os.WriteFile(path, []byte(foreign), 0o600))
	_, err := openStore(path)
	require.ErrorContains(t, err, path+":2: ")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, foreign, string(after), "it is left alone")
}

func TestStoreFileIsShortAgainAfterOpening(t *testing.T) {
	path := newPath(t)
	s := opened(t, path)
	_, err := s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	for i := range 100 {
		w := leaderboard.Write{Board: "wins", Owner: fmt.Sprint(i % 3), Operator: leaderboard.Increment, Score: 1, At: time.Unix(1, 0)}
		_, _, err := s.WriteRecord(t.Context(), w)
		require.NoError(t, err)
	}
	require.Equal(t, 102, lines(t, path), "one for each change, and one for what was there at the start")
	require.NoError(t, s.Close())
	s = opened(t, path)
	require.Equal(t, 1, lines(t, path))
	records, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{"0"})
	require.NoError(t, err)
	require.Equal(t, int64(34), records[0].Score)
}

func lines(t testing.TB, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.Count(string(b), "\n")
}

// What was not written is not shown either, and nothing is written behind a line that may be cut.
func TestStoreStopsAtAFailedWrite(t *testing.T) {
	s, path := populated(t)
	require.NoError(t, s.file.Close())
	renamed := "anna"
	require.ErrorIs(t, s.UpdateAccount(t.Context(), "1", auth.Update{Username: &renamed}, time.Now()), os.ErrClosed)
	require.Equal(t, []string{"ann"}, usernames(t, s))

	var err error
	s.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	require.ErrorContains(t, s.DeleteAccount(t.Context(), "1", time.Now()), "no more changes")
	require.Equal(t, []string{"ann"}, usernames(t, s))
}

func TestStoreAfterClose(t *testing.T) {
	s, _ := populated(t)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.DeleteAccount(t.Context(), "1", time.Now()), errStoreClosed)
}

func TestStoreFileIsPrivate(t *testing.T) {
	_, path := populated(t)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077, "it holds the keys that sign tokens")
}

func TestOpenStoreFails(t *testing.T) {
	_, err := openStore(t.TempDir())
	require.Error(t, err, "a directory is no file")
	_, err = openStore(filepath.Join(t.TempDir(), "missing", "data.jsonl"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
