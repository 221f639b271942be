package storage

import (
	"errors"
	"fmt"
)

// Errors to ask for with [errors.Is]. Any other error of this package is one of a store or of the caller's context.
var (
	// ErrMissing means that a collection, key or value is empty.
	ErrMissing = errors.New("storage: collection, key or value is empty")
	// ErrName means that a collection or key is longer than 128 characters, or is not text.
	ErrName = errors.New("storage: collection or key is too long or not text")
	// ErrOwner means that an owner is more than 128 bytes, or not text; or it is the system where a user must be named.
	ErrOwner = errors.New("storage: owner is missing, too long or not text")
	// ErrValue means that a value is not the text of a JSON object.
	ErrValue = errors.New("storage: value is not a JSON object")
	// ErrReaders means that the readers of an object are none of the constants.
	ErrReaders = errors.New("storage: unknown readers")
	// ErrWriters means that the writers of an object are neither HostOnly nor Owner.
	ErrWriters = errors.New("storage: unknown writers")
	// ErrVersion means that the stored object has another version than the one asked for, or there is none.
	ErrVersion = errors.New("storage: version check failed")
	// ErrProtected means that only the host may change this object.
	ErrProtected = errors.New("storage: object is written by the host only")
	// ErrNotFound means that a client deletes an object that is not there.
	ErrNotFound = errors.New("storage: no such object")
	// ErrCursor means that a cursor was not made for this list, or not by us at all.
	ErrCursor = errors.New("storage: cursor is invalid")
	// ErrLimit means that more objects were asked for than may be, or a limit is negative.
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
