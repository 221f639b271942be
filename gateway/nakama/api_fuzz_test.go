package nakama_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/status"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/transport"
)

// fuzzed is a server to try things on, and a token for it.
func fuzzed(f *testing.F) (*nakama.Handler, string) {
	f.Helper()
	st := memory.New()
	users, err := auth.Open(f.Context(), auth.Config{
		Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st, BcryptCost: 4, TokenTTL: 1e9 * 3600,
	})
	require.NoError(f, err)
	s, err := users.SignInCustom(f.Context(), "custom-ann", auth.SignIn{Create: true})
	require.NoError(f, err)
	boards, err := leaderboard.Open(f.Context(), leaderboard.Config{Store: st})
	require.NoError(f, err)
	require.NoError(f, boards.Create(f.Context(), leaderboard.Board{ID: "wins"}))
	objects, err := storage.New(storage.Config{Store: st})
	require.NoError(f, err)
	notes, err := notification.New(notification.Config{Store: st})
	require.NoError(f, err)
	matches, err := match.New(match.Config{})
	require.NoError(f, err)
	sessions := transport.NewSessions(transport.Config{})
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: sessions})
	require.NoError(f, err)
	relays, err := relay.New(relay.Config{Outbox: out.Relay()})
	require.NoError(f, err)
	queue, err := matchmaker.New(matchmaker.Config{Outbox: out})
	require.NoError(f, err)
	parties, err := party.New(party.Config{Outbox: out.Party(), Queue: nakama.PartyQueue(queue)})
	require.NoError(f, err)
	statuses, err := status.New(status.Config{Outbox: out.Status()})
	require.NoError(f, err)
	h, err := nakama.New(nakama.Config{
		Sessions: sessions, Auth: users, Matches: matches, Relays: relays, Boards: boards, Objects: objects,
		Notifications: notes, Matchmaker: queue, Parties: parties, Statuses: statuses,
		ServerKey: "defaultkey", HTTPKey: "server", MaxBody: 4096,
		RPC: map[string]nakama.RPC{"echo": func(_ context.Context, _ nakama.Caller, p string) (string, error) { return p, nil }},
	})
	require.NoError(f, err)
	return h, s.Token
}

// sound wants an answer as the protocol knows them: a JSON object, and no failure of the server.
func sound(t *testing.T, h http.Handler, r *http.Request) answer {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	a := answer{t, rec.Code, rec.Header(), rec.Body.String()}
	if a.status == http.StatusOK {
		a.ok()
		return a
	}
	require.GreaterOrEqual(t, a.status, 400)
	if a.status != http.StatusNotImplemented {
		require.Less(t, a.status, 500, a.body)
	}
	m := a.fields()
	a.refused(a.status, nakama.Code(m["code"].(float64)), m["message"].(string))
	return a
}

