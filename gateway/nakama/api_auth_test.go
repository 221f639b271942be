package nakama_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/store/memory"
)

func (a answer) unauthenticated(message string) {
	a.t.Helper()
	a.refused(http.StatusUnauthorized, nakama.Unauthenticated, message)
	require.Equal(a.t, message, a.header.Get("WWW-Authenticate"))
}

func TestHTTPCredentials(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann := w.newAccount("ann")

	t.Run("H017", func(t *testing.T) { // none of these requests has a Content-Type
		w.signIn("authenticate/custom", `{"id":"custom-ann"}`).ok()
		for _, kind := range []string{"text/html", "application/x-www-form-urlencoded", "nonsense"} {
			ann.http("PUT", "/v2/account", `{"location":"Bern"}`, "Content-Type", kind).nothing()
		}
	})
	t.Run("H019", func(t *testing.T) {
		const required, invalid = "Server key required", "Server key invalid"
		for _, tt := range []struct {
			message string
			headers []string
		}{
			{required, nil},
			{required, []string{basic("defaultkey"), basic("defaultkey")}},
			{invalid, []string{basic("other")}},
			{invalid, []string{basic("")}},
			{invalid, []string{"Basic !"}},
			{invalid, []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("defaultkey"))}},
			{invalid, []string{"Bearer " + ann.token}},
			{invalid, []string{""}},
		} {
			var headers []string
			for _, v := range tt.headers {
				headers = append(headers, "Authorization", v)
			}
			for _, route := range []string{"authenticate/email", "authenticate/custom", "session/refresh"} {
				w.http("POST", "/v2/account/"+route, "{}", headers...).unauthenticated(tt.message)
			}
		}
		w.http("POST", "/v2/account/authenticate/custom", `{"id":"custom-ann"}`,
			"Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("defaultkey:any:thing"))).ok()
	})
	t.Run("H020", func(t *testing.T) {
		w.http("GET", "/v2/account", "").unauthenticated("Auth token required")
		w.http("GET", "/v2/account?token="+ann.token, "").unauthenticated("Auth token required")
		for _, header := range []string{
			"", "Bearer", "Bearer ", "bearer " + ann.token, "Bearer  " + ann.token, "Bearer " + ann.token + "x",
			ann.token, basic("defaultkey"),
		} {
			w.http("GET", "/v2/account", "", "Authorization", header).unauthenticated("Auth token invalid")
		}
		ann.http("GET", "/v2/account", "", "Authorization", "Bearer "+ann.token).unauthenticated("Auth token invalid")
		synctest.Test(t, func(t *testing.T) { // a time to live is 60 s
			ann := newWorld(t, nil).newAccount("ann")
			time.Sleep(59 * time.Second)
			ann.http("GET", "/v2/account", "").ok()
			time.Sleep(time.Second)
			ann.http("GET", "/v2/account", "").unauthenticated("Auth token invalid")
		})
	})
}

