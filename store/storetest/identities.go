package storetest

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// withEmail stores the n-th account with an email identity and returns it.
func withEmail(t testing.TB, s AccountStore, n int, email string, secret []byte) auth.Account {
	t.Helper()
	a, _ := newAccount(n)
	a.Devices, a.Email = nil, email
	noError(t, s.CreateAccount(t.Context(), a, auth.Identity{Kind: auth.Email, ID: email, Secret: secret}), "create account")
	return a
}

func identityRules() []rule[AccountStore] {
	return append(linkRules(), []rule[AccountStore]{
		{
			"identity finds its account", "it is how everyone signs in",
			identityFinds,
		},
		{
			"kinds are apart", "a custom id may look like somebody's device id",
			kindsApart,
		},
		{
			"identity must match exactly", "a device id in other case is another device",
			identityExact,
		},
		{
			"text of an identity is kept as it is", "device ids come from clients and may hold anything",
			identityTexts,
		},
		{
			"secret is kept byte by byte", "a hash that changes locks its owner out",
			secretBytes,
		},
		{
			"password by username", "players sign in with username or email; who has no email identity has no password",
			passwordByUsername,
		},
		{
			"identity shows the account as it is now", "a token made from an old copy would carry an old name",
			identityFresh,
		},
		{
			"secrets are copies", "a caller may wipe the secret it got",
			secretsAreCopies,
		},
		{
			"cancelled context is an error", "a caller that has gone away wants no answer, nor a change",
			identitiesCancelled,
		},
	}...)
}

func identityFinds(t testing.TB, s AccountStore) {
	device := created(t, s, 1)
	email := withEmail(t, s, 2, "ann@example.com", []byte("hash"))
	custom, _ := newAccount(3)
	custom.Devices, custom.CustomID = nil, "custom-3"
	noError(t, s.CreateAccount(t.Context(), custom, auth.Identity{Kind: auth.Custom, ID: "custom-3"}), "create account")

	for _, tc := range []struct {
		kind   auth.Kind
		id     string
		want   auth.Account
		secret []byte
	}{
		{auth.Device, device.Devices[0], device, nil},
		{auth.Email, "ann@example.com", email, []byte("hash")},
		{auth.Custom, "custom-3", custom, nil},
	} {
		got, secret, err := s.AccountByIdentity(t.Context(), tc.kind, tc.id)
		noError(t, err, "account by "+string(tc.kind))
		sameAccount(t, got, tc.want)
		equal(t, "secret of "+string(tc.kind), secret, tc.secret)
	}
}

func kindsApart(t testing.TB, s AccountStore) {
	device, _ := newAccount(1)
	device.Devices = []string{"the same"}
	noError(t, s.CreateAccount(t.Context(), device, auth.Identity{Kind: auth.Device, ID: "the same"}), "create with device")
	_, _, err := s.AccountByIdentity(t.Context(), auth.Custom, "the same")
	wantError(t, err, auth.ErrNotFound, "account by the id of another kind")

	custom, _ := newAccount(2)
	custom.Devices, custom.CustomID = nil, "the same"
	noError(t, s.CreateAccount(t.Context(), custom, auth.Identity{Kind: auth.Custom, ID: "the same"}), "create with custom id")
	got, _, err := s.AccountByIdentity(t.Context(), auth.Device, "the same")
	noError(t, err, "account by device")
	sameAccount(t, got, device)
	got, _, err = s.AccountByIdentity(t.Context(), auth.Custom, "the same")
	noError(t, err, "account by custom id")
	sameAccount(t, got, custom)
}

func identityExact(t testing.TB, s AccountStore) {
	created(t, s, 1)
	for _, id := range []string{"", "device-", "device-1 ", " device-1", "DEVICE-1", "device_1", "device-%", "user-1"} {
		_, _, err := s.AccountByIdentity(t.Context(), auth.Device, id)
		wantError(t, err, auth.ErrNotFound, "account by device "+id)
	}
	_, _, err := s.AccountByIdentity(t.Context(), "DEVICE", "device-1")
	wantError(t, err, auth.ErrNotFound, "account by an unknown kind")
}

