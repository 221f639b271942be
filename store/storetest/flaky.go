package storetest

import (
	"context"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
)

// Flaky is a store that fails or is slow when a test says so: every call passes through Before, the Store, and After. It
// shows what a server does in bad times; it is safe for concurrent use as far as the two functions are.
type Flaky struct {
	Store // the one that works
	// Before, if not nil, is called first, with the name of the method. It may wait. An error is the answer to the call, of
	// which the Store then never hears: nothing is changed.
	Before func(ctx context.Context, method string) error
	// After, if not nil, is called when the Store has answered without an error. An error takes the place of the answer: what
	// was changed stays, and the caller cannot know, as when a connection breaks at the wrong moment.
	After func(ctx context.Context, method string) error
}

// flaky makes one call.
func flaky[T any](ctx context.Context, f *Flaky, method string, call func() (T, error)) (result T, err error) {
	if f.Before != nil {
		if err := f.Before(ctx, method); err != nil {
			return result, err
		}
	}
	answer, err := call()
	if err == nil && f.After != nil {
		if err := f.After(ctx, method); err != nil {
			return result, err
		}
	}
	return answer, err
}

// flakyError makes one call that answers nothing but an error.
func flakyError(ctx context.Context, f *Flaky, method string, call func() error) error {
	_, err := flaky(ctx, f, method, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// CreateAccount implements [auth.Accounts].
func (f *Flaky) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	return flakyError(ctx, f, "CreateAccount", func() error { return f.Store.CreateAccount(ctx, a, first) })
}

// AccountsByID implements [auth.Accounts].
func (f *Flaky) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	return flaky(ctx, f, "AccountsByID", func() ([]auth.Account, error) { return f.Store.AccountsByID(ctx, ids) })
}

// AccountsByUsername implements [auth.Accounts].
func (f *Flaky) AccountsByUsername(ctx context.Context, usernames []string) ([]auth.Account, error) {
	return flaky(ctx, f, "AccountsByUsername", func() ([]auth.Account, error) { return f.Store.AccountsByUsername(ctx, usernames) })
}

// UpdateAccount implements [auth.Accounts].
func (f *Flaky) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	return flakyError(ctx, f, "UpdateAccount", func() error { return f.Store.UpdateAccount(ctx, id, u, at) })
}

// DisableAccount implements [auth.Accounts].
func (f *Flaky) DisableAccount(ctx context.Context, id string, at time.Time) error {
	return flakyError(ctx, f, "DisableAccount", func() error { return f.Store.DisableAccount(ctx, id, at) })
}

// DeleteAccount implements [auth.Accounts].
func (f *Flaky) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	return flakyError(ctx, f, "DeleteAccount", func() error { return f.Store.DeleteAccount(ctx, id, at) })
}

// AccountByIdentity implements [auth.Identities].
func (f *Flaky) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	type answer struct {
		first  auth.Account
		second []byte
	}
	got, err := flaky(ctx, f, "AccountByIdentity", func() (a answer, err error) {
		a.first, a.second, err = f.Store.AccountByIdentity(ctx, kind, id)
		return a, err
	})
	return got.first, got.second, err
}

// Password implements [auth.Identities].
func (f *Flaky) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	type answer struct {
		first  auth.Account
		second []byte
	}
	got, err := flaky(ctx, f, "Password", func() (a answer, err error) {
		a.first, a.second, err = f.Store.Password(ctx, username)
		return a, err
	})
	return got.first, got.second, err
}

// Link implements [auth.Identities].
func (f *Flaky) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	return flakyError(ctx, f, "Link", func() error { return f.Store.Link(ctx, user, i, at) })
}

// Unlink implements [auth.Identities].
func (f *Flaky) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	return flakyError(ctx, f, "Unlink", func() error { return f.Store.Unlink(ctx, user, kind, id, at) })
}

// Deletions implements [auth.Deletions].
func (f *Flaky) Deletions(ctx context.Context) ([]auth.Deletion, error) {
	return flaky(ctx, f, "Deletions", func() ([]auth.Deletion, error) { return f.Store.Deletions(ctx) })
}

// ForgetDeletion implements [auth.Deletions].
func (f *Flaky) ForgetDeletion(ctx context.Context, user string) error {
	return flakyError(ctx, f, "ForgetDeletion", func() error { return f.Store.ForgetDeletion(ctx, user) })
}