func TestHTTPEmail(t *testing.T) {
	w := newWorld(t, nil)
	const good = `{"email":"ann@fish.example","password":"password"}`
	first := w.signIn("authenticate/email?username=ann", good).ok()
	uid := func(s map[string]any) string {
		claims, err := w.users.Verify(s["token"].(string))
		require.NoError(t, err)
		return claims.User
	}
	t.Run("H021", func(t *testing.T) {
		require.Equal(t, true, first["created"])
		second := w.signIn("authenticate/email", good).ok()
		require.NotContains(t, second, "created")
		require.Equal(t, uid(first), uid(second))
	})
	t.Run("H022", func(t *testing.T) {
		again := w.signIn("authenticate/email", `{"email":"Ann@FISH.example","password":"password"}`).ok()
		require.Equal(t, uid(first), uid(again))
	})
	t.Run("H023", func(t *testing.T) {
		for _, create := range []string{"true", "false"} {
			w.signIn("authenticate/email?create="+create, `{"email":"ann@fish.example","password":"passw0rd"}`).
				unauthenticated("Invalid credentials.")
		}
	})
	t.Run("H024", func(t *testing.T) {
		w.signIn("authenticate/email?create=false", `{"email":"nobody@fish.example","password":"password"}`).
			refused(http.StatusNotFound, nakama.NotFound, "User account not found.")
	})
	t.Run("H025", func(t *testing.T) {
		w.signIn("authenticate/email", `{"email":"ann@fish.example","password":"passwor"}`).
			invalid("Password must be at least 8 characters long.")
		w.signIn("authenticate/email", "").invalid("Password must be at least 8 characters long.")
	})
	t.Run("H026", func(t *testing.T) {
		for email, message := range map[string]string{
			"abcdefghijk":      "Invalid email address format.",
			"a@b.c":            "Invalid email address, must be 10-255 bytes.",
			"a nn@fish.sample": "Invalid email address, no spaces or control characters allowed.",
		} {
			w.signIn("authenticate/email", `{"email":"`+email+`","password":"password"}`).invalid(message)
		}
	})
	t.Run("H027", func(t *testing.T) {
		w.newAccount("ben")
		require.Equal(t, uid(first), uid(w.signIn("authenticate/email?username=ann", `{"password":"password"}`).ok()))
		w.signIn("authenticate/email?username=bob", `{"password":"password"}`).
			refused(http.StatusNotFound, nakama.NotFound, "User account not found.")
		w.signIn("authenticate/email?username=ben", `{"password":"password"}`).unauthenticated("Invalid credentials.")
	})
	t.Run("H028", func(t *testing.T) {
		w.signIn("authenticate/email?create=true&username=ann", `{"email":"new@fish.example","password":"password"}`).
			refused(http.StatusConflict, nakama.AlreadyExists, "Username is already in use.")
	})
	t.Run("H029", func(t *testing.T) {
		w.signIn("authenticate/device?username="+strings.Repeat("x", 129), `{"id":"0123456789"}`).
			invalid("Username invalid, must be 1-128 bytes.")
		claims, err := w.users.Verify(w.signIn("authenticate/device", `{"id":"0123456789"}`).ok()["token"].(string))
		require.NoError(t, err)
		require.Regexp(t, `^[A-Za-z]{10}$`, claims.Username)
	})
	t.Run("the query is read strictly", func(t *testing.T) {
		for query, text := range map[string]string{
			"create=maybe":               `parsing field "create": strconv.ParseBool: parsing "maybe": invalid syntax`,
			"create=true&create=true":    `too many values for field "create": true, true`,
			"username=a&username=b":      `too many values for field "username": a, b`,
			"create=%zz":                 `invalid URL escape "%zz"`,
			"create=true;username=other": "invalid semicolon separator in query",
		} {
			w.signIn("authenticate/email?"+query, good).invalid(text)
		}
	})
	t.Run("the first value of the body counts", func(t *testing.T) {
		w.signIn("authenticate/email", good+` and {"more":`).ok()
		w.signIn("authenticate/email", "\n\t"+good).ok()
		for _, body := range []string{"{", "[]", `"text"`, "null", `{"email":1}`, `{"vars":{"n":1}}`, "\xff", "<xml/>"} {
			w.signIn("authenticate/email", body).invalid("")
		}
	})
}

func TestHTTPIDs(t *testing.T) {
	w := newWorld(t, nil)
	t.Run("H030", func(t *testing.T) {
		for body, message := range map[string]string{
			``:               "Custom ID is required.",
			`{}`:             "Custom ID is required.",
			`{"id":"12345"}`: "Custom ID invalid, must be 6-128 bytes.",
			`{"id":"` + strings.Repeat("x", 129) + `"}`: "Custom ID invalid, must be 6-128 bytes.",
			`{"id":"123 456"}`:                          "Custom ID invalid, no spaces or control characters allowed.",
		} {
			w.signIn("authenticate/custom", body).invalid(message)
		}
	})
	t.Run("H031", func(t *testing.T) {
		w.signIn("authenticate/device", `{"id":"123456789"}`).invalid("Device ID invalid, must be 10-128 bytes.")
		w.signIn("authenticate/device", "").invalid("Device ID is required.")
	})
	t.Run("nobody has the id", func(t *testing.T) {
		for _, route := range []string{"authenticate/custom", "authenticate/device"} {
			w.signIn(route+"?create=false", `{"id":"0123456789"}`).
				refused(http.StatusNotFound, nakama.NotFound, "User account not found.")
			w.signIn(route, `{"id":1}`).invalid("invalid value for string")
		}
	})
	t.Run("H044", func(t *testing.T) {
		var wg sync.WaitGroup
		sessions := make([]answer, 12)
		for i := range sessions {
			wg.Go(func() { sessions[i] = w.signIn("authenticate/device", `{"id":"shared-device"}`) })
		}
		wg.Wait()
		created, users := 0, map[string]bool{}
		for _, s := range sessions {
			if s.ok()["created"] == true {
				created++
			}
			claims, err := w.users.Verify(s.fields()["token"].(string))
			require.NoError(t, err)
			users[claims.User] = true
		}
		require.Equal(t, 1, created)
		require.Len(t, users, 1)
	})
}

