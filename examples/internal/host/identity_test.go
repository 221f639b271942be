package host

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/storage"
)

const (
	annsEmail    = "ann@fish.example"
	annsPassword = "password of ann"
	cannotUnlink = "Cannot unlink last account identifier. Check profile exists and is not last link."
)

// The statements about identities and sessions that touch a store.
func TestIdentity(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *game){
		"H021": firstAndSecondSignIn, "H022": emailInAnyCase, "H023": wrongPassword, "H024": unknownEmail,
		"H027": usernameAndPassword, "H028": takenUsername, "H035": refreshTellsTheNewName,
		"H038": logoutEndsAFamily, "H039": logoutEndsAll, "H040": logoutSurvivesARestart, "H041_differs": ban,
		"H043": notConfigured, "H044": firstSignInsAtOnce, "H045": throttling,
		"H046": freshAccount, "H047": noFields, "H048": clearedName, "H049": takenUsernameInUpdate,
		"H050": linkDevice, "H051": unlinkTheOnly, "H052": linkTakenEmail, "H053": unlinkTheLastDevice,
		"H054": lookUp, "H055": deleteAccount,
		"links": linkAll, "1,000 from one address": manyGoodSignIns,
	} {
		t.Run(name, func(t *testing.T) { onEveryStore(t, test) })
	}
	t.Run("H042", func(t *testing.T) {
		onEveryStore(t, singleSession, func(c *Config) { c.Auth.SingleSession = true })
	})
	t.Run("rotation", func(t *testing.T) {
		onEveryStore(t, rotation, func(c *Config) { c.Auth.Rotate = true })
	})
}

// ann signs ann up by email.
func (g *game) ann() *player {
	g.t.Helper()
	body := fields{"email": annsEmail, "password": annsPassword}
	return g.player("ann", g.signIn("authenticate/email?username=ann", body).ok())
}

func firstAndSecondSignIn(t *testing.T, g *game) {
	body := fields{"email": annsEmail, "password": annsPassword}
	first := g.signIn("authenticate/email", body).ok()
	require.Equal(t, true, first["created"])
	g.restart()
	second := g.signIn("authenticate/email", body).ok()
	require.NotContains(t, second, "created")
	require.Equal(t, g.player("", first).id, g.player("", second).id)
}

func emailInAnyCase(t *testing.T, g *game) {
	ann := g.ann()
	again := g.signIn("authenticate/email", fields{"email": strings.ToUpper(annsEmail), "password": annsPassword}).ok()
	require.Equal(t, ann.id, g.player("ann", again).id)
}

func wrongPassword(_ *testing.T, g *game) {
	g.ann()
	for _, create := range []string{"true", "false"} {
		g.signIn("authenticate/email?create="+create, fields{"email": annsEmail, "password": "not hers at all"}).
			refused(nakama.Unauthenticated, "Invalid credentials.")
	}
}

func unknownEmail(_ *testing.T, g *game) {
	g.signIn("authenticate/email?create=false", fields{"email": annsEmail, "password": annsPassword}).
		refused(nakama.NotFound, "User account not found.")
}

func usernameAndPassword(t *testing.T, g *game) {
	ann := g.ann()
	g.device("bob")
	in := func(name string) answer {
		return g.signIn("authenticate/email?username="+name, fields{"password": annsPassword})
	}
	require.Equal(t, ann.id, g.player("ann", in("ann").ok()).id)
	in("nobody").refused(nakama.NotFound, "User account not found.")
	in("bob").refused(nakama.Unauthenticated, "Invalid credentials.")
}

func takenUsername(t *testing.T, g *game) {
	g.ann()
	g.signIn("authenticate/device?username=ann", fields{"id": "another-device"}).
		refused(nakama.AlreadyExists, "Username is already in use.")
	g.signIn("authenticate/device?create=false", fields{"id": "another-device"}).
		refused(nakama.NotFound, "User account not found.")
	require.Equal(t, true, g.signIn("authenticate/device?username=bob", fields{"id": "another-device"}).ok()["created"])
}

func refreshTellsTheNewName(t *testing.T, g *game) {
	ann := g.ann()
	ann.http("PUT", "/v2/account", fields{"username": "anna"}).ok()
	time.Sleep(time.Second)
	claims, err := g.h.Users.Verify(g.signIn("session/refresh", fields{"token": ann.refresh}).ok()["token"].(string))
	require.NoError(t, err)
	require.Equal(t, "anna", claims.Username)
	require.Equal(t, ann.family, claims.Family)
}

func logoutEndsAFamily(t *testing.T, g *game) {
	ann, phone := g.ann(), g.ann()
	later := *ann
	later.token = g.signIn("session/refresh", fields{"token": ann.refresh}).ok()["token"].(string)
	socket := ann.socket()
	ann.http("POST", "/v2/session/logout", fields{"token": ann.token, "refresh_token": ann.refresh}).ok()
	require.Empty(t, g.closed(socket))
	require.False(t, ann.alive())
	require.False(t, later.alive())
	require.True(t, phone.alive(), "the other sign-in")
}

