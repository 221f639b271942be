package host

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

var (
	accessKey  = []byte("the key of access tokens")
	refreshKey = []byte("the key of refresh tokens")
	matchKey   = []byte("the key of match tokens")
)

// What an attacker may try, and what must come of it, on each store.
func TestAttacks(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *game){
		"H034": forgedTokens, "H033": tokensOfAnotherSort, "forged cursors": forgedCursors,
		"SQL in every text": sqlEverywhere, "everything too long": everythingTooLong, "gzip bombs": gzipBombs,
		"10,000 wrong passwords": wrongPasswords,
	} {
		t.Run(name, func(t *testing.T) {
			onEveryStore(t, test, func(c *Config) {
				c.Auth.AccessKey, c.Auth.RefreshKey, c.Auth.MatchKey = accessKey, refreshKey, matchKey
			})
		})
	}
}

// forge signs a token by hand.
func forge(header string, claims fields, key []byte) string {
	b64 := base64.RawURLEncoding
	signed := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(text(claims)))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + b64.EncodeToString(mac.Sum(nil))
}

func forgedTokens(t *testing.T, g *game) {
	ann := g.ann()
	now := time.Now().Unix()
	claims := func(change fields) fields {
		c := fields{"tid": ann.family, "uid": ann.id, "usn": "ann", "iat": now, "exp": now + 60}
		maps.Copy(c, change)
		return c
	}
	const hs256 = `{"alg":"HS256","typ":"JWT"}`
	use := func(token string) *player {
		p := *ann
		p.token = token
		return &p
	}
	require.True(t, use(forge(hs256, claims(nil), accessKey)).letIn(), "it is forged well")
	good := strings.Split(ann.token, ".")
	for name, token := range map[string]string{
		"alg none":                 forge(`{"alg":"none"}`, claims(nil), accessKey),
		"alg none, no signature":   strings.Join(strings.Split(forge(`{"alg":"none"}`, claims(nil), nil), ".")[:2], ".") + ".",
		"alg None":                 forge(`{"alg":"None"}`, claims(nil), accessKey),
		"no alg":                   forge(`{}`, claims(nil), accessKey),
		"RS256 with the HMAC key":  forge(`{"alg":"RS256","typ":"JWT"}`, claims(nil), accessKey),
		"HS512 with the HMAC key":  forge(`{"alg":"HS512","typ":"JWT"}`, claims(nil), accessKey),
		"expired":                  forge(hs256, claims(fields{"exp": now}), accessKey),
		"never expires":            forge(hs256, claims(fields{"exp": nil}), accessKey),
		"not yet":                  forge(hs256, claims(fields{"nbf": now + 60}), accessKey),
		"for another audience":     forge(hs256, claims(fields{"aud": "another service"}), accessKey),
		"nobody's":                 forge(hs256, claims(fields{"uid": ""}), accessKey),
		"of no family":             forge(hs256, claims(fields{"tid": ""}), accessKey),
		"another key":              forge(hs256, claims(nil), []byte("secret")),
		"the public server key":    forge(hs256, claims(nil), []byte(WellKnownKey)),
		"other claims, old proof":  good[0] + "." + strings.Split(forge(hs256, claims(fields{"usn": "bob"}), accessKey), ".")[1] + "." + good[2],
		"no signature":             good[0] + "." + good[1] + ".",
		"two parts":                good[0] + "." + good[1],
		"padded":                   ann.token + "==",
		"a family that is over":    forge(hs256, claims(fields{"iat": now - 31*24*3600}), accessKey),
		"times that are no number": forge(hs256, claims(fields{"exp": "tomorrow"}), accessKey),
	} {
		require.False(t, use(token).letIn(), name)
	}
}

// letIn tells whether the access token is taken anywhere.
func (p *player) letIn() bool {
	p.g.t.Helper()
	api := p.http("GET", "/v2/account", nil)
	if socket := p.g.http("GET", "/ws?token="+url.QueryEscape(p.token), ""); socket.status != http.StatusUnauthorized {
		return true
	}
	if api.status == http.StatusUnauthorized {
		api.refused(nakama.Unauthenticated, "Auth token invalid")
	}
	return api.status == http.StatusOK
}

func tokensOfAnotherSort(t *testing.T, g *game) {
	ann := g.ann()
	match, err := g.h.Users.MatchToken("a-match.", []string{ann.id})
	require.NoError(t, err)
	for name, token := range map[string]string{"refresh": ann.refresh, "match": match} {
		p := *ann
		p.token = token
		require.False(t, p.letIn(), name+" as access")
	}
	for _, token := range []string{ann.token, match} {
		g.signIn("session/refresh", fields{"token": token}).refused(nakama.Unauthenticated, "Refresh token invalid or expired.")
	}
	ann.http("POST", "/v2/session/logout", fields{"token": ann.refresh}).refused(nakama.InvalidArgument, "Session token invalid.")
	ann.http("POST", "/v2/session/logout", fields{"refresh_token": ann.token}).refused(nakama.InvalidArgument, "Refresh token invalid.")

	socket := ann.socket()
	for _, token := range []string{ann.token, ann.refresh, forge(`{"alg":"none"}`, fields{"mid": "x", "exp": 1 << 40}, nil)} {
		require.NoError(t, socket.Send(transport.Text, []byte(text(fields{"cid": "1", "match_join": fields{"token": token}}))))
		_, b, err := socket.Receive()
		require.NoError(t, err)
		require.Contains(t, string(b), `"error"`, "as a match token")
	}
	socket.Cut()
}

