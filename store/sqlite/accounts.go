package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
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
	disableUser = `UPDATE users SET disabled = ? WHERE id = ?`
	deleteUser  = `DELETE FROM users WHERE id = ?`

	insertDeletion  = `INSERT INTO deletions (user_id, at) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING`
	selectDeletions = `SELECT user_id, at FROM deletions`
	deleteDeletion  = `DELETE FROM deletions WHERE user_id = ?`
)

// account returns the account a query finds, nil if it finds none.
func (c *conn) account(query string, args ...any) (*sqlstore.Account, error) {
	var found []sqlstore.Account
	err := c.query(func(rows *sql.Rows) error {
		var a auth.Account
		var i auth.Identity
		var created, updated, disabled int64
		err := rows.Scan(&a.ID, &a.Username, &a.DisplayName, &a.AvatarURL, &a.LangTag, &a.Location, &a.Timezone, &a.Metadata,
			&created, &updated, &disabled, &i.Kind, &i.ID, &i.Secret)
		a.Created, a.Updated, a.Disabled = fromSeconds(created), fromSeconds(updated), fromSeconds(disabled)
		found = append(found, sqlstore.Row(a, i))
		return err
	}, query, args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &sqlstore.Join(found)[0], nil
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

// DisableAccount implements [auth.Accounts].
func (s *Store) DisableAccount(ctx context.Context, id string, at time.Time) error {
	return s.write.transact(ctx, func(c *conn) error {
		n, err := c.exec(disableUser, at.Unix(), id)
		if err == nil && n == 0 {
			err = auth.ErrNotFound
		}
		return err
	})
}

// DeleteAccount implements [auth.Accounts].
func (s *Store) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	return s.write.transact(ctx, func(c *conn) error {
		n, err := c.exec(deleteUser, id)
		if err == nil && n > 0 {
			_, err = c.exec(insertDeletion, id, at.Unix())
		}
		return err
	})
}

// Deletions implements [auth.Deletions].
func (s *Store) Deletions(ctx context.Context) (noted []auth.Deletion, err error) {
	err = s.read.transact(ctx, func(c *conn) error {
		return c.query(func(rows *sql.Rows) error {
			var d auth.Deletion
			var at int64
			err := rows.Scan(&d.User, &at)
			d.At = fromSeconds(at)
			noted = append(noted, d)
			return err
		}, selectDeletions)
	})
	return noted, err
}

// ForgetDeletion implements [auth.Deletions].
func (s *Store) ForgetDeletion(ctx context.Context, user string) error {
	return s.write.transact(ctx, func(c *conn) error {
		_, err := c.exec(deleteDeletion, user)
		return err
	})
}
