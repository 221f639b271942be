package storage

import (
	"context"
	"errors"
	"time"
)

// Config says what [New] works with.
type Config struct {
	// Store keeps the objects. Required.
	Store Store
}

// Objects are the documents of a server, over the store that keeps them. It is safe for concurrent use and keeps
// nothing in memory.
//
// Write, Read, List and Delete are for the host, which may do everything. Submit, Fetch, Browse and
// Withdraw are what a client may do; their caller has made sure that the user is the client itself.
type Objects struct{ store Store }

// New makes Objects. The error says what is missing in the Config.
func New(c Config) (*Objects, error) {
	if c.Store == nil {
		return nil, errors.New("storage: Config.Store is required")
	}
	return &Objects{c.Store}, nil
}

// Write writes a batch for the host, all or nothing, one after the other. It returns the objects as they are after
// their write, in the order of the batch. The errors are [ErrMissing], [ErrName], [ErrOwner], [ErrReaders],
// [ErrWriters], [ErrValue], [ErrVersion] and those of the store; after one of the store the batch may or may not have
// been written.
func (o *Objects) Write(ctx context.Context, puts []Put) ([]Object, error) {
	ws := make([]Write, len(puts))
	for i, p := range puts {
		ws[i].Put = p
	}
	return o.write(ctx, ws)
}

// Submit writes a batch as a client may: like Write, but the owner of each object is the user, whatever its ID says,
// and one that only the host may write is [ErrProtected].
func (o *Objects) Submit(ctx context.Context, user string, puts []Put) ([]Object, error) {
	if !isUser(user) {
		return nil, ErrOwner
	}
	ws := make([]Write, len(puts))
	for i, p := range puts {
		p.Owner = user
		ws[i] = Write{Put: p, Client: true}
	}
	return o.write(ctx, ws)
}

func (o *Objects) write(ctx context.Context, ws []Write) ([]Object, error) {
	if len(ws) == 0 {
		return nil, nil
	}
	now := time.Now().UTC().Truncate(time.Microsecond) // so that every store returns it as it was
	for i := range ws {
		var err error
		if ws[i].Put, err = ws[i].Put.checked(); err != nil {
			return nil, err
		}
		ws[i].At = now
	}
	written, err := o.store.WriteObjects(ctx, ws)
	if err != nil {
		return nil, storeError("write objects", err)
	}
	return written, nil
}

// Read returns the objects that exist among ids, each once, in the order of ids. The errors are [ErrMissing],
// [ErrName], [ErrOwner] and those of the store.
func (o *Objects) Read(ctx context.Context, ids []ID) ([]Object, error) {
	return o.read(ctx, ids, func(*Object) bool { return true })
}

// Fetch reads as a client may: like Read, without the objects that the user may not read.
func (o *Objects) Fetch(ctx context.Context, user string, ids []ID) ([]Object, error) {
	if !isUser(user) {
		return nil, ErrOwner
	}
	return o.read(ctx, ids, func(found *Object) bool { return found.readableBy(user) })
}

func (o *Objects) read(ctx context.Context, ids []ID, visible func(*Object) bool) ([]Object, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var want []ID
	seen := make(map[ID]bool, len(ids))
	for _, id := range ids {
		id, err := id.checked()
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			want = append(want, id)
		}
	}
	found, err := o.store.ReadObjects(ctx, want)
	if err != nil {
		return nil, storeError("read objects", err)
	}
	byID := make(map[ID]*Object, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	var out []Object
	for _, id := range want {
		if f := byID[id]; f != nil && visible(f) {
			out = append(out, *f)
		}
	}
	return out, nil
}

// Delete deletes a batch for the host, all or nothing. An object that is not there is no error, but one that has
// another version than the batch says is [ErrVersion]. The other errors are [ErrMissing], [ErrName], [ErrOwner] and
// those of the store; after one of the store the batch may or may not have been deleted.
func (o *Objects) Delete(ctx context.Context, rs []Removal) error {
	ds := make([]Deletion, len(rs))
	for i, r := range rs {
		ds[i].Removal = r
	}
	return o.delete(ctx, ds)
}

// Withdraw deletes a batch as a client may: like Delete, but the owner of each object is the user, whatever its ID
// says; one that only the host may write is [ErrProtected], one that is not there [ErrNotFound].
func (o *Objects) Withdraw(ctx context.Context, user string, rs []Removal) error {
	if !isUser(user) {
		return ErrOwner
	}
	ds := make([]Deletion, len(rs))
	for i, r := range rs {
		r.Owner = user
		ds[i] = Deletion{Removal: r, Client: true}
	}
	return o.delete(ctx, ds)
}

func (o *Objects) delete(ctx context.Context, ds []Deletion) error {
	if len(ds) == 0 {
		return nil
	}
	for i := range ds {
		var err error
		if ds[i].ID, err = ds[i].ID.checked(); err != nil {
			return err
		}
	}
	if err := o.store.DeleteObjects(ctx, ds); err != nil {
		return storeError("delete objects", err)
	}
	return nil
}

// isUser tells an id of a user from that of the system and from what is no id.
func isUser(id string) bool { return id != "" && id != systemID && validOwner(id) }