func logoutEndsAll(t *testing.T, g *game) {
	ann, phone, bob := g.ann(), g.ann(), g.device("bob")
	sockets := []*player{ann, phone}
	a, b := ann.socket(), phone.socket()
	ann.http("POST", "/v2/session/logout", fields{}).ok()
	g.closed(a)
	g.closed(b)
	for _, p := range sockets { // the clock of the bubble stands still: all of this is one second
		require.False(t, p.alive())
	}
	require.True(t, g.ann().alive())
	require.True(t, bob.alive())
}

func logoutSurvivesARestart(t *testing.T, g *game) {
	ann, phone, bob := g.ann(), g.ann(), g.device("bob")
	ann.http("POST", "/v2/session/logout", fields{"token": ann.token, "refresh_token": ann.refresh}).ok()
	bob.http("POST", "/v2/session/logout", fields{}).ok()
	g.restart()
	require.False(t, ann.alive())
	require.True(t, phone.alive())
	require.False(t, bob.alive())
	require.True(t, g.device("bob").alive())
}

func ban(t *testing.T, g *game) {
	ann := g.ann()
	socket := ann.socket()
	require.NoError(t, g.h.Users.Ban(t.Context(), ann.id))
	last := g.closed(socket)
	require.Len(t, last, 1)
	require.Contains(t, last[0], "banned")
	require.Contains(t, last[0], "-8")
	for range 2 {
		require.False(t, ann.alive())
		g.signIn("authenticate/email", fields{"email": annsEmail, "password": annsPassword}).
			refused(nakama.PermissionDenied, "User account banned.")
		g.signIn("authenticate/email", fields{"email": annsEmail, "password": "not hers at all"}).
			refused(nakama.Unauthenticated, "Invalid credentials.")
		g.restart()
	}
	require.NoError(t, g.h.Users.Unban(t.Context(), ann.id))
	require.False(t, ann.alive())
	require.True(t, g.ann().alive())
}

func singleSession(t *testing.T, g *game) {
	first := g.ann()
	socket := first.socket()
	second := g.ann()
	g.closed(socket)
	require.False(t, first.alive())
	require.True(t, second.alive())
}

func firstSignInsAtOnce(t *testing.T, g *game) {
	const n = 12
	got := make(chan answer, n)
	for range n {
		go func() { got <- g.signIn("authenticate/device", fields{"id": "0123456789"}) }()
	}
	users, created := map[string]bool{}, 0
	for range n {
		session := (<-got).ok()
		users[g.player("", session).id] = true
		if session["created"] == true {
			created++
		}
	}
	require.Len(t, users, 1)
	require.Equal(t, 1, created)
}

func throttling(t *testing.T, g *game) {
	g.ann()
	try := func(password string) answer {
		return g.signIn("authenticate/email", fields{"email": annsEmail, "password": password})
	}
	for range 10 {
		try("not hers at all").refused(nakama.Unauthenticated, "Invalid credentials.")
	}
	for _, password := range []string{"not hers at all", annsPassword} {
		got := try(password)
		got.refused(nakama.ResourceExhausted, "Too many failed attempts for this account, try again later.")
		require.Equal(t, http.StatusTooManyRequests, got.status)
		require.Equal(t, "60", got.header.Get("Retry-After"))
	}
	g.device("bob") // nobody else is concerned
	time.Sleep(time.Minute)
	try(annsPassword).ok()
}

// manyGoodSignIns are those of a school or a tournament hall: one address, and never one refused.
func manyGoodSignIns(t *testing.T, g *game) {
	for i := range 1000 {
		g.signIn("authenticate/device", fields{"id": fmt.Sprint("device-number-", i)}).ok()
		if i%20 == 0 { // someone mistypes now and then
			g.signIn("authenticate/email?create=false", fields{"email": fmt.Sprint(i, annsEmail), "password": annsPassword}).
				refused(nakama.NotFound, "User account not found.")
		}
	}
	g.ann()
}

func freshAccount(t *testing.T, g *game) {
	got := g.ann().account()
	require.Equal(t, "{}", got["wallet"])
	require.NotContains(t, got, "devices")
	user := got["user"].(map[string]any)
	require.Equal(t, []any{"{}", "en"}, []any{user["metadata"], user["lang_tag"]})
}

func noFields(_ *testing.T, g *game) {
	ann := g.ann()
	ann.http("PUT", "/v2/account", fields{}).refused(nakama.InvalidArgument, "No fields to update.")
	ann.http("PUT", "/v2/account", fields{"username": ""}).
		refused(nakama.InvalidArgument, "Username invalid, must be 1-128 bytes.")
}

func clearedName(t *testing.T, g *game) {
	ann := g.ann()
	ann.http("PUT", "/v2/account", fields{"display_name": "Ann", "username": "ann"}).ok()
	require.Equal(t, "Ann", ann.account()["user"].(map[string]any)["display_name"])
	ann.http("PUT", "/v2/account", fields{"display_name": ""}).ok()
	require.NotContains(t, ann.account()["user"], "display_name")
}

