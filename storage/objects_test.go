package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/storage"
)

const systemID = "00000000-0000-0000-0000-000000000000"

func TestNewNeedsAStore(t *testing.T) {
	_, err := storage.New(storage.Config{})
	require.ErrorContains(t, err, "Config.Store")
}

func TestWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := newObjects(t)
		const text = "\n {\"b\": 1,  \"a\":\"\\u00e9\"} "
		time.Sleep(1234567 * time.Nanosecond)
		now := time.Now().UTC().Truncate(time.Microsecond)
		got, err := o.Write(t.Context(), []storage.Put{save("ann", "two", text), save("ann", "one", "{}")})
		require.NoError(t, err)
		require.Equal(t, []string{"two/ann", "one/ann"}, keys(got), "in the order of the batch")
		require.Equal(t, storage.Object{
			ID: storage.ID{Collection: "saves", Key: "two", Owner: "ann"}, Value: text, Version: storage.Version(text),
			Readers: storage.Owner, Writers: storage.Owner, Created: now, Updated: now,
		}, got[0], "the text as it came, the time to the microsecond")
		require.NotZero(t, now.Nanosecond()%int(time.Millisecond), "which is finer than a millisecond")

		time.Sleep(time.Second)
		again, err := o.Write(t.Context(), []storage.Put{save("ann", "two", text)})
		require.NoError(t, err)
		require.Equal(t, got[:1], again, "the same again changes nothing")
		again, err = o.Write(t.Context(), []storage.Put{save("ann", "two", "{}")})
		require.NoError(t, err)
		require.Equal(t, now, again[0].Created)
		require.Equal(t, now.Add(time.Second), again[0].Updated)

		calls := s.calls
		none, err := o.Write(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, none)
		require.NoError(t, o.Delete(t.Context(), nil))
		none, err = o.Read(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, none)
		require.Equal(t, calls, s.calls, "nothing to do is nothing for the store")
	})
}

func TestWriteIsAllOrNothing(t *testing.T) {
	o, s := newObjects(t)
	_, err := o.Submit(t.Context(), "ann", []storage.Put{save("", "one", `{"n":1}`)})
	require.NoError(t, err)
	wrong := save("", "one", `{"n":2}`)
	wrong.Version = storage.Absent
	for name, batch := range map[string][]storage.Put{
		"the last fails":  {save("", "two", "{}"), wrong},
		"the first fails": {wrong, save("", "two", "{}")},
	} {
		_, err = o.Submit(t.Context(), "ann", batch)
		require.ErrorIs(t, err, storage.ErrVersion, name)
		require.Len(t, s.objects, 1, name)
	}
	_, err = o.Submit(t.Context(), "ann", []storage.Put{save("", "two", "{}"), save("", "three", "[]")})
	require.ErrorIs(t, err, storage.ErrValue)
	require.Len(t, s.objects, 1)

	first, second := save("", "two", `{"n":1}`), save("", "two", `{"n":2}`)
	second.Version = storage.Version(first.Value)
	got, err := o.Submit(t.Context(), "ann", []storage.Put{first, second})
	require.NoError(t, err, "the second write of a batch sees the first")
	require.Equal(t, []string{first.Value, second.Value}, values(got))
}

