package storage

import (
	"cmp"
	"context"
)

// How many objects a page has if nobody says, and may have.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// ListRequest asks for a page of a collection.
type ListRequest struct {
	Collection string
	Owner      *string // whose objects; nil means everybody's
	Limit      int     // objects of the page, up to 1000; 0 means 100
	Cursor     string  // from a Page of the same collection and owner; "" begins with the first
}

// Page is a part of a collection, ordered by key and then by owner.
type Page struct {
	Objects []Object
	Next    string // cursor of the objects after this page; "" if there are none
}

// List returns a page for the host. Objects that are written between two pages are in the later one if they stand
// behind the earlier. The errors are [ErrMissing], [ErrName], [ErrOwner], [ErrLimit], [ErrCursor] and those of the
// store.
func (o *Objects) List(ctx context.Context, q ListRequest) (Page, error) {
	return o.list(ctx, q, HostOnly)
}

// Browse lists as a client may: like List, but only the objects that the user may read, and of other users and of
// everybody only what everybody may read.
func (o *Objects) Browse(ctx context.Context, user string, q ListRequest) (Page, error) {
	if !isUser(user) {
		return Page{}, ErrOwner
	}
	readers := Everybody
	if q.Owner != nil && *q.Owner == user {
		readers = Owner
	}
	return o.list(ctx, q, readers)
}

func (o *Objects) list(ctx context.Context, q ListRequest, readers Access) (Page, error) {
	if q.Owner != nil && *q.Owner == systemID {
		q.Owner = new("")
	}
	switch {
	case q.Collection == "":
		return Page{}, ErrMissing
	case !validName(q.Collection):
		return Page{}, ErrName
	case q.Owner != nil && !validOwner(*q.Owner):
		return Page{}, ErrOwner
	case q.Limit < 0 || q.Limit > maxLimit:
		return Page{}, ErrLimit
	}
	q.Limit = cmp.Or(q.Limit, defaultLimit)
	list := series{q.Collection, q.Owner}
	var after Place
	if q.Cursor != "" {
		var err error
		if after, err = list.decode(q.Cursor); err != nil {
			return Page{}, err
		}
	}
	found, err := o.store.ListObjects(ctx, Query{
		Collection: q.Collection, Owner: q.Owner, Readers: readers, After: after,
		Limit: q.Limit + 1, // one more tells if there is more
	})
	if err != nil {
		return Page{}, storeError("list objects", err)
	}
	if len(found) <= q.Limit {
		return Page{Objects: found}, nil
	}
	last := found[q.Limit-1]
	return Page{Objects: found[:q.Limit], Next: list.encode(Place{last.Key, last.Owner})}, nil
}
