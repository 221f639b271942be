package nakama

import (
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
)

func (a *httpAPI) linkEmail(c *call, in *api.AccountEmail) (proto.Message, error) {
	return empty, a.c.Auth.LinkEmail(c.Context(), c.who.User, in.Email, in.Password)
}

func (a *httpAPI) linkDevice(c *call, in *api.AccountDevice) (proto.Message, error) {
	return empty, a.c.Auth.LinkDevice(c.Context(), c.who.User, in.Id)
}

func (a *httpAPI) linkCustom(c *call, in *api.AccountCustom) (proto.Message, error) {
	return empty, a.c.Auth.LinkCustom(c.Context(), c.who.User, in.Id)
}

func (a *httpAPI) unlinkEmail(c *call, in *api.AccountEmail) (proto.Message, error) {
	return empty, a.c.Auth.Unlink(c.Context(), c.who.User, auth.Email, in.Email)
}

func (a *httpAPI) unlinkDevice(c *call, in *api.AccountDevice) (proto.Message, error) {
	return empty, a.c.Auth.Unlink(c.Context(), c.who.User, auth.Device, in.Id)
}

func (a *httpAPI) unlinkCustom(c *call, in *api.AccountCustom) (proto.Message, error) {
	return empty, a.c.Auth.Unlink(c.Context(), c.who.User, auth.Custom, in.Id)
}
