package host

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
)

// The statements about what a client must send, and about what it gets for it; none of what is refused reaches a store.
func TestSignIn(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *game){
		"H025": shortPassword, "H026": badEmails, "H029": usernames, "H030": customIDs, "H031": deviceIDs,
		"H032": claimsOfTokens, "H036": badRefreshTokens, "H037": logoutOfOthers,
	} {
		t.Run(name, func(t *testing.T) { onEveryStore(t, test) })
	}
	t.Run("H090", func(t *testing.T) {
		onEveryStore(t, aDayWithTheFishGame, func(c *Config) {
			c.Boards = []leaderboard.Board{{ID: "fish_game_wins", Sort: leaderboard.Descending, Operator: leaderboard.Increment}}
		})
	})
}

func shortPassword(_ *testing.T, g *game) {
	for _, body := range []fields{{"email": annsEmail, "password": "passwor"}, {"email": annsEmail}, {}} {
		g.signIn("authenticate/email", body).refused(nakama.InvalidArgument, "Password must be at least 8 characters long.")
	}
	require.Equal(g.t, true, g.signIn("authenticate/email", fields{"email": annsEmail, "password": "password"}).ok()["created"])
}

func badEmails(t *testing.T, g *game) {
	for email, text := range map[string]string{
		"abcdefghijk":                  "Invalid email address format.",
		"a@b.c":                        "Invalid email address, must be 10-255 bytes.",
		"a nn@fish.example":            "Invalid email address, no spaces or control characters allowed.",
		"a\tnn@fish.example":           "Invalid email address, no spaces or control characters allowed.",
		"a@" + longText(252) + ".":     "Invalid email address format.",
		longText(244) + "@fish.sample": "Invalid email address, must be 10-255 bytes.",
	} {
		g.signIn("authenticate/email", fields{"email": email, "password": annsPassword}).refused(nakama.InvalidArgument, text)
	}
	longest := longText(243) + "@fish.sample"
	require.Len(t, longest, 255)
	g.signIn("authenticate/email", fields{"email": longest, "password": annsPassword}).ok()
	g.restart()
	require.NotContains(t, g.signIn("authenticate/email", fields{"email": longest, "password": annsPassword}).ok(), "created")
}

func longText(n int) string { return strings.Repeat("x", n) }

func usernames(t *testing.T, g *game) {
	g.signIn("authenticate/device?username="+longText(129), fields{"id": "a-new-device"}).
		refused(nakama.InvalidArgument, "Username invalid, must be 1-128 bytes.")
	require.Equal(t, true, g.signIn("authenticate/device?username="+longText(128), fields{"id": "a-new-device"}).ok()["created"])
	claims, err := g.h.Users.Verify(g.signIn("authenticate/device", fields{"id": "another-device"}).ok()["token"].(string))
	require.NoError(t, err)
	require.Regexp(t, `^[A-Za-z]{10}$`, claims.Username)
}

func customIDs(_ *testing.T, g *game) {
	for _, tt := range []struct {
		body fields
		text string
	}{
		{fields{}, "Custom ID is required."},
		{fields{"id": "12345"}, "Custom ID invalid, must be 6-128 bytes."},
		{fields{"id": longText(129)}, "Custom ID invalid, must be 6-128 bytes."},
		{fields{"id": "123 456"}, "Custom ID invalid, no spaces or control characters allowed."},
	} {
		g.signIn("authenticate/custom", tt.body).refused(nakama.InvalidArgument, tt.text)
	}
	for _, id := range []string{longText(6), longText(128)} {
		g.signIn("authenticate/custom", fields{"id": id}).ok()
	}
}