func forgedCursors(t *testing.T, g *game) {
	ann := g.ann()
	for i := range 3 {
		p := g.device(fmt.Sprint("player-", i))
		p.http("POST", "/v2/leaderboard/wins", fields{"score": i + 1}).ok()
	}
	good := ann.http("GET", "/v2/leaderboard/wins?limit=1", nil).ok()["next_cursor"].(string)
	around := "/v2/leaderboard/wins/owner/" + ann.id
	for _, cursor := range []string{
		"x", "'; DROP TABLE records; --", strings.Repeat("A", 4000), good[:len(good)-1], good[1:], good + good,
		base64.RawURLEncoding.EncodeToString([]byte("{}")), base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 64)),
	} {
		q := "cursor=" + url.QueryEscape(cursor) + "&limit=1"
		for _, path := range []string{"/v2/leaderboard/wins?", around + "?"} {
			ann.http("GET", path+q, nil).refused(nakama.InvalidArgument, "Cursor is invalid or expired.")
		}
		for _, path := range []string{
			"/v2/storage/saves?" + q, "/v2/storage/saves/" + ann.id + "?" + q, "/v2/party?" + q,
			"/v2/notification?limit=1&cacheable_cursor=" + url.QueryEscape(cursor),
		} {
			got := ann.http("GET", path, nil)
			require.Equal(t, http.StatusBadRequest, got.status, "%s: %v", path, got.fields)
		}
	}
}

// ask is a request with a text in some place.
type ask struct {
	route string // "METHOD path"; %s in the path is the text
	body  func(text string) any
	key   bool // presents the server key instead of a session
}

func (k ask) send(p *player, with string) answer {
	method, path, _ := strings.Cut(k.route, " ")
	path = strings.ReplaceAll(path, "%s", url.QueryEscape(with))
	var body any
	if k.body != nil {
		body = k.body(with)
	}
	if k.key {
		return p.g.signIn(strings.TrimPrefix(path, "/v2/account/"), body)
	}
	return p.http(method, path, body)
}

// in is a body with the text in one field.
func in(names ...string) func(string) any {
	return func(text string) any {
		f := fields{}
		for _, name := range names {
			f[name] = text
		}
		return f
	}
}

// asks have every text that a client can send.
func asks() []ask {
	object := func(name string) func(string) any {
		return func(text string) any {
			o := fields{"collection": "c", "key": "k", "value": "{}"}
			o[name] = text
			return fields{"objects": []any{o}, "object_ids": []any{o}}
		}
	}
	all := []ask{
		{"POST /v2/account/authenticate/email", func(s string) any { return fields{"email": s, "password": "password"} }, true},
		{"POST /v2/account/authenticate/email", func(s string) any { return fields{"email": "b@fish.example", "password": s} }, true},
		{"POST /v2/account/authenticate/email?username=%s", in("password"), true},
		{"POST /v2/account/authenticate/email?create=%s", in("email", "password"), true},
		{"POST /v2/account/authenticate/device?create=false", in("id"), true},
		{"POST /v2/account/authenticate/custom?create=false", in("id"), true},
		{"POST /v2/account/authenticate/google", in("token"), true},
		{"POST /v2/account/authenticate/gamecenter", in("player_id", "bundle_id", "salt", "signature", "public_key_url"), true},
		{"POST /v2/account/session/refresh", in("token"), true},
		{"POST /v2/session/logout", in("token"), false},
		{"POST /v2/session/logout", in("refresh_token"), false},
		{"POST /v2/account/link/email", in("email", "password"), false},
		{"POST /v2/account/unlink/email", in("email"), false},
		{"POST /v2/account/unlink/custom", in("id"), false},
		{"POST /v2/account/unlink/device", in("id"), false},
		{"POST /v2/account/link/google", in("token"), false},
		{"GET /v2/user?ids=%s", nil, false},
		{"GET /v2/user?usernames=%s", nil, false},
		{"GET /v2/leaderboard/wins?owner_ids=%s", nil, false},
		{"GET /v2/leaderboard/wins?limit=%s", nil, false},
		{"GET /v2/leaderboard/wins?expiry=%s", nil, false},
		{"GET /v2/leaderboard/%s", nil, false},
		{"POST /v2/leaderboard/%s", in("score"), false},
		{"DELETE /v2/leaderboard/%s", nil, false},
		{"GET /v2/leaderboard/wins/owner/%s", nil, false},
		{"POST /v2/leaderboard/wins", in("score"), false},
		{"POST /v2/leaderboard/wins", in("metadata"), false},
		{"POST /v2/leaderboard/wins", in("operator"), false},
		{"GET /v2/match?query=%s", nil, false},
		{"GET /v2/match?label=%s", nil, false},
		{"GET /v2/party?query=%s", nil, false},
		{"GET /v2/storage/%s", nil, false},
		{"GET /v2/storage/c/%s", nil, false},
		{"DELETE /v2/notification?ids=%s", nil, false},
		{"POST /v2/rpc/%s", nil, false},
		{"POST /v2/event", in("name"), false},
	}
	for _, name := range []string{"display_name", "avatar_url", "lang_tag", "location", "timezone", "username"} {
		all = append(all, ask{"PUT /v2/account", in(name), false})
	}
	for _, name := range []string{"collection", "key", "value", "version", "user_id"} {
		all = append(all, ask{"PUT /v2/storage", object(name), false}, ask{"POST /v2/storage", object(name), false},
			ask{"PUT /v2/storage/delete", object(name), false})
	}
	return all
}

