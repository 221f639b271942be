package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/storage"
)

// put returns a write at noon by the host, of an object of the collection "saves" that its owner may read and write.
func put(owner, key, value string) storage.Write {
	return storage.Write{
		Put: storage.Put{
			ID: storage.ID{Collection: "saves", Key: key, Owner: owner}, Value: value,
			Readers: storage.Owner, Writers: storage.Owner,
		},
		At: noon(),
	}
}

// object returns what a first write makes.
func object(w storage.Write) storage.Object {
	return storage.Object{
		ID: w.ID, Value: w.Value, Version: storage.Version(w.Value), Readers: w.Readers, Writers: w.Writers,
		Created: w.At, Updated: w.At,
	}
}

// puts writes objects, each in a batch of its own, and returns them.
func puts(t testing.TB, s storage.Store, ws ...storage.Write) []storage.Object {
	t.Helper()
	var all []storage.Object
	for _, w := range ws {
		got, err := s.WriteObjects(t.Context(), []storage.Write{w})
		noError(t, err, "write object")
		equal(t, "objects written", len(got), 1)
		all = append(all, got...)
	}
	return all
}

// kept ends the test unless exactly these of ids are stored, as they are here.
func kept(t testing.TB, s storage.Store, ids []storage.ID, want ...storage.Object) {
	t.Helper()
	got, err := s.ReadObjects(t.Context(), ids)
	noError(t, err, "read objects")
	equal(t, "objects", sortedObjects(got), sortedObjects(want))
}

func sortedObjects(all []storage.Object) []storage.Object {
	all = append([]storage.Object{}, all...)
	slices.SortFunc(all, func(a, b storage.Object) int {
		return slices.Compare([]string{a.Collection, a.Key, a.Owner}, []string{b.Collection, b.Key, b.Owner})
	})
	return all
}

func objectRules() []rule[storage.Store] {
	return slices.Concat(objectWriteRules(), objectReadRules(), objectDeleteRules(), []rule[storage.Store]{{
		"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
		objectsCancelled,
	}})
}

func objectWriteRules() []rule[storage.Store] {
	return []rule[storage.Store]{
		{
			"every field round-trips", "what is not kept is lost at the next start",
			objectFields,
		},
		{
			"text is kept as it is", "the version is that of the text: a value that comes back in another form has another version",
			objectTexts,
		},
		{
			"times are UTC microseconds", "clients are told them that precisely, and compare them",
			objectTimes,
		},
		{
			"write applies the rules to what is stored", "they are in Apply, the store must give it both",
			objectApplies,
		},
		{
			"write without effect leaves the object alone", "saving the same again must not look like a change",
			objectWithoutEffect,
		},
		{
			"a batch is all or nothing", "coins must not leave one object without reaching the other",
			objectBatch,
		},
		{
			"a batch sees its own writes", "a client may write one object twice",
			objectTwiceInBatch,
		},
		{
			"objects are apart", "the owner, the key and the collection all belong to the name",
			objectsApart,
		},
		{
			"of concurrent first writers one wins", "two devices must not both believe that they made the save",
			concurrentFirst,
		},
		{
			"of concurrent writers over a version one wins", "otherwise one overwrites what it has not seen",
			concurrentVersions,
		},
	}
}

func objectFields(t testing.TB, s storage.Store) {
	w := storage.Write{
		Put: storage.Put{
			ID: storage.ID{Collection: "saves", Key: "slot", Owner: "ann"}, Value: `{"level": 1}`,
			Readers: storage.Everybody, Writers: storage.Owner,
		},
		At: noon(),
	}
	want := object(w)
	filled(t, want)
	equal(t, "object written", puts(t, s, w)[0], want)
	kept(t, s, []storage.ID{w.ID}, want)

	w.Value, w.Readers, w.Writers, w.At = `{"level": 2}`, storage.HostOnly, storage.HostOnly, noon().Add(time.Minute)
	want = object(w)
	want.Created = noon()
	equal(t, "object written again", puts(t, s, w)[0], want)
	kept(t, s, []storage.ID{w.ID}, want)
	listed(t, s, storage.Query{Collection: "saves", Limit: 10}, want)
}

