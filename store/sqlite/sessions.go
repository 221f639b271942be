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

	selectRotation = `
		SELECT generation, successor, at_ms, until_ms FROM rotations WHERE family = ? AND generation >= ?
		ORDER BY generation = ? DESC, generation DESC LIMIT 1`
	insertRotation  = `INSERT INTO rotations (family, generation, successor, at_ms, until_ms) VALUES (?, ?, ?, ?, ?)`
	deleteRotations = `DELETE FROM rotations WHERE family = ? AND generation < ? AND at_ms < ?`
	sweepRotations  = `DELETE FROM rotations WHERE until_ms <= ?`

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
			r.At, r.Until = fromMilliseconds(at), fromMilliseconds(until)
			alive = append(alive, r)
			return err
		}, selectRevocations)
	})
	return alive, err
}

// Rotate implements [auth.Rotations].
func (s *Store) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (stored auth.Rotation, err error) {
	err = s.write.transact(ctx, func(c *conn) error {
		if err := c.query(func(rows *sql.Rows) error {
			var at, until int64
			err := rows.Scan(&stored.Generation, &stored.Successor, &at, &until)
			stored.Family, stored.At, stored.Until = r.Family, fromMilliseconds(at), fromMilliseconds(until)
			return err
		}, selectRotation, r.Family, r.Generation, r.Generation); err != nil || stored.Family != "" {
			return err
		}
		for _, s := range []struct {
			statement string
			args      []any
		}{
			{sweepRotations, []any{r.At.UnixMilli()}},
			{insertRotation, []any{r.Family, r.Generation, r.Successor, r.At.UnixMilli(), r.Until.UnixMilli()}},
			{deleteRotations, []any{r.Family, r.Generation, since.UnixMilli()}},
		} {
			if _, err := c.exec(s.statement, s.args...); err != nil {
				return err
			}
		}
		stored = r
		stored.At, stored.Until = fromMilliseconds(r.At.UnixMilli()), fromMilliseconds(r.Until.UnixMilli())
		return nil
	})
	return stored, err
}

func fromMilliseconds(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

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
