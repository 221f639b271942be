package storage

import (
	"errors"
	"fmt"
)

// Errors to ask for with [errors.Is]. Any other error of this package is one of a store or of the caller's context.
var (
	// ErrMissing: a collection, key or value is empty.
	ErrMissing = errors.New("storage: collection, key or value is empty")
	// ErrName: a collection or key is longer than 128 characters, or is not text.
	ErrName = errors.New("storage: collection or key is too long or not text")
	// ErrOwner: an owner is more than 128 bytes, or not text; or it is the system where a user must be named.
	ErrOwner = errors.New("storage: owner is missing, too long or not text")
	// ErrValue: a value is not the text of a JSON object.
	ErrValue = errors.New("storage: value is not a JSON object")
	// ErrReaders: the readers of an object are none of the constants.
	ErrReaders = errors.New("storage: unknown readers")
	// ErrWriters: the writers of an object are neither HostOnly nor Owner.
	ErrWriters = errors.New("storage: unknown writers")
	// ErrVersion: the stored object has another version than the one asked for, or there is none.
	ErrVersion = errors.New("storage: version check failed")
	// ErrProtected: only the host may change this object.
	ErrProtected = errors.New("storage: object is written by the host only")
	// ErrNotFound: a client deletes an object that is not there.
	ErrNotFound = errors.New("storage: no such object")
	// ErrCursor: a cursor was not made for this list, or not by us at all.
	ErrCursor = errors.New("storage: cursor is invalid")
	// ErrLimit: more objects were asked for than may be, or fewer than none.
	ErrLimit = errors.New("storage: limit is out of range")
)

// storeError is what a caller is told of an error of the store: those of Apply and CheckDelete as they are.
func storeError(doing string, err error) error {
	for _, rule := range []error{ErrVersion, ErrProtected, ErrNotFound} {
		if errors.Is(err, rule) {
			return err
		}
	}
	return fmt.Errorf("storage: %s: %w", doing, err)
}
