package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
)

// crashDB names the store of a server that this binary becomes when a crash test runs it again.
const crashDB = "SHOAL_TEST_CRASH_DB"

func TestMain(m *testing.M) {
	if db := os.Getenv(crashDB); db != "" {
		fmt.Fprintln(os.Stderr, serveUntilKilled(db))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func serveUntilKilled(db string) error {
	return Main(context.Background(), os.Stdout, "127.0.0.1:0", Config{
		DB: db, Auth: auth.Config{TokenTTL: time.Hour},
		Boards: []leaderboard.Board{{ID: "wins", Operator: leaderboard.Increment}}, Log: slog.New(slog.DiscardHandler),
	}, crashGame)
}

// victim is a server in a process of its own.
type victim struct {
	cmd *exec.Cmd
	url string
}

func startVictim(t *testing.T, db string) *victim {
	t.Helper()
	v := &victim{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	v.cmd.Env = append(os.Environ(), crashDB+"="+db)
	v.cmd.Stderr = os.Stderr
	out, err := v.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, v.cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "the server has not started")
	v.url = strings.TrimSpace(line)
	return v
}

func (v *victim) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, v.cmd.Process.Kill())
	require.Error(t, v.cmd.Wait())
}

// call sends a request; the status is 0 if there was no answer.
func (v *victim) call(method, path, authorization, body string) (status int, fields map[string]any) {
	r, err := http.NewRequestWithContext(context.Background(), method, v.url+path, bytes.NewBufferString(body))
	if err != nil {
		return 0, nil
	}
	r.Header.Set("Authorization", authorization)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || json.Unmarshal(b, &fields) != nil {
		return 0, nil
	}
	return resp.StatusCode, fields
}

// signIn returns the tokens of a device, and whether the server has said yes.
func (v *victim) signIn(device string, create bool) (token, refresh string, ok bool) {
	key := "Basic " + base64.StdEncoding.EncodeToString([]byte(WellKnownKey+":"))
	status, s := v.call("POST", fmt.Sprint("/v2/account/authenticate/device?create=", create), key, fmt.Sprintf(`{"id":%q}`, device))
	if status != http.StatusOK {
		return "", "", false
	}
	return s["token"].(string), s["refresh_token"].(string), true
}

// promises are what the servers have said to one writer since the last time they were held to it.
type promises struct {
	name      string
	token     string
	scores    int // acknowledged, in all
	unsure    int // scores whose answer was lost, in all
	devices   []string
	saves     []string
	loggedOut []string // tokens
	played    played   // notifications and a match
}

// make talks to a server until it gives no good answer any more, or all is over, and says so of each score that it takes.
func (p *promises) make(v *victim, round int, taken chan<- struct{}, over *atomic.Bool) {
	for i := 0; !over.Load(); i++ {
		name := fmt.Sprintf("%s-%d-%d", p.name, round, i)
		status, _ := v.call("POST", "/v2/leaderboard/wins", "Bearer "+p.token, `{"score":"1"}`)
		if status != http.StatusOK {
			p.unsure++
			return
		}
		p.scores++
		if !p.played.make(v, p.token, name) {
			return
		}
		select {
		case taken <- struct{}{}:
		default: // it is not counted any more
		}
		save := fmt.Sprintf(`{"objects":[{"collection":"saves","key":%q,"value":"{}"}]}`, name)
		if status, _ = v.call("PUT", "/v2/storage", "Bearer "+p.token, save); status != http.StatusOK {
			return
		}
		p.saves = append(p.saves, name)
		token, refresh, ok := v.signIn("device-"+name, true)
		if !ok {
			return
		}
		p.devices = append(p.devices, "device-"+name)
		out := fmt.Sprintf(`{"token":%q,"refresh_token":%q}`, token, refresh)
		if status, _ = v.call("POST", "/v2/session/logout", "Bearer "+token, out); status != http.StatusOK {
			return
		}
		p.loggedOut = append(p.loggedOut, token)
	}
}

// hold checks that a server keeps what others have promised.
func (p *promises) hold(t *testing.T, v *victim) {
	t.Helper()
	status, list := v.call("GET", "/v2/leaderboard/wins?limit=1&owner_ids="+userOf(t, p.token), "Bearer "+p.token, "")
	require.Equal(t, http.StatusOK, status)
	score := 0
	if records, _ := list["owner_records"].([]any); len(records) > 0 {
		_, err := fmt.Sscan(records[0].(map[string]any)["score"].(string), &score)
		require.NoError(t, err)
	}
	require.GreaterOrEqual(t, score, p.scores, "an acknowledged score of %s is lost", p.name)
	require.LessOrEqual(t, score, p.scores+p.unsure, "a score of %s was counted twice", p.name)

	for _, key := range p.saves {
		ask := fmt.Sprintf(`{"object_ids":[{"collection":"saves","key":%q,"user_id":%q}]}`, key, userOf(t, p.token))
		status, got := v.call("POST", "/v2/storage", "Bearer "+p.token, ask)
		require.Equal(t, http.StatusOK, status)
		require.Len(t, got["objects"], 1, "an acknowledged object is lost: %s", key)
	}
	for _, device := range p.devices {
		_, _, ok := v.signIn(device, false)
		require.True(t, ok, "an acknowledged account is lost: %s", device)
	}
	for _, token := range p.loggedOut {
		status, _ := v.call("GET", "/v2/account", "Bearer "+token, "")
		require.Equal(t, http.StatusUnauthorized, status, "an acknowledged logout is lost")
	}
	p.saves, p.devices, p.loggedOut = nil, nil, nil
	p.played.hold(t, v, p.token)
}

// userOf returns the user id in a token.
func userOf(t *testing.T, token string) string {
	t.Helper()
	var user struct{ UID string }
	require.NoError(t, json.Unmarshal([]byte(partOf(t, token, 1)), &user))
	return user.UID
}

// A server is killed again and again in the middle of its work; where the database is a process of its own, so is that.
func TestKilledServersKeepTheirPromises(t *testing.T) {
	const writers, enough = 4, 10
	for _, kind := range stores {
		if !kind.durable {
			continue
		}
		t.Run(kind.name, func(t *testing.T) {
			db := kind.empty(t)
			v := startVictim(t, db)
			all := make([]*promises, writers)
			for i := range all {
				all[i] = &promises{name: fmt.Sprint("writer-", i)}
				var ok bool
				all[i].token, _, ok = v.signIn("device-of-"+all[i].name, true)
				require.True(t, ok)
			}
			for round := range lives {
				taken := make(chan struct{}, enough)
				var over atomic.Bool
				var wg sync.WaitGroup
				for _, p := range all {
					wg.Go(func() { p.make(v, round, taken, &over) })
				}
				go func() { wg.Wait(); close(taken) }() // nobody waits for servers that take nothing
				for range 1 + rand.IntN(enough) {
					<-taken
				}
				time.Sleep(time.Duration(rand.IntN(5000)) * time.Microsecond) // into the middle of something
				if kind.kill != nil && round%5 == 4 {
					kind.kill(t)
					over.Store(true) // the server itself goes on: it says that it cannot, or waits until it can
					wg.Wait()
				}
				v.kill(t)
				wg.Wait()
				v = startVictim(t, db)
				for _, p := range all {
					p.hold(t, v)
				}
			}
			made, counted := 0, 0
			for _, p := range all {
				made += p.scores
				counted += p.played.counts
			}
			require.GreaterOrEqual(t, made, lives, "the servers had nothing to lose")
			require.GreaterOrEqual(t, counted, lives)
			v.kill(t)
		})
	}
}