// sane wants what is no failure of the server.
func (a answer) sane(what string) {
	a.t.Helper()
	require.True(a.t, a.status < 500 || a.status == http.StatusNotImplemented, "%s: %d %v", what, a.status, a.fields)
}

func sqlEverywhere(t *testing.T, g *game) {
	bob := g.device("bob")
	for _, sql := range []string{
		`'; DROP TABLE users; --`, `' OR '1'='1`, `" OR ""="`, `1); DELETE FROM identities; --`, `\'; DELETE FROM users`,
		`%' UNION SELECT secret FROM signing_keys --`, "x\x00'; DROP TABLE users",
	} {
		ann := g.device("ann")
		for _, k := range asks() {
			k.send(ann, sql).sane(k.route + " " + sql)
		}
		again := g.device("bob")
		require.Equal(t, bob.id, again.id)
		user := again.http("GET", "/v2/user?ids="+ann.id, nil).ok()["users"].([]any)[0].(map[string]any)
		require.Equal(t, ann.id, user["id"], "all is there")
		time.Sleep(time.Minute) // for the limits of failures
	}
}

func everythingTooLong(t *testing.T, g *game) {
	var before string
	for _, n := range []int{1000, 100_000} {
		ann := g.device("ann")
		if before == "" {
			before = text(ann.account())
		}
		long := strings.Repeat("x", n)
		for _, k := range asks() {
			if n > 8000 && strings.Contains(k.route, "%s") {
				continue // no server reads such a line
			}
			if got := k.send(ann, long); k.route != "PUT /v2/storage" && k.route != "POST /v2/event" {
				got.sane(k.route)
				require.Less(t, len(text(got.fields)), 4000, "%s is echoed", k.route)
			}
		}
		require.Equal(t, before, text(ann.account()), "nothing of it was stored")
		time.Sleep(time.Minute)
	}
	huge := strings.Repeat("x", 300_000)
	g.device("ann").http("PUT", "/v2/account", fields{"location": huge}).refused(nakama.InvalidArgument, "http: request body too large")
}

// allocated is how many bytes f takes from the heap, freed again or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// bomb is 64 MiB of blanks in 64 KiB: the same MiB again and again, as one stream.
var bomb = sync.OnceValue(func() string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, _ = w.Write(bytes.Repeat([]byte{' '}, 1<<20)) // a Builder takes everything
	_ = w.Close()
	return strings.Repeat(b.String(), 64)
})

func gzipBombs(t *testing.T, g *game) {
	ann := g.device("ann")
	require.Less(t, len(bomb()), 1<<17)
	for _, route := range []string{"PUT /v2/account", "POST /v2/rpc/any?unwrap", "POST /v2/session/logout"} {
		method, path, _ := strings.Cut(route, " ")
		taken := allocated(func() {
			got := g.http(method, path, bomb(), "Content-Encoding", "gzip", "Authorization", "Bearer "+ann.token)
			require.Contains(t, []int{http.StatusBadRequest, http.StatusNotFound}, got.status, route)
		})
		require.Less(t, taken, uint64(4<<20), route)
	}
	g.http("PUT", "/v2/account", bomb(), "Content-Encoding", "gzip").refused(nakama.Unauthenticated, "Auth token required")
	ann.http("PUT", "/v2/account", fields{"location": "Bern"}).ok()
}

func wrongPasswords(t *testing.T, g *game) {
	g.ann()
	statuses := map[int]int{}
	try := func(i int) {
		body := fields{"email": annsEmail, "password": fmt.Sprintf("guess number %d", i)}
		statuses[g.signIn("authenticate/email", body).status]++
	}
	try(0)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := 1; i < 10_000; i++ {
		try(i)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Equal(t, map[int]int{http.StatusUnauthorized: 10, http.StatusTooManyRequests: 9990}, statuses)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(4<<20), "nothing of it stays")
	time.Sleep(time.Minute)
	g.ann()
}
