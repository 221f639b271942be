package storetest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/shoal-go/shoal/storage"
)

// listed ends the test unless a query finds exactly these, in this order.
func listed(t testing.TB, s storage.Store, q storage.Query, want ...storage.Object) {
	t.Helper()
	got, err := s.ListObjects(t.Context(), q)
	noError(t, err, "list objects")
	equal(t, "objects listed", append([]storage.Object{}, got...), append([]storage.Object{}, want...))
}

// population writes objects of several owners with all kinds of readers, and returns them in the order of lists.
func population(t testing.TB, s storage.Store) []storage.Object {
	t.Helper()
	var all []storage.Object
	for _, owner := range []string{"zoe", "ann", "", "bob"} {
		for i, key := range []string{"b", "a", "ä", "aa", "B", "a b", "日", "\U0010ffff"} {
			w := put(owner, key, "{}")
			w.Readers = storage.Access((i + len(owner)) % 3)
			all = append(all, puts(t, s, w)...)
			w.Collection = "other saves"
			puts(t, s, w)
		}
	}
	slices.SortFunc(all, func(a, b storage.Object) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Owner, b.Owner))
	})
	return all
}

func objectReadRules() []rule[storage.Store] {
	return []rule[storage.Store]{
		{
			"look-up finds each once", "a client may ask for an object twice, and for what is not there",
			objectLookUp,
		},
		{
			"list is in the order of keys and owners", "cursors stand on it; a collation that ignores case loses objects between pages",
			objectOrder,
		},
		{
			"list goes on behind its place", "an object on two pages, or on none, is a save lost",
			objectPages,
		},
		{
			"list shows what its readers may see", "a private object in a public list is a leak",
			objectReaders,
		},
		{
			"list keeps to its limit", "a page is as long as it was asked for",
			objectLimit,
		},
	}
}

func objectLookUp(t testing.TB, s storage.Store) {
	kept(t, s, nil)
	kept(t, s, []storage.ID{{Collection: "saves", Key: "slot", Owner: "ann"}})
	all := population(t, s)
	kept(t, s, nil)
	kept(t, s, []storage.ID{all[3].ID, {Collection: "saves", Key: "none", Owner: "ann"}, all[0].ID, all[3].ID}, all[0], all[3])
}

func objectOrder(t testing.TB, s storage.Store) {
	all := population(t, s)
	listed(t, s, storage.Query{Collection: "saves", Limit: 1000}, all...)
	listed(t, s, storage.Query{Collection: "none", Limit: 1000})
	for _, owner := range []string{"", "ann", "bob", "zoe", "nobody"} {
		listed(t, s, storage.Query{Collection: "saves", Owner: &owner, Limit: 1000}, chosen(all, &owner, storage.HostOnly)...)
	}
}

// chosen is what a query should find.
func chosen(all []storage.Object, owner *string, readers storage.Access) []storage.Object {
	var out []storage.Object
	for _, o := range all {
		if (owner == nil || o.Owner == *owner) && o.Readers >= readers {
			out = append(out, o)
		}
	}
	return out
}

func objectPages(t testing.TB, s storage.Store) {
	all := population(t, s)
	ann, zoe := "ann", "zoe"
	for _, owner := range []*string{nil, &ann, &zoe} {
		for _, readers := range []storage.Access{storage.HostOnly, storage.Owner, storage.Everybody} {
			want := chosen(all, owner, readers)
			q := storage.Query{Collection: "saves", Owner: owner, Readers: readers, Limit: 3}
			for len(want) > 0 {
				page := want[:min(3, len(want))]
				listed(t, s, q, page...)
				want = want[len(page):]
				q.After = storage.Place{Key: page[len(page)-1].Key, Owner: page[len(page)-1].Owner}
			}
			listed(t, s, q)
		}
	}
	// A place where no object stands, or none of this owner.
	listed(t, s, storage.Query{Collection: "saves", Owner: &zoe, After: storage.Place{Key: "a", Owner: "bob"}, Limit: 1},
		chosen(all, &zoe, storage.HostOnly)[1])
	listed(t, s, storage.Query{Collection: "saves", Owner: &ann, After: storage.Place{Key: "a", Owner: "bob"}, Limit: 1},
		chosen(all, &ann, storage.HostOnly)[2])
	listed(t, s, storage.Query{Collection: "saves", After: storage.Place{Key: "C"}, Limit: 1}, chosen(all, nil, storage.HostOnly)[4])
}

func objectReaders(t testing.TB, s storage.Store) {
	all := population(t, s)
	bob, system := "bob", ""
	for _, owner := range []*string{nil, &bob, &system} {
		for _, readers := range []storage.Access{storage.HostOnly, storage.Owner, storage.Everybody} {
			listed(t, s, storage.Query{Collection: "saves", Owner: owner, Readers: readers, Limit: 1000},
				chosen(all, owner, readers)...)
		}
	}
}

func objectLimit(t testing.TB, s storage.Store) {
	all := population(t, s)
	for _, limit := range []int{0, 1, 2, len(all) - 1, len(all), len(all) + 1} {
		listed(t, s, storage.Query{Collection: "saves", Limit: limit}, all[:min(limit, len(all))]...)
	}
}

