package nakama

import (
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
	user := a.user(acc)
	user.AppleId, user.FacebookId, user.FacebookInstantGameId = acc.AppleID, acc.FacebookID, acc.FacebookInstantGameID
	user.GamecenterId, user.GoogleId, user.SteamId = acc.GameCenterID, acc.GoogleID, acc.SteamID
	out := &api.Account{User: user, Wallet: "{}", Email: acc.Email, CustomId: acc.CustomID}
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

func (a *httpAPI) deleteAccount(c *call) (proto.Message, error) {
	return empty, a.c.Auth.DeleteAccount(c.Context(), c.who.User)
}

// users looks accounts up. Who knows somebody's Facebook id finds the user, and nobody learns it here.
func (a *httpAPI) users(c *call) (proto.Message, error) {
	q := c.params()
	ids, usernames, facebookIDs := q.list("ids"), q.list("usernames"), q.list("facebook_ids")
	if q.err != nil {
		return nil, q.err
	}
	accounts, err := a.c.Auth.Users(c.Context(), ids, usernames, facebookIDs)
	if err != nil {
		return nil, err
	}
	out := new(api.Users)
	for _, acc := range accounts {
		out.Users = append(out.Users, a.user(acc))
	}
	return out, nil
}
