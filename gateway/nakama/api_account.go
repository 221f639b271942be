package nakama

import (
	"context"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/auth"
)

func (a *httpAPI) account(c *call) (proto.Message, error) {
	acc, err := a.c.Auth.Account(c.Context(), c.who.User)
	if err != nil {
		return nil, err
	}
	out := &api.Account{User: a.user(acc), Wallet: "{}", Email: acc.Email, CustomId: acc.CustomID}
	for _, id := range acc.Devices {
		out.Devices = append(out.Devices, &api.AccountDevice{Id: id})
	}
	return out, nil
}

// user is what everybody may see of an account: no identity and no ban.
func (a *httpAPI) user(acc auth.Account) *api.User {
	return &api.User{
		Id: acc.ID, Username: acc.Username, DisplayName: acc.DisplayName, AvatarUrl: acc.AvatarURL,
		LangTag: acc.LangTag, Location: acc.Location, Timezone: acc.Timezone, Metadata: acc.Metadata,
		Online:     a.c.Statuses != nil && a.c.Statuses.Online(acc.ID),
		CreateTime: seconds(acc.Created), UpdateTime: seconds(acc.Updated),
	}
}

func (a *httpAPI) updateAccount(c *call, in *api.UpdateAccountRequest) (proto.Message, error) {
	u := auth.Update{
		Username: given(in.Username), DisplayName: given(in.DisplayName), AvatarURL: given(in.AvatarUrl),
		LangTag: given(in.LangTag), Location: given(in.Location), Timezone: given(in.Timezone),
	}
	return empty, a.c.Auth.UpdateAccount(c.Context(), c.who.User, u)
}

// given is the text of a field that may be absent.
func given(v *wrapperspb.StringValue) *string {
	if v == nil {
		return nil
	}
	return &v.Value
}

// deleteAccount removes all there is of the caller. The account goes last: until it is gone the caller can ask again.
func (a *httpAPI) deleteAccount(c *call) (proto.Message, error) {
	if err := a.deleteBelongings(c.Context(), c.who.User); err != nil {
		return nil, &failure{"Error while trying to delete account.", err}
	}
	if err := a.c.Auth.DeleteAccount(c.Context(), c.who.User); err != nil {
		return nil, err
	}
	a.Disconnect(c.who.User, "")
	return empty, nil
}

// deleteBelongings removes what the domains keep of a user.
func (a *httpAPI) deleteBelongings(ctx context.Context, user string) error {
	if a.c.Boards != nil {
		if err := a.c.Boards.DeleteOwner(ctx, user); err != nil {
			return err
		}
	}
	if a.c.Objects != nil {
		if err := a.c.Objects.DeleteOwner(ctx, user); err != nil {
			return err
		}
	}
	if a.c.Notifications != nil {
		return a.c.Notifications.DeleteUser(ctx, user)
	}
	return nil
}

// users looks accounts up. Facebook ids are a way too, but no account has one.
func (a *httpAPI) users(c *call) (proto.Message, error) {
	q := c.params()
	ids, usernames := q.list("ids"), q.list("usernames")
	if q.err != nil {
		return nil, q.err
	}
	accounts, err := a.c.Auth.Users(c.Context(), ids, usernames)
	if err != nil {
		return nil, err
	}
	out := new(api.Users)
	for _, acc := range accounts {
		out.Users = append(out.Users, a.user(acc))
	}
	return out, nil
}
