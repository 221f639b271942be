package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/match"
)

const (
	upsertSnapshot = `
		INSERT INTO snapshots (id, epoch, version, head, state) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET epoch = $2, version = $3, head = $4, state = $5
		WHERE (snapshots.epoch, snapshots.version) <= ($2, $3)`
	updateSnapshot = `
		UPDATE snapshots SET epoch = $2, version = $3, head = $4, state = $5
		WHERE id = $1 AND (epoch, version) <= ($2, $3)`
	snapshotByID   = `SELECT id, epoch, version, head, state FROM snapshots WHERE id = $1`
	snapshotEpoch  = `SELECT epoch FROM snapshots WHERE id = $1 FOR UPDATE`
	deleteSnapshot = `DELETE FROM snapshots WHERE id = $1`
	pageSnapshots  = `SELECT id, epoch, version, head, NULL::bytea FROM snapshots WHERE id > $1 ORDER BY id LIMIT $2`
)

// SaveSnapshot implements [match.Snapshots].
func (s *Store) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	query := updateSnapshot
	if m.Version == 1 {
		query = upsertSnapshot
	}
	n, err := s.exec(ctx, query, string(m.ID), m.Epoch, m.Version, sqlstore.Blob(m.Head), sqlstore.Blob(m.State))
	if err != nil || n == 1 {
		return err
	}
	kept, err := read(ctx, s, pgx.RowTo[int64], snapshotEpoch, string(m.ID))
	switch {
	case err != nil:
		return err
	case len(kept) == 0:
		return match.ErrNotFound
	}
	return match.ErrStale
}

// LoadSnapshot implements [match.Snapshots].
func (s *Store) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	found, err := read(ctx, s, pgx.RowToStructByPos[match.Snapshot], snapshotByID, string(id))
	if err != nil {
		return match.Snapshot{}, err
	}
	if len(found) == 0 {
		return match.Snapshot{}, match.ErrNotFound
	}
	return found[0], nil
}

// DeleteSnapshot implements [match.Snapshots].
func (s *Store) DeleteSnapshot(ctx context.Context, id match.ID, epoch int64) error {
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		kept, err := collect(ctx, c, pgx.RowTo[int64], snapshotEpoch, string(id))
		if err != nil || len(kept) == 0 {
			return err
		}
		if kept[0] > epoch {
			return match.ErrStale
		}
		_, err = exec(ctx, c, deleteSnapshot, string(id))
		return err
	})
}

// PageSnapshots implements [match.Snapshots].
func (s *Store) PageSnapshots(ctx context.Context, after match.ID, limit int) ([]match.Snapshot, error) {
	return read(ctx, s, pgx.RowToStructByPos[match.Snapshot], pageSnapshots, string(after), max(limit, 0))
}