func identityTexts(t testing.TB, s AccountStore) {
	for i, text := range oddTexts() {
		a, id := newAccount(i)
		a.Devices, id.ID = []string{text}, text
		noError(t, s.CreateAccount(t.Context(), a, id), "create account "+text)
	}
	for i, text := range oddTexts() {
		want, _ := newAccount(i)
		want.Devices = []string{text}
		got, _, err := s.AccountByIdentity(t.Context(), auth.Device, text)
		noError(t, err, "account by device "+text)
		sameAccount(t, got, want)
	}
}

func secretBytes(t testing.TB, s AccountStore) {
	secret := make([]byte, 256)
	for i := range secret {
		secret[i] = byte(i)
	}
	a := withEmail(t, s, 1, "ann@example.com", secret)
	_, got, err := s.AccountByIdentity(t.Context(), auth.Email, "ann@example.com")
	noError(t, err, "account by email")
	equal(t, "secret by email", got, secret)
	_, got, err = s.Password(t.Context(), a.Username)
	noError(t, err, "password")
	equal(t, "secret by username", got, secret)
}

func passwordByUsername(t testing.TB, s AccountStore) {
	ann, bob := withEmail(t, s, 1, "ann@example.com", []byte("ann's")), withEmail(t, s, 2, "bob@example.com", []byte("bob's"))
	device := created(t, s, 3)
	for _, tc := range []struct {
		want   auth.Account
		secret []byte
	}{{ann, []byte("ann's")}, {bob, []byte("bob's")}, {device, nil}} {
		got, secret, err := s.Password(t.Context(), tc.want.Username)
		noError(t, err, "password of "+tc.want.Username)
		sameAccount(t, got, tc.want)
		equal(t, "secret of "+tc.want.Username, secret, tc.secret)
	}
	for _, name := range []string{"", "nobody", "USER-1", ann.Email, device.Devices[0]} {
		_, _, err := s.Password(t.Context(), name)
		wantError(t, err, auth.ErrNotFound, "password of "+name)
	}
}

func identityFresh(t testing.TB, s AccountStore) {
	a := withEmail(t, s, 1, "ann@example.com", []byte("hash"))
	u, want := fullUpdate(a, noon().Add(time.Hour))
	noError(t, s.UpdateAccount(t.Context(), a.ID, u, want.Updated), "update")
	got, secret, err := s.AccountByIdentity(t.Context(), auth.Email, a.Email)
	noError(t, err, "account by email")
	sameAccount(t, got, want)
	equal(t, "secret", secret, []byte("hash"))
	_, secret, err = s.Password(t.Context(), want.Username)
	noError(t, err, "password by the new username")
	equal(t, "secret", secret, []byte("hash"))
	_, _, err = s.Password(t.Context(), a.Username)
	wantError(t, err, auth.ErrNotFound, "password by the old username")

	noError(t, s.DeleteAccount(t.Context(), a.ID, noon()), "delete")
	_, _, err = s.AccountByIdentity(t.Context(), auth.Email, a.Email)
	wantError(t, err, auth.ErrNotFound, "account by the email of a deleted account")
}

func secretsAreCopies(t testing.TB, s AccountStore) {
	want := []byte("hash of a password")
	given := slices.Clone(want)
	a := withEmail(t, s, 1, "ann@example.com", given)
	clear(given)
	for range 2 {
		_, byEmail, err := s.AccountByIdentity(t.Context(), auth.Email, a.Email)
		noError(t, err, "account by email")
		_, byName, err := s.Password(t.Context(), a.Username)
		noError(t, err, "password")
		if !bytes.Equal(byEmail, want) || !bytes.Equal(byName, want) {
			t.Fatalf("secrets are %q and %q, want %q", byEmail, byName, want)
		}
		clear(byEmail)
		clear(byName)
	}
}

func identitiesCancelled(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	ctx := cancelled(t)
	_, _, byIdentity := s.AccountByIdentity(ctx, auth.Device, a.Devices[0])
	_, _, password := s.Password(ctx, a.Username)
	refused(t, map[string]error{
		"AccountByIdentity": byIdentity, "Password": password,
		"Link":   s.Link(ctx, a.ID, auth.Identity{Kind: auth.Custom, ID: "custom"}, noon().Add(time.Hour)),
		"Unlink": s.Unlink(ctx, a.ID, auth.Device, a.Devices[0], noon().Add(time.Hour)),
	})
	stored(t, s, a)
}
