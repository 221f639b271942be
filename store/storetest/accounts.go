package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// newAccount returns the n-th account and its identity, a device.
func newAccount(n int) (auth.Account, auth.Identity) {
	device := fmt.Sprintf("device-%d", n)
	return auth.Account{
		ID:       fmt.Sprintf("00000000-0000-4000-8000-%012d", n),
		Username: fmt.Sprintf("user-%d", n),
		LangTag:  "en",
		Metadata: "{}",
		Devices:  []string{device},
		Created:  noon(),
		Updated:  noon(),
	}, auth.Identity{Kind: auth.Device, ID: device}
}

// created stores the n-th account and returns it.
func created(t testing.TB, s AccountStore, n int) auth.Account {
	t.Helper()
	a, id := newAccount(n)
	noError(t, s.CreateAccount(t.Context(), a, id), "create account")
	return a
}

// stored ends the test unless the account is stored exactly like this.
func stored(t testing.TB, s AccountStore, want auth.Account) {
	t.Helper()
	found, err := s.AccountsByID(t.Context(), []string{want.ID})
	noError(t, err, "accounts by id")
	if len(found) != 1 {
		t.Fatalf("found %d accounts with id %q, want 1", len(found), want.ID)
	}
	sameAccount(t, found[0], want)
}

// absent ends the test if there is an account with this id, username or identity.
func absent(t testing.TB, s AccountStore, a auth.Account, id auth.Identity) {
	t.Helper()
	idAbsent(t, s, a.ID)
	found, err := s.AccountsByUsername(t.Context(), []string{a.Username})
	noError(t, err, "accounts by username")
	if len(found) != 0 {
		t.Fatalf("the username %q is still taken", a.Username)
	}
	_, _, err = s.AccountByIdentity(t.Context(), id.Kind, id.ID)
	wantError(t, err, auth.ErrNotFound, "identity that should be free")
}

func idAbsent(t testing.TB, s AccountStore, id string) {
	t.Helper()
	found, err := s.AccountsByID(t.Context(), []string{id})
	noError(t, err, "accounts by id")
	if len(found) != 0 {
		t.Fatalf("there is still an account with id %q", id)
	}
}

// sameAccount compares all fields; no devices may be nil or empty.
func sameAccount(t testing.TB, got, want auth.Account) {
	t.Helper()
	if len(got.Devices) == 0 && len(want.Devices) == 0 {
		got.Devices, want.Devices = nil, nil
	}
	equal(t, "account "+want.ID, got, want)
}

// usernames returns the sorted usernames of accounts.
func usernames(accounts []auth.Account) []string {
	names := []string{}
	for _, a := range accounts {
		names = append(names, a.Username)
	}
	slices.Sort(names)
	return names
}

func accountRules() []rule[AccountStore] {
	return slices.Concat(createRules(), lookUpRules(), updateRules(), disableRules(), deleteRules(), []rule[AccountStore]{
		{
			"accounts are copies", "a caller that changes the devices it got, or gave, must not change the store",
			accountsAreCopies,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			accountsCancelled,
		},
	})
}

func createRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"every field round-trips", "what is not kept is lost at the next start",
			accountFields,
		},
		{
			"text is kept as it is", "names and metadata come from players, in every script and with every quote",
			accountTexts,
		},
		{
			"times are UTC seconds", "tokens and caches compare them; a zero time means never",
			accountTimes,
		},
		{
			"username differs by any byte", "usernames are case-sensitive and no alphabet folds them",
			usernameBytes,
		},
		{
			"identity taken stores nothing", "an account that nobody can enter would keep its username for ever",
			identityTaken,
		},
		{
			"username taken stores nothing", "an identity without account would lock its owner out for ever",
			usernameTaken,
		},
		{
			"identity taken wins over username taken", "a user who signs up twice has an account: do not ask for another name",
			identityTakenWins,
		},
		{
			"id taken is an error", "an account must never be overwritten by another",
			idTaken,
		},
		{
			"of concurrent creates one wins", "two devices of one user may sign up in the same moment",
			concurrentCreates,
		},
	}
}

