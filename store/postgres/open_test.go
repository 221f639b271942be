//go:build postgres

package postgres_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/postgres"
)

// provider gives the migrations of this directory to a test that wants to run some of them.
func provider(t *testing.T, url string) *goose.Provider {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	db := stdlib.OpenDB(*c)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	p, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"),
		goose.WithTableName("shoal_migrations"), goose.WithLogger(goose.NopLogger()))
	require.NoError(t, err)
	return p
}

func TestOpenUpgradesOlderTables(t *testing.T) {
	url := emptyPlace(t)
	_, err := provider(t, url).UpTo(t.Context(), 1)
	require.NoError(t, err)
	admin(t, url, `INSERT INTO users VALUES ('1', 'ann', '', '', 'en', '', '', '{}', now(), now(), '0001-01-01 00:00:00Z')`)
	admin(t, url, `INSERT INTO identities (kind, id, user_id) VALUES ('device', 'phone', '1')`)
	s := openAt(t, url)
	a, _, err := s.AccountByIdentity(t.Context(), auth.Device, "phone")
	require.NoError(t, err)
	require.Equal(t, "ann", a.Username)
	require.True(t, a.Disabled.IsZero())
	_, err = s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
}

func TestMigrationsGoDownAndUp(t *testing.T) {
	p := provider(t, emptyPlace(t))
	for range 2 {
		_, err := p.Up(t.Context())
		require.NoError(t, err)
		_, err = p.DownTo(t.Context(), 0)
		require.NoError(t, err)
	}
}

func TestOpenRefusesNewerTables(t *testing.T) {
	url := emptyPlace(t)
	openAt(t, url)
	admin(t, url, `INSERT INTO shoal_migrations (version_id, is_applied) VALUES (99, true)`)
	_, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	require.ErrorContains(t, err, "version 99")
}

func TestOpenFails(t *testing.T) {
	for url, says := range map[string]string{
		"":                                "Config.URL is empty",
		"postgres://h:secret@127.0.0.1:1": "connect",
		"postgres://h:secret@[":           "parse",
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: url})
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret")
	}
}

// Processes that start at the same moment make the tables once.
func TestOpenManyAtOnce(t *testing.T) {
	url := emptyPlace(t)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	stores, errs := make([]*postgres.Store, 4), make([]error, 4)
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			stores[i], errs[i] = postgres.Open(t.Context(), postgres.Config{URL: url, Conns: 2, Logger: log})
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")), out.String())
	_, err := stores[0].CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)

	for i, s := range stores { // and then they write the same scores
		wg.Go(func() {
			for range 25 {
				if _, _, err := s.WriteRecord(t.Context(), increment("ann")); err != nil {
					errs[i] = err
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	found, err := stores[0].RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"})
	require.NoError(t, err)
	require.EqualValues(t, 100, found[0].Score)
	for _, s := range stores {
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		_, err := s.Boards(t.Context())
		require.ErrorIs(t, err, postgres.ErrClosed)
	}
}

func increment(owner string) leaderboard.Write {
	return leaderboard.Write{Board: "wins", Owner: owner, Operator: leaderboard.Increment, Score: 1, At: time.Unix(1, 0)}
}

func TestTextThatCannotBeStored(t *testing.T) {
	s := openAt(t, emptyPlace(t))
	for _, text := range []string{"a\x00b", "\xff"} {
		err := s.CreateAccount(t.Context(), auth.Account{ID: "1", Username: text}, auth.Identity{Kind: auth.Device, ID: "phone"})
		require.ErrorIs(t, err, postgres.ErrText)
		_, _, err = s.AccountByIdentity(t.Context(), auth.Device, text)
		require.ErrorIs(t, err, auth.ErrNotFound)
		found, err := s.AccountsByUsername(t.Context(), []string{text})
		require.NoError(t, err)
		require.Empty(t, found)
		_, _, err = s.WriteRecord(t.Context(), increment(text))
		require.ErrorIs(t, err, postgres.ErrText)
	}
	_, _, err := s.AccountByIdentity(t.Context(), auth.Device, "phone")
	require.ErrorIs(t, err, auth.ErrNotFound, "nothing of a refused account is stored")
}
