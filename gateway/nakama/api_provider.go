package nakama

import (
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
)

// providerRoutes are the ways into an account that a third party vouches for.
func (a *httpAPI) providerRoutes() []route {
	const in, link, unlink = "POST /v2/account/authenticate/", "POST /v2/account/link/", "POST /v2/account/unlink/"
	return []route{
		{in + "apple", withServerKey, signsIn(a, auth.Apple, token[*api.AccountApple])},
		{in + "facebook", withServerKey, signsIn(a, auth.Facebook, token[*api.AccountFacebook])},
		{in + "facebookinstantgame", withServerKey, signsIn(a, auth.FacebookInstantGame, playerInfo)},
		{in + "gamecenter", withServerKey, signsIn(a, auth.GameCenter, gameCenterToken)},
		{in + "google", withServerKey, signsIn(a, auth.Google, token[*api.AccountGoogle])},
		{in + "steam", withServerKey, signsIn(a, auth.Steam, token[*api.AccountSteam])},

		{link + "apple", withSession, links(a, auth.Apple, token[*api.AccountApple])},
		{link + "facebook", withSession, links(a, auth.Facebook, token[*api.AccountFacebook])},
		{link + "facebookinstantgame", withSession, links(a, auth.FacebookInstantGame, playerInfo)},
		{link + "gamecenter", withSession, links(a, auth.GameCenter, gameCenterToken)},
		{link + "google", withSession, links(a, auth.Google, token[*api.AccountGoogle])},
		{link + "steam", withSession, links(a, auth.Steam, steamToken)},

		{unlink + "apple", withSession, unlinks(a, auth.Apple, token[*api.AccountApple])},
		{unlink + "facebook", withSession, unlinks(a, auth.Facebook, token[*api.AccountFacebook])},
		{unlink + "facebookinstantgame", withSession, unlinks(a, auth.FacebookInstantGame, playerInfo)},
		{unlink + "gamecenter", withSession, unlinks(a, auth.GameCenter, optionalGameCenterToken)},
		{unlink + "google", withSession, unlinks(a, auth.Google, token[*api.AccountGoogle])},
		{unlink + "steam", withSession, unlinks(a, auth.Steam, token[*api.AccountSteam])},
	}
}

// message is a pointer to a message of the protocol.
type message[M any] interface {
	*M
	proto.Message
}

// signsIn is the endpoint for sign-ins with the token that tokenOf finds in the body.
func signsIn[M any, P interface {
	message[M]
	GetVars() map[string]string
}](a *httpAPI, k auth.Kind, tokenOf func(P) (string, error)) *endpoint {
	return with(func(c *call, in P) (proto.Message, error) {
		token, err := tokenOf(in)
		if err != nil {
			return nil, err
		}
		o, err := c.signIn(in.GetVars())
		if err != nil {
			return nil, err
		}
		return sessionMessage(a.c.Auth.SignInProvider(c.Context(), k, token, o))
	})
}

func links[M any, P message[M]](a *httpAPI, k auth.Kind, tokenOf func(P) (string, error)) *endpoint {
	return with(func(c *call, in P) (proto.Message, error) {
		token, err := tokenOf(in)
		if err != nil {
			return nil, err
		}
		return empty, a.c.Auth.LinkProvider(c.Context(), c.who.User, k, token)
	})
}

func unlinks[M any, P message[M]](a *httpAPI, k auth.Kind, tokenOf func(P) (string, error)) *endpoint {
	return with(func(c *call, in P) (proto.Message, error) {
		token, err := tokenOf(in)
		if err != nil {
			return nil, err
		}
		return empty, a.c.Auth.UnlinkProvider(c.Context(), c.who.User, k, token)
	})
}

// What the tokens of the providers are.

func token[P interface{ GetToken() string }](in P) (string, error) { return in.GetToken(), nil }

func steamToken(in *api.LinkSteamRequest) (string, error) { return in.GetAccount().GetToken(), nil }

func playerInfo(in *api.AccountFacebookInstantGame) (string, error) { return in.SignedPlayerInfo, nil }

func gameCenterToken(in *api.AccountGameCenter) (string, error) {
	return auth.GameCenterToken{
		PlayerID: in.PlayerId, BundleID: in.BundleId, Timestamp: in.TimestampSeconds,
		Salt: in.Salt, Signature: in.Signature, PublicKeyURL: in.PublicKeyUrl,
	}.Token()
}

// optionalGameCenterToken is "" where a field is missing.
func optionalGameCenterToken(in *api.AccountGameCenter) (string, error) {
	token, err := gameCenterToken(in)
	if err != nil {
		return "", nil //nolint:nilerr // as it is without a token
	}
	return token, nil
}
