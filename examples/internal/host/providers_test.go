package host

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
)

// service is one that vouches for players, as clients speak with it.
type service struct {
	kind  auth.Kind
	name  string // in texts
	field string // of an account
	none  string // what is said without a token
	body  func(token string) fields
}

func services() map[string]service {
	token := func(token string) fields { return fields{"token": token} }
	return map[string]service{
		"apple":    {auth.Apple, "Apple", "apple_id", "Apple ID token is required.", token},
		"facebook": {auth.Facebook, "Facebook", "facebook_id", "Facebook access token is required.", token},
		"facebookinstantgame": {
			auth.FacebookInstantGame, "Facebook Instant Game", "facebook_instant_game_id",
			"Signed Player Info for a Facebook Instant Game is required.",
			func(token string) fields { return fields{"signed_player_info": token} },
		},
		"gamecenter": {
			auth.GameCenter, "GameCenter", "gamecenter_id", "GameCenter bundle ID is required.",
			func(token string) fields {
				return fields{
					"player_id": strings.TrimPrefix(token, "of "), "bundle_id": "fish", "timestamp_seconds": "1", "salt": "s",
					"signature": token, "public_key_url": "https://keys.example",
				}
			},
		},
		"google": {auth.Google, "Google", "google_id", "Google access token is required.", token},
		"steam":  {auth.Steam, "Steam", "steam_id", "Steam access token is required.", token},
	}
}

// linkBody is the body of a link, which is different for Steam.
func (s service) linkBody(token string) fields {
	if s.kind == auth.Steam {
		return fields{"account": s.body(token), "sync": true}
	}
	return s.body(token)
}

// signed vouches for who presents a signature of Game Center's that begins with "of ".
type signed struct{ named }

func (s signed) Verify(ctx context.Context, token string) (string, error) {
	var t auth.GameCenterToken
	if err := json.Unmarshal([]byte(token), &t); err != nil {
		return "", err
	}
	return s.named.Verify(ctx, t.Signature)
}

func TestProviders(t *testing.T) {
	for route, s := range services() {
		t.Run(route, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, g *game) { vouched(t, g, route, s) }, func(c *Config) {
				c.Auth.Providers = map[auth.Kind]auth.Provider{s.kind: named{}}
				if s.kind == auth.GameCenter {
					c.Auth.Providers[s.kind] = signed{}
				}
			})
		})
	}
}

// vouched is the life of an account that was made with the token of a service.
func vouched(t *testing.T, g *game, route string, s service) {
	notGood := "Could not authenticate " + s.name + " profile."
	in := func(token, query string) answer { return g.signIn("authenticate/"+route+query, s.body(token)) }
	g.signIn("authenticate/"+route, fields{}).refused(nakama.InvalidArgument, s.none)
	in("forged", "").refused(nakama.Unauthenticated, notGood)
	in("down", "").refused(nakama.Unavailable, notGood)
	in("of ann", "?create=false").refused(nakama.NotFound, "User account not found.")
	in("of ann", "?username="+longText(129)).refused(nakama.InvalidArgument, "Username invalid, must be 1-128 bytes.")
	first := in("of ann", "?username=ann&sync=true").ok()
	require.Equal(t, true, first["created"])
	g.restart()
	ann := g.player("ann", in("of ann", "").ok())
	require.Equal(t, g.player("ann", first).id, ann.id)
	require.Equal(t, "ann", ann.account()["user"].(map[string]any)[s.field])

	unlink := func(body fields) answer { return ann.http("POST", "/v2/account/unlink/"+route, body) }
	link := func(of *player, token string) answer {
		return of.http("POST", "/v2/account/link/"+route+"?sync=true", s.linkBody(token))
	}
	unlink(s.body("of ann")).refused(nakama.PermissionDenied, cannotUnlink)
	unlink(fields{}).refused(nakama.PermissionDenied, cannotUnlink)
	ann.http("POST", "/v2/account/link/device", fields{"id": "device-of-ann"}).ok()
	unlink(s.body("of bob")).refused(nakama.PermissionDenied, cannotUnlink)
	unlink(s.body("forged")).refused(nakama.Unauthenticated, notGood)
	unlink(s.body("of ann")).ok()
	require.NotContains(t, ann.account()["user"], s.field)
	ann.http("POST", "/v2/account/unlink/device", fields{"id": "device-of-ann"}).refused(nakama.PermissionDenied, cannotUnlink)

	ann.http("POST", "/v2/account/link/"+route, fields{}).refused(nakama.InvalidArgument, s.none)
	link(ann, "forged").refused(nakama.Unauthenticated, notGood)
	for _, token := range []string{"of ann", "of anna", "of anna"} { // the second takes the place of the first
		link(ann, token).ok()
	}
	bob := g.device("bob")
	link(bob, "of anna").refused(nakama.AlreadyExists, s.name+" ID is already in use.")
	link(bob, "of ann").ok()
	user := bob.http("GET", "/v2/user?usernames=ann", nil).ok()["users"].([]any)[0]
	require.NotContains(t, user, s.field, "others do not see who one is elsewhere")
	found := bob.http("GET", "/v2/user?facebook_ids=anna&facebook_ids=nobody", nil).ok()["users"]
	if s.kind != auth.Facebook {
		require.Nil(t, found)
		return
	}
	require.Equal(t, ann.id, found.([]any)[0].(map[string]any)["id"])
}

