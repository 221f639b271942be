package memory

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// AccountByIdentity implements [auth.Identities].
func (s *Store) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	if err := s.lock(ctx); err != nil {
		return auth.Account{}, nil, err
	}
	defer s.mu.Unlock()
	found, ok := s.identities[identityKey{kind, id}]
	if !ok {
		return auth.Account{}, nil, auth.ErrNotFound
	}
	return found.account.copied(), bytes.Clone(found.secret), nil
}

// Password implements [auth.Identities].
func (s *Store) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	if err := s.lock(ctx); err != nil {
		return auth.Account{}, nil, err
	}
	defer s.mu.Unlock()
	a := s.usernames[username]
	if a == nil {
		return auth.Account{}, nil, auth.ErrNotFound
	}
	for _, key := range a.identities {
		if key.kind == auth.Email {
			return a.copied(), bytes.Clone(s.identities[key].secret), nil
		}
	}
	return a.copied(), nil, nil
}

// Link implements [auth.Identities].
func (s *Store) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a, key := s.accounts[user], identityKey{i.Kind, i.ID}
	if a == nil {
		return auth.ErrNotFound
	}
	owner := s.identities[key].account
	if owner != nil && owner != a {
		return auth.ErrIdentityTaken
	}
	if owner == nil {
		if i.Kind != auth.Device {
			s.drop(a, func(old identityKey) bool { return old.kind == i.Kind })
		}
		a.identities = append(a.identities, key)
	}
	s.identities[key] = identity{account: a, secret: bytes.Clone(i.Secret)}
	a.changed(at)
	return nil
}

// Unlink implements [auth.Identities].
func (s *Store) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a := s.accounts[user]
	if a == nil {
		return auth.ErrNotFound
	}
	meant := func(i identityKey) bool { return i.kind == kind && (i.id == id || id == "" && kind != auth.Device) }
	switch {
	case !slices.ContainsFunc(a.identities, meant):
		return auth.ErrNotFound
	case len(a.identities) == 1:
		return auth.ErrLastIdentity
	}
	s.drop(a, meant)
	a.changed(at)
	return nil
}

// drop removes identities of an account.
func (s *Store) drop(a *account, which func(identityKey) bool) {
	a.identities = slices.DeleteFunc(a.identities, func(i identityKey) bool {
		if which(i) {
			delete(s.identities, i)
			return true
		}
		return false
	})
}

// changed shows the identities as they are now.
func (a *account) changed(at time.Time) {
	ids := make([]auth.Identity, len(a.identities))
	for n, i := range a.identities {
		ids[n] = auth.Identity{Kind: i.kind, ID: i.id}
	}
	a.SetIdentities(ids...)
	a.Updated = seconds(at)
}
