package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Code says what sort of failure an [Error] is, so that a gateway can choose a status without knowing the texts.
type Code int

// The codes of this package. The zero Code is CodeInternal.
const (
	CodeInternal           Code = iota // the server failed; the cause is for the log
	CodeInvalidArgument                // the request is wrong and will stay so
	CodeNotFound                       // there is no such account
	CodeUnauthenticated                // the password or token is not good
	CodePermissionDenied               // the account is banned
	CodeAlreadyExists                  // another account has it
	CodeResourceExhausted              // too much is going on; later it may work
	CodeFailedPrecondition             // the server is not set up for it
)

// String returns the name of the code in lower case, such as "not found".
func (c Code) String() string {
	switch c {
	case CodeInvalidArgument:
		return "invalid argument"
	case CodeNotFound:
		return "not found"
	case CodeUnauthenticated:
		return "unauthenticated"
	case CodePermissionDenied:
		return "permission denied"
	case CodeAlreadyExists:
		return "already exists"
	case CodeResourceExhausted:
		return "resource exhausted"
	case CodeFailedPrecondition:
		return "failed precondition"
	default:
		return "internal"
	}
}

// Error is a failure as a client may see it. It is a value: nobody changes it after it was returned.
type Error struct {
	Code Code
	Text string // for the client, to be sent as it is
	Err  error  // a sentinel of this package, or the cause of a CodeInternal; never for the client

	Retry time.Duration // after which to try again, of an [ErrThrottled]; else zero
}

// Error returns the text and, of an internal error, the cause too.
func (e *Error) Error() string {
	if e.Code == CodeInternal && e.Err != nil {
		return fmt.Sprintf("auth: %s (%v)", e.Text, e.Err)
	}
	return "auth: " + e.Text
}

// Unwrap returns Err. A CodeInternal that Is context.Canceled or context.DeadlineExceeded is the caller's own doing.
func (e *Error) Unwrap() error { return e.Err }

// What an [Error] can be asked for with errors.Is, besides [ErrNotFound], [ErrUsernameTaken], [ErrIdentityTaken] and
// [ErrLastIdentity].
var (
	// ErrInvalid means that an argument breaks a rule; Text says which.
	ErrInvalid = errors.New("auth: invalid argument")
	// ErrCredentials means that the password is wrong, the account has none, or the provider's token is not good.
	ErrCredentials = errors.New("auth: wrong credentials")
	// ErrBanned means that the account is disabled.
	ErrBanned = errors.New("auth: account banned")
	// ErrToken means that a token is malformed, forged, of the wrong sort, expired or revoked.
	ErrToken = errors.New("auth: token invalid")
	// ErrBusy means that too many sign-ins wait for their password to be checked.
	ErrBusy = errors.New("auth: too many passwords to check")
	// ErrThrottled means that too many sign-ins failed, of this account or from this address.
	ErrThrottled = errors.New("auth: too many failed attempts")
	// ErrUnavailable means that a provider could not find out whether a token is good. Code: CodeInternal.
	ErrUnavailable = errors.New("auth: provider unavailable")
	// ErrNoProvider means that Config.Providers has none for this.
	ErrNoProvider = errors.New("auth: no such provider")
)

func invalid(text string) error {
	return &Error{Code: CodeInvalidArgument, Text: text, Err: ErrInvalid}
}

func noUser() error {
	return &Error{Code: CodeNotFound, Text: "User account not found.", Err: ErrNotFound}
}

func noAccount() error {
	return &Error{Code: CodeNotFound, Text: "Account not found.", Err: ErrNotFound}
}

func wrongCredentials() error {
	return &Error{Code: CodeUnauthenticated, Text: "Invalid credentials.", Err: ErrCredentials}
}

func banned() error {
	return &Error{Code: CodePermissionDenied, Text: "User account banned.", Err: ErrBanned}
}

func badRefreshToken() error {
	return &Error{Code: CodeUnauthenticated, Text: "Refresh token invalid or expired.", Err: ErrToken}
}

func usernameTaken() error {
	return &Error{Code: CodeAlreadyExists, Text: "Username is already in use.", Err: ErrUsernameTaken}
}

// internal logs cause and hides it behind text, except when it is an Error already.
func (s *Service) internal(ctx context.Context, text string, cause error) error {
	if e, ok := errors.AsType[*Error](cause); ok {
		return e
	}
	if ctx.Err() == nil {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelError, text, slog.Any("error", cause))
	}
	return &Error{Code: CodeInternal, Text: text, Err: cause}
}