// No provider is set up but that of Google.
func notConfigured(_ *testing.T, g *game) {
	bob := g.device("bob")
	for _, provider := range []string{"Apple", "Steam"} {
		text := provider + " authentication is not configured."
		route := strings.ToLower(provider)
		for _, body := range []fields{{}, {"token": "t"}} {
			g.signIn("authenticate/"+route, body).refused(nakama.FailedPrecondition, text)
		}
		bob.http("POST", "/v2/account/link/"+route, fields{"token": "t", "account": fields{"token": "t"}}).
			refused(nakama.FailedPrecondition, text)
	}
	g.signIn("authenticate/google", fields{}).refused(nakama.InvalidArgument, "Google access token is required.")
	g.signIn("authenticate/google", fields{"token": "forged"}).
		refused(nakama.Unauthenticated, "Could not authenticate Google profile.")
	g.signIn("authenticate/google", fields{"token": "down"}).
		refused(nakama.Unavailable, "Could not authenticate Google profile.")
	g.signIn("authenticate/facebookinstantgame", fields{}).
		refused(nakama.InvalidArgument, "Signed Player Info for a Facebook Instant Game is required.")
	g.signIn("authenticate/facebookinstantgame", fields{"signed_player_info": "x"}).
		refused(nakama.FailedPrecondition, "Facebook Instant Game authentication is not configured.")
	g.signIn("authenticate/gamecenter", fields{"player_id": "p"}).
		refused(nakama.InvalidArgument, "GameCenter bundle ID is required.")
}

// linkAll links and unlinks what the numbered statements do not.
func linkAll(t *testing.T, g *game) {
	bob := g.device("bob")
	bob.http("POST", "/v2/account/link/google", fields{"token": "of bob"}).ok()
	bob.http("POST", "/v2/account/link/email", fields{"email": "bob@fish.example", "password": "password"}).ok()
	require.Equal(t, "bob", bob.account()["user"].(map[string]any)["google_id"])
	require.Equal(t, "bob@fish.example", bob.account()["email"])
	require.Equal(t, bob.id, g.player("bob", g.signIn("authenticate/google", fields{"token": "of bob"}).ok()).id)
	bob.http("POST", "/v2/account/unlink/email", fields{"email": "bob@fish.example"}).ok()
	require.NotContains(t, bob.account(), "email")

	ann := g.ann()
	ann.http("POST", "/v2/account/link/google", fields{"token": "of bob"}).
		refused(nakama.AlreadyExists, "Google ID is already in use.")
	user := ann.http("GET", "/v2/user?ids="+bob.id, nil).ok()["users"].([]any)[0]
	require.NotContains(t, user, "google_id", "others do not see who one is elsewhere")
	bob.http("POST", "/v2/account/unlink/google", fields{"token": "forged"}).
		refused(nakama.Unauthenticated, "Could not authenticate Google profile.")
	bob.http("POST", "/v2/account/unlink/google", fields{}).ok()
	require.Equal(t, true, g.signIn("authenticate/google", fields{"token": "of bob"}).ok()["created"])
	bob.http("POST", "/v2/account/unlink/gamecenter", fields{}).refused(nakama.PermissionDenied, cannotUnlink)
}
