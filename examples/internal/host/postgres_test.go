//go:build postgres

package host

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// With this tag everything that is tested on every store is tested on PostgreSQL too: .ci/postgres go test -tags postgres.
func TestMain(m *testing.M) {
	stores = append(stores, storeKind{"postgres", emptySchema, true})
	os.Exit(m.Run())
}

var schemas atomic.Int64

// emptySchema makes a schema of its own in the database of the tests, for the duration of the test.
func emptySchema(t *testing.T) string {
	t.Helper()
	url := os.Getenv("SHOAL_TEST_POSTGRES")
	require.NotEmpty(t, url, "these tests need a server: run them with .ci/postgres")
	ctx, name := context.WithoutCancel(t.Context()), fmt.Sprintf("host_%d_%d", os.Getpid(), schemas.Add(1))
	run := func(statement string) {
		c, err := pgx.Connect(ctx, url)
		require.NoError(t, err)
		defer c.Close(ctx)
		_, err = c.Exec(ctx, statement)
		require.NoError(t, err)
	}
	run("CREATE SCHEMA " + name)
	t.Cleanup(func() { run("DROP SCHEMA " + name + " CASCADE") })
	return url + "&search_path=" + name
}
