package host

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/store/storetest"
)

// weather is what befalls the store of a game.
type weather struct {
	store *storetest.Flaky

	mu            sync.Mutex
	before, after func(ctx context.Context) error
	calls         map[string]int // since the weather changed, by method
}

// change makes the weather: nil is good.
func (w *weather) change(before, after func(ctx context.Context) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.after, w.calls = before, after, map[string]int{}
}

func (w *weather) count(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[method]
}

func newWeather() *weather {
	w := &weather{calls: map[string]int{}}
	w.store = &storetest.Flaky{
		Store: memory.New(),
		Before: func(ctx context.Context, method string) error {
			w.mu.Lock()
			w.calls[method]++
			befalls := w.before
			w.mu.Unlock()
			return call(ctx, befalls)
		},
		After: func(ctx context.Context, _ string) error {
			w.mu.Lock()
			befalls := w.after
			w.mu.Unlock()
			return call(ctx, befalls)
		},
	}
	return w
}

func call(ctx context.Context, f func(context.Context) error) error {
	if f == nil {
		return nil
	}
	return f(ctx)
}

var errDown = errors.New("the database at 10.0.0.7 is down")

func fails(context.Context) error { return errDown }

func isSlow(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// inWeather runs a test in a bubble over a flaky store.
func inWeather(t *testing.T, test func(t *testing.T, g *game, w *weather)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeather()
		g := &game{t: t, c: Config{
			Log: slog.New(slog.DiscardHandler), Interval: time.Second,
			Auth:    auth.Config{BcryptCost: 4, TokenTTL: time.Hour},
			Gateway: nakama.Config{ServerKey: WellKnownKey},
			Boards:  []leaderboard.Board{{ID: "wins", Operator: leaderboard.Increment}},
		}}
		var err error
		g.h, err = over(t.Context(), g.c, w.store)
		require.NoError(t, err)
		g.gateway, err = g.h.Gateway(nil)
		require.NoError(t, err)
		test(t, g, w)
	})
}

const save = `{"objects":[{"collection":"saves","key":"slot","value":"{}"}]}`

// storeCalls are requests of ann's that ask the store for something, each with the method that changes something, if any.
var storeCalls = map[string]struct{ method, target, body, writes string }{
	"account":            {"GET", "/v2/account", "", ""},
	"update":             {"PUT", "/v2/account", `{"display_name":"Anna"}`, "UpdateAccount"},
	"delete account":     {"DELETE", "/v2/account", "", "DeleteAccount"},
	"link":               {"POST", "/v2/account/link/custom", `{"id":"custom-of-ann"}`, "Link"},
	"users":              {"GET", "/v2/user?usernames=ann", "", ""},
	"log out":            {"POST", "/v2/session/logout", `{}`, "Revoke"},
	"score":              {"POST", "/v2/leaderboard/wins", `{"score":"1"}`, "WriteRecord"},
	"list scores":        {"GET", "/v2/leaderboard/wins", "", ""},
	"scores around":      {"GET", "/v2/leaderboard/wins/owner/ID", "", ""},
	"delete score":       {"DELETE", "/v2/leaderboard/wins", "", "DeleteRecord"},
	"write object":       {"PUT", "/v2/storage", save, "WriteObjects"},
	"read object":        {"POST", "/v2/storage", `{"object_ids":[{"collection":"saves","key":"slot","user_id":"ID"}]}`, ""},
	"list objects":       {"GET", "/v2/storage/saves", "", ""},
	"delete object":      {"PUT", "/v2/storage/delete", `{"object_ids":[{"collection":"saves","key":"slot"}]}`, "DeleteObjects"},
	"notifications":      {"GET", "/v2/notification", "", ""},
	"delete notice":      {"DELETE", "/v2/notification?ids=ID", "", "DeleteNotifications"},
	"sign in":            {"POST", "/v2/account/authenticate/device", `{"id":"device-of-ann"}`, ""},
	"sign up":            {"POST", "/v2/account/authenticate/device?username=bob", `{"id":"device-of-bob"}`, "CreateAccount"},
	"refresh":            {"POST", "/v2/account/session/refresh", `{"token":"REFRESH"}`, ""},
	"sign in with email": {"POST", "/v2/account/authenticate/email?create=false", `{"email":"cid@fish.example","password":"password"}`, ""},
}

