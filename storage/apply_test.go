package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/storage"
)

func TestApply(t *testing.T) {
	then, now := time.Unix(100, 0).UTC(), time.Unix(200, 5000).UTC()
	id := storage.ID{Collection: "saves", Key: "slot", Owner: "ann"}
	const old, young = `{"level":1}`, `{"level":2}`
	object := func(change func(*storage.Object)) *storage.Object {
		o := &storage.Object{
			ID: id, Value: old, Version: storage.Version(old), Readers: storage.Owner, Writers: storage.Owner,
			Created: then, Updated: then,
		}
		if change != nil {
			change(o)
		}
		return o
	}
	protected := object(func(o *storage.Object) { o.Writers = storage.HostOnly })
	write := func(value, version string, client bool) storage.Write {
		return storage.Write{
			Put:    storage.Put{ID: id, Value: value, Version: version, Readers: storage.Owner, Writers: storage.Owner},
			Client: client, At: now,
		}
	}
	first := *object(func(o *storage.Object) {
		o.Value, o.Version, o.Created, o.Updated = young, storage.Version(young), now, now
	})
	next := *object(func(o *storage.Object) { o.Value, o.Version, o.Updated = young, storage.Version(young), now })

	for name, tc := range map[string]struct {
		stored  *storage.Object
		write   storage.Write
		want    storage.Object
		changed bool
		err     error
	}{
		"the first":                           {nil, write(young, "", true), first, true, nil},
		"the first, if there is none":         {nil, write(young, storage.Absent, true), first, true, nil},
		"the first, over a version":           {nil, write(young, storage.Version(old), true), storage.Object{}, false, storage.ErrVersion},
		"the last wins":                       {object(nil), write(young, "", true), next, true, nil},
		"over the right version":              {object(nil), write(young, storage.Version(old), true), next, true, nil},
		"over a wrong version":                {object(nil), write(young, storage.Version(young), true), storage.Object{}, false, storage.ErrVersion},
		"over a version in upper case":        {object(nil), write(young, "C2D0", true), storage.Object{}, false, storage.ErrVersion},
		"where there must be none":            {object(nil), write(young, storage.Absent, true), storage.Object{}, false, storage.ErrVersion},
		"a wrong version by the host":         {object(nil), write(young, "x", false), storage.Object{}, false, storage.ErrVersion},
		"the same again":                      {object(nil), write(old, "", true), *object(nil), false, nil},
		"the same again over its version":     {object(nil), write(old, storage.Version(old), true), *object(nil), false, nil},
		"protected, by a client":              {protected, write(young, "", true), storage.Object{}, false, storage.ErrProtected},
		"protected, the same again":           {protected, write(old, "", true), storage.Object{}, false, storage.ErrProtected},
		"protected, by a client, any version": {protected, write(young, "x", true), storage.Object{}, false, storage.ErrProtected},
		"protected, by the host":              {protected, write(young, "", false), next, true, nil},
		"only the access changes": {
			object(nil), func() storage.Write { w := write(old, "", true); w.Readers = storage.Everybody; return w }(),
			*object(func(o *storage.Object) { o.Readers, o.Updated = storage.Everybody, now }), true, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := object(nil)
			if tc.stored != nil {
				*before = *tc.stored
			}
			got, changed, err := storage.Apply(tc.stored, tc.write)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.changed, changed)
			if tc.stored != nil {
				require.Equal(t, before, tc.stored, "what is stored is the store's")
			}
		})
	}
}

func TestCheckDelete(t *testing.T) {
	free := &storage.Object{Version: "v", Writers: storage.Owner}
	protected := &storage.Object{Version: "v", Writers: storage.HostOnly}
	for name, tc := range map[string]struct {
		stored       *storage.Object
		version      string
		client, host error
	}{
		"none":                    {nil, "", storage.ErrNotFound, nil},
		"none of the version":     {nil, "v", storage.ErrNotFound, nil},
		"one":                     {free, "", nil, nil},
		"one of the version":      {free, "v", nil, nil},
		"one of another version":  {free, "w", storage.ErrVersion, storage.ErrVersion},
		"one that must be absent": {free, storage.Absent, storage.ErrVersion, storage.ErrVersion},
		"protected":               {protected, "", storage.ErrProtected, nil},
		"protected, of the version": {
			protected, "v", storage.ErrProtected, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := storage.Deletion{Removal: storage.Removal{Version: tc.version}}
			require.ErrorIs(t, storage.CheckDelete(tc.stored, d), tc.host)
			d.Client = true
			require.ErrorIs(t, storage.CheckDelete(tc.stored, d), tc.client)
		})
	}
}

func TestVersionIsTheMD5OfTheText(t *testing.T) {
	require.Equal(t, "99914b932bd37a50b983c5e7c90ae93b", storage.Version("{}"))
	require.NotEqual(t, storage.Version("{}"), storage.Version("{ }"))
}
