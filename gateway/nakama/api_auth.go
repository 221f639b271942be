package nakama

import (
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
)

// signIn is what the query of a sign-in says, and the vars of its body.
func (c *call) signIn(vars map[string]string) (auth.SignIn, error) {
	q := c.params()
	o := auth.SignIn{
		Username: or(q.text("username"), ""),
		Create:   or(q.boolean("create"), true),
		Vars:     vars,
		Addr:     c.h.addr(c.Request),
	}
	return o, q.err
}

func (a *httpAPI) signInEmail(c *call, in *api.AccountEmail) (proto.Message, error) {
	o, err := c.signIn(in.Vars)
	if err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.SignInEmail(c.Context(), in.Email, in.Password, o))
}

func (a *httpAPI) signInDevice(c *call, in *api.AccountDevice) (proto.Message, error) {
	o, err := c.signIn(in.Vars)
	if err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.SignInDevice(c.Context(), in.Id, o))
}

func (a *httpAPI) signInCustom(c *call, in *api.AccountCustom) (proto.Message, error) {
	o, err := c.signIn(in.Vars)
	if err != nil {
		return nil, err
	}
	return sessionMessage(a.c.Auth.SignInCustom(c.Context(), in.Id, o))
}

func (a *httpAPI) refresh(c *call, in *api.SessionRefreshRequest) (proto.Message, error) {
	return sessionMessage(a.c.Auth.Refresh(c.Context(), in.Token, in.Vars))
}

func sessionMessage(s auth.Session, err error) (proto.Message, error) {
	if err != nil {
		return nil, err
	}
	return &api.Session{Created: s.Created, Token: s.Token, RefreshToken: s.RefreshToken}, nil
}

func (a *httpAPI) logout(c *call, in *api.SessionLogoutRequest) (proto.Message, error) {
	return empty, a.c.Auth.Logout(c.Context(), c.who, in.Token, in.RefreshToken)
}