func deviceIDs(_ *testing.T, g *game) {
	for _, tt := range []struct {
		body fields
		text string
	}{
		{fields{}, "Device ID is required."},
		{fields{"id": longText(9)}, "Device ID invalid, must be 10-128 bytes."},
		{fields{"id": longText(129)}, "Device ID invalid, must be 10-128 bytes."},
		{fields{"id": "12345 67890"}, "Device ID invalid, no spaces or control characters allowed."},
	} {
		g.signIn("authenticate/device", tt.body).refused(nakama.InvalidArgument, tt.text)
	}
	for _, id := range []string{longText(10), longText(128)} {
		g.signIn("authenticate/device", fields{"id": id}).ok()
	}
}

// claimsOfTokens looks into both tokens of a session, with and without variables.
func claimsOfTokens(t *testing.T, g *game) {
	ann := g.ann()
	s := g.signIn("authenticate/email", fields{"email": annsEmail, "password": annsPassword, "vars": fields{"region": "eu"}}).ok()
	require.JSONEq(t, `{"alg":"HS256","typ":"JWT"}`, partOf(t, s["token"], 0))
	var access, refresh map[string]any
	require.NoError(t, json.Unmarshal([]byte(partOf(t, s["token"], 1)), &access))
	require.NoError(t, json.Unmarshal([]byte(partOf(t, s["refresh_token"], 1)), &refresh))
	require.Equal(t, ann.id, access["uid"])
	require.Equal(t, "ann", access["usn"])
	require.Equal(t, map[string]any{"region": "eu"}, access["vrs"])
	require.Equal(t, 60.0, access["exp"].(float64)-access["iat"].(float64))
	require.NotEmpty(t, access["tid"])
	require.Equal(t, access["tid"], refresh["tid"])
	require.NotContains(t, partOf(t, ann.token, 1), "vrs")
}

// partOf is a part of a token, decoded.
func partOf(t *testing.T, token any, i int) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token.(string), ".")[i])
	require.NoError(t, err)
	return string(b)
}

func badRefreshTokens(_ *testing.T, g *game) {
	g.signIn("session/refresh", fields{}).refused(nakama.InvalidArgument, "Refresh token is required.")
	for _, token := range []string{"nonsense", g.ann().refresh + "x"} {
		g.signIn("session/refresh", fields{"token": token}).refused(nakama.Unauthenticated, "Refresh token invalid or expired.")
	}
}

func logoutOfOthers(t *testing.T, g *game) {
	ann, bob := g.ann(), g.device("bob")
	for _, tt := range []struct {
		body fields
		text string
	}{
		{fields{"token": bob.token}, "Session token invalid."},
		{fields{"token": "x"}, "Session token invalid."},
		{fields{"token": ann.refresh}, "Session token invalid."},
		{fields{"refresh_token": bob.refresh}, "Refresh token invalid."},
		{fields{"token": ann.token, "refresh_token": "x"}, "Refresh token invalid."},
	} {
		ann.http("POST", "/v2/session/logout", tt.body).refused(nakama.InvalidArgument, tt.text)
	}
	require.True(t, ann.alive(), "nobody was logged out")
	require.True(t, bob.alive())
}

// aDayWithTheFishGame is what the game of the tutorial asks for; the text of an error is what it shows to the player.
func aDayWithTheFishGame(t *testing.T, g *game) {
	email := func(query, address, password string) answer {
		return g.signIn("authenticate/email?"+query, fields{"email": address, "password": password})
	}
	require.Equal(t, true, email("create=true&username=ann&", annsEmail, annsPassword).ok()["created"])
	email("create=true&username=bob&", annsEmail, "password of bob").refused(nakama.Unauthenticated, "Invalid credentials.")
	g.restart()
	in := email("create=false&", annsEmail, annsPassword).ok()
	require.NotContains(t, in, "created")
	ann := g.player("ann", in)
	for range 2 {
		ann.http("POST", board+"fish_game_wins", fields{"score": "1", "subscore": "0"}).ok()
	}
	g.restart()
	records := ann.http("GET", board+"fish_game_wins?limit=10&", nil).ok()["records"].([]any)
	require.Len(t, records, 1)
	record := records[0].(map[string]any)
	require.Equal(t, "ann 2", fmt.Sprint(record["username"], " ", record["score"]))
}
