package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

func linkRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"link adds a way in", "a player wants the account on the next device too",
			linkAdds,
		},
		{
			"link replaces all but devices", "an account has one address and one player of each service, and any number of devices",
			linkReplaces,
		},
		{
			"link again is no error and keeps the place", "clients link at every start; a password may be new",
			linkAgain,
		},
		{
			"link of another's identity changes nothing", "nobody may take over a way in, or lose one in the attempt",
			linkTaken,
		},
		{
			"link to a missing account is ErrNotFound", "an account may be deleted meanwhile, and the identity would belong to nobody",
			linkMissing,
		},
		{
			"of concurrent links of one identity one wins", "an identity belongs to one account at any time",
			concurrentLinks,
		},
		{
			"unlink frees the identity", "who takes a device from an account may sign up with it",
			unlinkFrees,
		},
		{
			"unlink of what is not there changes nothing", "the id is the client's word",
			unlinkMissing,
		},
		{
			"unlink refuses the last identity", "without one the owner is locked out for ever",
			unlinkLast,
		},
		{
			"of concurrent unlinks one identity stays", "the look and the change must be one transaction",
			concurrentUnlinks,
		},
	}
}

// later is the moment of the changes in these rules.
func later() time.Time { return noon().Add(time.Hour) }

// linked gives the account identities that it has not, and says so in a.
func linked(t testing.TB, s AccountStore, a *auth.Account, ids ...auth.Identity) {
	t.Helper()
	for _, i := range ids {
		noError(t, s.Link(t.Context(), a.ID, i, later()), "link "+string(i.Kind))
		switch i.Kind {
		case auth.Device:
			a.Devices = append(slices.Clone(a.Devices), i.ID)
		case auth.Email:
			a.Email = i.ID
		case auth.Custom:
			a.CustomID = i.ID
		case auth.Steam:
			a.SteamID = i.ID
		default:
			t.Fatalf("storetest links no %s", i.Kind)
		}
		a.Updated = later()
	}
}

// enters ends the test unless the identity leads to the account.
func enters(t testing.TB, s AccountStore, i auth.Identity, want auth.Account) {
	t.Helper()
	got, secret, err := s.AccountByIdentity(t.Context(), i.Kind, i.ID)
	noError(t, err, "account by "+string(i.Kind))
	sameAccount(t, got, want)
	equal(t, "secret of "+string(i.Kind), secret, i.Secret)
}

// leadsNowhere ends the test if the identity leads anywhere.
func leadsNowhere(t testing.TB, s AccountStore, i auth.Identity) {
	t.Helper()
	_, _, err := s.AccountByIdentity(t.Context(), i.Kind, i.ID)
	wantError(t, err, auth.ErrNotFound, "account by "+string(i.Kind)+" "+i.ID)
}

func email(address, secret string) auth.Identity {
	return auth.Identity{Kind: auth.Email, ID: address, Secret: []byte(secret)}
}

func custom(id string) auth.Identity { return auth.Identity{Kind: auth.Custom, ID: id} }

func phone(id string) auth.Identity { return auth.Identity{Kind: auth.Device, ID: id} }

func linkAdds(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	ids := []auth.Identity{
		phone("second"), email("ann@example.com", "hash"), custom("custom-ann"), {Kind: auth.Steam, ID: "76561197960265728"},
	}
	linked(t, s, &a, ids...)
	stored(t, s, a)
	for _, i := range append(ids, phone("device-1")) {
		enters(t, s, i, a)
	}
	_, secret, err := s.Password(t.Context(), a.Username)
	noError(t, err, "password")
	equal(t, "secret", secret, []byte("hash"))
	stored(t, s, other)
}

func linkReplaces(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	linked(t, s, &a, email("old@example.com", "old"), custom("custom-old"))
	linked(t, s, &a, email("new@example.com", "new"), custom("custom-new"), phone("second"), phone("third"))
	stored(t, s, a)
	equal(t, "devices", a.Devices, []string{"device-1", "second", "third"})
	enters(t, s, email("new@example.com", "new"), a)
	enters(t, s, custom("custom-new"), a)
	leadsNowhere(t, s, email("old@example.com", ""))
	leadsNowhere(t, s, custom("custom-old"))
}

func linkAgain(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	linked(t, s, &a, phone("second"), email("ann@example.com", "old"))
	for _, i := range []auth.Identity{phone("device-1"), phone("second"), email("ann@example.com", "new")} {
		a.Updated = a.Updated.Add(time.Hour)
		noError(t, s.Link(t.Context(), a.ID, i, elsewhere(a.Updated)), "link again")
		stored(t, s, a)
	}
	enters(t, s, email("ann@example.com", "new"), a)
}

func linkTaken(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	linked(t, s, &a, email("ann@example.com", "hers"), custom("custom-ann"))
	linked(t, s, &other, email("bob@example.com", "his"), custom("custom-bob"))
	for _, i := range []auth.Identity{phone("device-2"), email("bob@example.com", "stolen"), custom("custom-bob")} {
		wantError(t, s.Link(t.Context(), a.ID, i, later().Add(time.Hour)), auth.ErrIdentityTaken, "link another's")
	}
	stored(t, s, a)
	stored(t, s, other)
	enters(t, s, email("ann@example.com", "hers"), a)
	enters(t, s, email("bob@example.com", "his"), other)
	enters(t, s, phone("device-2"), other)
}

