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
	// ErrLastIdentity: without this identity nobody could enter the account.
	ErrLastIdentity = errors.New("auth: last identity of the account")
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
	// AccountsByUsername returns the accounts that exist among usernames, which must match exactly, each once, in no
	// order.
	AccountsByUsername(ctx context.Context, usernames []string) ([]Account, error)
	// UpdateAccount changes the given fields and, if any value really changed, sets Updated to at.
	// ErrNotFound, ErrUsernameTaken.
	UpdateAccount(ctx context.Context, id string, u Update, at time.Time) error
	// DisableAccount sets Disabled to at and changes nothing else; the zero time makes the account good again.
	// ErrNotFound.
	DisableAccount(ctx context.Context, id string, at time.Time) error
	// DeleteAccount removes the account and its identities, and notes the [Deletion]. Deleting a missing one is no
	// error and is not noted.
	DeleteAccount(ctx context.Context, id string, at time.Time) error
}

// Deletion says that an account was deleted, and that what other stores keep of the user may still be there.
type Deletion struct {
	User string
	At   time.Time // when, second precision
}

// Deletions remembers which accounts [Accounts] deleted, until all else of them is gone too. It is a role of the same
// store. Contract: storetest.Deletions.
type Deletions interface {
	// Deletions returns all that were noted and not forgotten.
	Deletions(ctx context.Context) ([]Deletion, error)
	// ForgetDeletion forgets one. Forgetting what is not noted is no error.
	ForgetDeletion(ctx context.Context, user string) error
}

// Identities finds accounts by what a user proves. Contract: storetest.Identities.
type Identities interface {
	// AccountByIdentity returns the account that has the identity, and the identity's secret. ErrNotFound.
	AccountByIdentity(ctx context.Context, kind Kind, id string) (Account, []byte, error)
	// Password returns the account with this username and the secret of its email identity, nil if it has none.
	// ErrNotFound.
	Password(ctx context.Context, username string) (Account, []byte, error)
	// Link gives an account one more identity and sets Updated to at. A Device is added to the others; of another
	// kind an account has one, and the new one replaces it. An identity that the account has already keeps its
	// place and gets the new secret. ErrNotFound, ErrIdentityTaken.
	Link(ctx context.Context, user string, i Identity, at time.Time) error
	// Unlink takes an identity from an account and sets Updated to at. The id "" means the one that the account has
	// of the kind, which is not Device. ErrNotFound: there is no such account, or it has no such identity;
	// ErrLastIdentity: it has no other.
	Unlink(ctx context.Context, user string, kind Kind, id string, at time.Time) error
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

// Rotation is the exchange of a refresh token for its successor, where each is good for one exchange.
type Rotation struct {
	Family     string
	Generation int64     // of the successor; the token of a sign-in is of generation 0
	Successor  []byte    // for the caller to understand
	At         time.Time // when, millisecond precision
	Until      time.Time // after this moment no token of the family is alive; the store may forget it
}

// Rotations keeps which refresh tokens have been exchanged. Contract: storetest.Rotations.
type Rotations interface {
	// Rotate stores r if the family has no rotation of this or a later generation, and returns it. Otherwise it
	// returns the one that is stored with this generation or, if it was forgotten, the newest of the family.
	//
	// Having stored r it forgets those of the family whose At is before since, and may forget those of all families
	// whose Until is not after r.At.
	Rotate(ctx context.Context, r Rotation, since time.Time) (Rotation, error)
}

// Keys keeps the keys that sign tokens. Contract: storetest.Keys.
type Keys interface {
	// Key returns the key stored under name. If there is none it stores candidate and returns that; of several
	// callers at once all get the same key.
	Key(ctx context.Context, name string, candidate []byte) ([]byte, error)
}
