package postgres

import (
	"context"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
)

const (
	touchUser      = `UPDATE users SET updated = $2 WHERE id = $1`
	updateIdentity = `UPDATE identities SET secret = $4 WHERE kind = $1 AND id = $2 AND user_id = $3`
	deleteIdentity = `DELETE FROM identities WHERE kind = $1 AND user_id = $2 AND (id = $3 OR $3 = '')`
)

// AccountByIdentity implements [auth.Identities].
func (s *Store) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	a, err := s.account(ctx, accountByIdentity, string(kind), id)
	if err != nil {
		return auth.Account{}, nil, err
	}
	return a.Account, a.Secret(kind, id), nil
}

// Password implements [auth.Identities].
func (s *Store) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	a, err := s.account(ctx, accountByUsername, username)
	if err != nil {
		return auth.Account{}, nil, err
	}
	return a.Account, a.Secret(auth.Email, a.Email), nil
}

// account returns the account a query finds, or [auth.ErrNotFound].
func (s *Store) account(ctx context.Context, query string, args ...any) (*sqlstore.Account, error) {
	rows, err := read(ctx, s, scanAccount, query, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, auth.ErrNotFound
	}
	return &sqlstore.Join(rows)[0], nil
}

// Link implements [auth.Identities].
func (s *Store) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	kind := string(i.Kind)
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		if err := touch(ctx, c, user, at); err != nil {
			return err
		}
		if n, err := exec(ctx, c, updateIdentity, kind, i.ID, user, i.Secret); err != nil || n > 0 {
			return err
		}
		if i.Kind != auth.Device {
			if _, err := exec(ctx, c, deleteIdentity, kind, user, ""); err != nil {
				return err
			}
		}
		n, err := exec(ctx, c, insertIdentity, kind, i.ID, user, i.Secret)
		if err == nil && n == 0 {
			err = auth.ErrIdentityTaken
		}
		return err
	})
}

// Unlink implements [auth.Identities].
func (s *Store) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	if id == "" && kind == auth.Device {
		id = "\x00" // no device has this one
	}
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		if err := touch(ctx, c, user, at); err != nil {
			return err
		}
		if !isText(id) {
			return auth.ErrNotFound
		}
		if n, err := exec(ctx, c, deleteIdentity, string(kind), user, id); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrNotFound
		}
		a, err := accountOf(ctx, c, user)
		if err == nil && len(a.Identities) == 0 {
			err = auth.ErrLastIdentity
		}
		return err
	})
}

// touch says that an account was changed. Nobody else changes it, or its identities, before the transaction ends.
func touch(ctx context.Context, c conn, user string, at time.Time) error {
	if !isText(user) {
		return auth.ErrNotFound
	}
	n, err := exec(ctx, c, touchUser, user, seconds(at))
	if err == nil && n == 0 {
		err = auth.ErrNotFound
	}
	return err
}
