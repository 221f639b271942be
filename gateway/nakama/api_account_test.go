package nakama_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/transport"
)

func TestHTTPAccount(t *testing.T) {
	w := newWorld(t, nil)
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	user := func() map[string]any { return ann.http("GET", "/v2/account", "").ok()["user"].(map[string]any) }

	t.Run("H046", func(t *testing.T) {
		got := ann.http("GET", "/v2/account", "").ok()
		user := got["user"].(map[string]any)
		for _, name := range []string{"create_time", "update_time"} {
			require.NotEmpty(t, user[name])
			delete(user, name)
		}
		require.Equal(t, map[string]any{
			"user":      map[string]any{"id": ann.id, "username": "ann", "lang_tag": "en", "metadata": "{}"},
			"wallet":    "{}",
			"custom_id": "custom-ann",
		}, got)
	})
	t.Run("an account by email, one by device", func(t *testing.T) {
		s := w.signIn("authenticate/email", `{"email":"Cat@fish.example","password":"password"}`).ok()
		got := w.http("GET", "/v2/account", "", "Authorization", "Bearer "+s["token"].(string)).ok()
		require.Equal(t, "cat@fish.example", got["email"])
		s = w.signIn("authenticate/device", `{"id":"0123456789"}`).ok()
		got = w.http("GET", "/v2/account", "", "Authorization", "Bearer "+s["token"].(string)).ok()
		require.Equal(t, []any{map[string]any{"id": "0123456789"}}, got["devices"])
	})
	t.Run("H047", func(t *testing.T) {
		ann.http("PUT", "/v2/account", "").invalid("No fields to update.")
		ann.http("PUT", "/v2/account", `{"username":""}`).invalid("Username invalid, must be 1-128 bytes.")
	})
	t.Run("H048", func(t *testing.T) {
		ann.http("PUT", "/v2/account", `{"display_name":"Ann","username":"ann"}`).nothing()
		require.Equal(t, "Ann", user()["display_name"])
		ann.http("PUT", "/v2/account", `{"display_name":""}`).nothing()
		require.NotContains(t, user(), "display_name")
	})
	t.Run("all that can be changed", func(t *testing.T) {
		want := map[string]string{
			"username": "anna", "display_name": "Anna", "avatar_url": "https://example.com/a.png", "lang_tag": "de",
			"location": "Bern", "timezone": "Europe/Zurich",
		}
		for name, value := range want {
			ann.http("PUT", "/v2/account", `{"`+name+`":"`+value+`","metadata":"{\"vip\":true}"}`).nothing()
		}
		got := user()
		for name, value := range want {
			require.Equal(t, value, got[name])
		}
		require.Equal(t, "{}", got["metadata"], "metadata is the host's")
	})
	t.Run("what is too long is the client's mistake", func(t *testing.T) {
		for _, name := range []string{"display_name", "avatar_url", "lang_tag", "location", "timezone"} {
			ann.http("PUT", "/v2/account", `{"`+name+`":"`+strings.Repeat("x", 600)+`"}`).invalid("")
		}
		ann.http("PUT", "/v2/account", `{"lang_tag":""}`).invalid("")
	})
	t.Run("H049", func(t *testing.T) {
		ann.http("PUT", "/v2/account", `{"username":"ben","location":"Rome"}`).
			refused(http.StatusConflict, nakama.AlreadyExists, "Username is already in use.")
		require.Equal(t, "anna", user()["username"])
		require.Equal(t, "Bern", user()["location"])
	})
	t.Run("H054", func(t *testing.T) {
		names := func(query string) (out []string) {
			list, _ := ben.http("GET", "/v2/user?"+query, "").ok()["users"].([]any)
			for _, u := range list {
				out = append(out, u.(map[string]any)["username"].(string))
				require.NotContains(t, u, "email")
				require.NotContains(t, u, "custom_id")
			}
			return out
		}
		require.ElementsMatch(t, []string{"anna", "ben"}, names("ids="+ann.id+"&usernames=ben&usernames=nobody&ids="+ann.id))
		require.Empty(t, names(""))
		require.Empty(t, names("facebook_ids=1&facebook_ids=2"))
		ben.http("GET", "/v2/user?ids=x", "").invalid("ID 'x' is not a valid system ID.")
	})
}

func TestHTTPDeleteAccount(t *testing.T) {
	t.Run("H055", func(t *testing.T) { synctest.Test(t, deleteAccount) })
}

func deleteAccount(t *testing.T) {
	w := newWorld(t, nil)
	require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "wins"}))
	s := w.signIn("authenticate/device?username=ann", `{"id":"0123456789"}`).ok()
	claims, err := w.users.Verify(s["token"].(string))
	require.NoError(t, err)
	ann := &account{w: w, id: claims.User, token: s["token"].(string), refresh: s["refresh_token"].(string)}
	ann.http("POST", "/v2/leaderboard/wins", `{"score":1}`).ok()

	server, socket := transport.Pipe(transport.PipeConfig{})
	go func() { _ = w.h.Serve(t.Context(), server, nakama.Hello{User: ann.id, Username: "ann"}) }()
	synctest.Wait()

	ann.http("DELETE", "/v2/account", "").nothing()
	ann.http("GET", "/v2/account", "").unauthenticated("Auth token invalid")
	w.signIn("session/refresh", `{"token":"`+ann.refresh+`"}`).unauthenticated("Refresh token invalid or expired.")
	require.Equal(t, true, w.signIn("authenticate/device", `{"id":"0123456789"}`).ok()["created"], "the device is free")
	w.newAccount("ben").http("GET", "/v2/leaderboard/wins", "").nothing()

	_, _, err = socket.Receive()
	var closed *transport.CloseError
	require.ErrorAs(t, err, &closed, "sockets are closed")
	require.Equal(t, transport.CloseNormal, closed.Code)
	require.Equal(t, "server-side session disconnect", closed.Reason)
}
