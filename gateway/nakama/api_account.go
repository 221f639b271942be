package nakama

import (
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/transport"
)

func (a *httpAPI) account(c *call) (proto.Message, error) {
	acc, err := a.c.Auth.Account(c.Context(), c.who.User)
	if err != nil {
		return nil, err
	}
	out := &api.Account{User: userMessage(acc), Wallet: "{}", Email: acc.Email, CustomId: acc.CustomID}
	for _, id := range acc.Devices {
		out.Devices = append(out.Devices, &api.AccountDevice{Id: id})
	}
	return out, nil
}

// userMessage is what everybody may see of an account: no identity and no ban.
func userMessage(a auth.Account) *api.User {
	return &api.User{
		Id: a.ID, Username: a.Username, DisplayName: a.DisplayName, AvatarUrl: a.AvatarURL, LangTag: a.LangTag,
		Location: a.Location, Timezone: a.Timezone, Metadata: a.Metadata,
		CreateTime: seconds(a.Created), UpdateTime: seconds(a.Updated),
	}
}

func (a *httpAPI) updateAccount(c *call) (proto.Message, error) {
	var in api.UpdateAccountRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
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
	if a.c.Boards != nil {
		if err := a.c.Boards.DeleteOwner(c.Context(), c.who.User); err != nil {
			return nil, &failure{"Error while trying to delete account.", err}
		}
	}
	if err := a.c.Auth.DeleteAccount(c.Context(), c.who.User); err != nil {
		return nil, err
	}
	for _, s := range a.c.Sessions.OfUser(c.who.User) {
		s.Close(transport.CloseNormal, "server-side session disconnect")
	}
	return empty, nil
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
		out.Users = append(out.Users, userMessage(acc))
	}
	return out, nil
}