func TestWhatIsRefused(t *testing.T) {
	o, s := newObjects(t)
	put := func(change func(*storage.Put)) storage.Put {
		p := save("ann", "slot", "{}")
		change(&p)
		return p
	}
	long := strings.Repeat("é", 128)
	for name, tc := range map[string]struct {
		put storage.Put
		err error
	}{
		"no collection":          {put(func(p *storage.Put) { p.Collection = "" }), storage.ErrMissing},
		"no key":                 {put(func(p *storage.Put) { p.Key = "" }), storage.ErrMissing},
		"no value":               {put(func(p *storage.Put) { p.Value = "" }), storage.ErrMissing},
		"a long collection":      {put(func(p *storage.Put) { p.Collection = long }), nil},
		"too long a collection":  {put(func(p *storage.Put) { p.Collection = long + "x" }), storage.ErrName},
		"a long key":             {put(func(p *storage.Put) { p.Key = long }), nil},
		"too long a key":         {put(func(p *storage.Put) { p.Key = long + "x" }), storage.ErrName},
		"a key that is no text":  {put(func(p *storage.Put) { p.Key = "\xff" }), storage.ErrName},
		"a key with a zero byte": {put(func(p *storage.Put) { p.Key = "a\x00b" }), storage.ErrName},
		"too long an owner":      {put(func(p *storage.Put) { p.Owner = strings.Repeat("x", 129) }), storage.ErrOwner},
		"an owner of no text":    {put(func(p *storage.Put) { p.Owner = "\xff" }), storage.ErrOwner},
		"a list":                 {put(func(p *storage.Put) { p.Value = "[]" }), storage.ErrValue},
		"a text":                 {put(func(p *storage.Put) { p.Value = `"{}"` }), storage.ErrValue},
		"half an object":         {put(func(p *storage.Put) { p.Value = `{"a":` }), storage.ErrValue},
		"two objects":            {put(func(p *storage.Put) { p.Value = `{}{}` }), storage.ErrValue},
		"no UTF-8":               {put(func(p *storage.Put) { p.Value = "{\"a\":\"\xff\"}" }), storage.ErrValue},
		"readers below":          {put(func(p *storage.Put) { p.Readers = -1 }), storage.ErrReaders},
		"readers above":          {put(func(p *storage.Put) { p.Readers = 3 }), storage.ErrReaders},
		"writers below":          {put(func(p *storage.Put) { p.Writers = -1 }), storage.ErrWriters},
		"everybody writes":       {put(func(p *storage.Put) { p.Writers = storage.Everybody }), storage.ErrWriters},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := o.Write(t.Context(), []storage.Put{tc.put})
			require.ErrorIs(t, err, tc.err)
			if errors.Is(tc.err, storage.ErrName) || tc.put.Collection == "" || tc.put.Key == "" {
				_, err = o.Read(t.Context(), []storage.ID{tc.put.ID})
				require.ErrorIs(t, err, tc.err)
				require.ErrorIs(t, o.Delete(t.Context(), []storage.Removal{{ID: tc.put.ID}}), tc.err)
			}
		})
	}
	require.Len(t, s.objects, 2, "the two that are just short enough")
}

// A client's objects are its own whatever it says; who is nobody can do nothing.
func TestClientsActForThemselves(t *testing.T) {
	o, s := newObjects(t)
	got, err := o.Submit(t.Context(), "ann", []storage.Put{save("bob", "slot", "{}")})
	require.NoError(t, err)
	require.Equal(t, []string{"slot/ann"}, keys(got))
	bobs := []storage.Removal{{ID: storage.ID{Collection: "saves", Key: "slot", Owner: "ann"}}}
	require.ErrorIs(t, o.Withdraw(t.Context(), "bob", bobs), storage.ErrNotFound)
	require.Len(t, s.objects, 1)

	for _, nobody := range []string{"", systemID, "\xff", strings.Repeat("x", 129)} {
		_, err = o.Submit(t.Context(), nobody, []storage.Put{save("", "slot", "{}")})
		require.ErrorIs(t, err, storage.ErrOwner)
		_, err = o.Fetch(t.Context(), nobody, nil)
		require.ErrorIs(t, err, storage.ErrOwner)
		_, err = o.Browse(t.Context(), nobody, storage.ListRequest{Collection: "saves", Limit: 1})
		require.ErrorIs(t, err, storage.ErrOwner)
		require.ErrorIs(t, o.Withdraw(t.Context(), nobody, nil), storage.ErrOwner)
	}
}

func TestSystemHasOneName(t *testing.T) {
	o, s := newObjects(t)
	_, err := o.Write(t.Context(), []storage.Put{save(systemID, "slot", `{"n":1}`)})
	require.NoError(t, err)
	got, err := o.Write(t.Context(), []storage.Put{save("", "slot", `{"n":2}`)})
	require.NoError(t, err)
	require.Empty(t, got[0].Owner)
	require.Len(t, s.objects, 1)
	for _, owner := range []string{"", systemID} {
		read, err := o.Read(t.Context(), []storage.ID{{Collection: "saves", Key: "slot", Owner: owner}})
		require.NoError(t, err)
		require.Equal(t, got, read)
		page, err := o.List(t.Context(), storage.ListRequest{Collection: "saves", Owner: &owner, Limit: 1})
		require.NoError(t, err)
		require.Equal(t, got, page.Objects)
	}
	require.NoError(t, o.Delete(t.Context(), []storage.Removal{{ID: storage.ID{Collection: "saves", Key: "slot", Owner: systemID}}}))
	require.Empty(t, s.objects)
}

// matrix writes an object of ann for each kind of readers and writers, by the host.
func matrix(t *testing.T, o *storage.Objects) {
	t.Helper()
	for readers := storage.HostOnly; readers <= storage.Everybody; readers++ {
		for writers := storage.HostOnly; writers <= storage.Owner; writers++ {
			p := save("ann", fmt.Sprintf("r%dw%d", readers, writers), "{}")
			p.Readers, p.Writers = readers, writers
			_, err := o.Write(t.Context(), []storage.Put{p})
			require.NoError(t, err)
		}
	}
}

