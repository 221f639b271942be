package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
)

func openTemp(t testing.TB, c Config) *Store {
	t.Helper()
	c.Path = filepath.Join(t.TempDir(), "shoal.db")
	s, err := Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// pragma returns a setting of a connection of the pool.
func pragma(t *testing.T, p *pool, name string) (value string) {
	require.NoError(t, p.transact(t.Context(), func(c *conn) error {
		return c.query(func(rows *sql.Rows) error { return rows.Scan(&value) }, "PRAGMA "+name)
	}))
	return value
}

func TestSettings(t *testing.T) {
	s := openTemp(t, Config{})
	require.Equal(t, "wal", pragma(t, s.write, "journal_mode"))
	require.Equal(t, "1", pragma(t, s.write, "synchronous"), "NORMAL")
	require.Equal(t, "1", pragma(t, s.write, "foreign_keys"))
	require.Equal(t, "5000", pragma(t, s.write, "busy_timeout"))
	require.Equal(t, "5000", pragma(t, s.read, "busy_timeout"))
	require.Equal(t, "1", pragma(t, s.read, "query_only"))
	require.Equal(t, "ok", pragma(t, s.read, "integrity_check"))

	s = openTemp(t, Config{SyncAlways: true, Readers: 3})
	require.Equal(t, "2", pragma(t, s.write, "synchronous"), "FULL")
	require.Equal(t, 3, s.read.size)
	require.Equal(t, 1, s.write.size)
}

func TestReadersCannotWrite(t *testing.T) {
	s := openTemp(t, Config{})
	require.Error(t, s.read.transact(t.Context(), func(c *conn) error {
		_, err := c.exec(deleteUser, "1")
		return err
	}))
}

func TestErrorRollsBack(t *testing.T) {
	s := openTemp(t, Config{})
	boom := errors.New("boom")
	store := func(c *conn) error {
		_, err := c.exec(insertKey, "name", []byte("key"))
		require.NoError(t, err)
		return boom
	}
	require.ErrorIs(t, s.write.transact(t.Context(), store), boom)
	require.Panics(t, func() { _ = s.write.transact(t.Context(), func(c *conn) error { _ = store(c); panic("boom") }) })
	key, err := s.Key(t.Context(), "name", []byte("other"))
	require.NoError(t, err)
	require.Equal(t, "other", string(key))
}

func TestFailedCommitRollsBack(t *testing.T) {
	s := openTemp(t, Config{})
	require.ErrorContains(t, s.write.transact(t.Context(), func(c *conn) error {
		_, err := c.exec(insertIdentity, auth.Device, "phone", "nobody", nil)
		return err
	}), "FOREIGN KEY", "the reference is checked at the end")
	_, _, err := s.AccountByIdentity(t.Context(), auth.Device, "phone")
	require.ErrorIs(t, err, auth.ErrNotFound)
	a := auth.Account{ID: "1", Username: "ann"}
	require.NoError(t, s.CreateAccount(t.Context(), a, auth.Identity{Kind: auth.Device, ID: "phone"}))
}

func TestWaitingForAConnectionEndsWithTheContext(t *testing.T) {
	s := openTemp(t, Config{Readers: 1})
	for name, p := range map[string]*pool{"write": s.write, "read": s.read} {
		require.NoError(t, p.transact(t.Context(), func(*conn) error {
			ctx, cancel := context.WithCancel(t.Context())
			waited := make(chan error)
			go func() { waited <- p.transact(ctx, func(*conn) error { return nil }) }()
			cancel()
			require.ErrorIs(t, <-waited, context.Canceled, name)
			return nil
		}))
	}
}

func TestReadsGoOnDuringAWrite(t *testing.T) {
	s := openTemp(t, Config{})
	require.NoError(t, s.write.transact(t.Context(), func(c *conn) error {
		_, err := c.exec(`INSERT INTO boards (id, authoritative, sort, operator, metadata, created) VALUES ('wins', 0, 0, 0, '{}', 0)`)
		require.NoError(t, err)
		all, err := s.Boards(t.Context())
		require.NoError(t, err)
		require.Empty(t, all, "a write that is not committed is not seen")
		return nil
	}))
	all, err := s.Boards(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1, "a write that is committed is seen by the next read")
}

func TestReadSeesOneMoment(t *testing.T) {
	s := openTemp(t, Config{})
	create := func(name string) {
		a := auth.Account{ID: name, Username: name}
		require.NoError(t, s.CreateAccount(t.Context(), a, auth.Identity{Kind: auth.Device, ID: name}))
	}
	create("ann")
	require.NoError(t, s.read.transact(t.Context(), func(c *conn) error {
		a, err := c.account(accountByID, "ann")
		require.NoError(t, err)
		require.NotNil(t, a)
		create("bob")
		b, err := c.account(accountByID, "bob")
		require.NoError(t, err)
		require.Nil(t, b)
		return nil
	}))
}

func TestQueriesUseAnIndex(t *testing.T) {
	s := openTemp(t, Config{})
	for query, args := range map[string][]any{
		accountByID: {""}, accountByUsername: {""}, accountByIdentity: {"", ""}, deleteUser: {""}, selectKey: {""},
		boardByID: {""}, recordOf: {"", 0, ""}, deleteRecord: {"", 0, ""}, deleteOwner: {""},
	} {
		require.NoError(t, s.read.transact(t.Context(), func(c *conn) error {
			return c.query(func(rows *sql.Rows) error {
				var id, parent, unused int
				var step string
				require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
				require.False(t, strings.HasPrefix(step, "SCAN"), "%s\n%s", query, step)
				return nil
			}, "EXPLAIN QUERY PLAN "+query, args...)
		}))
	}
}

func TestTextOfAnyBytes(t *testing.T) {
	s := openTemp(t, Config{})
	names := []string{"a\x00b", "a\x00c", "a", "\xff\xfe", "\xff", "\x00"}
	for i, name := range names {
		a := auth.Account{ID: string('0' + rune(i)), Username: name, Metadata: name, Created: time.Unix(0, 0)}
		require.NoError(t, s.CreateAccount(t.Context(), a, auth.Identity{Kind: auth.Custom, ID: name}))
	}
	for i, name := range names {
		a, _, err := s.AccountByIdentity(t.Context(), auth.Custom, name)
		require.NoError(t, err)
		require.Equal(t, string('0'+rune(i)), a.ID)
		require.Equal(t, []string{name, name, name}, []string{a.Username, a.Metadata, a.CustomID})
	}
}

func TestDevicesAreListedAsTheyCame(t *testing.T) {
	s := openTemp(t, Config{})
	want := []string{"tablet", "phone", "desk"}
	a := auth.Account{ID: "1", Username: "ann"}
	require.NoError(t, s.CreateAccount(t.Context(), a, auth.Identity{Kind: auth.Device, ID: want[0]}))
	require.NoError(t, s.write.transact(t.Context(), func(c *conn) error {
		for _, device := range want[1:] {
			_, err := c.exec(insertIdentity, auth.Device, device, "1", nil)
			require.NoError(t, err)
		}
		_, err := c.exec(insertIdentity, auth.Email, "ann@example.com", "1", []byte("hash"))
		return err
	}))
	a, secret, err := s.Password(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, want, a.Devices)
	require.Equal(t, "ann@example.com", a.Email)
	require.Equal(t, "hash", string(secret))
	found, err := s.AccountsByUsername(t.Context(), []string{"ann"})
	require.NoError(t, err)
	require.Len(t, found, 1)

	require.NoError(t, s.DeleteAccount(t.Context(), "1", time.Now()))
	for _, device := range want {
		_, _, err := s.AccountByIdentity(t.Context(), auth.Device, device)
		require.ErrorIs(t, err, auth.ErrNotFound)
	}
}

// A file that another process keeps to itself is told apart from other trouble.
func TestLockedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	s, err := Open(t.Context(), Config{Path: path})
	require.NoError(t, err)
	defer s.Close()
	c := <-s.write.free
	_, err = c.ExecContext(t.Context(), "PRAGMA busy_timeout = 1") // or the test would wait for 5 s
	require.NoError(t, err)
	s.write.free <- c

	other, err := sql.Open("sqlite", source(path))
	require.NoError(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	_, _, err = s.WriteRecord(t.Context(), scoreOf("wins", "ann", 1))
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorIs(t, s.Revoke(t.Context(), auth.Revocation{}), ErrLocked)
	_, err = s.Boards(t.Context())
	require.NoError(t, err, "reads go on")
	_, err = other.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, s.Revoke(t.Context(), auth.Revocation{}))
}
