package notification_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/notification"
)

var errStore = errors.New("the disk is gone")

// fakeStore is the least that fulfils the port.
type fakeStore struct {
	fail error // of every method, if set

	mu   sync.Mutex
	seq  int64
	kept []notification.Notification
}

func (s *fakeStore) lock(ctx context.Context) error {
	s.mu.Lock()
	return cmp.Or(ctx.Err(), s.fail)
}

func (s *fakeStore) AddNotifications(ctx context.Context, ns []notification.Notification) ([]notification.Notification, error) {
	defer s.mu.Unlock()
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	added := slices.Clone(ns)
	for i := range added {
		s.seq++
		added[i].Seq = s.seq
	}
	s.kept = append(s.kept, added...)
	return added, nil
}

func (s *fakeStore) ListNotifications(ctx context.Context, user string, after int64, limit int) (page []notification.Notification, err error) {
	defer s.mu.Unlock()
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	for _, n := range s.kept {
		if n.User == user && n.Seq > after && len(page) < limit {
			page = append(page, n)
		}
	}
	return page, nil
}

func (s *fakeStore) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	return s.remove(ctx, func(n notification.Notification) bool { return n.User == user && slices.Contains(ids, n.ID) })
}

func (s *fakeStore) DeleteNotificationsOf(ctx context.Context, user string) error {
	return s.remove(ctx, func(n notification.Notification) bool { return n.User == user })
}

func (s *fakeStore) remove(ctx context.Context, which func(notification.Notification) bool) error {
	defer s.mu.Unlock()
	if err := s.lock(ctx); err != nil {
		return err
	}
	s.kept = slices.DeleteFunc(s.kept, which)
	return nil
}

// pushed is one call of an outbox.
type pushed struct {
	user string
	ns   []notification.Notification
}

// fakeOutbox remembers what it was given.
type fakeOutbox struct {
	mu  sync.Mutex
	all []pushed
}

func (o *fakeOutbox) Notify(user string, ns []notification.Notification) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, pushed{user, ns})
}

// newNotifications makes notifications over a fake store and outbox.
func newNotifications(t testing.TB) (*notification.Notifications, *fakeStore, *fakeOutbox) {
	t.Helper()
	s, out := new(fakeStore), new(fakeOutbox)
	n, err := notification.New(notification.Config{Store: s, Outbox: out})
	require.NoError(t, err)
	return n, s, out
}

// note is a notification with code 1.
func note(user, subject string, persistent bool) notification.Notification {
	return notification.Notification{User: user, Subject: subject, Content: "{}", Code: 1, Persistent: persistent}
}

// subjects are those of notifications, in their order.
func subjects(ns []notification.Notification) []string {
	var out []string
	for _, n := range ns {
		out = append(out, n.Subject)
	}
	return out
}