func objectTexts(t testing.TB, s storage.Store) {
	var ids []storage.ID
	var want []storage.Object
	for _, text := range oddTexts() {
		inside, err := json.Marshal(text + long())
		noError(t, err, "encode a text")
		w := put(text, text, fmt.Sprintf("\n{ \"b\":1,  \"a\":%s, \"a\": 1.0 } ", inside))
		w.Collection = text
		equal(t, "object written", puts(t, s, w)[0], object(w))
		ids, want = append(ids, w.ID), append(want, object(w))
		listed(t, s, storage.Query{Collection: text, Limit: 10}, object(w))
		listed(t, s, storage.Query{Collection: text, Owner: &text, Limit: 10}, object(w))
	}
	kept(t, s, ids, want...)
}

func objectTimes(t testing.TB, s storage.Store) {
	w := put("ann", "slot", "{}")
	w.At = elsewhere(noon())
	want := put("ann", "slot", "{}")
	want.At = noon().Add(987654 * time.Microsecond)
	equal(t, "object written", puts(t, s, w)[0], object(want))
	kept(t, s, []storage.ID{w.ID}, object(want))

	w.Key, w.At = "never", time.Time{}
	got := puts(t, s, w)[0]
	equal(t, "zero time stays zero", got.Created.IsZero() && got.Updated.IsZero(), true)
	kept(t, s, []storage.ID{w.ID}, got)
}

func objectApplies(t testing.TB, s storage.Store) {
	var stored *storage.Object
	for i, step := range []struct {
		value, version string
		readers        storage.Access
		writers        storage.Access
		client         bool
	}{
		{`{"n":0}`, "wrong", storage.Owner, storage.Owner, true},
		{`{"n":1}`, storage.Absent, storage.Owner, storage.Owner, true},
		{`{"n":2}`, storage.Absent, storage.Owner, storage.Owner, true},
		{`{"n":3}`, storage.Version(`{"n":2}`), storage.Owner, storage.Owner, true},
		{`{"n":4}`, storage.Version(`{"n":1}`), storage.Everybody, storage.Owner, true},
		{`{"n":5}`, "", storage.Owner, storage.HostOnly, true},
		{`{"n":6}`, "", storage.Owner, storage.Owner, true},
		{`{"n":7}`, "", storage.HostOnly, storage.HostOnly, false},
		{`{"n":8}`, "wrong", storage.HostOnly, storage.Owner, false},
		{`{"n":9}`, "", storage.HostOnly, storage.Owner, false},
		{`{"n":10}`, "", storage.Owner, storage.Owner, true},
	} {
		w := put("ann", "slot", step.value)
		w.Version, w.Readers, w.Writers, w.Client = step.version, step.readers, step.writers, step.client
		w.At = noon().Add(time.Duration(i) * time.Microsecond)
		want, _, wantErr := storage.Apply(stored, w)
		got, err := s.WriteObjects(t.Context(), []storage.Write{w})
		if wantErr != nil {
			wantError(t, err, wantErr, "write "+step.value)
			equal(t, "objects written by a refused write", len(got), 0)
		} else {
			noError(t, err, "write "+step.value)
			equal(t, "objects written", got, []storage.Object{want})
			stored = &want
		}
		if stored == nil {
			kept(t, s, []storage.ID{w.ID})
		} else {
			kept(t, s, []storage.ID{w.ID}, *stored)
		}
	}
}

func objectWithoutEffect(t testing.TB, s storage.Store) {
	w := put("ann", "slot", `{"a": 1}`)
	first := puts(t, s, w)[0]
	w.At = noon().Add(time.Hour)
	equal(t, "object written again", puts(t, s, w)[0], first)
	w.Version = first.Version
	equal(t, "object written again over its version", puts(t, s, w)[0], first)
	kept(t, s, []storage.ID{w.ID}, first)

	w.Readers = storage.Everybody
	want := object(w)
	want.Created = noon()
	equal(t, "object with other readers", puts(t, s, w)[0], want)
}

