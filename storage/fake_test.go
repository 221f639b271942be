package storage_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/storage"
)

var errStore = errors.New("the disk is gone")

// fakeStore is the least that fulfils the port. Like a real store it promises no order where none is asked for.
type fakeStore struct {
	fail error // of every method, if set

	mu      sync.Mutex
	calls   int
	objects map[storage.ID]storage.Object
}

func newFakeStore() *fakeStore { return &fakeStore{objects: make(map[storage.ID]storage.Object)} }

// transact runs f on a copy of the objects, and keeps the copy if f succeeds.
func (s *fakeStore) transact(ctx context.Context, f func(map[storage.ID]storage.Object) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if err := cmp.Or(ctx.Err(), s.fail); err != nil {
		return err
	}
	objects := maps.Clone(s.objects)
	if err := f(objects); err != nil {
		return err
	}
	s.objects = objects
	return nil
}

func stored(objects map[storage.ID]storage.Object, id storage.ID) *storage.Object {
	if o, ok := objects[id]; ok {
		return &o
	}
	return nil
}

func (s *fakeStore) WriteObjects(ctx context.Context, ws []storage.Write) (written []storage.Object, err error) {
	err = s.transact(ctx, func(objects map[storage.ID]storage.Object) error {
		for _, w := range ws {
			o, _, err := storage.Apply(stored(objects, w.ID), w)
			if err != nil {
				return err
			}
			objects[w.ID] = o
			written = append(written, o)
		}
		return nil
	})
	return written, err
}

func (s *fakeStore) ReadObjects(ctx context.Context, ids []storage.ID) (found []storage.Object, err error) {
	err = s.transact(ctx, func(objects map[storage.ID]storage.Object) error {
		for id, o := range objects {
			if slices.Contains(ids, id) {
				found = append(found, o)
			}
		}
		return nil
	})
	return found, err
}

func (s *fakeStore) ListObjects(ctx context.Context, q storage.Query) (page []storage.Object, err error) {
	place := func(o storage.Object) storage.Place { return storage.Place{Key: o.Key, Owner: o.Owner} }
	order := func(a, b storage.Place) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Owner, b.Owner)) }
	err = s.transact(ctx, func(objects map[storage.ID]storage.Object) error {
		for _, o := range objects {
			if o.Collection == q.Collection && (q.Owner == nil || o.Owner == *q.Owner) && o.Readers >= q.Readers &&
				order(place(o), q.After) > 0 {
				page = append(page, o)
			}
		}
		slices.SortFunc(page, func(a, b storage.Object) int { return order(place(a), place(b)) })
		page = page[:min(len(page), q.Limit)]
		return nil
	})
	return page, err
}

func (s *fakeStore) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	return s.transact(ctx, func(objects map[storage.ID]storage.Object) error {
		for _, d := range ds {
			if err := storage.CheckDelete(stored(objects, d.ID), d); err != nil {
				return err
			}
			delete(objects, d.ID)
		}
		return nil
	})
}

func (s *fakeStore) DeleteObjectsOf(ctx context.Context, owner string) error {
	return s.transact(ctx, func(objects map[storage.ID]storage.Object) error {
		maps.DeleteFunc(objects, func(id storage.ID, _ storage.Object) bool { return id.Owner == owner })
		return nil
	})
}

// newObjects makes objects over a fake store.
func newObjects(t testing.TB) (*storage.Objects, *fakeStore) {
	t.Helper()
	s := newFakeStore()
	o, err := storage.New(storage.Config{Store: s})
	require.NoError(t, err)
	return o, s
}

// save is an object of the collection "saves" that its owner may read and write.
func save(owner, key, value string) storage.Put {
	return storage.Put{
		ID:    storage.ID{Collection: "saves", Key: key, Owner: owner},
		Value: value, Readers: storage.Owner, Writers: storage.Owner,
	}
}

// values are the values of objects, in their order.
func values(objects []storage.Object) []string {
	var out []string
	for _, o := range objects {
		out = append(out, o.Value)
	}
	return out
}

// keys are the keys and owners of objects, in their order.
func keys(objects []storage.Object) []string {
	var out []string
	for _, o := range objects {
		out = append(out, o.Key+"/"+o.Owner)
	}
	return out
}
