package sqlite

import (
	"context"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
)

const (
	touchUser      = `UPDATE users SET updated = ? WHERE id = ?`
	updateIdentity = `UPDATE identities SET secret = ? WHERE kind = ? AND id = ? AND user_id = ?`
	deleteIdentity = `DELETE FROM identities WHERE kind = ? AND user_id = ? AND (id = ? OR ? = '')`
)

// AccountByIdentity implements [auth.Identities].
func (s *Store) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	a, err := s.account(ctx, accountByIdentity, kind, id)
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
func (s *Store) account(ctx context.Context, query string, args ...any) (found *sqlstore.Account, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		found, err = c.account(query, args...)
		if err == nil && found == nil {
			err = auth.ErrNotFound
		}
		return err
	})
	return found, err
}

// Link implements [auth.Identities].
func (s *Store) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	return s.write.transact(ctx, func(c *conn) error {
		if n, err := c.exec(touchUser, at.Unix(), user); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrNotFound
		}
		if n, err := c.exec(updateIdentity, i.Secret, i.Kind, i.ID, user); err != nil || n > 0 {
			return err
		}
		if i.Kind != auth.Device {
			if _, err := c.exec(deleteIdentity, i.Kind, user, "", ""); err != nil {
				return err
			}
		}
		n, err := c.exec(insertIdentity, i.Kind, i.ID, user, i.Secret)
		if err == nil && n == 0 {
			err = auth.ErrIdentityTaken
		}
		return err
	})
}

// Unlink implements [auth.Identities].
func (s *Store) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	return s.write.transact(ctx, func(c *conn) error {
		if id == "" && kind == auth.Device {
			return auth.ErrNotFound
		}
		if n, err := c.exec(deleteIdentity, kind, user, id, id); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrNotFound
		}
		if _, err := c.exec(touchUser, at.Unix(), user); err != nil {
			return err
		}
		a, err := c.account(accountByID, user)
		if err == nil && len(a.Identities) == 0 {
			err = auth.ErrLastIdentity
		}
		return err
	})
}
