package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/shoal-go/shoal/auth"
)

const (
	upsertRevocation = `
		INSERT INTO revocations (user_id, family, at_ms, until_ms) VALUES (?, ?, ?, ?)
		ON CONFLICT (user_id, family) DO UPDATE SET at_ms = excluded.at_ms, until_ms = excluded.until_ms`
	deleteRevocations = `DELETE FROM revocations WHERE until_ms <= ?`
	selectRevocations = `SELECT user_id, family, at_ms, until_ms FROM revocations`

	insertKey = `INSERT INTO signing_keys (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`
	selectKey = `SELECT secret FROM signing_keys WHERE name = ?`
)

// Revoke implements [auth.Revocations].
func (s *Store) Revoke(ctx context.Context, r auth.Revocation) error {
	return s.write.transact(ctx, func(c *conn) error {
		_, err := c.exec(upsertRevocation, r.User, r.Family, r.At.UnixMilli(), r.Until.UnixMilli())
		return err
	})
}

// Revocations implements [auth.Revocations]. It deletes those that are over.
func (s *Store) Revocations(ctx context.Context, now time.Time) (alive []auth.Revocation, err error) {
	err = s.write.transact(ctx, func(c *conn) error {
		if _, err := c.exec(deleteRevocations, now.UnixMilli()); err != nil {
			return err
		}
		return c.query(func(rows *sql.Rows) error {
			var r auth.Revocation
			var at, until int64
			err := rows.Scan(&r.User, &r.Family, &at, &until)
			r.At, r.Until = time.UnixMilli(at).UTC(), time.UnixMilli(until).UTC()
			alive = append(alive, r)
			return err
		}, selectRevocations)
	})
	return alive, err
}

// Key implements [auth.Keys].
func (s *Store) Key(ctx context.Context, name string, candidate []byte) (key []byte, err error) {
	err = s.write.transact(ctx, func(c *conn) error {
		if _, err := c.exec(insertKey, name, candidate); err != nil {
			return err
		}
		return c.query(func(rows *sql.Rows) error { return rows.Scan(&key) }, selectKey, name)
	})
	return key, err
}
