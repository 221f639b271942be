package nakama_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

// diary is what hooks were told of, a line each.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) write(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func (d *diary) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

// hooks write down every request and its end, and refuse nothing.
func (d *diary) hooks() nakama.Hooks {
	return nakama.Hooks{
		Before: func(_ context.Context, r *nakama.Request) error {
			d.write("before " + r.Name)
			return nil
		},
		After: func(_ context.Context, r *nakama.Request, out proto.Message, err error) {
			line := "after " + r.Name
			if out != nil {
				line += " " + string(out.ProtoReflect().Descriptor().Name())
			}
			if err != nil {
				line += ": " + err.Error()
			}
			d.write(line)
		},
		Connected: func(_ context.Context, c nakama.Caller) error {
			d.write("connected " + c.Presence.Username + " " + c.Vars["of"])
			return nil
		},
		Disconnected: func(_ context.Context, c nakama.Caller, why error) {
			d.write(fmt.Sprintf("disconnected %s %t", c.Presence.Username, why != nil))
		},
	}
}

func hookedWorld(t *testing.T, hooks nakama.Hooks) *world {
	return newWorld(t, func(_ *world, c *nakama.Config) {
		c.Hooks = hooks
		c.RPC = map[string]nakama.RPC{"echo": func(_ context.Context, c nakama.Caller, payload string) (string, error) {
			return payload + c.Query.Get("more"), nil
		}}
	})
}

func callRPC(id, payload string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_Rpc{Rpc: &api.Rpc{Id: id, Payload: payload}}}
}

func TestHooksSeeHTTP(t *testing.T) {
	d := &diary{}
	w := hookedWorld(t, d.hooks())
	ann := w.newAccount("ann")
	ann.http("GET", "/v2/match?limit=0", "")
	ann.http("PUT", "/v2/account", `{"location":"Bern"}`).nothing()
	ann.http("GET", "/v2/storage/saves/me", "")
	ann.http("POST", "/v2/rpc/echo", `"a"`).ok()
	w.http("GET", "/v2/account", "") // nobody: refused before anyone is asked
	ann.http("PUT", "/v2/account", `{broken`)
	require.Equal(t, []string{
		"before POST /v2/account/authenticate/custom", "after POST /v2/account/authenticate/custom Session",
		"before GET /v2/match", "after GET /v2/match: Invalid limit - limit must be between 1 and 100.",
		"before PUT /v2/account", "after PUT /v2/account Session",
		"before GET /v2/storage/{collection}/{user}",
		"after GET /v2/storage/{collection}/{user}: Invalid user ID - make sure user ID is a valid UUID.",
		"before POST /v2/rpc/{id}", "after POST /v2/rpc/{id} Rpc",
	}, d.take())
}

func TestHooksChangeAndRefuseHTTP(t *testing.T) {
	var seen []string
	hooks := nakama.Hooks{Before: nakama.Before(func(_ context.Context, r *nakama.Request, m *api.AccountCustom) error {
		require.Zero(t, r.Caller.Presence, "there is no session yet")
		r.Caller.Query.Set("username", "the-"+r.Caller.Query.Get("username"))
		m.Vars = map[string]string{"from": "a hook"}
		return nil
	})}
	hooks = hooks.With(nakama.Hooks{Before: func(_ context.Context, r *nakama.Request) error {
		seen = append(seen, strings.TrimSpace(r.Caller.Presence.Username+" "+r.PathValue("collection")))
		switch r.Name {
		case "GET /v2/storage/{collection}":
			return &nakama.Error{Code: nakama.PermissionDenied, Message: "not yours"}
		case "GET /v2/account":
			return nakama.ErrDisabled
		case "DELETE /v2/account":
			return errors.New("stay")
		case "GET /v2/match":
			panic("in a hook")
		case "POST /v2/rpc/{id}":
			r.Message.(*api.Rpc).Payload += "b"
			r.Caller.Query.Set("more", "c")
		}
		return nil
	}})
	w := hookedWorld(t, hooks)
	ann := w.newAccount("ann")
	claims, err := w.users.Verify(ann.token)
	require.NoError(t, err)
	require.Equal(t, "the-ann", claims.Username)
	require.Equal(t, map[string]string{"from": "a hook"}, claims.Vars)

	ann.http("GET", "/v2/storage/saves", "").refused(http.StatusForbidden, nakama.PermissionDenied, "not yours")
	ann.http("GET", "/v2/account", "").refused(http.StatusNotFound, nakama.NotFound, "Requested resource was not found.")
	ann.http("DELETE", "/v2/account", "").refused(http.StatusInternalServerError, nakama.Internal, "stay")
	ann.http("GET", "/v2/match", "").refused(http.StatusInternalServerError, nakama.Internal, "Internal server error.")
	require.Equal(t, "abc", ann.http("POST", "/v2/rpc/echo", `"a"`).ok()["payload"])
	require.Equal(t, []string{"", "the-ann saves", "the-ann", "the-ann", "the-ann", "the-ann"}, seen)
}

