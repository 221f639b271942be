package storetest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/store/memory"
)

// Each type here is a store of objects or notifications with one fault. The first two have theirs in other ports too.

func (s uncancelled) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	return s.Store.ListObjects(context.WithoutCancel(ctx), q)
}

func (s uncancelled) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	return s.Store.DeleteNotifications(context.WithoutCancel(ctx), user, ids)
}

func (s forgetful) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	for i := range ws {
		ws[i].Writers = storage.HostOnly
	}
	return s.Store.WriteObjects(ctx, ws)
}

func (s forgetful) ListNotifications(ctx context.Context, user string, after int64, limit int) ([]notification.Notification, error) {
	ns, err := s.Store.ListNotifications(ctx, user, after, limit)
	for i := range ns {
		ns[i].Sender = ""
	}
	return ns, err
}

// normalising keeps values in another form, as a column for JSON does.
type normalising struct{ *memory.Store }

func (s normalising) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	for i := range ws {
		var b bytes.Buffer
		if json.Compact(&b, []byte(ws[i].Value)) == nil {
			ws[i].Value = b.String()
		}
	}
	return s.Store.WriteObjects(ctx, ws)
}

// rounding keeps whole seconds.
type rounding struct{ *memory.Store }

func (s rounding) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	for i := range ws {
		ws[i].At = ws[i].At.Truncate(time.Second)
	}
	return s.Store.WriteObjects(ctx, ws)
}

// onlyForce does not look at versions.
type onlyForce struct{ *memory.Store }

func (s onlyForce) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	for i := range ws {
		ws[i].Version = ""
	}
	return s.Store.WriteObjects(ctx, ws)
}

func (s onlyForce) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	for i := range ds {
		ds[i].Version = ""
	}
	return s.Store.DeleteObjects(ctx, ds)
}

// upserting moves the time of every write.
type upserting struct{ *memory.Store }

func (s upserting) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	written, err := s.Store.WriteObjects(ctx, ws)
	for i := range written {
		written[i].Updated = ws[i].At
	}
	return written, err
}

// oneByOne has a transaction for each object.
type oneByOne struct{ *memory.Store }

func (s oneByOne) WriteObjects(ctx context.Context, ws []storage.Write) (written []storage.Object, err error) {
	for _, w := range ws {
		one, err := s.Store.WriteObjects(ctx, []storage.Write{w})
		if err != nil {
			return nil, err
		}
		written = append(written, one...)
	}
	return written, nil
}

func (s oneByOne) DeleteObjects(ctx context.Context, ds []storage.Deletion) error {
	for _, d := range ds {
		if err := s.Store.DeleteObjects(ctx, []storage.Deletion{d}); err != nil {
			return err
		}
	}
	return nil
}

// blindBatch reads all objects of a batch before it writes one.
type blindBatch struct{ *memory.Store }

func (s blindBatch) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	for _, w := range ws {
		found, err := s.ReadObjects(ctx, []storage.ID{w.ID})
		if err != nil {
			return nil, err
		}
		var stored *storage.Object
		if len(found) > 0 {
			stored = &found[0]
		}
		if _, _, err := storage.Apply(stored, w); err != nil {
			return nil, err
		}
	}
	for i := range ws {
		ws[i].Version = ""
	}
	return s.Store.WriteObjects(ctx, ws)
}

// ownerless takes owners that differ in case or blanks for the same.
type ownerless struct{ *memory.Store }

func (s ownerless) WriteObjects(ctx context.Context, ws []storage.Write) ([]storage.Object, error) {
	for i := range ws {
		ws[i].Owner = strings.ToLower(strings.TrimSpace(ws[i].Owner))
	}
	return s.Store.WriteObjects(ctx, ws)
}

func (s ownerless) DeleteObjectsOf(ctx context.Context, _ string) error { return ctx.Err() }

// doubled answers once for each id it is asked for.
type doubled struct{ *memory.Store }

func (s doubled) ReadObjects(ctx context.Context, ids []storage.ID) (all []storage.Object, err error) {
	for _, id := range ids {
		found, err := s.Store.ReadObjects(ctx, []storage.ID{id})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// caseless lists in the order of a dictionary.
type caseless struct{ *memory.Store }

func (s caseless) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	page, err := s.Store.ListObjects(ctx, q)
	slices.SortStableFunc(page, func(a, b storage.Object) int {
		return cmp.Compare(strings.ToLower(a.Key), strings.ToLower(b.Key))
	})
	return page, err
}

// byKeyOnly goes on behind the key, past the other owners of it.
type byKeyOnly struct{ *memory.Store }

func (s byKeyOnly) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	if q.After.Key != "" {
		q.After.Owner = "\U0010ffff"
	}
	return s.Store.ListObjects(ctx, q)
}

// leaking shows everything to everybody.
type leaking struct{ *memory.Store }

func (s leaking) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	q.Readers = storage.HostOnly
	return s.Store.ListObjects(ctx, q)
}

// lavish does not count.
type lavish struct{ *memory.Store }

func (s lavish) ListObjects(ctx context.Context, q storage.Query) ([]storage.Object, error) {
	q.Limit++
	return s.Store.ListObjects(ctx, q)
}

func (s lavish) ListNotifications(ctx context.Context, user string, after int64, limit int) ([]notification.Notification, error) {
	return s.Store.ListNotifications(ctx, user, after, limit+1)
}

// marking keeps what is deleted, with a mark.
type marking struct{ *memory.Store }

func (s marking) DeleteObjects(ctx context.Context, ds []storage.Deletion) error { return ctx.Err() }

// newestFirst lists the other way round.
type newestFirst struct{ *memory.Store }

func (s newestFirst) ListNotifications(ctx context.Context, user string, after int64, limit int) ([]notification.Notification, error) {
	page, err := s.Store.ListNotifications(ctx, user, after, limit)
	slices.Reverse(page)
	return page, err
}

// renumbering gives the number after the greatest that is stored.
type renumbering struct{ *memory.Store }

func (s *renumbering) AddNotifications(ctx context.Context, ns []notification.Notification) ([]notification.Notification, error) {
	kept, err := s.ListNotifications(ctx, "ann", 0, 1000)
	if err != nil {
		return nil, err
	}
	added, err := s.Store.AddNotifications(ctx, ns)
	for i := range added {
		added[i].Seq = int64(len(kept) + 1 + i)
	}
	return added, err
}

// forEverybody deletes by id, whoever's it is.
type forEverybody struct{ *memory.Store }

func (s forEverybody) DeleteNotifications(ctx context.Context, user string, ids []string) error {
	if err := s.Store.DeleteNotifications(ctx, user, ids); err != nil {
		return err
	}
	return s.Store.DeleteNotifications(ctx, "bob", ids)
}

func (s forEverybody) DeleteNotificationsOf(ctx context.Context, user string) error {
	if err := s.Store.DeleteNotificationsOf(ctx, user); err != nil {
		return err
	}
	return s.Store.DeleteNotificationsOf(ctx, "bob")
}
