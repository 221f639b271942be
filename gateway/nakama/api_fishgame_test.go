package nakama_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

// godot is the game of the Fish Game tutorial, as it was heard on the wire: no Content-Type, no Accept-Encoding, a query
// that ends in &, and a connection for each request.
type godot struct {
	t    *testing.T
	addr string
}

func (g godot) ask(method, target, authorization, body string) answer {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.addr)
	require.NoError(g.t, err)
	defer conn.Close()
	lines := []string{
		method + " " + target + " HTTP/1.1",
		"Host: " + g.addr,
		"Accept: application/json",
		"Authorization: " + authorization,
	}
	if body != "" {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	lines = append(lines, "User-Agent: GodotEngine/3.2.3.stable.custom_build (Server)", "", body)
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n"))
	require.NoError(g.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(g.t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(g.t, err)
	require.EqualValues(g.t, len(b), resp.ContentLength, "the game wants to know the length")
	return answer{g.t, resp.StatusCode, resp.Header, string(b)}
}

// email signs in or up as the game does.
func (g godot) email(query, email, password string) answer {
	g.t.Helper()
	return g.ask("POST", "/v2/account/authenticate/email?"+query, "Basic ZGVmYXVsdGtleTo=",
		`{"email":"`+email+`","password":"`+password+`"}`)
}

// TestFishGameHTTP replays the HTTP requests of the real game.
func TestFishGameHTTP(t *testing.T) {
	t.Run("H090", fishGame)
}

// fishGame is a day with the game. What it shows to the player in an error is the text at "error", which
// answer.refused looks at.
func fishGame(t *testing.T) {
	w := newWorld(t, nil)
	w.board("fish_game_wins", leaderboard.Descending, leaderboard.Increment)
	s := httptest.NewServer(w.h)
	defer s.Close()
	g := godot{t, s.Listener.Addr().String()}
	const board = "/v2/leaderboard/fish_game_wins"

	signUp := g.email("create=true&username=ann&", "ann@fish.example", "password-for-fish")
	require.Equal(t, true, signUp.ok()["created"])
	require.Equal(t, "no-store, no-cache, must-revalidate", signUp.header.Get("Cache-Control"))
	logIn := g.email("create=false&", "ann@fish.example", "password-for-fish").ok()
	require.NotContains(t, logIn, "created")
	require.NotEmpty(t, logIn["refresh_token"])
	bearer := "Bearer " + logIn["token"].(string)

	t.Log("the game reads the token itself: unpadded base64 of the URL alphabet")
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(bearer, ".")[1])
	require.NoError(t, err)
	var claims struct {
		Exp int64
		Usn string
		UID string
	}
	require.NoError(t, json.Unmarshal(b, &claims))
	require.Equal(t, "ann", claims.Usn)
	require.Greater(t, claims.Exp, time.Now().Unix())

	t.Log("what can go wrong on the way in")
	g.email("create=true&username=bob&", "ann@fish.example", "another-password").unauthenticated("Invalid credentials.")
	g.email("create=false&", "ann@fish.example", "another-password").unauthenticated("Invalid credentials.")
	g.email("create=false&", "ben@fish.example", "password-for-fish").refused(404, 5, "User account not found.")
	g.email("create=true&username=ann&", "ben@fish.example", "password-for-fish").
		refused(409, 6, "Username is already in use.")
	g.email("create=true&username=ben&", "ben@fish.example", "short").
		refused(400, 3, "Password must be at least 8 characters long.")
	g.email("create=true&username=ben&", "ben", "password-for-fish").refused(400, 3, "Invalid email address format.")

	t.Log("two wins, and the list of the best")
	for range 2 {
		g.ask("POST", board, bearer, `{"score":"1","subscore":"0"}`).ok()
	}
	record := g.ask("GET", board+"?limit=10&", bearer, "").ok()["records"].([]any)[0].(map[string]any)
	require.Equal(t, "ann", record["username"])
	require.Equal(t, "2", record["score"], "as a number the game would not see it")
	require.Equal(t, "1", record["rank"])
	require.Equal(t, 2.0, record["num_score"])
	require.Equal(t, 1e6, record["max_num_score"])
	own := g.ask("GET", board+"?owner_ids="+claims.UID+"&limit=10&", bearer, "").ok()
	require.Equal(t, own["records"], own["owner_records"])

	g.ask("GET", "/v2/leaderboard/other?limit=10&", bearer, "").refused(404, 5, "Leaderboard not found.")
	g.ask("POST", "/v2/leaderboard/other", bearer, `{"score":"1","subscore":"0"}`).refused(404, 5, "Leaderboard not found.")
	g.ask("GET", board+"?limit=10&", bearer+"x", "").unauthenticated("Auth token invalid")
}
