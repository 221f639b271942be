package notification

import "context"

// Store keeps persistent notifications. Each method is one transaction, safe for concurrent use; what it acknowledged
// survives the process if the store is one that does. When a method returns, its transaction is over, also with an
// error: it changes nothing later on. Contract: storetest.Notifications.
type Store interface {
	// AddNotifications stores all or none, and returns them with their Seq, in the order given. All are persistent and
	// have an ID that no other has. Of two notifications of one user the later has the greater Seq, also when both are
	// added at once: whoever can see one can see all below it. No Seq is given twice, not even after the notification
	// that had it is gone. The smallest is 1.
	AddNotifications(ctx context.Context, ns []Notification) ([]Notification, error)
	// ListNotifications returns up to limit notifications of a user whose Seq is greater than after, in its order.
	ListNotifications(ctx context.Context, user string, after int64, limit int) ([]Notification, error)
	// DeleteNotifications removes those of the user that have one of the ids. Other ids are no error.
	DeleteNotifications(ctx context.Context, user string, ids []string) error
	// DeleteNotificationsOf removes all notifications of a user.
	DeleteNotificationsOf(ctx context.Context, user string) error
}

// Outbox takes what is to be pushed: it is what a host's network layer implements. It must never block, and may keep
// the slice.
type Outbox interface {
	// Notify sends ns to every socket that the user has open. All are of this user.
	Notify(user string, ns []Notification)
}
