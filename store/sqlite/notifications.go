package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"github.com/shoal-go/shoal/notification"
)

const (
	insertNotification = `
		INSERT INTO notifications (id, user_id, subject, content, code, sender, created)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING seq`
	listNotifications = `
		SELECT seq, id, user_id, subject, content, code, sender, created FROM notifications
		WHERE user_id = ? AND seq > ? ORDER BY seq LIMIT ?`
	deleteNotification    = `DELETE FROM notifications WHERE id = ? AND user_id = ?`
	deleteNotificationsOf = `DELETE FROM notifications WHERE user_id = ?`
)

// AddNotifications implements [notification.Store].
func (s *Store) AddNotifications(ctx context.Context, ns []notification.Notification) ([]notification.Notification, error) {
	added := slices.Clone(ns)
	err := s.write.transact(ctx, func(c *conn) error {
		for i := range added {
			n := &added[i]
			n.Persistent, n.Created = true, seconds(n.Created)
			if err := c.query(func(rows *sql.Rows) error { return rows.Scan(&n.Seq) }, insertNotification,
				n.ID, n.User, n.Subject, n.Content, n.Code, n.Sender, n.Created.Unix()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// ListNotifications implements [notification.Store].
func (s *Store) ListNotifications(ctx context.Context, user string, after int64, limit int) (page []notification.Notification, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			n := notification.Notification{Persistent: true}
			var created int64
			err := rows.Scan(&n.Seq, &n.ID, &n.User, &n.Subject, &n.Content, &n.Code, &n.Sender, &created)
			n.Created = fromSeconds(created)
			page = append(page, n)
			return err
		}, listNotifications, user, after, max(limit, 0))
	})
	return page, err
}

// DeleteNotifications implements [notification.Store].
func (s *Store) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	return s.write.transact(ctx, func(c *conn) error {
		for _, id := range ids {
			if _, err := c.exec(deleteNotification, id, user); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteNotificationsOf implements [notification.Store].
func (s *Store) DeleteNotificationsOf(ctx context.Context, user string) error {
	return s.write.transact(ctx, func(c *conn) error {
		_, err := c.exec(deleteNotificationsOf, user)
		return err
	})
}