// ask sends one of the storeCalls.
func (p *player) ask(name string) answer {
	c := storeCalls[name]
	fill := strings.NewReplacer("ID", p.id, "REFRESH", p.refresh).Replace
	if strings.Contains(c.target, "authenticate") || strings.Contains(c.target, "refresh") {
		return p.g.signIn(strings.TrimPrefix(c.target, "/v2/account/"), json.RawMessage(fill(c.body)))
	}
	return p.g.http(c.method, fill(c.target), fill(c.body), "Authorization", "Bearer "+p.token)
}

// A store that fails, or is slow, is told apart from a fault of the client and of the program; a write is tried once, for
// nobody knows what has become of it.
func TestBadWeather(t *testing.T) {
	for name, c := range storeCalls {
		for kind, set := range map[string]func(w *weather){
			"the store fails":    func(w *weather) { w.change(fails, nil) },
			"the store is slow":  func(w *weather) { w.change(isSlow, nil) },
			"the answer is lost": func(w *weather) { w.change(nil, fails) },
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				inWeather(t, func(t *testing.T, g *game, w *weather) {
					ann := g.device("ann")
					g.http("PUT", "/v2/storage", save, "Authorization", "Bearer "+ann.token).ok()
					ann.ask("score").ok()
					g.signIn("authenticate/email?username=cid", fields{"email": "cid@fish.example", "password": "password"}).ok()
					set(w)
					got := ann.ask(name)
					require.Equal(t, http.StatusServiceUnavailable, got.status, "%v", got.fields)
					require.EqualValues(t, nakama.Unavailable, got.fields["code"])
					require.NotContains(t, text(got.fields), "10.0.0.7")
					if c.writes != "" {
						require.LessOrEqual(t, w.count(c.writes), 1, "%s was repeated", c.writes)
					}
					w.change(nil, nil)
					require.NotEqual(t, http.StatusServiceUnavailable, ann.ask(name).status, "in good weather again")
				})
			})
		}
	}
}

// What was acknowledged is there once, and what was not is there at most once: scores, whose ranks are kept in memory too.
func TestScoresInChangingWeather(t *testing.T) {
	inWeather(t, func(t *testing.T, g *game, w *weather) {
		ann, bob := g.device("ann"), g.device("bob")
		bob.http("POST", "/v2/leaderboard/wins", fields{"score": "5"}).ok()
		acked, lost := 0, 0
		for i := range 12 {
			switch i % 3 {
			case 0:
				w.change(nil, nil)
				ann.ask("score").ok()
				acked++
			case 1:
				w.change(fails, nil)
				require.Equal(t, http.StatusServiceUnavailable, ann.ask("score").status)
			default:
				w.change(nil, fails)
				require.Equal(t, http.StatusServiceUnavailable, ann.ask("score").status)
				lost++
			}
		}
		w.change(nil, nil)
		records := ann.ask("list scores").ok()["records"]
		require.Equal(t, ann.id, records.([]any)[0].(map[string]any)["owner_id"])
		require.Equal(t, text(acked+lost), records.([]any)[0].(map[string]any)["score"].(string))
		require.Equal(t, "1", ann.ask("score").ok()["rank"], "the rank counts what was lost on the way")
	})
}

// A notification that may have been stored is not sent again.
func TestNotificationsInBadWeather(t *testing.T) {
	inWeather(t, func(t *testing.T, g *game, w *weather) {
		ann := g.device("ann")
		w.change(nil, fails)
		_, err := g.h.Notifications.Send(t.Context(), []notification.Notification{
			{User: ann.id, Subject: "hello", Content: "{}", Code: 1, Persistent: true},
		})
		require.ErrorIs(t, err, errDown)
		require.Equal(t, 1, w.count("AddNotifications"))
		w.change(nil, nil)
		require.Len(t, ann.ask("notifications").ok()["notifications"], 1)
	})
}
