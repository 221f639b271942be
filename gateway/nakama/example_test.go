package nakama_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/transport"
)

// start makes a small server: sessions, accounts in memory and relayed matches.
func start(hooks nakama.Hooks, mux *http.ServeMux) (*nakama.Handler, error) {
	db := memory.New()
	users, err := auth.Open(context.Background(), auth.Config{Accounts: db, Identities: db, Deletions: db, Revocations: db, Keys: db})
	if err != nil {
		return nil, err
	}
	sessions := transport.NewSessions(transport.Config{})
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: sessions, Tokens: users})
	if err != nil {
		return nil, err
	}
	relays, err := relay.New(relay.Config{Outbox: out.Relay()})
	if err != nil {
		return nil, err
	}
	return nakama.New(nakama.Config{
		Sessions: sessions, Auth: users, Relays: relays, ServerKey: "key of the game", Hooks: hooks, Mux: mux,
	})
}

// post sends a sign-in to h and prints the answer's status.
func post(h http.Handler, path, body string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.SetBasicAuth("key of the game", "")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, path)
}

// A server is its parts and a Handler over them. A new player signs in.
func ExampleNew() {
	h, err := start(nakama.Hooks{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	post(h, "/v2/account/authenticate/device?username=ann", `{"id":"0123456789"}`)
	// and to serve it: nakama.NewServer(":7350", h, log).ListenAndServe()

	// Output: 200 /v2/account/authenticate/device?username=ann
}

// Who may make relayed matches is for a hook to say: here it is the players whose session says that they host.
func ExampleBefore() {
	hostsOnly := nakama.Before(func(_ context.Context, r *nakama.Request, m *rtapi.MatchCreate) error {
		if r.Caller.Vars["role"] != "host" {
			return errors.New("only hosts may make matches")
		}
		return nil
	})
	h, err := start(nakama.Hooks{Before: hostsOnly}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	server, client := transport.Pipe(transport.PipeConfig{})
	go func() { _ = h.Serve(context.Background(), server, nakama.Hello{User: "ann"}) }()

	_ = client.Send(transport.Text, []byte(`{"cid":"1","match_create":{}}`))
	_, answer, _ := client.Receive()
	fmt.Printf("%s\n", answer)
	// Output: {"cid":"1","error":{"code":7,"message":"only hosts may make matches"}}
}

// Hooks for several things are made one by one and joined.
func ExampleHooks_With() {
	hooks := nakama.Hooks{
		Before: nakama.Before(func(_ context.Context, _ *nakama.Request, m *api.AccountDevice) error {
			return nakama.ErrDisabled // players sign in in other ways here
		}),
	}.With(nakama.Hooks{
		After: func(_ context.Context, r *nakama.Request, out proto.Message, err error) {
			fmt.Println("served:", r.Name)
		},
	})
	h, err := start(hooks, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	post(h, "/v2/account/authenticate/device", `{"id":"0123456789"}`)
	post(h, "/v2/account/authenticate/custom", `{"id":"0123456789"}`)
	// Output:
	// 404 /v2/account/authenticate/device
	// served: POST /v2/account/authenticate/custom
	// 200 /v2/account/authenticate/custom
}

// Routes of the host's own live beside those of the protocol.
func ExampleHandler_Caller() {
	mux := http.NewServeMux()
	h, err := start(nakama.Hooks{}, mux)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.HandleFunc("GET /news", func(w http.ResponseWriter, r *http.Request) {
		c, err := h.Caller(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "nothing new for %s", c.Presence.Username)
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/news", nil))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 401 Auth token required
}
