package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/match"
)

const (
	upsertSnapshot = `
		INSERT INTO snapshots (id, epoch, version, head, state) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (id) DO UPDATE SET epoch = ?2, version = ?3, head = ?4, state = ?5
		WHERE (epoch, version) <= (?2, ?3)`
	updateSnapshot = `
		UPDATE snapshots SET epoch = ?2, version = ?3, head = ?4, state = ?5
		WHERE id = ?1 AND (epoch, version) <= (?2, ?3)`
	snapshotByID   = `SELECT epoch, version, head, state FROM snapshots WHERE id = ?`
	snapshotEpoch  = `SELECT epoch FROM snapshots WHERE id = ?`
	deleteSnapshot = `DELETE FROM snapshots WHERE id = ?`
	pageSnapshots  = `SELECT id, epoch, version, head FROM snapshots WHERE id > ? ORDER BY id LIMIT ?`
)

// SaveSnapshot implements [match.Snapshots].
func (s *Store) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	query := updateSnapshot
	if m.Version == 1 {
		query = upsertSnapshot
	}
	return s.write.transact(ctx, func(c *conn) error {
		n, err := c.exec(query, m.ID, m.Epoch, m.Version, sqlstore.Blob(m.Head), sqlstore.Blob(m.State))
		if err != nil || n == 1 {
			return err
		}
		refused := match.ErrNotFound
		err = c.query(func(*sql.Rows) error { refused = match.ErrStale; return nil }, snapshotEpoch, m.ID)
		return cmp.Or(err, refused)
	})
}

// LoadSnapshot implements [match.Snapshots].
func (s *Store) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	m := match.Snapshot{ID: id}
	found := false
	err := s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			found = true
			return rows.Scan(&m.Epoch, &m.Version, &m.Head, &m.State)
		}, snapshotByID, id)
	})
	if err == nil && !found {
		err = match.ErrNotFound
	}
	if err != nil {
		return match.Snapshot{}, err
	}
	return m, nil
}

// DeleteSnapshot implements [match.Snapshots].
func (s *Store) DeleteSnapshot(ctx context.Context, id match.ID, epoch int64) error {
	return s.write.transact(ctx, func(c *conn) error {
		var kept int64
		err := c.query(func(rows *sql.Rows) error { return rows.Scan(&kept) }, snapshotEpoch, id)
		if err != nil {
			return err
		}
		if kept > epoch {
			return match.ErrStale
		}
		_, err = c.exec(deleteSnapshot, id)
		return err
	})
}

// PageSnapshots implements [match.Snapshots].
func (s *Store) PageSnapshots(ctx context.Context, after match.ID, limit int) (page []match.Snapshot, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			var m match.Snapshot
			err := rows.Scan(&m.ID, &m.Epoch, &m.Version, &m.Head)
			page = append(page, m)
			return err
		}, pageSnapshots, after, max(limit, 0))
	})
	return page, err
}