func objectDeleteRules() []rule[storage.Store] {
	return []rule[storage.Store]{
		{
			"delete applies the rules to what is stored", "they are in CheckDelete, the store must give it what it has",
			deleteApplies,
		},
		{
			"a batch of deletions is all or nothing", "whoever hears an error believes that all is still there",
			deleteBatch,
		},
		{
			"a deleted object starts anew", "its version and its times are gone with it",
			deleteAnew,
		},
		{
			"delete owner removes all of it", "an account's saves go with the account, and no others",
			deleteObjectsOf,
		},
	}
}

func deleteApplies(t testing.TB, s storage.Store) {
	for _, writers := range []storage.Access{storage.HostOnly, storage.Owner} {
		for _, version := range []string{"", "wrong", storage.Absent, storage.Version("{}")} {
			for _, client := range []bool{false, true} {
				for _, missing := range []bool{false, true} {
					w := put("ann", "slot", "{}")
					w.Writers = writers
					d := storage.Deletion{Removal: storage.Removal{ID: w.ID, Version: version}, Client: client}
					noError(t, s.DeleteObjects(t.Context(), []storage.Deletion{{Removal: storage.Removal{ID: w.ID}}}), "clean up")
					var stored *storage.Object
					if !missing {
						stored = &puts(t, s, w)[0]
					}
					wantErr := storage.CheckDelete(stored, d)
					err := s.DeleteObjects(t.Context(), []storage.Deletion{d})
					if wantErr == nil {
						noError(t, err, "delete object")
						kept(t, s, []storage.ID{w.ID})
						continue
					}
					wantError(t, err, wantErr, "delete object")
					if stored != nil {
						kept(t, s, []storage.ID{w.ID}, *stored)
					}
				}
			}
		}
	}
}

func deleteBatch(t testing.TB, s storage.Store) {
	all := puts(t, s, put("ann", "a", "{}"), put("ann", "b", "{}"), put("bob", "a", "{}"))
	var ids []storage.ID
	var ds []storage.Deletion
	for _, o := range all {
		ids = append(ids, o.ID)
		ds = append(ds, storage.Deletion{Removal: storage.Removal{ID: o.ID, Version: o.Version}, Client: true})
	}
	wrong := ds[1]
	wrong.Version = "wrong"
	wantError(t, s.DeleteObjects(t.Context(), []storage.Deletion{ds[0], wrong, ds[2]}), storage.ErrVersion, "delete with a wrong version")
	kept(t, s, ids, all...)
	wantError(t, s.DeleteObjects(t.Context(), []storage.Deletion{ds[0], ds[0]}), storage.ErrNotFound, "delete one object twice")
	kept(t, s, ids, all...)
	noError(t, s.DeleteObjects(t.Context(), ds[:2]), "delete two objects")
	kept(t, s, ids, all[2])
}

func deleteAnew(t testing.TB, s storage.Store) {
	w := put("ann", "slot", `{"n":1}`)
	puts(t, s, w)
	noError(t, s.DeleteObjects(t.Context(), []storage.Deletion{{Removal: storage.Removal{ID: w.ID}}}), "delete object")
	listed(t, s, storage.Query{Collection: "saves", Limit: 10})
	w.Version, w.At = storage.Absent, noon().AddDate(1, 0, 0)
	equal(t, "object written anew", puts(t, s, w)[0], object(w))
	listed(t, s, storage.Query{Collection: "saves", Limit: 10}, object(w))
}

func deleteObjectsOf(t testing.TB, s storage.Store) {
	all := population(t, s)
	var ids []storage.ID
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	for range 2 {
		noError(t, s.DeleteObjectsOf(t.Context(), "ann"), "delete owner")
	}
	noError(t, s.DeleteObjectsOf(t.Context(), "nobody"), "delete owner without objects")
	want := slices.DeleteFunc(slices.Clone(all), func(o storage.Object) bool { return o.Owner == "ann" })
	kept(t, s, ids, want...)
	listed(t, s, storage.Query{Collection: "saves", Limit: 1000}, want...)
	ann := "ann"
	listed(t, s, storage.Query{Collection: "other saves", Owner: &ann, Limit: 1000})
}

func objectsCancelled(t testing.TB, s storage.Store) {
	o := puts(t, s, put("ann", "slot", "{}"))[0]
	ctx := cancelled(t)
	ids := []storage.ID{o.ID}
	_, write := s.WriteObjects(ctx, []storage.Write{put("ann", "slot", `{"n":1}`)})
	_, read := s.ReadObjects(ctx, ids)
	_, list := s.ListObjects(ctx, storage.Query{Collection: "saves", Limit: 1})
	refused(t, map[string]error{
		"WriteObjects": write, "ReadObjects": read, "ListObjects": list,
		"DeleteObjects":   s.DeleteObjects(ctx, []storage.Deletion{{Removal: storage.Removal{ID: o.ID}}}),
		"DeleteObjectsOf": s.DeleteObjectsOf(ctx, "ann"),
	})
	kept(t, s, ids, o)
}
