//go:build postgres

package postgres_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/store/postgres"
	"github.com/shoal-go/shoal/store/storetest"
)

// server is the URL of the database that the tests use.
func server(t testing.TB) string {
	t.Helper()
	url := os.Getenv("SHOAL_TEST_POSTGRES")
	require.NotEmpty(t, url, "these tests need a server: run them with .ci/postgres go test -tags postgres")
	return url
}

var schemas atomic.Int64

// emptyPlace returns the URL of a schema of its own, which is dropped when the test ends.
func emptyPlace(t testing.TB) string {
	t.Helper()
	url, name := server(t), fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	admin(t, url, "CREATE SCHEMA "+name)
	t.Cleanup(func() { admin(t, url, "DROP SCHEMA "+name+" CASCADE") })
	if strings.Contains(url, "?") {
		return url + "&search_path=" + name
	}
	return url + "?search_path=" + name
}

// admin runs a statement on a connection of its own.
func admin(t testing.TB, url, statement string, args ...any) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement, args...)
	require.NoError(t, err)
}

// openAt opens a store for the duration of the test.
func openAt(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// tables are all that hold data.
const tables = `users, identities, deletions, revocations, rotations, signing_keys, boards, records, objects, notifications, snapshots`

func TestStore(t *testing.T) {
	url := emptyPlace(t)
	storetest.All(t, func(t *testing.T) *postgres.Store {
		s := openAt(t, url)
		admin(t, url, "TRUNCATE "+tables+" RESTART IDENTITY")
		return s
	})
}

func TestDurable(t *testing.T) {
	url := emptyPlace(t)
	storetest.Durable(t, func(t *testing.T) *postgres.Store { return openAt(t, url) })
}
