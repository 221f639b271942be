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
	Email       string // lower case; "" without an email identity
	CustomID    string // "" without a custom identity
	Devices     []string
	Created     time.Time
	Updated     time.Time
	Disabled    time.Time // when the account was banned; zero for a good one
}

// Kind is a way of proving who one is.
type Kind string

// The identities that need no service of a third party.
const (
	Email  Kind = "email"
	Device Kind = "device"
	Custom Kind = "custom"
)

// Identity is one way into an account. A kind and an id belong to at most one account.
type Identity struct {
	Kind   Kind
	ID     string // the email address in lower case, the device id, the custom id
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
