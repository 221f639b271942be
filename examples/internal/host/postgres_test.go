//go:build postgres

package host

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// With this tag everything that is tested on every store is tested on PostgreSQL too: .ci/postgres go test -tags postgres.
var serverStores = []storeKind{{"postgres", emptySchema, true, killServer}}

var schemas atomic.Int64

// emptySchema makes a schema of its own in the database of the tests, for the duration of the test.
func emptySchema(t *testing.T) string {
	t.Helper()
	url := os.Getenv("SHOAL_TEST_POSTGRES")
	require.NotEmpty(t, url, "these tests need a server: run them with .ci/postgres")
	name := fmt.Sprintf("host_%d_%d", os.Getpid(), schemas.Add(1))
	admin(t, "CREATE SCHEMA "+name)
	t.Cleanup(func() { admin(t, "DROP SCHEMA "+name+" CASCADE") })
	return url + "&search_path=" + name
}

// admin runs a statement and returns its answer, if there is one.
func admin(t *testing.T, statement string) string {
	t.Helper()
	answer, err := tryAdmin(t, statement)
	require.NoError(t, err)
	return answer
}

func tryAdmin(t *testing.T, statement string) (answer string, err error) {
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, os.Getenv("SHOAL_TEST_POSTGRES"))
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	if err = c.QueryRow(ctx, statement).Scan(&answer); errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return answer, err
}

// killServer ends PostgreSQL with SIGKILL, or with the signal that makes it leave everything as it is, and waits until
// .ci/postgres has started it again.
func killServer(t *testing.T) {
	t.Helper()
	const started = "SELECT pg_postmaster_start_time()::text"
	before := admin(t, started)
	first, _, _ := strings.Cut(admin(t, "SELECT pg_read_file('postmaster.pid')"), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	signal := syscall.SIGKILL
	if rand.IntN(2) == 0 {
		signal = syscall.SIGQUIT
	}
	require.NoError(t, syscall.Kill(pid, signal))
	require.Eventually(t, func() bool {
		after, err := tryAdmin(t, started)
		return err == nil && after != before
	}, time.Minute, 50*time.Millisecond, "the server has not come back")
}