func objectBatch(t testing.TB, s storage.Store) {
	a, b, c := put("ann", "a", "{}"), put("ann", "b", "{}"), put("bob", "c", "{}")
	first := puts(t, s, b)[0]
	b.Value, b.Version = `{"n":2}`, "wrong"
	ids := []storage.ID{a.ID, b.ID, c.ID}
	for _, batch := range [][]storage.Write{{a, c, b}, {b, a, c}, {a, b, c}} {
		got, err := s.WriteObjects(t.Context(), batch)
		wantError(t, err, storage.ErrVersion, "write a batch with a wrong version")
		equal(t, "objects written by a refused batch", len(got), 0)
		kept(t, s, ids, first)
	}
	b.Version = first.Version
	got, err := s.WriteObjects(t.Context(), []storage.Write{c, b, a})
	noError(t, err, "write a batch")
	wantB := object(b)
	wantB.Created = first.Created
	equal(t, "objects in the order of the batch", got, []storage.Object{object(c), wantB, object(a)})
	kept(t, s, ids, got...)
}

func objectTwiceInBatch(t testing.TB, s storage.Store) {
	first, second, third := put("ann", "slot", `{"n":1}`), put("ann", "slot", `{"n":2}`), put("ann", "slot", `{"n":3}`)
	first.Version, second.Version, third.Version = storage.Absent, storage.Version(first.Value), storage.Version(first.Value)
	_, err := s.WriteObjects(t.Context(), []storage.Write{first, second, third})
	wantError(t, err, storage.ErrVersion, "write over a version that the batch has replaced")
	kept(t, s, []storage.ID{first.ID})
	got, err := s.WriteObjects(t.Context(), []storage.Write{first, second})
	noError(t, err, "write one object twice")
	equal(t, "objects of both writes", got, []storage.Object{object(first), object(second)})
	kept(t, s, []storage.ID{first.ID}, object(second))
}

func objectsApart(t testing.TB, s storage.Store) {
	var ids []storage.ID
	var want []storage.Object
	for _, owner := range []string{"", "ann", "Ann", "ann "} {
		for _, key := range []string{"a", "A", "ab"} {
			for _, collection := range []string{"b", "B", "bb"} {
				w := put(owner, key, fmt.Sprintf(`{"name":"%s/%s/%s"}`, collection, key, owner))
				w.Collection, w.Version = collection, storage.Absent
				want = append(want, puts(t, s, w)...)
				ids = append(ids, w.ID)
			}
		}
	}
	kept(t, s, ids, want...)
}

func concurrentFirst(t testing.TB, s storage.Store) {
	const n = 20
	ctx := t.Context()
	write := func(i int) storage.Write {
		w := put("ann", "slot", fmt.Sprintf(`{"by":%d}`, i))
		w.Version = storage.Absent
		return w
	}
	winner := oneWins(t, together(n, func(i int) error {
		_, err := s.WriteObjects(ctx, []storage.Write{write(i)})
		return err
	}), storage.ErrVersion, "concurrent first writes")
	kept(t, s, []storage.ID{write(0).ID}, object(write(winner)))
}

func concurrentVersions(t testing.TB, s storage.Store) {
	const n, rounds = 8, 10
	ctx := t.Context()
	version := puts(t, s, put("ann", "slot", "{}"))[0].Version
	for round := range rounds {
		write := func(i int) storage.Write {
			w := put("ann", "slot", fmt.Sprintf(`{"by":%d,"round":%d}`, i, round))
			w.Version = version
			return w
		}
		winner := oneWins(t, together(n, func(i int) error {
			_, err := s.WriteObjects(ctx, []storage.Write{write(i)})
			return err
		}), storage.ErrVersion, "concurrent writes over one version")
		kept(t, s, []storage.ID{write(0).ID}, object(write(winner)))
		version = storage.Version(write(winner).Value)
	}
}