// Revoke implements [auth.Revocations].
func (f *Flaky) Revoke(ctx context.Context, r auth.Revocation) error {
	return flakyError(ctx, f, "Revoke", func() error { return f.Store.Revoke(ctx, r) })
}

// Revocations implements [auth.Revocations].
func (f *Flaky) Revocations(ctx context.Context, now time.Time) ([]auth.Revocation, error) {
	return flaky(ctx, f, "Revocations", func() ([]auth.Revocation, error) { return f.Store.Revocations(ctx, now) })
}

// Rotate implements [auth.Rotations].
func (f *Flaky) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (auth.Rotation, error) {
	return flaky(ctx, f, "Rotate", func() (auth.Rotation, error) { return f.Store.Rotate(ctx, r, since) })
}

// Key implements [auth.Keys].
func (f *Flaky) Key(ctx context.Context, name string, candidate []byte) ([]byte, error) {
	return flaky(ctx, f, "Key", func() ([]byte, error) { return f.Store.Key(ctx, name, candidate) })
}

// CreateBoard implements [leaderboard.Definitions].
func (f *Flaky) CreateBoard(ctx context.Context, b leaderboard.Board) (leaderboard.Board, error) {
	return flaky(ctx, f, "CreateBoard", func() (leaderboard.Board, error) { return f.Store.CreateBoard(ctx, b) })
}

// Boards implements [leaderboard.Definitions].
func (f *Flaky) Boards(ctx context.Context) ([]leaderboard.Board, error) {
	return flaky(ctx, f, "Boards", func() ([]leaderboard.Board, error) { return f.Store.Boards(ctx) })
}

// DeleteBoard implements [leaderboard.Definitions].
func (f *Flaky) DeleteBoard(ctx context.Context, id string) error {
	return flakyError(ctx, f, "DeleteBoard", func() error { return f.Store.DeleteBoard(ctx, id) })
}

// WriteRecord implements [leaderboard.Records].
func (f *Flaky) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	type answer struct {
		first  leaderboard.Record
		second bool
	}
	got, err := flaky(ctx, f, "WriteRecord", func() (a answer, err error) {
		a.first, a.second, err = f.Store.WriteRecord(ctx, w)
		return a, err
	})
	return got.first, got.second, err
}

// RecordsOf implements [leaderboard.Records].
func (f *Flaky) RecordsOf(ctx context.Context, board string, period time.Time, owners []string) ([]leaderboard.Record, error) {
	return flaky(ctx, f, "RecordsOf", func() ([]leaderboard.Record, error) { return f.Store.RecordsOf(ctx, board, period, owners) })
}

// DeleteRecord implements [leaderboard.Records].
func (f *Flaky) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	return flaky(ctx, f, "DeleteRecord", func() (bool, error) { return f.Store.DeleteRecord(ctx, board, period, owner) })
}

// DeleteRecordsOf implements [leaderboard.Records].
func (f *Flaky) DeleteRecordsOf(ctx context.Context, owner string) ([]leaderboard.Record, error) {
	return flaky(ctx, f, "DeleteRecordsOf", func() ([]leaderboard.Record, error) { return f.Store.DeleteRecordsOf(ctx, owner) })
}

// Standings implements [leaderboard.Rankings].
func (f *Flaky) Standings(ctx context.Context, s leaderboard.Span, limit int) ([]leaderboard.Standing, error) {
	return flaky(ctx, f, "Standings", func() ([]leaderboard.Standing, error) { return f.Store.Standings(ctx, s, limit) })
}

// PageRecords implements [leaderboard.Rankings].
func (f *Flaky) PageRecords(ctx context.Context, s leaderboard.Span, order leaderboard.Sort, limit int) ([]leaderboard.Record, error) {
	return flaky(ctx, f, "PageRecords", func() ([]leaderboard.Record, error) { return f.Store.PageRecords(ctx, s, order, limit) })
}

// CountRecords implements [leaderboard.Rankings].
func (f *Flaky) CountRecords(ctx context.Context, s leaderboard.Span) (int64, error) {
	return flaky(ctx, f, "CountRecords", func() (int64, error) { return f.Store.CountRecords(ctx, s) })
}

// Periods implements [leaderboard.Periods].
func (f *Flaky) Periods(ctx context.Context, board string) ([]time.Time, error) {
	return flaky(ctx, f, "Periods", func() ([]time.Time, error) { return f.Store.Periods(ctx, board) })
}

