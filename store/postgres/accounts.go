package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/internal/sqlstore"
)

// An account is read in one row for each of its identities.
const (
	selectAccount = `
		SELECT u.id, u.username, u.display_name, u.avatar_url, u.lang_tag, u.location, u.timezone, u.metadata,
		       u.created, u.updated, u.disabled, coalesce(i.kind, ''), coalesce(i.id, ''), i.secret
		FROM users u LEFT JOIN identities i ON i.user_id = u.id`
	inOrder            = ` ORDER BY u.id, i.seq`
	accountsByID       = selectAccount + ` WHERE u.id = ANY($1)` + inOrder
	accountsByUsername = selectAccount + ` WHERE u.username = ANY($1)` + inOrder
	accountByUsername  = selectAccount + ` WHERE u.username = $1` + inOrder
	accountByIdentity  = selectAccount + ` WHERE u.id = (SELECT user_id FROM identities WHERE kind = $1 AND id = $2)` + inOrder
	accountToChange    = selectAccount + ` WHERE u.id = $1` + inOrder + ` FOR UPDATE OF u`

	insertIdentity = `
		INSERT INTO identities (kind, id, user_id, secret) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, id) DO NOTHING`
	insertUser = `
		INSERT INTO users (id, username, display_name, avatar_url, lang_tag, location, timezone, metadata,
		                   created, updated, disabled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (username) DO NOTHING`
	updateUser = `
		UPDATE users
		SET username = $2, display_name = $3, avatar_url = $4, lang_tag = $5, location = $6, timezone = $7, metadata = $8,
		    updated = $9
		WHERE id = $1`
	disableUser = `UPDATE users SET disabled = $2 WHERE id = $1`
	deleteUser  = `DELETE FROM users WHERE id = $1`

	insertDeletion  = `INSERT INTO deletions (user_id, at) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING`
	selectDeletions = `SELECT user_id, at FROM deletions`
	deleteDeletion  = `DELETE FROM deletions WHERE user_id = $1`
)

// scanAccount makes an account of one row, with at most one of its identities.
func scanAccount(row pgx.CollectableRow) (sqlstore.Account, error) {
	var a auth.Account
	var i auth.Identity
	err := row.Scan(&a.ID, &a.Username, &a.DisplayName, &a.AvatarURL, &a.LangTag, &a.Location, &a.Timezone, &a.Metadata,
		&a.Created, &a.Updated, &a.Disabled, &i.Kind, &i.ID, &i.Secret)
	return sqlstore.Row(a, i), err
}

// CreateAccount implements [auth.Accounts].
func (s *Store) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		if n, err := exec(ctx, c, insertIdentity, string(first.Kind), first.ID, a.ID, first.Secret); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrIdentityTaken
		}
		if n, err := exec(ctx, c, insertUser, a.ID, a.Username, a.DisplayName, a.AvatarURL, a.LangTag, a.Location, a.Timezone,
			a.Metadata, seconds(a.Created), seconds(a.Updated), seconds(a.Disabled)); err != nil {
			return err
		} else if n == 0 {
			return auth.ErrUsernameTaken
		}
		return nil
	})
}

// AccountsByID implements [auth.Accounts].
func (s *Store) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	return s.accounts(ctx, accountsByID, ids)
}

// AccountsByUsername implements [auth.Accounts].
func (s *Store) AccountsByUsername(ctx context.Context, usernames []string) ([]auth.Account, error) {
	return s.accounts(ctx, accountsByUsername, usernames)
}

func (s *Store) accounts(ctx context.Context, query string, keys []string) ([]auth.Account, error) {
	rows, err := read(ctx, s, scanAccount, query, storableOf(keys))
	var found []auth.Account
	for _, a := range sqlstore.Join(rows) {
		found = append(found, a.Account)
	}
	return found, err
}

// UpdateAccount implements [auth.Accounts].
func (s *Store) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		a, err := accountOf(ctx, c, id)
		if err != nil || !u.Apply(&a.Account) {
			return err
		}
		_, err = exec(ctx, c, updateUser, id, a.Username, a.DisplayName, a.AvatarURL, a.LangTag, a.Location, a.Timezone, a.Metadata,
			seconds(at))
		if isCode(err, uniqueViolation) {
			return auth.ErrUsernameTaken
		}
		return err
	})
}

// accountOf returns an account, which nobody else changes before the transaction ends, or [auth.ErrNotFound].
func accountOf(ctx context.Context, c conn, user string) (*sqlstore.Account, error) {
	rows, err := collect(ctx, c, scanAccount, accountToChange, user)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, auth.ErrNotFound
	}
	return &sqlstore.Join(rows)[0], nil
}

// DisableAccount implements [auth.Accounts].
func (s *Store) DisableAccount(ctx context.Context, id string, at time.Time) error {
	n, err := s.exec(ctx, disableUser, id, seconds(at))
	if err == nil && n == 0 {
		err = auth.ErrNotFound
	}
	return err
}

// DeleteAccount implements [auth.Accounts].
func (s *Store) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	return s.transact(ctx, func(ctx context.Context, c conn) error {
		n, err := exec(ctx, c, deleteUser, id)
		if err == nil && n > 0 {
			_, err = exec(ctx, c, insertDeletion, id, seconds(at))
		}
		return err
	})
}

// Deletions implements [auth.Deletions].
func (s *Store) Deletions(ctx context.Context) ([]auth.Deletion, error) {
	return read(ctx, s, pgx.RowToStructByPos[auth.Deletion], selectDeletions)
}

// ForgetDeletion implements [auth.Deletions].
func (s *Store) ForgetDeletion(ctx context.Context, user string) error {
	_, err := s.exec(ctx, deleteDeletion, user)
	return err
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
