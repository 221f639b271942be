package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/sqlite"
)

// The crash test runs this binary again as a child that writes until it is killed. The variable names its file and round.
const (
	crashFile  = "SHOAL_TEST_CRASH_FILE"
	crashRound = "SHOAL_TEST_CRASH_ROUND"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path, os.Getenv(crashRound)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const crashWriters = 4

// writeUntilKilled increments one record for each writer and one for all, creates accounts, and says on standard output
// what the store has acknowledged, one line each. A line this short is written whole or not at all.
func writeUntilKilled(path, round string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for writer := range crashWriters {
		go func() {
			for i := 0; ; i++ {
				for _, owner := range []string{"all", fmt.Sprint("writer-", writer)} {
					if _, _, err := s.WriteRecord(ctx, increment(owner)); err != nil {
						failed <- err
					}
					fmt.Fprintf(os.Stdout, "score %s\n", owner)
				}
				name := fmt.Sprintf("%s-%d-%d", round, writer, i)
				if err := s.CreateAccount(ctx, auth.Account{ID: name, Username: name}, auth.Identity{Kind: auth.Device, ID: name}); err != nil {
					failed <- err
				}
				fmt.Fprintf(os.Stdout, "account %s\n", name)
			}
		}()
	}
	return <-failed
}

func increment(owner string) leaderboard.Write {
	return leaderboard.Write{
		Board: "wins", Owner: owner, Operator: leaderboard.Increment, Score: 1, At: time.Unix(1, 0),
	}
}

// acknowledged is what children have said so far.
type acknowledged struct {
	scores   map[string]int64
	accounts []string
}

// read takes lines until there are no more, and calls kill once after n of them. Lines that were on their way when the
// child died count: they were acknowledged.
func (a *acknowledged) read(t *testing.T, out io.Reader, n int, kill func() error) {
	lines := bufio.NewReader(out)
	for seen := 1; ; seen++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			require.GreaterOrEqual(t, seen, n, "the child ended before it was killed")
			return
		}
		what, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if what == "score" {
			a.scores[name]++
		} else {
			a.accounts = append(a.accounts, name)
		}
		if seen == n {
			require.NoError(t, kill())
		}
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoal.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	_, err = s.CreateBoard(t.Context(), leaderboard.Board{ID: "wins"})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	acked := &acknowledged{scores: map[string]int64{}}
	for round, lines := range []int{1, 10, 100, 1000, 2500} {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), crashFile+"="+path, fmt.Sprint(crashRound, "=", round))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		acked.read(t, out, lines, child.Process.Kill)
		require.Error(t, child.Wait())

		s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		require.NoError(t, err)
		check(t, s, acked, round+1)
		require.NoError(t, s.Close())
	}
}

// check compares the store with what was acknowledged. At each of the kills every writer may have had one write under way
// that was stored but not acknowledged.
func check(t *testing.T, s *sqlite.Store, acked *acknowledged, kills int) {
	t.Helper()
	records, err := s.PageRecords(t.Context(), leaderboard.Span{Board: "wins"}, leaderboard.Ascending, 100)
	require.NoError(t, err)
	stored := map[string]int64{}
	for _, r := range records {
		stored[r.Owner] = r.Score
		require.EqualValues(t, r.Score, r.NumScore, "score and count are written together")
	}
	for owner, score := range acked.scores {
		unsure := int64(kills)
		if owner == "all" {
			unsure *= crashWriters
		}
		require.GreaterOrEqual(t, stored[owner], score, "an acknowledged increment of %s is lost", owner)
		require.LessOrEqual(t, stored[owner], score+unsure, "an increment of %s was counted twice", owner)
	}
	found, err := s.AccountsByID(t.Context(), acked.accounts)
	require.NoError(t, err)
	require.Len(t, found, len(acked.accounts), "an acknowledged account is lost")
	for _, a := range found {
		require.Equal(t, []string{a.ID}, a.Devices, "an account is stored without its identity")
	}
}