// DeletePeriod implements [leaderboard.Periods].
func (f *Flaky) DeletePeriod(ctx context.Context, board string, period time.Time, limit int) (int, error) {
	return flaky(ctx, f, "DeletePeriod", func() (int, error) { return f.Store.DeletePeriod(ctx, board, period, limit) })
}

// Handled implements [leaderboard.Periods].
func (f *Flaky) Handled(ctx context.Context, board string) (time.Time, error) {
	return flaky(ctx, f, "Handled", func() (time.Time, error) { return f.Store.Handled(ctx, board) })
}

// SetHandled implements [leaderboard.Periods].
func (f *Flaky) SetHandled(ctx context.Context, board string, at time.Time) error {
	return flakyError(ctx, f, "SetHandled", func() error { return f.Store.SetHandled(ctx, board, at) })
}

// WriteObjects implements [storage.Store].
func (f *Flaky) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	return flaky(ctx, f, "WriteObjects", func() ([]storage.Object, error) { return f.Store.WriteObjects(ctx, ws) })
}

// ReadObjects implements [storage.Store].
func (f *Flaky) ReadObjects(ctx context.Context, ids []storage.ID) ([]storage.Object, error) {
	return flaky(ctx, f, "ReadObjects", func() ([]storage.Object, error) { return f.Store.ReadObjects(ctx, ids) })
}

// ListObjects implements [storage.Store].
func (f *Flaky) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	return flaky(ctx, f, "ListObjects", func() ([]storage.Object, error) { return f.Store.ListObjects(ctx, q) })
}

// DeleteObjects implements [storage.Store].
func (f *Flaky) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	return flakyError(ctx, f, "DeleteObjects", func() error { return f.Store.DeleteObjects(ctx, ds) })
}

// DeleteObjectsOf implements [storage.Store].
func (f *Flaky) DeleteObjectsOf(ctx context.Context, owner string) error {
	return flakyError(ctx, f, "DeleteObjectsOf", func() error { return f.Store.DeleteObjectsOf(ctx, owner) })
}

// AddNotifications implements [notification.Store].
func (f *Flaky) AddNotifications(ctx context.Context, ns []notification.Notification) ([]notification.Notification, error) {
	return flaky(ctx, f, "AddNotifications", func() ([]notification.Notification, error) { return f.Store.AddNotifications(ctx, ns) })
}

// ListNotifications implements [notification.Store].
func (f *Flaky) ListNotifications(ctx context.Context, user string, after int64, limit int) ([]notification.Notification, error) {
	return flaky(ctx, f, "ListNotifications", func() ([]notification.Notification, error) { return f.Store.ListNotifications(ctx, user, after, limit) })
}

// DeleteNotifications implements [notification.Store].
func (f *Flaky) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	return flakyError(ctx, f, "DeleteNotifications", func() error { return f.Store.DeleteNotifications(ctx, user, ids) })
}

// DeleteNotificationsOf implements [notification.Store].
func (f *Flaky) DeleteNotificationsOf(ctx context.Context, user string) error {
	return flakyError(ctx, f, "DeleteNotificationsOf", func() error { return f.Store.DeleteNotificationsOf(ctx, user) })
}

// SaveSnapshot implements [match.Snapshots].
func (f *Flaky) SaveSnapshot(ctx context.Context, s match.Snapshot) error {
	return flakyError(ctx, f, "SaveSnapshot", func() error { return f.Store.SaveSnapshot(ctx, s) })
}

// LoadSnapshot implements [match.Snapshots].
func (f *Flaky) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	return flaky(ctx, f, "LoadSnapshot", func() (match.Snapshot, error) { return f.Store.LoadSnapshot(ctx, id) })
}

// DeleteSnapshot implements [match.Snapshots].
func (f *Flaky) DeleteSnapshot(ctx context.Context, id match.ID, epoch int64) error {
	return flakyError(ctx, f, "DeleteSnapshot", func() error { return f.Store.DeleteSnapshot(ctx, id, epoch) })
}

// PageSnapshots implements [match.Snapshots].
func (f *Flaky) PageSnapshots(ctx context.Context, after match.ID, limit int) ([]match.Snapshot, error) {
	return flaky(ctx, f, "PageSnapshots", func() ([]match.Snapshot, error) { return f.Store.PageSnapshots(ctx, after, limit) })
}
