package storage

import "context"

// Store keeps the objects. Each method is one transaction, safe for concurrent use; what it acknowledged survives the
// process if the store is one that does. When a method returns, its transaction is over, also with an error: it changes
// nothing later on. The owner "" is one like any other. Contract: storetest.Objects.
type Store interface {
	// WriteObjects does one write after the other: it reads the stored object, gives both to [Apply] and stores the
	// result. It returns the objects as they are after their write, in the order of the writes. An error of Apply is
	// returned as it is, and nothing of the batch is stored.
	WriteObjects(ctx context.Context, ws []Write) ([]Object, error)
	// ReadObjects returns the objects that exist among ids, each once, in no order.
	ReadObjects(ctx context.Context, ids []ID) ([]Object, error)
	// ListObjects returns up to q.Limit objects, ordered by key and then by owner, both by their bytes.
	ListObjects(ctx context.Context, q Query) ([]Object, error)
	// DeleteObjects does one deletion after the other: it gives the stored object to [CheckDelete] and removes it. An
	// error of CheckDelete is returned as it is, and nothing of the batch is removed.
	DeleteObjects(ctx context.Context, ds []Deletion) error
	// DeleteObjectsOf removes all objects of an owner.
	DeleteObjectsOf(ctx context.Context, owner string) error
}

// Query is a page of objects as a store sees it. Hosts and gateways make a [ListRequest].
type Query struct {
	Collection string
	Owner      *string // nil: everybody's
	Readers    Access  // only objects that at least these may read
	After      Place   // only objects behind it
	Limit      int
}

// Place is where an object stands in its collection; the zero Place is before all.
type Place struct{ Key, Owner string }
