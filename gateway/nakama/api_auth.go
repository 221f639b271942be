package nakama

import (
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
)

// signIn reads the body and the query of a sign-in. account is the body, whose vars getVars returns.
func (c *call) signIn(account interface {
	proto.Message
	GetVars() map[string]string
},
) (auth.SignIn, error) {
	if err := c.decode(account); err != nil {
		return auth.SignIn{}, err
	}
	q := c.params()
	o := auth.SignIn{
		Username: or(q.text("username"), ""),
		Create:   or(q.boolean("create"), true),
		Vars:     account.GetVars(),
	}
	return o, q.err
}

func (a *httpAPI) signInEmail(c *call) (proto.Message, error) {
	var in api.AccountEmail
	o, err := c.signIn(&in)
	if err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.SignInEmail(c.Context(), in.Email, in.Password, o))
}

func (a *httpAPI) signInDevice(c *call) (proto.Message, error) {
	var in api.AccountDevice
	o, err := c.signIn(&in)
	if err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.SignInDevice(c.Context(), in.Id, o))
}

func (a *httpAPI) signInCustom(c *call) (proto.Message, error) {
	var in api.AccountCustom
	o, err := c.signIn(&in)
	if err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.SignInCustom(c.Context(), in.Id, o))
}

func (a *httpAPI) refresh(c *call) (proto.Message, error) {
	var in api.SessionRefreshRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.Refresh(c.Context(), in.Token, in.Vars))
}

func sessionMessage(s auth.Session, err error) (proto.Message, error) {
	if err != nil {
		return nil, err
	}
	return &api.Session{Created: s.Created, Token: s.Token, RefreshToken: s.RefreshToken}, nil
}

func (a *httpAPI) logout(c *call) (proto.Message, error) {
	var in api.SessionLogoutRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	family := a.familyOf(c, &in) // has to be known before, for its token tells nothing afterwards
	if err := a.c.Auth.Logout(c.Context(), c.who, in.Token, in.RefreshToken); err != nil {
		return nil, err
	}
	if family != "" || in.Token == "" && in.RefreshToken == "" {
		a.Disconnect(c.who.User, family)
	}
	return empty, nil
}

// familyOf is the sign-in that a logout ends; "" if it ends all, or one that has ended before.
func (a *httpAPI) familyOf(c *call, in *api.SessionLogoutRequest) string {
	if in.Token == "" {
		if in.RefreshToken == "" {
			return ""
		}
		return c.who.Family // a client has one sign-in, and this is its refresh token
	}
	claims, err := a.c.Auth.Verify(in.Token)
	if err != nil {
		return ""
	}
	return claims.Family
}
