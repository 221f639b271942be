package match

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

var (
	// ErrEnd is returned by a callback to end its match cleanly.
	ErrEnd = errors.New("match: end")
	// ErrNotFound means that there is no such match, or it has ended.
	ErrNotFound = errors.New("match: not found")
	// ErrNoHandler means that no handler is registered under this name.
	ErrNoHandler = errors.New("match: no such handler")
	// ErrNoSession means that who asks to join or to watch has no Session: that is what members are told apart by.
	ErrNoSession = errors.New("match: presence without a session")
	// ErrNotMember means that the session is not a member of the match.
	ErrNotMember = errors.New("match: not a member")
	// ErrFull means that all seats of the match are taken.
	ErrFull = errors.New("match: full")
	// ErrBusy means that too many calls are waiting for the match.
	ErrBusy = errors.New("match: busy")
	// ErrDropped means that the inbox is full, or the sender too fast, and the message was not put in.
	ErrDropped = errors.New("match: message dropped")
	// ErrSenderRate is an ErrDropped: the sender is faster than Settings.SenderRate.
	ErrSenderRate = fmt.Errorf("%w: sender too fast", ErrDropped)
	// ErrOwnTurn means that a callback made a call that would have waited for itself.
	ErrOwnTurn = errors.New("match: call would wait for its own turn")
	// ErrBehind ends a match whose callbacks took too long for too many ticks; see BehindError.
	ErrBehind = errors.New("match: fell too far behind its tick rate")
	// ErrEmpty ends a match that has been empty for Settings.EmptyAfter.
	ErrEmpty = errors.New("match: empty for too long")
	// ErrStopped ends matches when the host ends them or the registry stops, and refuses new ones after that.
	ErrStopped = errors.New("match: stopped")
	// ErrLabel means that a label is longer than 2048 bytes.
	ErrLabel = errors.New("match: label too long, must be 0-2048 bytes")
	// ErrSettings means that settings of Init, or a rate, are out of range.
	ErrSettings = errors.New("match: bad settings")
	// ErrOutside means that a Dispatcher was used when no callback of its match was running.
	ErrOutside = errors.New("match: dispatcher used outside a callback")
	// ErrStale means that another process has the match; it ends in this one, and its snapshot stays.
	ErrStale = errors.New("match: taken over by another process")
	// ErrTooManyDeferred means that one callback deferred more than 128 messages.
	ErrTooManyDeferred = errors.New("match: too many deferred messages in one callback")
)

// RejectError is a refusal whose reason the player may read.
type RejectError struct {
	Reason string // "" leaves the wording to the gateway
}

func (e *RejectError) Error() string { return "match: join rejected: " + e.Reason }

// Reject is what JoinAttempt returns to refuse a player. The reason reaches the client.
func Reject(reason string) error { return &RejectError{Reason: reason} }

// BehindError is how a match ends that fell too far behind; it Is [ErrBehind].
type BehindError struct {
	Behind time.Duration // by how much its callbacks have made it late
	Limit  time.Duration // how much it may be, see Settings.MaxBehind
	Every  time.Duration // the tick interval that they should have kept
}

func (e *BehindError) Error() string {
	return fmt.Sprintf("%v: its callbacks took %v more than the time between its ticks (%v each), the limit is %v",
		ErrBehind, e.Behind, e.Every, e.Limit)
}

// Is makes it an ErrBehind.
func (e *BehindError) Is(target error) bool { return target == ErrBehind }

// PanicError is how a match ends whose handler panicked.
type PanicError struct {
	Callback string // the name of the method
	Value    any    // what it panicked with
	Stack    []byte
}

func newPanic(c method, v any) *PanicError {
	return &PanicError{Callback: c.String(), Value: v, Stack: debug.Stack()}
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("match: panic in %s: %v", e.Callback, e.Value)
}

// Unwrap is the panic value, if it was an error; but not ErrEnd, since a panic is never a clean end.
func (e *PanicError) Unwrap() error {
	if err, ok := e.Value.(error); ok && !errors.Is(err, ErrEnd) {
		return err
	}
	return nil
}