// Whatever a client sends on a socket, it is answered in its format, or the socket is closed with a reason.
func FuzzSocket(f *testing.F) {
	const id = "b84ed8ed-a7b1-502f-83f6-90132e68adef"
	for _, e := range []*rtapi.Envelope{
		ping(), create("foo"), create(""), join(id + "."), join(id + ".shoal"), joinToken("x"), leave(id + "."),
		data(id+".", 1, "x"), data("", 0, ""), callRPC("echo", "x"), callRPC("", ""),
		follow([]string{id}, "ann"), unfollow(id), statusUpdate(), statusUpdate("x"),
		partyCreate(2, true), partyJoin(id + ".shoal"), partyLeave(id + ".shoal"), partyClose(id + ".shoal"),
		partyUpdate(id+".shoal", "{}", true, false), partyQueue(id+".shoal", 2, 2, "*"), partyUnqueue(id+".shoal", "x"),
		partyData(id+".shoal", 1, "x"), partyRequests(id + ".shoal"),
		{Message: &rtapi.Envelope_MatchmakerAdd{MatchmakerAdd: &rtapi.MatchmakerAdd{MinCount: 2, MaxCount: 2, Query: "*"}}},
		{Message: &rtapi.Envelope_ChannelJoin{ChannelJoin: &rtapi.ChannelJoin{}}},
		{Message: &rtapi.Envelope_Match{Match: &rtapi.Match{}}},
		{},
	} {
		e.Cid = "7"
		for _, kind := range []transport.Kind{transport.Text, transport.Binary} {
			f.Add((&client{kind: kind}).encoded(e), kind == transport.Binary)
		}
	}
	h, _ := fuzzed(f)
	f.Fuzz(func(t *testing.T, b []byte, binary bool) {
		c := &client{t: t, kind: transport.Text}
		if binary {
			c.kind = transport.Binary
		}
		server, conn := transport.Pipe(transport.PipeConfig{})
		ended := make(chan struct{})
		go func() {
			_ = h.Serve(t.Context(), server, nakama.Hello{User: ownerID(1), Username: "ann", Kind: c.kind})
			close(ended)
		}()
		_ = conn.Send(c.kind, b)
		_ = conn.Send(c.kind, c.encoded(withCID(callRPC("echo", ""), "the last")))
		for {
			kind, b, err := conn.Receive()
			if err != nil {
				_, ok := errors.AsType[*transport.CloseError](err)
				require.True(t, ok, "%v", err)
				break
			}
			require.Equal(t, c.kind, kind)
			if c.parse(b).Cid == "the last" {
				break
			}
		}
		conn.Cut()
		<-ended
	})
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"", "&", "limit=10&", "limit=x", "limit=1&limit=2", "min_size=-1", "minSize=2&max_size=1", "%zz", ";",
		"query=%2Blabel.a%3A1", "authoritative=true&label=", "owner_ids=x", "cursor=%00", "expiry=9999999999999999999",
		"user_id=x", "ids=x", "cacheable_cursor=AAAA",
	} {
		f.Add(q)
	}
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, query string) {
		for _, ask := range []string{
			"GET /v2/match", "GET /v2/user", "GET /v2/leaderboard/wins", "GET /v2/leaderboard/wins/owner/" + ownerID(1),
			"GET /v2/storage/saves", "GET /v2/storage/saves/" + ownerID(1), "GET /v2/notification", "DELETE /v2/notification",
		} {
			method, path, _ := strings.Cut(ask, " ")
			r := httptest.NewRequest(method, path, nil)
			r.URL.RawQuery = query
			r.Header.Set("Authorization", "Bearer "+token)
			sound(t, h, r)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, b := range []string{
		"", "{}", "null", `{"id":"custom-ann"}`, `{"score":"1"}`, `{"score":1.5}`, `{"operator":9}`, `{"vars":{"a":1}}`, "[[[[",
		`{"username":"\u0000"}`, `{"location":"\ud800"}`, `{"token":"a.b.c"}`, `"text"`, "\x1f\x8b\x08",
		`{"objects":[{"collection":"c","key":"k","value":"{}","version":"*","permission_read":-1}]}`, `{"objects":[null]}`,
		`{"object_ids":[{"collection":"c","key":"\u0000","user_id":"x","version":"y"},{}]}`,
	} {
		f.Add(b, "")
		f.Add(b, "gzip")
		f.Add(b, "deflate")
	}
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, body, encoding string) {
		for _, ask := range []string{
			"POST /v2/account/authenticate/custom?create=false", "POST /v2/account/session/refresh", "PUT /v2/account",
			"POST /v2/leaderboard/wins", "POST /v2/rpc/echo", "POST /v2/storage", "PUT /v2/storage", "PUT /v2/storage/delete",
		} {
			method, target, _ := strings.Cut(ask, " ")
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.Header["Content-Encoding"] = []string{encoding}
			r.Header.Set("Authorization", "Bearer "+token)
			if strings.HasPrefix(target, "/v2/account/") {
				r.Header.Set("Authorization", basic("defaultkey"))
			}
			sound(t, h, r)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"", "/", "//", "/v2/account", "/v2/account/", "/v2/../ws/", "*", "/v2/rpc/", "/v2/leaderboard//"} {
		f.Add("GET", p)
	}
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, method, path string) {
		if path == "/ws" || path == "/" && method == http.MethodGet || method == http.MethodOptions {
			return // answered without JSON
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method, r.URL.Path = method, path
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != http.StatusMovedPermanently {
			sound(t, h, r)
			return
		}
		r.URL.Path = rec.Header().Get("Location")
		again := httptest.NewRecorder()
		h.ServeHTTP(again, r)
		require.NotEqual(t, http.StatusMovedPermanently, again.Code, "a clean path is not sent on")
	})
}

// Any text goes in and out of a function of the host unharmed.
func FuzzRPCPayload(f *testing.F) {
	for _, s := range []string{"", "fish", `"`, "\x00", "\u2028", "𝄞", `\u0000`, "</script>"} {
		f.Add(s)
	}
	h, _ := fuzzed(f)
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		body, err := json.Marshal(s)
		require.NoError(t, err)
		if len(body) > 4096 {
			return
		}
		r := httptest.NewRequest(http.MethodPost, "/v2/rpc/echo?http_key=server", strings.NewReader(string(body)))
		require.Equal(t, map[string]any{"payload": s}, sound(t, h, r).ok())
	})
}
