package nakama_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
)

// journal is a log to look into.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// brokenBoards fail as a store does.
type brokenBoards struct{ nakama.Boards }

var errStore = errors.New("database at 10.0.0.7 is down")

func (brokenBoards) List(context.Context, leaderboard.ListRequest) (leaderboard.Page, error) {
	return leaderboard.Page{}, errStore
}

func (brokenBoards) Get(string) (leaderboard.Board, error) { return leaderboard.Board{}, nil }

func (brokenBoards) Submit(context.Context, leaderboard.Submission) (leaderboard.Ranked, error) {
	panic("lost the plot")
}

func (brokenBoards) Withdraw(ctx context.Context, _, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestHTTPFailuresOfTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		w := newWorld(t, func(_ *world, c *nakama.Config) { c.Boards, c.Logger = brokenBoards{}, j.logger() })
		ann := w.newAccount("ann")

		t.Log("the log gets the cause, the client does not")
		ann.http("GET", "/v2/leaderboard/wins?http_key=hidden", "").
			refused(http.StatusServiceUnavailable, nakama.Unavailable, "Error querying records from leaderboard.")
		require.Contains(t, j.String(), errStore.Error())
		require.Contains(t, j.String(), "/v2/leaderboard/wins")

		t.Log("a panic is one call's failure")
		ann.http("POST", "/v2/leaderboard/wins", "{}").
			refused(http.StatusInternalServerError, nakama.Internal, "Internal server error.")
		require.Contains(t, j.String(), "lost the plot")
		require.Contains(t, j.String(), "brokenBoards", "the log has the stack")

		t.Log("work that takes too long is given up")
		ann.http("DELETE", "/v2/leaderboard/wins", "").
			refused(http.StatusServiceUnavailable, nakama.Unavailable, "context deadline exceeded")

		require.NotContains(t, j.String(), "hidden")
		require.NotContains(t, j.String(), ann.token)
		require.NotContains(t, j.String(), strings.TrimPrefix(basic("defaultkey"), "Basic "))
	})
}

// brokenAccounts fail in several ways.
type brokenAccounts struct {
	nakama.Auth
	how error
}

func (b brokenAccounts) Account(context.Context, string) (auth.Account, error) {
	return auth.Account{Username: "no text \xff"}, b.how
}

func TestHTTPFailuresOfAuth(t *testing.T) {
	for name, tt := range map[string]struct {
		how    error
		status int
		code   nakama.Code
		told   string
		logged string
	}{
		"of its store": {
			&auth.Error{Code: auth.CodeInternal, Text: "Error reading account.", Err: errStore}, 503, nakama.Unavailable,
			"Error reading account.", errStore.Error(),
		},
		"of a host's own": {errStore, 500, nakama.Internal, "Internal server error.", errStore.Error()},
		"the client has gone": {
			&auth.Error{Code: auth.CodeInternal, Text: "Error.", Err: context.Canceled}, 499, nakama.Canceled, "context canceled", "",
		},
		"too much to do": {
			&auth.Error{Code: auth.CodeResourceExhausted, Text: "Try again later.", Err: auth.ErrBusy}, 429,
			nakama.ResourceExhausted, "Try again later.", "",
		},
		"banned": {
			&auth.Error{Code: auth.CodePermissionDenied, Text: "User account banned.", Err: auth.ErrBanned}, 403,
			nakama.PermissionDenied, "User account banned.", "",
		},
		"a text that cannot be sent": {nil, 500, nakama.Internal, "Error encoding response.", "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			var j journal
			w := newWorld(t, func(w *world, c *nakama.Config) { c.Auth, c.Logger = brokenAccounts{w.users, tt.how}, j.logger() })
			w.newAccount("ann").http("GET", "/v2/account", "").refused(tt.status, tt.code, tt.told)
			require.Contains(t, j.String(), tt.logged)
			require.Equal(t, tt.logged == "", j.String() == "", "what is the client's doing is not logged")
		})
	}
}

// Calls of one user and of many may happen at the same time.
func TestHTTPConcurrently(t *testing.T) {
	w := newWorld(t, nil)
	require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}))
	var wg sync.WaitGroup
	for _, name := range []string{"ann", "ben", "cat", "dan"} {
		a := w.newAccount(name)
		for range 4 {
			wg.Go(func() {
				for _, ask := range [][3]string{
					{"POST", "/v2/leaderboard/wins", `{"score":1}`},
					{"GET", "/v2/leaderboard/wins?limit=10", ""},
					{"GET", "/v2/leaderboard/wins/owner/" + a.id, ""},
					{"PUT", "/v2/account", `{"location":"Bern"}`},
					{"GET", "/v2/account", ""},
					{"GET", "/v2/match", ""},
				} {
					if got := a.http(ask[0], ask[1], ask[2], "Accept-Encoding", "gzip"); got.status != http.StatusOK {
						t.Error(ask, got.status)
					}
				}
			})
		}
	}
	wg.Wait()
	got := w.newAccount("eve").http("GET", "/v2/leaderboard/wins?limit=10", "").ok()
	for _, r := range got["records"].([]any) {
		require.Equal(t, "4", r.(map[string]any)["score"])
	}
	require.Equal(t, "4", got["rank_count"])
}
