package storetest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// deletions ends the test unless exactly these are noted.
func deletions(t testing.TB, s auth.Deletions, want ...auth.Deletion) {
	t.Helper()
	got, err := s.Deletions(t.Context())
	noError(t, err, "deletions")
	order := func(a, b auth.Deletion) int { return cmp.Compare(a.User, b.User) }
	got = append([]auth.Deletion{}, got...)
	want = append([]auth.Deletion{}, want...)
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	equal(t, "deletions", got, want)
}

func deletionRules() []rule[AccountStore] {
	return []rule[AccountStore]{
		{
			"a deletion is noted until it is forgotten", "what other stores keep of the user must go too, however often that fails",
			deletionNoted,
		},
		{
			"what deletes nothing is not noted", "clients repeat calls, and anybody may call with any id",
			deletionOfNobody,
		},
		{
			"times are UTC seconds", "their age says when they can be forgotten",
			deletionTimes,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			deletionsCancelled,
		},
	}
}

func deletionNoted(t testing.TB, s AccountStore) {
	a, b := created(t, s, 1), created(t, s, 2)
	created(t, s, 3)
	deletions(t, s)
	noError(t, s.DeleteAccount(t.Context(), a.ID, noon()), "delete")
	noError(t, s.DeleteAccount(t.Context(), b.ID, later()), "delete")
	ofA, ofB := auth.Deletion{User: a.ID, At: noon()}, auth.Deletion{User: b.ID, At: later()}
	filled(t, ofA)
	deletions(t, s, ofA, ofB)
	for range 2 {
		noError(t, s.ForgetDeletion(t.Context(), a.ID), "forget")
		deletions(t, s, ofB)
	}
}

func deletionOfNobody(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	noError(t, s.DeleteAccount(t.Context(), a.ID, noon()), "delete")
	for _, id := range []string{a.ID, "never was", ""} {
		noError(t, s.DeleteAccount(t.Context(), id, later()), "delete what is not there")
	}
	deletions(t, s, auth.Deletion{User: a.ID, At: noon()})
	noError(t, s.ForgetDeletion(t.Context(), a.ID), "forget")
	noError(t, s.DeleteAccount(t.Context(), a.ID, later()), "delete again")
	noError(t, s.ForgetDeletion(t.Context(), "never was"), "forget what is not noted")
	deletions(t, s)
}

func deletionTimes(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	noError(t, s.DeleteAccount(t.Context(), a.ID, elsewhere(noon())), "delete")
	deletions(t, s, auth.Deletion{User: a.ID, At: noon().Truncate(time.Second)})
}

func deletionsCancelled(t testing.TB, s AccountStore) {
	a := created(t, s, 1)
	noError(t, s.DeleteAccount(t.Context(), a.ID, noon()), "delete")
	ctx := cancelled(t)
	_, err := s.Deletions(ctx)
	refused(t, map[string]error{"Deletions": err, "ForgetDeletion": s.ForgetDeletion(ctx, a.ID)})
	deletions(t, s, auth.Deletion{User: a.ID, At: noon()})
}