func TestHooksSeeSockets(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, _ transport.Kind) {
		d := &diary{}
		w := hookedWorld(t, d.hooks())
		stop := w.run()
		ann := w.connect("ann", first)
		made := ann.ask(create("")).GetMatch()
		ann.next()
		ann.nothing() // a ping
		ann.send(data(made.MatchId, 1, "unseen"))
		ann.ask(leave(made.MatchId))
		ann.ask(join(made.MatchId))
		ann.ask(callRPC("echo", "hi"))
		ann.ask(partyCreate(2, true))
		ann.next()
		synctest.Wait() // the reply goes before After is told
		ann.conn.Cut()
		synctest.Wait()
		stop()
		require.Equal(t, []string{
			"connected ann ann",
			"before match_create", "after match_create Match",
			"before match_leave", "after match_leave",
			"before match_join", "after match_join: Match not found",
			"before rpc", "after rpc Rpc",
			"before party_create", "after party_create Party",
			"disconnected ann true",
		}, d.take())
	})
}

func TestHooksChangeAndRefuseSockets(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := hookedWorld(t, nakama.Hooks{Before: func(_ context.Context, r *nakama.Request) error {
			switch m := r.Message.(type) {
			case *rtapi.MatchCreate:
				m.Name = "named by the host"
			case *rtapi.MatchLeave:
				return &nakama.Error{Code: nakama.PermissionDenied, Message: "you stay"}
			case *rtapi.StatusUpdate:
				panic("in a hook")
			case *rtapi.PartyCreate:
				return nakama.ErrDisabled
			}
			return nil
		}})
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		id := ann.ask(create("")).GetMatch().MatchId
		ann.next()
		require.Equal(t, id, bob.ask(create("")).GetMatch().MatchId)
		bob.next()
		ann.next()
		bob.refused(leave(id), 7, "you stay")
		ann.refused(statusUpdate("away"), 7, "Internal server error.")
		ann.refused(partyCreate(2, true), 1, "Requested resource was not found.")
		require.Empty(t, ann.closed(transport.CloseNormal, "error processing message"))
	})
}

func TestHooksForData(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		told := make(chan *rtapi.MatchDataSend, 3)
		w := hookedWorld(t, nakama.Hooks{
			Data: true,
			Before: nakama.Before(func(_ context.Context, r *nakama.Request, m *rtapi.MatchDataSend) error {
				switch m.OpCode {
				case 1:
					m.Data = append([]byte("said: "), m.Data...)
				case 2:
					return errors.New("not that")
				}
				return nil
			}),
			After: nakama.After(func(_ context.Context, r *nakama.Request, m *rtapi.MatchDataSend, out proto.Message, err error) {
				require.Equal(t, "match_data_send", r.Name)
				require.Nil(t, out)
				require.NoError(t, err)
				told <- m
			}),
		})
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		joined := ann.ask(create("x")).GetMatch()
		ann.next()
		self := bob.ask(create("x")).GetMatch().Self
		bob.next()
		ann.next()

		ann.send(data(joined.MatchId, 1, "hello"))
		require.Equal(t, "said: hello", string(bob.next().GetMatchData().Data))
		require.Equal(t, "said: hello", string((<-told).Data))
		ann.send(data(joined.MatchId, 3, "for bob", self))
		require.Equal(t, "for bob", string(bob.next().GetMatchData().Data))
		require.Equal(t, self.SessionId, (<-told).Presences[0].SessionId)

		ann.refused(data(joined.MatchId, 2, "no"), 7, "not that")
		bob.nothing()
	})
}

// Data that is looked at waits behind the join that it follows, like all data.
func TestHookedDataWaitsForItsMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := hookedWorld(t, nakama.Hooks{Data: true, Before: func(context.Context, *nakama.Request) error { return nil }})
		withRoom(w, nil)
		defer w.run()()
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		ann := w.connect("ann", transport.Text)
		slowly := join(string(id))
		slowly.GetMatchJoin().Metadata = map[string]string{"slow": ""}
		ann.send(slowly)
		ann.send(data(string(id), 1, "at once"))
		require.NotNil(t, ann.next().GetMatch())
		require.NotNil(t, ann.next().GetMatchPresenceEvent())
		require.Equal(t, "welcome ann", string(ann.next().GetMatchData().Data))
		require.Equal(t, "at once", string(ann.next().GetMatchData().Data))
	})
}

func TestHooksMayKeepSocketsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		hooks := nakama.Hooks{Connected: func(_ context.Context, c nakama.Caller) error {
			switch c.Presence.Username {
			case "eve":
				return errors.New("not you")
			case "mallory":
				panic("in a hook")
			}
			return nil
		}}
		w := newWorld(t, func(_ *world, c *nakama.Config) {
			c.Hooks, c.SingleSocket = hooks.With(d.hooks()), true
		})
		stop := w.run()
		ann := w.connect("ann", transport.Text)
		ann.nothing()
		require.Empty(t, w.connect("eve", transport.Text).closed(transport.CloseNormal, "not you"))
		require.Empty(t, w.connect("mallory", transport.Text).closed(transport.CloseNormal, "Internal server error."))
		synctest.Wait()
		require.Equal(t, 1, w.sessions.Len())
		ann.conn.Cut()
		synctest.Wait()
		stop()
		require.Equal(t, []string{"connected ann ann", "disconnected ann true"}, d.take())
	})
}

// What is told cannot fail what has happened.
func TestHooksThatPanicWhenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := hookedWorld(t, nakama.Hooks{
			After:        func(context.Context, *nakama.Request, proto.Message, error) { panic("in a hook") },
			Disconnected: func(context.Context, nakama.Caller, error) { panic("in a hook") },
		})
		stop := w.run()
		ann := w.connect("ann", transport.Text)
		ann.ask(statusUpdate("away"))
		w.newAccount("bob").http("GET", "/v2/account", "").ok()
		ann.conn.Cut()
		synctest.Wait()
		stop()
	})
}

func TestHooksWithNothing(t *testing.T) {
	none := nakama.Hooks{}.With(nakama.Hooks{})
	require.Nil(t, none.Before)
	require.Nil(t, none.After)
	require.Nil(t, none.Connected)
	require.Nil(t, none.Disconnected)
	require.False(t, none.Data)
	require.Empty(t, (&nakama.Request{}).PathValue("id"))
}

func TestRoutesOfTheHost(t *testing.T) {
	mux := http.NewServeMux()
	w := newWorld(t, func(w *world, c *nakama.Config) {
		c.Mux = mux
		c.MaxBody = 64
	})
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("welcome")) })
	mux.HandleFunc("GET /v2/friend", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("none")) })
	mux.HandleFunc("GET /v2/account", func(rw http.ResponseWriter, _ *http.Request) { t.Error("the gateway serves this") })
	mux.HandleFunc("POST /v2/rpc/", func(rw http.ResponseWriter, _ *http.Request) { t.Error("the gateway serves this") })
	mux.HandleFunc("/who", func(rw http.ResponseWriter, r *http.Request) {
		c, err := w.h.Caller(r)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusUnauthorized)
			return
		}
		if err := r.ParseForm(); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = rw.Write([]byte(c.Presence.Username))
	})
	ann := w.newAccount("a")
	require.Equal(t, "welcome", w.http("GET", "/", "").body)
	require.Equal(t, "none", w.http("GET", "/v2/friend", "").body)
	require.Equal(t, "a", ann.http("GET", "/who", "").body)
	page := ann.http("GET", "/who", "", "Origin", "https://game.example")
	require.Equal(t, "*", page.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "Auth token required\n", w.http("GET", "/who", "").body)
	tooLarge := ann.http("POST", "/who", "a="+strings.Repeat("x", 64), "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, "http: request body too large\n", tooLarge.body)
	ann.http("GET", "/v2/account", "").ok()
	ann.http("POST", "/v2/rpc/none", "").refused(http.StatusNotFound, nakama.NotFound, "RPC function not found")
	ann.http("GET", "/nothing", "").refused(http.StatusNotFound, nakama.NotFound, "Not Found")
}

// A hook that looks at data may wait: that holds up its own socket, and no other.
func TestAHookForDataThatBlocks(t *testing.T) {
	looking, goOn := make(chan struct{}), make(chan struct{})
	overTCP(t, func(_ *world, c *nakama.Config) {
		c.Hooks = nakama.Hooks{
			Data: true,
			Before: nakama.Before(func(context.Context, *nakama.Request, *rtapi.MatchDataSend) error {
				looking <- struct{}{}
				<-goOn
				return nil
			}),
		}
	}, func(t *testing.T, w *world, first, second transport.Kind) {
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		id := ann.ask(create("x")).GetMatch().MatchId
		ann.next()
		ann.send(data(id, 1, "hello"))
		<-looking
		require.NotNil(t, bob.ask(create("y")).GetMatch())
		goOn <- struct{}{}
	})
}
