package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

func lookUpRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"look-up leaves out what is missing", "callers pass ids that other players sent",
			lookUpMissing,
		},
		{
			"look-up finds each once", "lists of ids come with repetitions",
			lookUpOnce,
		},
		{
			"look-up takes long lists", "a full match, a whole group of friends: databases limit what one statement may hold",
			lookUpLong,
		},
	}
}

func lookUpMissing(t testing.TB, s AccountStore) {
	a, b := created(t, s, 1), created(t, s, 2)
	found, err := s.AccountsByID(t.Context(), []string{"no such id", b.ID, "", a.ID, a.ID + " "})
	noError(t, err, "accounts by id")
	equal(t, "found by id", usernames(found), []string{a.Username, b.Username})

	found, err = s.AccountsByUsername(t.Context(), []string{"nobody", b.Username, "", "USER-1", a.ID})
	noError(t, err, "accounts by username")
	equal(t, "found by username", usernames(found), []string{b.Username})

	found, err = s.AccountsByID(t.Context(), nil)
	noError(t, err, "accounts by no id")
	equal(t, "found by no id", usernames(found), []string{})
	found, err = s.AccountsByUsername(t.Context(), nil)
	noError(t, err, "accounts by no username")
	equal(t, "found by no username", usernames(found), []string{})
}

func lookUpOnce(t testing.TB, s AccountStore) {
	a, b := created(t, s, 1), created(t, s, 2)
	found, err := s.AccountsByID(t.Context(), []string{a.ID, b.ID, a.ID, a.ID, b.ID})
	noError(t, err, "accounts by id")
	equal(t, "found by id", usernames(found), []string{a.Username, b.Username})
	found, err = s.AccountsByUsername(t.Context(), []string{b.Username, b.Username})
	noError(t, err, "accounts by username")
	equal(t, "found by username", usernames(found), []string{b.Username})
}

func lookUpLong(t testing.TB, s AccountStore) {
	a, b := created(t, s, 1), created(t, s, 2)
	ids, names := []string{a.ID}, []string{a.Username}
	for i := range 2500 {
		ids = append(ids, fmt.Sprintf("missing %d", i))
		names = append(names, fmt.Sprintf("missing %d", i))
	}
	found, err := s.AccountsByID(t.Context(), append(ids, b.ID))
	noError(t, err, "accounts by many ids")
	equal(t, "found by id", usernames(found), []string{a.Username, b.Username})
	found, err = s.AccountsByUsername(t.Context(), append(names, b.Username))
	noError(t, err, "accounts by many usernames")
	equal(t, "found by username", usernames(found), []string{a.Username, b.Username})
}

func updateRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"update changes the given fields only", "a client sends what it wants changed",
			updateFields,
		},
		{
			"update clears with an empty text", "a player may take the display name away again",
			updateClears,
		},
		{
			"Updated moves only when a value does", "clients and caches take it for a version",
			updateWithoutChange,
		},
		{
			"update of a missing account is ErrNotFound", "an account may be deleted while its owner edits it",
			updateMissing,
		},
		{
			"update to a taken username changes nothing", "half an update is worse than none",
			updateTaken,
		},
		{
			"rename frees the old username", "names are few",
			renameFrees,
		},
		{
			"concurrent updates lose nothing", "reading, changing and writing must be one transaction",
			concurrentUpdates,
		},
		{
			"of concurrent renames one wins", "a username belongs to one account at any time",
			concurrentRenames,
		},
	}
}

// fullUpdate changes every field there is, and says what becomes of a.
func fullUpdate(a auth.Account, at time.Time) (auth.Update, auth.Account) {
	a.Username, a.DisplayName, a.AvatarURL, a.LangTag = "new name", "New Name", "https://example.com/new.png", "sk"
	a.Location, a.Timezone, a.Metadata, a.Updated = "Praha", "Europe/Prague", `{"new": true}`, at
	return auth.Update{
		Username: &a.Username, DisplayName: &a.DisplayName, AvatarURL: &a.AvatarURL, LangTag: &a.LangTag,
		Location: &a.Location, Timezone: &a.Timezone, Metadata: &a.Metadata,
	}, a
}