func TestHTTPTokens(t *testing.T) {
	key := []byte("the key of access tokens in tests")
	w := newWorld(t, func(w *world, c *nakama.Config) {
		st := memory.New()
		var err error
		w.users, err = auth.Open(t.Context(), auth.Config{
			Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st, AccessKey: key, BcryptCost: bcrypt.MinCost,
		})
		require.NoError(t, err)
		c.Auth = w.users
	})
	ann := w.newAccount("ann")

	t.Run("H032", func(t *testing.T) {
		s := w.signIn("authenticate/custom", `{"id":"custom-ann","vars":{"region":"eu"}}`).ok()
		access, refresh := s["token"].(string), s["refresh_token"].(string)
		require.JSONEq(t, `{"alg":"HS256","typ":"JWT"}`, part(t, access, 0))
		var a, r map[string]any
		require.NoError(t, json.Unmarshal([]byte(part(t, access, 1)), &a))
		require.NoError(t, json.Unmarshal([]byte(part(t, refresh, 1)), &r))
		require.Equal(t, ann.id, a["uid"])
		require.Equal(t, "ann", a["usn"])
		require.Equal(t, map[string]any{"region": "eu"}, a["vrs"])
		require.Equal(t, 60.0, a["exp"].(float64)-a["iat"].(float64))
		require.NotEmpty(t, a["tid"])
		require.Equal(t, a["tid"], r["tid"])
		require.NotContains(t, part(t, ann.token, 1), `"vrs"`)
	})
	t.Run("H033", func(t *testing.T) {
		w.http("GET", "/v2/account", "", "Authorization", "Bearer "+ann.refresh).unauthenticated("Auth token invalid")
		w.signIn("session/refresh", `{"token":"`+ann.token+`"}`).unauthenticated("Refresh token invalid or expired.")
	})
	t.Run("H034", func(t *testing.T) {
		claims := jwt.MapClaims{"tid": "t", "uid": ann.id, "usn": "ann", "iat": time.Now().Unix()}
		forge := func(method jwt.SigningMethod, key any) string {
			token, err := jwt.NewWithClaims(method, claims).SignedString(key)
			require.NoError(t, err)
			return token
		}
		try := func(token string) answer {
			return w.http("GET", "/v2/account", "", "Authorization", "Bearer "+token)
		}
		try(forge(jwt.SigningMethodHS256, key)).unauthenticated("Auth token invalid") // never expires
		claims["exp"] = time.Now().Add(time.Minute).Unix()
		try(forge(jwt.SigningMethodHS256, key)).ok()
		rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(t, err)
		try(forge(jwt.SigningMethodRS256, rsaKey)).unauthenticated("Auth token invalid")
		try(forge(jwt.SigningMethodHS512, key)).unauthenticated("Auth token invalid")
		try(forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType)).unauthenticated("Auth token invalid")
	})
}

// part is a part of a token, decoded.
func part(t *testing.T, token string, i int) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
	require.NoError(t, err)
	return string(b)
}

func TestHTTPSessions(t *testing.T) {
	t.Run("H035", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, nil)
			ann := w.newAccount("ann")
			ann.http("PUT", "/v2/account", `{"username":"anna"}`).nothing()
			time.Sleep(10 * time.Second)
			refreshed := func(body string) auth.Claims {
				s := w.signIn("session/refresh", body).ok()
				require.NotContains(t, s, "created")
				require.NotEmpty(t, s["refresh_token"])
				claims, err := w.users.Verify(s["token"].(string))
				require.NoError(t, err)
				require.Equal(t, "anna", claims.Username)
				require.Equal(t, time.Now().Add(time.Minute).Unix(), claims.Expires.Unix())
				return claims
			}
			require.Nil(t, refreshed(`{"token":"`+ann.refresh+`","vars":{}}`).Vars)
			changed := refreshed(`{"token":"` + ann.refresh + `","vars":{"a":"b"}}`)
			require.Equal(t, map[string]string{"a": "b"}, changed.Vars)
		})
	})
	w := newWorld(t, nil)
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	t.Run("H036", func(t *testing.T) {
		w.signIn("session/refresh", `{"token":"nonsense"}`).unauthenticated("Refresh token invalid or expired.")
		w.signIn("session/refresh", "").invalid("Refresh token is required.")
	})
	t.Run("H037", func(t *testing.T) {
		ann.http("POST", "/v2/session/logout", `{"token":"`+ben.token+`"}`).invalid("Session token invalid.")
		ann.http("POST", "/v2/session/logout", `{"token":"x"}`).invalid("Session token invalid.")
		ann.http("POST", "/v2/session/logout", `{"refresh_token":"x"}`).invalid("Refresh token invalid.")
	})
	t.Run("H038", func(t *testing.T) {
		later := w.signIn("session/refresh", `{"token":"`+ann.refresh+`"}`).ok()["token"].(string)
		ann.http("POST", "/v2/session/logout", `{"token":"`+ann.token+`","refreshToken":"`+ann.refresh+`"}`).nothing()
		for _, token := range []string{ann.token, later} {
			w.http("GET", "/v2/account", "", "Authorization", "Bearer "+token).unauthenticated("Auth token invalid")
			socket := w.http("GET", "/ws?token="+token, "")
			require.Equal(t, http.StatusUnauthorized, socket.status)
		}
		w.signIn("session/refresh", `{"token":"`+ann.refresh+`"}`).unauthenticated("Refresh token invalid or expired.")
	})
	t.Run("H039", func(t *testing.T) {
		other := w.signIn("authenticate/custom", `{"id":"custom-ben"}`).ok()["token"].(string)
		ben.http("POST", "/v2/session/logout", "").nothing()
		for _, token := range []string{ben.token, other} {
			w.http("GET", "/v2/account", "", "Authorization", "Bearer "+token).unauthenticated("Auth token invalid")
		}
	})
}
