package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/shoal-go/shoal/storage"
)

const (
	selectObjects = `SELECT collection, key, owner, value, version, readers, writers, created, updated FROM objects`
	objectsByID   = selectObjects + `
		WHERE (collection, key, owner) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`
	// objectsToChange locks in one order, so that nobody waits in a circle.
	objectsToChange = objectsByID + ` ORDER BY collection, key, owner FOR UPDATE`

	insertObject = `
		INSERT INTO objects (collection, key, owner, value, version, readers, writers, created, updated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (collection, key, owner) DO NOTHING`
	updateObject = `
		UPDATE objects SET value = $4, version = $5, readers = $6, writers = $7, updated = $8
		WHERE collection = $1 AND key = $2 AND owner = $3`
	deleteObjects = `
		DELETE FROM objects WHERE (collection, key, owner) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`
	deleteObjectsOf = `DELETE FROM objects WHERE owner = $1`

	// One for each index. The readers are a constant in listPublic, or its index could not be used.
	listOwned = selectObjects + `
		WHERE owner = $1 AND collection = $2 AND readers >= $3 AND key >= $4 AND (key, owner) > ($4, $5) ORDER BY key LIMIT $6`
	listAll    = selectObjects + ` WHERE collection = $1 AND readers >= $2 AND (key, owner) > ($3, $4) ORDER BY key, owner LIMIT $5`
	listPublic = selectObjects + ` WHERE collection = $1 AND readers = 2 AND (key, owner) > ($2, $3) ORDER BY key, owner LIMIT $4`
)

// WriteObjects implements [storage.Store].
func (s *Store) WriteObjects(ctx context.Context, ws []storage.Write) (written []storage.Object, err error) {
	ids := make([]storage.ID, len(ws))
	for i, w := range ws {
		if ids[i] = w.ID; !storable([]any{w.Collection, w.Key, w.Owner, w.Value}) {
			return nil, ErrText
		}
	}
	err = s.transact(ctx, func(ctx context.Context, c conn) error {
		stored, err := toChange(ctx, c, ids)
		if err != nil {
			return err
		}
		written = make([]storage.Object, 0, len(ws))
		after := maps.Clone(stored)
		for _, w := range ws {
			w.At = microseconds(w.At)
			o, changed, err := storage.Apply(after[w.ID], w)
			if err != nil {
				return err
			}
			written = append(written, o)
			if changed {
				after[w.ID] = &o
			}
		}
		return put(ctx, c, stored, after)
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// toChange returns those of the objects that exist. Nobody else changes them before the transaction ends.
func toChange(ctx context.Context, c conn, ids []storage.ID) (map[storage.ID]*storage.Object, error) {
	collections, keys, owners := columns(ids)
	found, err := collect(ctx, c, scanObject, objectsToChange, collections, keys, owners)
	stored := make(map[storage.ID]*storage.Object, len(found))
	for i := range found {
		stored[found[i].ID] = &found[i]
	}
	return stored, err
}

// put stores what has changed, in one order, so that nobody waits in a circle. Where somebody else was faster with a new
// object it is errAgain.
func put(ctx context.Context, c conn, before, after map[storage.ID]*storage.Object) error {
	var batch pgx.Batch
	for _, id := range slices.SortedFunc(maps.Keys(after), compareIDs) {
		o := after[id]
		switch before[id] {
		case o:
		case nil:
			batch.Queue(insertObject, o.Collection, o.Key, o.Owner, o.Value, o.Version, o.Readers, o.Writers, o.Created, o.Updated).
				Exec(func(tag pgconn.CommandTag) error {
					if tag.RowsAffected() == 0 {
						return errAgain
					}
					return nil
				})
		default:
			batch.Queue(updateObject, o.Collection, o.Key, o.Owner, o.Value, o.Version, o.Readers, o.Writers, o.Updated)
		}
	}
	return c.SendBatch(ctx, &batch).Close()
}

func compareIDs(a, b storage.ID) int {
	return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Owner, b.Owner))
}

// ReadObjects implements [storage.Store].
func (s *Store) ReadObjects(ctx context.Context, ids []storage.ID) ([]storage.Object, error) {
	collections, keys, owners := columns(ids)
	return read(ctx, s, scanObject, objectsByID, collections, keys, owners)
}

// ListObjects implements [storage.Store].
func (s *Store) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	limit := max(q.Limit, 0)
	switch {
	case q.Owner != nil:
		return read(ctx, s, scanObject, listOwned, *q.Owner, q.Collection, q.Readers, q.After.Key, q.After.Owner, limit)
	case q.Readers == storage.Everybody:
		return read(ctx, s, scanObject, listPublic, q.Collection, q.After.Key, q.After.Owner, limit)
	default:
		return read(ctx, s, scanObject, listAll, q.Collection, q.Readers, q.After.Key, q.After.Owner, limit)
	}
}

// DeleteObjects implements [storage.Store].
func (s *Store) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	ids := make([]storage.ID, len(ds))
	for i, d := range ds {
		ids[i] = d.ID
	}
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		stored, err := toChange(ctx, c, ids)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if err := storage.CheckDelete(stored[d.ID], d); err != nil {
				return err
			}
			delete(stored, d.ID)
		}
		collections, keys, owners := columns(ids)
		_, err = exec(ctx, c, deleteObjects, collections, keys, owners)
		return err
	})
}

// DeleteObjectsOf implements [storage.Store].
func (s *Store) DeleteObjectsOf(ctx context.Context, owner string) error {
	_, err := s.exec(ctx, deleteObjectsOf, owner)
	return err
}

// columns returns the parts of those ids that can be stored.
func columns(ids []storage.ID) (collections, keys, owners []string) {
	for _, id := range ids {
		if storable([]any{id.Collection, id.Key, id.Owner}) {
			collections, keys, owners = append(collections, id.Collection), append(keys, id.Key), append(owners, id.Owner)
		}
	}
	return collections, keys, owners
}

func scanObject(row pgx.CollectableRow) (o storage.Object, err error) {
	err = row.Scan(&o.Collection, &o.Key, &o.Owner, &o.Value, &o.Version, &o.Readers, &o.Writers, &o.Created, &o.Updated)
	return o, err
}

func microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