func updateFields(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	at := noon().Add(time.Minute)
	name := "Just This"
	noError(t, s.UpdateAccount(t.Context(), a.ID, auth.Update{DisplayName: &name}, at), "update one field")
	a.DisplayName, a.Updated = name, at
	stored(t, s, a)

	u, want := fullUpdate(a, at.Add(time.Minute))
	filled(t, u)
	noError(t, s.UpdateAccount(t.Context(), a.ID, u, want.Updated), "update all fields")
	stored(t, s, want)
	stored(t, s, other)
}

func updateClears(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	u, a := fullUpdate(a, noon().Add(time.Minute))
	noError(t, s.UpdateAccount(t.Context(), a.ID, u, a.Updated), "update")
	empty := ""
	a.DisplayName, a.AvatarURL, a.Location, a.Timezone, a.Updated = "", "", "", "", noon().Add(time.Hour)
	noError(t, s.UpdateAccount(t.Context(), a.ID, auth.Update{
		DisplayName: &empty, AvatarURL: &empty, Location: &empty, Timezone: &empty,
	}, a.Updated), "clear")
	stored(t, s, a)
}

func updateWithoutChange(t testing.TB, s AccountStore) {
	u, a := fullUpdate(created(t, s, 1), noon().Add(time.Minute))
	noError(t, s.UpdateAccount(t.Context(), a.ID, u, a.Updated), "update")
	noError(t, s.UpdateAccount(t.Context(), a.ID, u, a.Updated.Add(time.Hour)), "update to the same values")
	stored(t, s, a)
	noError(t, s.UpdateAccount(t.Context(), a.ID, auth.Update{}, a.Updated.Add(time.Hour)), "update nothing")
	stored(t, s, a)
}

func updateMissing(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	missing, _ := newAccount(2)
	free, location := "free", "Brno"
	for _, u := range []auth.Update{{Username: &free}, {Username: &a.Username}, {Location: &location}, {}} {
		wantError(t, s.UpdateAccount(t.Context(), missing.ID, u, noon()), auth.ErrNotFound, "update a missing account")
	}
	idAbsent(t, s, missing.ID)
	stored(t, s, a)
}

func updateTaken(t testing.TB, s AccountStore) {
	a, b := created(t, s, 1), created(t, s, 2)
	u, _ := fullUpdate(b, noon())
	u.Username = &a.Username
	err := s.UpdateAccount(t.Context(), b.ID, u, noon().Add(time.Hour))
	wantError(t, err, auth.ErrUsernameTaken, "update to a taken username")
	stored(t, s, a)
	stored(t, s, b)
}

func renameFrees(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	old, name, at := a.Username, "renamed", noon().Add(time.Minute)
	noError(t, s.UpdateAccount(t.Context(), a.ID, auth.Update{Username: &name}, at), "rename")
	a.Username, a.Updated = name, at
	stored(t, s, a)
	found, err := s.AccountsByUsername(t.Context(), []string{old, name})
	noError(t, err, "accounts by username")
	equal(t, "found by both names", usernames(found), []string{name})

	b, id := newAccount(2)
	b.Username = old
	noError(t, s.CreateAccount(t.Context(), b, id), "create with the freed username")
	stored(t, s, b)
}

func concurrentUpdates(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	full, want := fullUpdate(a, noon().Add(time.Hour))
	parts := []auth.Update{
		{Username: full.Username},
		{DisplayName: full.DisplayName},
		{AvatarURL: full.AvatarURL},
		{LangTag: full.LangTag},
		{Location: full.Location},
		{Timezone: full.Timezone},
		{Metadata: full.Metadata},
	}
	ctx := t.Context()
	for _, err := range together(len(parts), func(i int) error {
		return s.UpdateAccount(ctx, a.ID, parts[i], want.Updated)
	}) {
		noError(t, err, "concurrent update")
	}
	stored(t, s, want)
}

func concurrentRenames(t testing.TB, s AccountStore) {
	const n = 6
	for i := range n {
		created(t, s, i)
	}
	ctx, name := t.Context(), "wanted by all"
	winner := oneWins(t, together(n, func(i int) error {
		a, _ := newAccount(i)
		return s.UpdateAccount(ctx, a.ID, auth.Update{Username: &name}, noon().Add(time.Hour))
	}), auth.ErrUsernameTaken, "concurrent renames")
	for i := range n {
		a, _ := newAccount(i)
		if i == winner {
			a.Username, a.Updated = name, noon().Add(time.Hour)
		}
		stored(t, s, a)
	}
}

func disableRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"disable changes nothing else", "a ban is no edit by the user, and its end leaves no trace",
			disable,
		},
		{
			"disable of a missing account is ErrNotFound", "a host may mistype an id",
			disableMissing,
		},
	}
}

func disable(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	for _, at := range []time.Time{noon().Add(time.Hour), noon().Add(2 * time.Hour), {}, noon()} {
		given := at
		if !at.IsZero() {
			given = elsewhere(at)
		}
		noError(t, s.DisableAccount(t.Context(), a.ID, given), "disable")
		a.Disabled = at
		stored(t, s, a)
		found, _, err := s.AccountByIdentity(t.Context(), auth.Device, a.Devices[0])
		noError(t, err, "account by identity")
		sameAccount(t, found, a)
	}
	stored(t, s, other)
}

func disableMissing(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	for _, id := range []string{"never was", "", a.Username} {
		wantError(t, s.DisableAccount(t.Context(), id, noon()), auth.ErrNotFound, "disable a missing account")
	}
	stored(t, s, a)
}

func deleteRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"delete frees username and identity", "who deletes an account may sign up again, and nothing of it stays",
			deleteFrees,
		},
		{
			"delete is idempotent", "deleting is retried until every store has done it",
			deleteTwice,
		},
	}
}

func deleteFrees(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	noError(t, s.DeleteAccount(t.Context(), a.ID, noon()), "delete")
	absent(t, s, a, auth.Identity{Kind: auth.Device, ID: a.Devices[0]})
	_, _, err := s.Password(t.Context(), a.Username)
	wantError(t, err, auth.ErrNotFound, "password of a deleted account")
	stored(t, s, other)

	again, id := newAccount(1)
	again.ID = "00000000-0000-4000-8000-00000000beef"
	noError(t, s.CreateAccount(t.Context(), again, id), "sign up again")
	stored(t, s, again)
	idAbsent(t, s, a.ID)
}

func deleteTwice(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	for range 2 {
		noError(t, s.DeleteAccount(t.Context(), a.ID, noon()), "delete")
	}
	noError(t, s.DeleteAccount(t.Context(), "never was", noon()), "delete a missing account")
	stored(t, s, other)
}

func accountsAreCopies(t testing.TB, s AccountStore) {
	a, id := newAccount(1)
	want := a
	want.Devices = slices.Clone(a.Devices)
	noError(t, s.CreateAccount(t.Context(), a, id), "create account")
	a.Devices[0] = "changed by the giver"
	stored(t, s, want)

	for range 2 {
		byID, err := s.AccountsByID(t.Context(), []string{want.ID})
		noError(t, err, "accounts by id")
		byName, err := s.AccountsByUsername(t.Context(), []string{want.Username})
		noError(t, err, "accounts by username")
		found, _, err := s.AccountByIdentity(t.Context(), id.Kind, id.ID)
		noError(t, err, "account by identity")
		named, _, err := s.Password(t.Context(), want.Username)
		noError(t, err, "password")
		for _, got := range slices.Concat(byID, byName, []auth.Account{found, named}) {
			sameAccount(t, got, want)
			got.Devices[0] = "changed by the taker"
		}
	}
}

func accountsCancelled(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	b, id := newAccount(2)
	name, ctx := "renamed", cancelled(t)
	_, byID := s.AccountsByID(ctx, []string{a.ID})
	_, byName := s.AccountsByUsername(ctx, []string{a.Username})
	refused(t, map[string]error{
		"CreateAccount":      s.CreateAccount(ctx, b, id),
		"AccountsByID":       byID,
		"AccountsByUsername": byName,
		"UpdateAccount":      s.UpdateAccount(ctx, a.ID, auth.Update{Username: &name}, noon().Add(time.Hour)),
		"DisableAccount":     s.DisableAccount(ctx, a.ID, noon()),
		"DeleteAccount":      s.DeleteAccount(ctx, a.ID, noon()),
	})
	stored(t, s, a)
	absent(t, s, b, id)
}
