package notification

import "errors"

// Errors to ask for with [errors.Is]. Any other error of this package is one of a store or of the caller's context.
var (
	// ErrUser means that a user or sender is more than 128 bytes, or not text; or there is no user.
	ErrUser = errors.New("notification: user is missing, too long or not text")
	// ErrSubject means that a subject is not 1 to 255 characters of text.
	ErrSubject = errors.New("notification: subject is missing, too long or not text")
	// ErrContent means that a content is neither empty nor the text of a JSON object.
	ErrContent = errors.New("notification: content is not a JSON object")
	// ErrCode means that a code is one that the host may not use.
	ErrCode = errors.New("notification: code is reserved")
	// ErrCursor means that a cursor was not made for this user, or not by us at all.
	ErrCursor = errors.New("notification: cursor is invalid")
	// ErrLimit means that more notifications were asked for than may be, or a limit is negative.
	ErrLimit = errors.New("notification: limit is out of range")
)