func takenUsernameInUpdate(t *testing.T, g *game) {
	ann := g.ann()
	bob := g.device("bob")
	before := bob.account()
	bob.http("PUT", "/v2/account", fields{"username": "ann", "location": "Bern"}).
		refused(nakama.AlreadyExists, "Username is already in use.")
	require.Equal(t, before, bob.account())
	require.True(t, ann.alive())
}

func linkDevice(t *testing.T, g *game) {
	ann := g.ann()
	g.device("bob")
	for range 2 {
		ann.http("POST", "/v2/account/link/device", fields{"id": "device-of-ann"}).ok()
	}
	require.Equal(t, []any{map[string]any{"id": "device-of-ann"}}, ann.account()["devices"])
	ann.http("POST", "/v2/account/link/device", fields{"id": "device-of-bob"}).
		refused(nakama.AlreadyExists, "Device ID already in use.")
	g.restart()
	require.Equal(t, ann.id, g.device("ann").id)
}

func unlinkTheOnly(t *testing.T, g *game) {
	bob := g.device("bob")
	for _, id := range []string{"device-of-bob", "device-of-ann"} {
		bob.http("POST", "/v2/account/unlink/device", fields{"id": id}).refused(nakama.PermissionDenied, cannotUnlink)
	}
	bob.http("POST", "/v2/account/unlink/device", fields{}).refused(nakama.InvalidArgument, "A device ID must be supplied.")
	bob.http("POST", "/v2/account/link/custom", fields{"id": "custom-of-bob"}).ok()
	bob.http("POST", "/v2/account/unlink/custom", fields{"id": "custom-of-ann"}).refused(nakama.PermissionDenied, cannotUnlink)
	require.Equal(t, bob.id, g.device("bob").id)
}

func linkTakenEmail(_ *testing.T, g *game) {
	g.ann()
	g.device("bob").http("POST", "/v2/account/link/email", fields{"email": strings.ToUpper(annsEmail), "password": "password"}).
		refused(nakama.AlreadyExists, "Email is already in use.")
	g.ann()
}

func unlinkTheLastDevice(t *testing.T, g *game) {
	bob := g.device("bob")
	bob.http("POST", "/v2/account/link/custom", fields{"id": "custom-of-bob"}).ok()
	bob.http("POST", "/v2/account/unlink/device", fields{"id": "device-of-bob"}).ok()
	got := bob.account()
	require.NotContains(t, got, "devices")
	require.Equal(t, "custom-of-bob", got["custom_id"])
	require.Equal(t, true, g.signIn("authenticate/device", fields{"id": "device-of-bob"}).ok()["created"], "it is free")
}

func lookUp(t *testing.T, g *game) {
	ann, bob := g.ann(), g.device("bob")
	got := ann.http("GET", "/v2/user?ids="+bob.id+"&usernames=ann&usernames=nobody&ids="+bob.id, nil).ok()["users"].([]any)
	require.Len(t, got, 2)
	require.Empty(t, ann.http("GET", "/v2/user", nil).ok())
	require.Empty(t, ann.http("GET", "/v2/user?facebook_ids=1&usernames=Ann", nil).ok(), "names are exact")
	ann.http("GET", "/v2/user?ids=x", nil).refused(nakama.InvalidArgument, "ID 'x' is not a valid system ID.")
}

func deleteAccount(t *testing.T, g *game) {
	bob := g.device("bob")
	bob.http("POST", "/v2/leaderboard/wins", fields{"score": 7}).ok()
	bob.http("PUT", "/v2/storage", fields{"objects": []fields{{"collection": "c", "key": "k", "value": "{}"}}}).ok()
	socket := bob.socket()
	bob.http("DELETE", "/v2/account", nil).ok()
	g.closed(socket)
	for range 2 {
		require.False(t, bob.alive())
		ann := g.ann()
		require.Empty(t, ann.http("GET", "/v2/leaderboard/wins", nil).ok())
		require.Empty(t, ann.http("GET", "/v2/user?ids="+bob.id, nil).ok())
		objects, err := g.h.Objects.List(t.Context(), storage.ListRequest{Collection: "c", Owner: &bob.id, Limit: 10})
		require.NoError(t, err)
		require.Empty(t, objects.Objects)
		g.restart()
	}
	require.NotEqual(t, bob.id, g.device("bob").id, "the device is free")
}

func rotation(t *testing.T, g *game) {
	first := g.ann()
	refresh := func(token string) answer { return g.signIn("session/refresh", fields{"token": token}) }
	time.Sleep(time.Second)
	second := refresh(first.refresh).ok()
	g.restart()
	time.Sleep(29 * time.Second)
	require.Equal(t, second, refresh(first.refresh).ok(), "the lost reply is repeated")
	third := refresh(second["refresh_token"].(string)).ok()
	socket := g.player("ann", third).socket()
	time.Sleep(time.Second)
	refresh(first.refresh).refused(nakama.Unauthenticated, "Refresh token invalid or expired.")
	g.closed(socket)
	synctest.Wait()
	g.restart()
	for _, token := range []any{second["refresh_token"], third["refresh_token"]} {
		refresh(fmt.Sprint(token)).refused(nakama.Unauthenticated, "Refresh token invalid or expired.")
	}
}