func linkMissing(t testing.TB, s AccountStore) {
	gone := created(t, s, 1)
	noError(t, s.DeleteAccount(t.Context(), gone.ID, noon()), "delete")
	for _, user := range []string{gone.ID, "never was"} {
		wantError(t, s.Link(t.Context(), user, custom("custom"), later()), auth.ErrNotFound, "link to a missing account")
	}
	leadsNowhere(t, s, custom("custom"))
	a := created(t, s, 2)
	linked(t, s, &a, custom("custom"))
}

func concurrentLinks(t testing.TB, s AccountStore) {
	const n = 8
	all := make([]auth.Account, n)
	for i := range n {
		all[i] = created(t, s, i)
	}
	ctx := t.Context()
	winner := oneWins(t, together(n, func(i int) error {
		return s.Link(ctx, all[i].ID, custom("wanted by all"), later())
	}), auth.ErrIdentityTaken, "concurrent links")
	for i, a := range all {
		if i == winner {
			a.CustomID, a.Updated = "wanted by all", later()
			enters(t, s, custom("wanted by all"), a)
		}
		stored(t, s, a)
	}
}

func unlinkFrees(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	linked(t, s, &a, email("ann@example.com", "hash"), custom("custom"), phone("second"))
	at := later()
	for _, tc := range []struct {
		i    auth.Identity
		id   string
		drop func()
	}{
		{custom("custom"), "", func() { a.CustomID = "" }}, // the one there is
		{email("ann@example.com", "hash"), "ann@example.com", func() { a.Email = "" }},
		{phone("device-1"), "device-1", func() { a.Devices = []string{"second"} }},
	} {
		at = at.Add(time.Hour)
		noError(t, s.Unlink(t.Context(), a.ID, tc.i.Kind, tc.id, elsewhere(at)), "unlink "+string(tc.i.Kind))
		tc.drop()
		a.Updated = at
		stored(t, s, a)
		leadsNowhere(t, s, tc.i)
	}
	enters(t, s, phone("second"), a)
	_, secret, err := s.Password(t.Context(), a.Username)
	noError(t, err, "password")
	equal(t, "secret of an account without address", secret, nil)
	created(t, s, 10)
	again := created(t, s, 11)
	linked(t, s, &again, custom("custom"), email("ann@example.com", "other"), phone("device-1"))
}

func unlinkMissing(t testing.TB, s AccountStore) {
	a, other := created(t, s, 1), created(t, s, 2)
	linked(t, s, &a, custom("custom-ann"))
	linked(t, s, &other, email("bob@example.com", "his"))
	for name, tc := range map[string]struct {
		user string
		kind auth.Kind
		id   string
	}{
		"another's":        {a.ID, auth.Device, "device-2"},
		"mismatch":         {a.ID, auth.Custom, "custom-bob"},
		"no such kind":     {a.ID, auth.Email, ""},
		"other kind":       {a.ID, auth.Custom, "device-1"},
		"no device named":  {a.ID, auth.Device, ""},
		"no such account":  {"never was", auth.Device, "device-1"},
		"other case":       {a.ID, auth.Device, "DEVICE-1"},
		"pattern":          {a.ID, auth.Device, "device-%"},
		"none of the kind": {other.ID, auth.Custom, ""},
	} {
		wantError(t, s.Unlink(t.Context(), tc.user, tc.kind, tc.id, later().Add(time.Hour)), auth.ErrNotFound, name)
	}
	stored(t, s, a)
	stored(t, s, other)
}

func unlinkLast(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	wantError(t, s.Unlink(t.Context(), a.ID, auth.Device, "device-1", later()), auth.ErrLastIdentity, "unlink the only one")
	linked(t, s, &a, email("ann@example.com", "hash"))
	noError(t, s.Unlink(t.Context(), a.ID, auth.Device, "device-1", later()), "unlink one of two")
	a.Devices = nil
	for _, id := range []string{"", "ann@example.com"} {
		wantError(t, s.Unlink(t.Context(), a.ID, auth.Email, id, later().Add(time.Hour)), auth.ErrLastIdentity, "unlink the last one")
	}
	stored(t, s, a)
	enters(t, s, email("ann@example.com", "hash"), a)
}

func concurrentUnlinks(t testing.TB, s AccountStore) {
	const n = 6
	a := created(t, s, 1)
	for i := 2; i <= n; i++ {
		linked(t, s, &a, phone(fmt.Sprintf("device-%d", i)))
	}
	ctx := t.Context()
	left := 0
	for i, err := range together(n, func(i int) error {
		return s.Unlink(ctx, a.ID, auth.Device, fmt.Sprintf("device-%d", i+1), later())
	}) {
		if err != nil {
			wantError(t, err, auth.ErrLastIdentity, "concurrent unlink")
			left++
			a.Devices = []string{fmt.Sprintf("device-%d", i+1)}
		}
	}
	equal(t, "identities left", left, 1)
	stored(t, s, a)
}
