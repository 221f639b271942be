package memory

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// account is a stored account and the keys of its identities.
type account struct {
	auth.Account
	identities []identityKey // in the order in which they were added
}

type identityKey struct {
	kind auth.Kind
	id   string
}

type identity struct {
	account *account
	secret  []byte
}

// copied returns what a caller may keep.
func (a *account) copied() auth.Account {
	c := a.Account
	c.Devices = slices.Clone(c.Devices)
	return c
}

// CreateAccount implements [auth.Accounts].
func (s *Store) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	key := identityKey{first.Kind, first.ID}
	if _, taken := s.identities[key]; taken {
		return auth.ErrIdentityTaken
	}
	if _, taken := s.usernames[a.Username]; taken {
		return auth.ErrUsernameTaken
	}
	if _, taken := s.accounts[a.ID]; taken {
		return fmt.Errorf("memory: account id %q exists", a.ID)
	}
	a.Devices = slices.Clone(a.Devices)
	a.Created, a.Updated, a.Disabled = seconds(a.Created), seconds(a.Updated), seconds(a.Disabled)
	stored := &account{Account: a, identities: []identityKey{key}}
	s.accounts[a.ID], s.usernames[a.Username] = stored, stored
	s.identities[key] = identity{account: stored, secret: bytes.Clone(first.Secret)}
	return nil
}

// AccountsByID implements [auth.Accounts].
func (s *Store) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return pick(s.accounts, ids), nil
}

// AccountsByUsername implements [auth.Accounts].
func (s *Store) AccountsByUsername(ctx context.Context, usernames []string) ([]auth.Account, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return pick(s.usernames, usernames), nil
}

// pick returns copies of the accounts under keys, each once.
func pick(from map[string]*account, keys []string) []auth.Account {
	var found []auth.Account
	seen := make(map[*account]bool, len(keys))
	for _, key := range keys {
		if a := from[key]; a != nil && !seen[a] {
			seen[a] = true
			found = append(found, a.copied())
		}
	}
	return found
}

// UpdateAccount implements [auth.Accounts].
func (s *Store) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a := s.accounts[id]
	if a == nil {
		return auth.ErrNotFound
	}
	old := a.Username
	if u.Username != nil {
		if owner := s.usernames[*u.Username]; owner != nil && owner != a {
			return auth.ErrUsernameTaken
		}
	}
	if u.Apply(&a.Account) {
		a.Updated = seconds(at)
	}
	delete(s.usernames, old)
	s.usernames[a.Username] = a
	return nil
}

// DisableAccount implements [auth.Accounts].
func (s *Store) DisableAccount(ctx context.Context, id string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a := s.accounts[id]
	if a == nil {
		return auth.ErrNotFound
	}
	a.Disabled = seconds(at)
	return nil
}

// DeleteAccount implements [auth.Accounts].
func (s *Store) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a := s.accounts[id]
	if a == nil {
		return nil
	}
	for _, key := range a.identities {
		delete(s.identities, key)
	}
	delete(s.usernames, a.Username)
	delete(s.accounts, id)
	s.deletions[id] = seconds(at)
	return nil
}

// Deletions implements [auth.Deletions].
func (s *Store) Deletions(ctx context.Context) ([]auth.Deletion, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	noted := make([]auth.Deletion, 0, len(s.deletions))
	for user, at := range s.deletions {
		noted = append(noted, auth.Deletion{User: user, At: at})
	}
	return noted, nil
}

// ForgetDeletion implements [auth.Deletions].
func (s *Store) ForgetDeletion(ctx context.Context, user string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	delete(s.deletions, user)
	return nil
}
