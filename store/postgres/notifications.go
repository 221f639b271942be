package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/notification"
)

const (
	// lockUsers lets one transaction at a time add to a user's notifications: the numbers of a user must be seen in their
	// order. All come in the same order, so that nobody waits in a circle.
	lockUsers = `
		SELECT pg_advisory_xact_lock(lock)
		FROM (SELECT DISTINCT hashtextextended(u, 0) AS lock FROM unnest($1::text[]) AS u ORDER BY 1) AS locks`
	insertNotification = `
		INSERT INTO notifications (id, user_id, subject, content, code, sender, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING seq`
	listNotifications = `
		SELECT seq, id, user_id, subject, content, code, sender, created FROM notifications
		WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`
	deleteNotifications   = `DELETE FROM notifications WHERE user_id = $1 AND id = ANY($2)`
	deleteNotificationsOf = `DELETE FROM notifications WHERE user_id = $1`
)

// AddNotifications implements [notification.Store].
func (s *Store) AddNotifications(ctx context.Context, ns []notification.Notification) ([]notification.Notification, error) {
	added := slices.Clone(ns)
	users := make([]string, len(ns))
	for i := range added {
		n := &added[i]
		n.Persistent, n.Created, users[i] = true, seconds(n.Created), n.User
		if !storable([]any{n.ID, n.User, n.Subject, n.Content, n.Sender}) {
			return nil, ErrText
		}
	}
	err := s.transact(ctx, func(ctx context.Context, c conn) error {
		if _, err := c.Exec(ctx, lockUsers, users); err != nil {
			return err
		}
		var batch pgx.Batch
		for i := range added {
			n := &added[i]
			batch.Queue(insertNotification, n.ID, n.User, n.Subject, n.Content, n.Code, n.Sender, n.Created).
				QueryRow(func(row pgx.Row) error { return row.Scan(&n.Seq) })
		}
		return c.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// ListNotifications implements [notification.Store].
func (s *Store) ListNotifications(ctx context.Context, user string, after int64, limit int) ([]notification.Notification, error) {
	return read(ctx, s, func(row pgx.CollectableRow) (notification.Notification, error) {
		n := notification.Notification{Persistent: true}
		err := row.Scan(&n.Seq, &n.ID, &n.User, &n.Subject, &n.Content, &n.Code, &n.Sender, &n.Created)
		return n, err
	}, listNotifications, user, after, max(limit, 0))
}

// DeleteNotifications implements [notification.Store].
func (s *Store) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	_, err := s.exec(ctx, deleteNotifications, user, storableOf(ids))
	return err
}

// DeleteNotificationsOf implements [notification.Store].
func (s *Store) DeleteNotificationsOf(ctx context.Context, user string) error {
	_, err := s.exec(ctx, deleteNotificationsOf, user)
	return err
}