func accountFields(t testing.TB, s AccountStore) {
	full := auth.Account{
		ID: "00000000-0000-4000-8000-00000000000a", Username: "ann", DisplayName: "Ann", AvatarURL: "https://example.com/a.png",
		LangTag: "cs", Location: "Brno", Timezone: "Europe/Prague", Metadata: `{"level": 3}`,
		Created: noon(), Updated: noon().Add(time.Second), Disabled: noon().Add(time.Hour),
	}
	email, device, custom := full, full, full
	email.Email = "ann@example.com"
	device.ID, device.Username, device.Devices = "00000000-0000-4000-8000-00000000000b", "bob", []string{"phone"}
	custom.ID, custom.Username, custom.CustomID = "00000000-0000-4000-8000-00000000000c", "cid", "custom-1"
	samples := []auth.Account{email, device, custom}
	for i, kind := range providers() {
		a, id := full, auth.Identity{Kind: kind, ID: "player"}
		a.ID, a.Username = fmt.Sprintf("00000000-0000-4000-8000-0000000000d%d", i), string(kind)
		a.SetIdentities(id)
		noError(t, s.CreateAccount(t.Context(), a, id), "create")
		samples = append(samples, a)
	}
	filled(t, samples...)

	ctx := t.Context()
	noError(t, s.CreateAccount(ctx, email, auth.Identity{Kind: auth.Email, ID: email.Email, Secret: []byte("hash")}), "create")
	noError(t, s.CreateAccount(ctx, device, auth.Identity{Kind: auth.Device, ID: "phone"}), "create")
	noError(t, s.CreateAccount(ctx, custom, auth.Identity{Kind: auth.Custom, ID: custom.CustomID}), "create")
	for _, want := range samples {
		stored(t, s, want)
		byName, err := s.AccountsByUsername(ctx, []string{want.Username})
		noError(t, err, "accounts by username")
		equal(t, "number of accounts", len(byName), 1)
		sameAccount(t, byName[0], want)
	}
}

// providers are the kinds that a third party vouches for.
func providers() []auth.Kind {
	return []auth.Kind{auth.Apple, auth.Facebook, auth.FacebookInstantGame, auth.GameCenter, auth.Google, auth.Steam}
}

func accountTexts(t testing.TB, s AccountStore) {
	for i, text := range oddTexts() {
		a, id := newAccount(i)
		a.Username, a.DisplayName, a.AvatarURL, a.LangTag = text, text, text, text
		a.Location, a.Timezone, a.Metadata = text, text, text+long()
		a.Devices, id.ID = []string{text}, text
		noError(t, s.CreateAccount(t.Context(), a, id), "create account "+text)
	}
	for i, text := range oddTexts() {
		want, _ := newAccount(i)
		want.Username, want.DisplayName, want.AvatarURL, want.LangTag = text, text, text, text
		want.Location, want.Timezone, want.Metadata = text, text, text+long()
		want.Devices = []string{text}
		stored(t, s, want)
		found, err := s.AccountsByUsername(t.Context(), []string{text})
		noError(t, err, "accounts by username "+text)
		equal(t, "found by username", usernames(found), []string{text})
		idAbsent(t, s, text)
	}
}

