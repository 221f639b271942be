package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/shoal-go/shoal/storage"
)

const (
	selectObjects = `SELECT collection, key, owner, value, version, readers, writers, created_us, updated_us FROM objects`
	objectByID    = selectObjects + ` WHERE collection = ? AND key = ? AND owner = ?`

	upsertObject = `
		INSERT INTO objects (collection, key, owner, value, version, readers, writers, created_us, updated_us)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (collection, key, owner) DO UPDATE
		SET value = excluded.value, version = excluded.version, readers = excluded.readers, writers = excluded.writers,
		    updated_us = excluded.updated_us`
	deleteObject    = `DELETE FROM objects WHERE collection = ? AND key = ? AND owner = ?`
	deleteObjectsOf = `DELETE FROM objects WHERE owner = ?`

	// One for each index. The readers are a constant in listPublic, or its index could not be used.
	listOwned = selectObjects + `
		WHERE owner = ?1 AND collection = ?2 AND readers >= ?3 AND key >= ?4 AND (key, owner) > (?4, ?5) ORDER BY key LIMIT ?6`
	listAll    = selectObjects + ` WHERE collection = ? AND readers >= ? AND (key, owner) > (?, ?) ORDER BY key, owner LIMIT ?`
	listPublic = selectObjects + ` WHERE collection = ? AND readers = 2 AND (key, owner) > (?, ?) ORDER BY key, owner LIMIT ?`
)

// WriteObjects implements [storage.Store].
func (s *Store) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	written := make([]storage.Object, 0, len(ws))
	err := s.write.transact(ctx, func(c *conn) error {
		for _, w := range ws {
			w.At = microseconds(w.At)
			stored, err := c.object(w.ID)
			if err != nil {
				return err
			}
			o, changed, err := storage.Apply(stored, w)
			if err != nil {
				return err
			}
			written = append(written, o)
			if !changed {
				continue
			}
			if _, err := c.exec(upsertObject, o.Collection, o.Key, o.Owner, o.Value, o.Version, o.Readers, o.Writers,
				o.Created.UnixMicro(), o.Updated.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// ReadObjects implements [storage.Store].
func (s *Store) ReadObjects(ctx context.Context, ids []storage.ID) (found []storage.Object, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		seen := make(map[storage.ID]bool, len(ids))
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			if found, err = c.objects(found, objectByID, id.Collection, id.Key, id.Owner); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// ListObjects implements [storage.Store].
func (s *Store) ListObjects(ctx context.Context, q storage.Query) (page []storage.Object, err error) {
	limit := max(q.Limit, 0)
	err = s.read.transact(ctx, func(c *conn) error {
		switch {
		case q.Owner != nil:
			page, err = c.objects(nil, listOwned, *q.Owner, q.Collection, q.Readers, q.After.Key, q.After.Owner, limit)
		case q.Readers == storage.Everybody:
			page, err = c.objects(nil, listPublic, q.Collection, q.After.Key, q.After.Owner, limit)
		default:
			page, err = c.objects(nil, listAll, q.Collection, q.Readers, q.After.Key, q.After.Owner, limit)
		}
		return err
	})
	return page, err
}

// DeleteObjects implements [storage.Store].
func (s *Store) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	return s.write.transact(ctx, func(c *conn) error {
		for _, d := range ds {
			stored, err := c.object(d.ID)
			if err != nil {
				return err
			}
			if err := storage.CheckDelete(stored, d); err != nil {
				return err
			}
			if _, err := c.exec(deleteObject, d.Collection, d.Key, d.Owner); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteObjectsOf implements [storage.Store].
func (s *Store) DeleteObjectsOf(ctx context.Context, owner string) error {
	return s.write.transact(ctx, func(c *conn) error {
		_, err := c.exec(deleteObjectsOf, owner)
		return err
	})
}

// object returns the object, nil if there is none.
func (c *conn) object(id storage.ID) (*storage.Object, error) {
	found, err := c.objects(nil, objectByID, id.Collection, id.Key, id.Owner)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// objects appends the objects a query finds to list.
func (c *conn) objects(list []storage.Object, query string, args ...any) ([]storage.Object, error) {
	err := c.query(func(rows *sql.Rows) error {
		var o storage.Object
		var created, updated int64
		err := rows.Scan(&o.Collection, &o.Key, &o.Owner, &o.Value, &o.Version, &o.Readers, &o.Writers, &created, &updated)
		o.Created, o.Updated = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
		list = append(list, o)
		return err
	}, query, args...)
	return list, err
}

func microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
