package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
)

const (
	upsertRevocation = `
		INSERT INTO revocations (user_id, family, at, until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, family) DO UPDATE SET at = excluded.at, until = excluded.until`
	deleteRevocations = `DELETE FROM revocations WHERE until <= $1`
	selectRevocations = `SELECT user_id, family, at, until FROM revocations WHERE until > $1`

	// lockText is had by one transaction at a time, and given back at its end. Two texts may share a lock.
	lockText       = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`
	selectRotation = `
		SELECT family, generation, successor, at, until FROM rotations WHERE family = $1 AND generation >= $2
		ORDER BY generation = $2 DESC, generation DESC LIMIT 1`
	insertRotation  = `INSERT INTO rotations (family, generation, successor, at, until) VALUES ($1, $2, $3, $4, $5)`
	deleteRotations = `DELETE FROM rotations WHERE family = $1 AND generation < $2 AND at < $3`
	// sweepRotations leaves to others what they are about to delete.
	sweepRotations = `
		DELETE FROM rotations WHERE (family, generation) IN
		(SELECT family, generation FROM rotations WHERE until <= $1 FOR UPDATE SKIP LOCKED)`

	insertKey = `INSERT INTO signing_keys (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`
	selectKey = `SELECT secret FROM signing_keys WHERE name = $1`
)

// Revoke implements [auth.Revocations].
func (s *Store) Revoke(ctx context.Context, r auth.Revocation) error {
	_, err := s.exec(ctx, upsertRevocation, r.User, r.Family, milliseconds(r.At), milliseconds(r.Until))
	return err
}

// Revocations implements [auth.Revocations]. It deletes those that are over.
func (s *Store) Revocations(ctx context.Context, now time.Time) (alive []auth.Revocation, err error) {
	err = s.transact(ctx, func(ctx context.Context, c conn) error {
		if _, err := exec(ctx, c, deleteRevocations, milliseconds(now)); err != nil {
			return err
		}
		alive, err = collect(ctx, c, pgx.RowToStructByPos[auth.Revocation], selectRevocations, milliseconds(now))
		return err
	})
	return alive, err
}

// Rotate implements [auth.Rotations].
func (s *Store) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (stored auth.Rotation, err error) {
	r.At, r.Until = milliseconds(r.At), milliseconds(r.Until)
	err = s.transact(ctx, func(ctx context.Context, c conn) error {
		if _, err := exec(ctx, c, lockText, r.Family); err != nil {
			return err
		}
		found, err := collect(ctx, c, pgx.RowToStructByPos[auth.Rotation], selectRotation, r.Family, r.Generation)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			stored = found[0]
			return nil
		}
		stored = r
		for _, s := range []struct {
			statement string
			args      []any
		}{
			{sweepRotations, []any{r.At}},
			{insertRotation, []any{r.Family, r.Generation, sqlstore.Blob(r.Successor), r.At, r.Until}},
			{deleteRotations, []any{r.Family, r.Generation, milliseconds(since)}},
		} {
			if _, err := exec(ctx, c, s.statement, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
	return stored, err
}

// Key implements [auth.Keys].
func (s *Store) Key(ctx context.Context, name string, candidate []byte) (key []byte, err error) {
	err = s.transact(ctx, func(ctx context.Context, c conn) error {
		if _, err := exec(ctx, c, insertKey, name, sqlstore.Blob(candidate)); err != nil {
			return err
		}
		keys, err := collect(ctx, c, pgx.RowTo[[]byte], selectKey, name)
		if err == nil && len(keys) == 0 {
			err = errAgain
		}
		if err == nil {
			key = keys[0]
		}
		return err
	})
	return key, err
}

func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