func accountTimes(t testing.TB, s AccountStore) {
	a, id := newAccount(1)
	a.Created, a.Updated, a.Disabled = elsewhere(noon()), elsewhere(noon().Add(time.Hour)), time.Time{}
	noError(t, s.CreateAccount(t.Context(), a, id), "create account")
	a.Created, a.Updated = noon(), noon().Add(time.Hour)
	stored(t, s, a)

	name := "renamed"
	noError(t, s.UpdateAccount(t.Context(), a.ID, auth.Update{Username: &name}, elsewhere(noon().Add(2*time.Hour))), "update")
	a.Username, a.Updated = name, noon().Add(2*time.Hour)
	stored(t, s, a)

	old, id := newAccount(2)
	old.Created, old.Updated = time.Unix(0, 0).UTC(), time.Unix(-1, 0).UTC()
	old.Disabled = time.Unix(0, 0).UTC()
	noError(t, s.CreateAccount(t.Context(), old, id), "create account of 1970")
	stored(t, s, old)
}

func usernameBytes(t testing.TB, s AccountStore) {
	names := []string{"ann", "Ann", "ANN", "ann ", " ann", "caf\u00e9", "cafe\u0301", "1", "01", "1.0"}
	for i, name := range names {
		a, id := newAccount(i)
		a.Username = name
		noError(t, s.CreateAccount(t.Context(), a, id), "create account "+name)
	}
	for _, name := range names {
		found, err := s.AccountsByUsername(t.Context(), []string{name})
		noError(t, err, "accounts by username")
		equal(t, "found by username", usernames(found), []string{name})
	}
}

func identityTaken(t testing.TB, s AccountStore) {
	first := created(t, s, 1)
	second, own := newAccount(2)
	second.Devices = first.Devices
	err := s.CreateAccount(t.Context(), second, auth.Identity{Kind: auth.Device, ID: first.Devices[0]})
	wantError(t, err, auth.ErrIdentityTaken, "create with a taken identity")
	absent(t, s, second, own)
	stored(t, s, first)
	created(t, s, 2)
}

func usernameTaken(t testing.TB, s AccountStore) {
	first := created(t, s, 1)
	second, id := newAccount(2)
	second.Username = first.Username
	wantError(t, s.CreateAccount(t.Context(), second, id), auth.ErrUsernameTaken, "create with a taken username")
	idAbsent(t, s, second.ID)
	_, _, err := s.AccountByIdentity(t.Context(), id.Kind, id.ID)
	wantError(t, err, auth.ErrNotFound, "identity of the refused account")
	stored(t, s, first)
	created(t, s, 2)
}

func identityTakenWins(t testing.TB, s AccountStore) {
	first := created(t, s, 1)
	second, _ := newAccount(2)
	second.Username, second.Devices = first.Username, first.Devices
	err := s.CreateAccount(t.Context(), second, auth.Identity{Kind: auth.Device, ID: first.Devices[0]})
	wantError(t, err, auth.ErrIdentityTaken, "create with both taken")
	idAbsent(t, s, second.ID)
}

func idTaken(t testing.TB, s AccountStore) {
	first := created(t, s, 1)
	second, id := newAccount(2)
	second.ID = first.ID
	if err := s.CreateAccount(t.Context(), second, id); err == nil {
		t.Fatalf("create with a taken id: no error")
	}
	stored(t, s, first)
	_, _, err := s.AccountByIdentity(t.Context(), id.Kind, id.ID)
	wantError(t, err, auth.ErrNotFound, "identity of the refused account")
	created(t, s, 2)
}

func concurrentCreates(t testing.TB, s AccountStore) {
	ctx := t.Context()
	winner := oneWins(t, together(8, func(i int) error {
		a, id := newAccount(i)
		a.Username = "popular"
		return s.CreateAccount(ctx, a, id)
	}), auth.ErrUsernameTaken, "concurrent creates with one username")
	for i := range 8 {
		a, id := newAccount(i)
		if i != winner {
			a.Username = "nobody"
			absent(t, s, a, id)
		}
	}
	oneWins(t, together(8, func(i int) error {
		a, _ := newAccount(100 + i)
		a.Devices = []string{"shared"}
		return s.CreateAccount(ctx, a, auth.Identity{Kind: auth.Device, ID: "shared"})
	}), auth.ErrIdentityTaken, "concurrent creates with one identity")
}
