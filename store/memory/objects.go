package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shoal-go/shoal/storage"
)

// collection holds the objects of one name.
type collection struct {
	objects map[storage.Place]storage.Object
	sorted  []storage.Place // nil when it must be made again
}

func placeOf(id storage.ID) storage.Place { return storage.Place{Key: id.Key, Owner: id.Owner} }

func byPlace(a, b storage.Place) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Owner, b.Owner))
}

// object returns a copy of the object, nil if there is none.
func (s *Store) object(id storage.ID) *storage.Object {
	if c := s.collections[id.Collection]; c != nil {
		if o, ok := c.objects[placeOf(id)]; ok {
			return &o
		}
	}
	return nil
}

// setObject stores o, or removes the object if o is nil.
func (s *Store) setObject(id storage.ID, o *storage.Object) {
	c := s.collections[id.Collection]
	if c == nil {
		c = &collection{objects: make(map[storage.Place]storage.Object)}
		s.collections[id.Collection] = c
	}
	before := len(c.objects)
	if o == nil {
		delete(c.objects, placeOf(id))
	} else {
		c.objects[placeOf(id)] = *o
	}
	if len(c.objects) != before {
		c.sorted = nil
	}
	if len(c.objects) == 0 {
		delete(s.collections, id.Collection)
	}
}

// batch is what a transaction has done so far; an object that is nil is removed.
type batch map[storage.ID]*storage.Object

// object returns the object as the transaction sees it.
func (b batch) object(s *Store, id storage.ID) *storage.Object {
	if o, ok := b[id]; ok {
		return o
	}
	return s.object(id)
}

func (b batch) commit(s *Store) {
	for id, o := range b {
		s.setObject(id, o)
	}
}

// WriteObjects implements [storage.Store].
func (s *Store) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	b, written := batch{}, make([]storage.Object, 0, len(ws))
	for _, w := range ws {
		w.At = microseconds(w.At)
		o, _, err := storage.Apply(b.object(s, w.ID), w)
		if err != nil {
			return nil, err
		}
		b[w.ID] = &o
		written = append(written, o)
	}
	b.commit(s)
	return written, nil
}

// ReadObjects implements [storage.Store].
func (s *Store) ReadObjects(ctx context.Context, ids []storage.ID) ([]storage.Object, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []storage.Object
	seen := make(map[storage.ID]bool, len(ids))
	for _, id := range ids {
		if o := s.object(id); o != nil && !seen[id] {
			seen[id] = true
			found = append(found, *o)
		}
	}
	return found, nil
}

// ListObjects implements [storage.Store].
func (s *Store) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	c := s.collections[q.Collection]
	if c == nil {
		return nil, nil
	}
	if c.sorted == nil {
		for p := range c.objects {
			c.sorted = append(c.sorted, p)
		}
		slices.SortFunc(c.sorted, byPlace)
	}
	i, found := slices.BinarySearchFunc(c.sorted, q.After, byPlace)
	if found {
		i++
	}
	var page []storage.Object
	for ; i < len(c.sorted) && len(page) < q.Limit; i++ {
		o := c.objects[c.sorted[i]]
		if (q.Owner == nil || o.Owner == *q.Owner) && o.Readers >= q.Readers {
			page = append(page, o)
		}
	}
	return page, nil
}

// DeleteObjects implements [storage.Store].
func (s *Store) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	b := batch{}
	for _, d := range ds {
		if err := storage.CheckDelete(b.object(s, d.ID), d); err != nil {
			return err
		}
		b[d.ID] = nil
	}
	b.commit(s)
	return nil
}

// DeleteObjectsOf implements [storage.Store].
func (s *Store) DeleteObjectsOf(ctx context.Context, owner string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, c := range s.collections {
		for p, o := range c.objects {
			if p.Owner == owner {
				s.setObject(o.ID, nil)
			}
		}
	}
	return nil
}

func microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
