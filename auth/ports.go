package auth

import (
	"context"
	"errors"
	"time"
)

// What a store answers; callers ask with errors.Is.
var (
	// ErrNotFound: there is no such account or identity.
	ErrNotFound = errors.New("auth: account not found")
	// ErrUsernameTaken: another account has this username.
	ErrUsernameTaken = errors.New("auth: username taken")
	// ErrIdentityTaken: another account has this identity.
	ErrIdentityTaken = errors.New("auth: identity taken")
)

// Accounts keeps accounts. Each method is one transaction and safe for concurrent use; what it acknowledged
// survives the process if the store is one that does. Contract: storetest.Accounts.
type Accounts interface {
	// CreateAccount stores a new account together with its first identity, both or neither. The identity's own
	// column of the account (Email, CustomID, Devices) is already filled in by the caller.
	// ErrIdentityTaken wins over ErrUsernameTaken when both are so.
	CreateAccount(ctx context.Context, a Account, first Identity) error
	// AccountsByID returns the accounts that exist among ids, each once, in no order.
	AccountsByID(ctx context.Context, ids []string) ([]Account, error)
	// AccountsByUsername does the same for usernames, which must match exactly.
	AccountsByUsername(ctx context.Context, usernames []string) ([]Account, error)
	// UpdateAccount changes the given fields and, if any value really changed, sets Updated to at.
	// ErrNotFound, ErrUsernameTaken.
	UpdateAccount(ctx context.Context, id string, u Update, at time.Time) error
	// DeleteAccount removes the account and its identities. Deleting a missing one is no error.
	DeleteAccount(ctx context.Context, id string) error
}

// Identities finds accounts by what a user proves. Contract: storetest.Identities.
type Identities interface {
	// AccountByIdentity returns the account that has the identity, and the identity's secret. ErrNotFound.
	AccountByIdentity(ctx context.Context, kind Kind, id string) (Account, []byte, error)
	// Password returns the account with this username and the secret of its email identity, nil if it has none.
	// ErrNotFound.
	Password(ctx context.Context, username string) (Account, []byte, error)
}

// Revocation is the end of sessions before their tokens expire.
type Revocation struct {
	User   string    // whose sessions
	Family string    // the token family that ended; "" means all families of the user issued before At
	At     time.Time // when, millisecond precision
	Until  time.Time // after this moment no token that it could refuse is alive; the store may forget it
}

// Revocations keeps what was logged out. Contract: storetest.Revocations.
type Revocations interface {
	// Revoke stores r; a second one for the same user and family replaces the first.
	Revoke(ctx context.Context, r Revocation) error
	// Revocations returns all whose Until is after now, and may delete the others.
	Revocations(ctx context.Context, now time.Time) ([]Revocation, error)
}

// Keys keeps the keys that sign tokens. Contract: storetest.Keys.
type Keys interface {
	// Key returns the key stored under name. If there is none it stores candidate and returns that; of several
	// callers at once all get the same key.
	Key(ctx context.Context, name string, candidate []byte) ([]byte, error)
}
