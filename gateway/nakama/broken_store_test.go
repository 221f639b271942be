package nakama_test

import (
	"context"

	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

// brokenStore keeps neither objects nor notifications.
type brokenStore struct{}

func (brokenStore) WriteObjects(context.Context, []storage.Write) ([]storage.Object, error) {
	return nil, errStore
}

func (brokenStore) ReadObjects(context.Context, []storage.ID) ([]storage.Object, error) {
	return nil, errStore
}

func (brokenStore) ListObjects(context.Context, storage.Query) ([]storage.Object, error) {
	return nil, errStore
}

func (brokenStore) DeleteObjects(context.Context, []storage.Deletion) error { return errStore }

func (brokenStore) DeleteObjectsOf(context.Context, string) error { return errStore }

func (brokenStore) AddNotifications(context.Context, []notification.Notification) ([]notification.Notification, error) {
	return nil, errStore
}

func (brokenStore) ListNotifications(context.Context, string, int64, int) ([]notification.Notification, error) {
	return nil, errStore
}

func (brokenStore) DeleteNotifications(context.Context, string, []string) error { return errStore }

func (brokenStore) DeleteNotificationsOf(context.Context, string) error { return errStore }