func TestWhoReadsWhat(t *testing.T) {
	o, s := newObjects(t)
	matrix(t, o)
	var all []storage.ID
	for _, key := range []string{"r2w1", "r2w0", "r1w1", "r1w0", "r0w1", "r0w0", "r2w1"} {
		all = append(all, storage.ID{Collection: "saves", Key: key, Owner: "ann"})
	}
	all = append(all, storage.ID{Collection: "saves", Key: "missing", Owner: "ann"})

	got, err := o.Read(t.Context(), all)
	require.NoError(t, err)
	require.Equal(t, []string{"r2w1/ann", "r2w0/ann", "r1w1/ann", "r1w0/ann", "r0w1/ann", "r0w0/ann"}, keys(got),
		"in the order asked for, each once")
	for user, want := range map[string][]string{
		"ann": {"r2w1/ann", "r2w0/ann", "r1w1/ann", "r1w0/ann"},
		"bob": {"r2w1/ann", "r2w0/ann"},
	} {
		got, err := o.Fetch(t.Context(), user, all)
		require.NoError(t, err)
		require.Equal(t, want, keys(got), user)
	}

	t.Log("an empty owner is the system, not the caller")
	got, err = o.Fetch(t.Context(), "ann", []storage.ID{{Collection: "saves", Key: "r2w1"}})
	require.NoError(t, err)
	require.Empty(t, got)

	s.fail = errStore
	_, err = o.Fetch(t.Context(), "ann", all)
	require.ErrorIs(t, err, errStore)
}

func TestWhoDeletesWhat(t *testing.T) {
	removal := func(key, version string) storage.Removal {
		return storage.Removal{ID: storage.ID{Collection: "saves", Key: key, Owner: "ann"}, Version: version}
	}
	o, s := newObjects(t)
	matrix(t, o)
	free := removal("r1w1", "")
	for name, tc := range map[string]struct {
		batch []storage.Removal
		err   error
	}{
		"protected":     {[]storage.Removal{free, removal("r1w0", "")}, storage.ErrProtected},
		"not there":     {[]storage.Removal{free, removal("missing", "")}, storage.ErrNotFound},
		"wrong version": {[]storage.Removal{free, removal("r2w1", "wrong")}, storage.ErrVersion},
		"twice":         {[]storage.Removal{free, free}, storage.ErrNotFound},
	} {
		require.ErrorIs(t, o.Withdraw(t.Context(), "ann", tc.batch), tc.err, name)
		require.Len(t, s.objects, 6, "%s: all or nothing", name)
	}
	require.NoError(t, o.Withdraw(t.Context(), "ann", []storage.Removal{free, removal("r0w1", storage.Version("{}"))}),
		"also what may be written and not read")
	require.Len(t, s.objects, 4)

	require.ErrorIs(t, o.Delete(t.Context(), []storage.Removal{removal("r0w0", "wrong")}), storage.ErrVersion)
	require.NoError(t, o.Delete(t.Context(), []storage.Removal{removal("r0w0", ""), removal("missing", ""), removal("gone", "x")}),
		"for the host, gone is gone")
	require.Len(t, s.objects, 3)
}

func TestErrorsOfTheStore(t *testing.T) {
	o, s := newObjects(t)
	id := storage.ID{Collection: "saves", Key: "slot", Owner: "ann"}
	for _, fail := range []error{errStore, context.DeadlineExceeded} {
		s.fail = fail
		_, err := o.Write(t.Context(), []storage.Put{save("ann", "slot", "{}")})
		require.ErrorIs(t, err, fail)
		require.ErrorContains(t, err, "storage: write objects: ")
		_, err = o.Read(t.Context(), []storage.ID{id})
		require.ErrorIs(t, err, fail)
		_, err = o.List(t.Context(), storage.ListRequest{Collection: "saves", Limit: 1})
		require.ErrorIs(t, err, fail)
		require.ErrorIs(t, o.Delete(t.Context(), []storage.Removal{{ID: id}}), fail)
	}
}

func TestOneOfManyWritersWins(t *testing.T) {
	o, s := newObjects(t)
	const writers = 20
	version := storage.Absent
	for range 3 {
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				p := save("", "slot", fmt.Sprintf(`{"version":%q,"by":%d}`, version, i))
				p.Version = version
				_, errs[i] = o.Submit(t.Context(), "ann", []storage.Put{p})
			})
		}
		wg.Wait()
		wins := 0
		for _, err := range errs {
			if err == nil {
				wins++
			} else {
				require.ErrorIs(t, err, storage.ErrVersion)
			}
		}
		require.Equal(t, 1, wins)
		version = s.objects[storage.ID{Collection: "saves", Key: "slot", Owner: "ann"}].Version
	}
}
