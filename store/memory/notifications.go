package memory

import (
	"context"
	"slices"

	"github.com/shoal-go/shoal/notification"
)

// AddNotifications implements [notification.Store].
func (s *Store) AddNotifications(ctx context.Context, ns []notification.Notification) ([]notification.Notification, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	added := slices.Clone(ns)
	for i := range added {
		n := &added[i]
		s.lastNotification++
		n.Seq, n.Persistent, n.Created = s.lastNotification, true, seconds(n.Created)
		s.notifications[n.User] = append(s.notifications[n.User], *n)
	}
	return added, nil
}

// ListNotifications implements [notification.Store].
func (s *Store) ListNotifications(ctx context.Context, user string, after int64, limit int) ([]notification.Notification, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	all := s.notifications[user]
	first, _ := slices.BinarySearchFunc(all, after, func(n notification.Notification, after int64) int {
		if n.Seq <= after {
			return -1
		}
		return 1
	})
	all = all[first:]
	return slices.Clone(all[:min(len(all), max(limit, 0))]), nil
}

// DeleteNotifications implements [notification.Store].
func (s *Store) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	kept := slices.DeleteFunc(s.notifications[user], func(n notification.Notification) bool {
		return slices.Contains(ids, n.ID)
	})
	if s.notifications[user] = kept; len(kept) == 0 {
		delete(s.notifications, user)
	}
	return nil
}

// DeleteNotificationsOf implements [notification.Store].
func (s *Store) DeleteNotificationsOf(ctx context.Context, user string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	delete(s.notifications, user)
	return nil
}
