package auth

import "time"

// Account is a user as the server keeps it. Times are UTC with second precision.
type Account struct {
	ID          string // a UUID in text form
	Username    string // unique, case-sensitive
	DisplayName string
	AvatarURL   string
	LangTag     string // "en" when the account is new
	Location    string
	Timezone    string
	Metadata    string // text of a JSON object, "{}" when the account is new
	Created     time.Time
	Updated     time.Time
	Disabled    time.Time // when the account was banned; zero for a good one

	// The identities, each "" if the account has none of the kind.
	Email                 string // lower case
	CustomID              string
	Devices               []string // in the order they were added
	AppleID               string
	FacebookID            string
	FacebookInstantGameID string
	GameCenterID          string
	GoogleID              string
	SteamID               string
}

// SetIdentities makes the account show exactly these identities, of every kind but Device at most one. It is for
// stores.
func (a *Account) SetIdentities(ids ...Identity) {
	fields := map[Kind]*string{
		Email: &a.Email, Custom: &a.CustomID, Apple: &a.AppleID, Facebook: &a.FacebookID,
		FacebookInstantGame: &a.FacebookInstantGameID, GameCenter: &a.GameCenterID, Google: &a.GoogleID, Steam: &a.SteamID,
	}
	a.Devices = nil
	for _, field := range fields {
		*field = ""
	}
	for _, i := range ids {
		if field := fields[i.Kind]; field != nil {
			*field = i.ID
		} else if i.Kind == Device {
			a.Devices = append(a.Devices, i.ID)
		}
	}
}

// Kind is a way of proving who one is.
type Kind string

// The identities that need no service of a third party.
const (
	Email  Kind = "email"
	Device Kind = "device"
	Custom Kind = "custom"
)

// The identities that a [Provider] vouches for.
const (
	Apple               Kind = "apple"
	Facebook            Kind = "facebook"
	FacebookInstantGame Kind = "facebook_instant_game"
	GameCenter          Kind = "game_center"
	Google              Kind = "google"
	Steam               Kind = "steam"
)

// Identity is one way into an account. A kind and an id belong to at most one account.
type Identity struct {
	Kind   Kind
	ID     string // the email address in lower case, the device id, the custom id, what the provider calls the user
	Secret []byte // the hashed password of an Email identity, else nil
}

// Update says which fields of an account change; nil leaves a field as it is.
type Update struct {
	Username    *string
	DisplayName *string
	AvatarURL   *string
	LangTag     *string
	Location    *string
	Timezone    *string
	Metadata    *string
}

// Apply sets the fields of a that u names, and tells whether a value changed. It is for stores.
func (u Update) Apply(a *Account) (changed bool) {
	for _, f := range []struct{ field, value *string }{
		{&a.Username, u.Username},
		{&a.DisplayName, u.DisplayName},
		{&a.AvatarURL, u.AvatarURL},
		{&a.LangTag, u.LangTag},
		{&a.Location, u.Location},
		{&a.Timezone, u.Timezone},
		{&a.Metadata, u.Metadata},
	} {
		if f.value != nil && *f.value != *f.field {
			*f.field, changed = *f.value, true
		}
	}
	return changed
}
