package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// An account is read in one row for each of its identities.
const (
	selectAccount = `
		SELECT u.id, u.username, u.display_name, u.avatar_url, u.lang_tag, u.location, u.timezone, u.metadata,
		       u.created, u.updated, u.disabled, coalesce(i.kind, ''), coalesce(i.id, ''), i.secret
		FROM users u LEFT JOIN identities i ON i.user_id = u.id`
	accountByID       = selectAccount + ` WHERE u.id = ? ORDER BY i.seq`
	accountByUsername = selectAccount + ` WHERE u.username = ? ORDER BY i.seq`
	accountByIdentity = selectAccount + ` WHERE u.id = (SELECT user_id FROM identities WHERE kind = ? AND id = ?) ORDER BY i.seq`

	insertIdentity = `
		INSERT INTO identities (kind, id, user_id, secret) VALUES (?, ?, ?, ?)
		ON CONFLICT (kind, id) DO NOTHING`
	insertUser = `
		INSERT INTO users (id, username, display_name, avatar_url, lang_tag, location, timezone, metadata,
		                   created, updated, disabled)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (username) DO NOTHING`
	updateUser = `
		UPDATE OR IGNORE users
		SET username = ?, display_name = ?, avatar_url = ?, lang_tag = ?, location = ?, timezone = ?, metadata = ?, updated = ?
		WHERE id = ?`
	deleteUser = `DELETE FROM users WHERE id = ?`
)

// account is an account as it is read, with its identities.
type account struct {
	auth.Account
	identities []auth.Identity
}

// secret returns the secret of an identity, nil if the account has no such identity.
func (a *account) secret(kind auth.Kind, id string) []byte {
	for _, i := range a.identities {
		if i.Kind == kind && i.ID == id {
			return i.Secret
		}
	}
	return nil
}

// account returns the account a query finds, nil if it finds none.
func (c *conn) account(query string, args ...any) (*account, error) {
	var found *account
	err := c.query(func(rows *sql.Rows) error {
		var a auth.Account
		var i auth.Identity
		var created, updated, disabled int64
		if err := rows.Scan(&a.ID, &a.Username, &a.DisplayName, &a.AvatarURL, &a.LangTag, &a.Location, &a.Timezone, &a.Metadata,
			&created, &updated, &disabled, &i.Kind, &i.ID, &i.Secret); err != nil {
			return err
		}
		if found == nil {
			a.Created, a.Updated, a.Disabled = fromSeconds(created), fromSeconds(updated), fromSeconds(disabled)
			found = &account{Account: a}
		}
		found.add(i)
		return nil
	}, query, args...)
	return found, err
}

// add puts an identity where the account shows it.
func (a *account) add(i auth.Identity) {
	switch i.Kind {
	case auth.Email:
		a.Email = i.ID
	case auth.Custom:
		a.CustomID = i.ID
	case auth.Device:
		a.Devices = append(a.Devices, i.ID)
	}
	a.identities = append(a.identities, i)
}

// CreateAccount implements [auth.Accounts].
func (s *Store) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	return s.write.transact(ctx, func(c *conn) error {
		if n, err := c.exec(insertIdentity, first.Kind, first.ID, a.ID, first.Secret); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrIdentityTaken
		}
		if n, err := c.exec(insertUser, a.ID, a.Username, a.DisplayName, a.AvatarURL, a.LangTag, a.Location, a.Timezone,
			a.Metadata, a.Created.Unix(), a.Updated.Unix(), a.Disabled.Unix()); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrUsernameTaken
		}
		return nil
	})
}

// AccountsByID implements [auth.Accounts].
func (s *Store) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	return s.accounts(ctx, accountByID, ids)
}

// AccountsByUsername implements [auth.Accounts].
func (s *Store) AccountsByUsername(ctx context.Context, usernames []string) ([]auth.Account, error) {
	return s.accounts(ctx, accountByUsername, usernames)
}

// accounts runs the query for each key. A statement with a list would save nothing, for no server is asked.
func (s *Store) accounts(ctx context.Context, query string, keys []string) (found []auth.Account, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		for _, key := range distinct(keys) {
			a, err := c.account(query, key)
			if err != nil {
				return err
			}
			if a != nil {
				found = append(found, a.Account)
			}
		}
		return nil
	})
	return found, err
}

// UpdateAccount implements [auth.Accounts].
func (s *Store) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	return s.write.transact(ctx, func(c *conn) error {
		a, err := c.account(accountByID, id)
		if err != nil {
			return err
		}
		if a == nil {
			return auth.ErrNotFound
		}
		if !u.Apply(&a.Account) {
			return nil
		}
		if n, err := c.exec(updateUser, a.Username, a.DisplayName, a.AvatarURL, a.LangTag, a.Location, a.Timezone, a.Metadata,
			at.Unix(), id); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrUsernameTaken
		}
		return nil
	})
}

// DeleteAccount implements [auth.Accounts].
func (s *Store) DeleteAccount(ctx context.Context, id string) error {
	return s.write.transact(ctx, func(c *conn) error {
		_, err := c.exec(deleteUser, id)
		return err
	})
}

// AccountByIdentity implements [auth.Identities].
func (s *Store) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	a, err := s.account(ctx, accountByIdentity, kind, id)
	if err != nil {
		return auth.Account{}, nil, err
	}
	return a.Account, a.secret(kind, id), nil
}

// Password implements [auth.Identities].
func (s *Store) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	a, err := s.account(ctx, accountByUsername, username)
	if err != nil {
		return auth.Account{}, nil, err
	}
	return a.Account, a.secret(auth.Email, a.Email), nil
}

// account returns the account a query finds, or [auth.ErrNotFound].
func (s *Store) account(ctx context.Context, query string, args ...any) (found *account, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		found, err = c.account(query, args...)
		if err == nil && found == nil {
			err = auth.ErrNotFound
		}
		return err
	})
	return found, err
}
