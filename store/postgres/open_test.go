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

// What a store remembers of the records it wrote may be old by the time of the next score.
func TestAnotherProcessChangesARecord(t *testing.T) {
	url := emptyPlace(t)
	mine, other := openAt(t, url), openAt(t, url)
	ctx := t.Context()
	score := func(s *postgres.Store, o leaderboard.Operator, n int64) (int64, bool, error) {
		w := increment("ann")
		w.Operator, w.Sort, w.Score = o, leaderboard.Descending, n
		r, changed, err := s.WriteRecord(ctx, w)
		return r.Score, changed, err
	}
	for name, tt := range map[string]struct {
		change   func() error
		operator leaderboard.Operator
		score    int64
		changed  bool
		err      error
	}{
		"nothing":         {func() error { return nil }, leaderboard.Increment, 15, true, nil},
		"nothing, no-op":  {func() error { return nil }, leaderboard.Best, 10, false, nil},
		"more":            {func() error { _, _, err := score(other, leaderboard.Increment, 1); return err }, leaderboard.Increment, 16, true, nil},
		"more, no-op":     {func() error { _, _, err := score(other, leaderboard.Set, 11); return err }, leaderboard.Best, 11, false, nil},
		"less":            {func() error { _, _, err := score(other, leaderboard.Set, 3); return err }, leaderboard.Best, 5, true, nil},
		"gone":            {func() error { _, err := other.DeleteRecord(ctx, "wins", time.Time{}, "ann"); return err }, leaderboard.Increment, 5, true, nil},
		"gone, not best":  {func() error { _, err := other.DeleteRecordsOf(ctx, "ann"); return err }, leaderboard.Best, 5, true, nil},
		"without a board": {func() error { return other.DeleteBoard(ctx, "wins") }, leaderboard.Increment, 0, false, leaderboard.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mine.CreateBoard(ctx, leaderboard.Board{ID: "wins"})
			require.NoError(t, err)
			_, _, err = score(mine, leaderboard.Set, 10)
			require.NoError(t, err)
			require.NoError(t, tt.change())
			got, changed, err := score(mine, tt.operator, 5)
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.score, got)
			require.Equal(t, tt.changed, changed)
		})
	}
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
