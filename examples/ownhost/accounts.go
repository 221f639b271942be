package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// find returns the first account that is so, or nil. It looks at all of them: a host of some thousand players needs no
// index.
func (s *store) find(so func(*account) bool) *account {
	for _, a := range s.rows.Accounts {
		if so(a) {
			return a
		}
	}
	return nil
}

func named(username string) func(*account) bool {
	return func(a *account) bool { return a.Account.Username == username }
}

func proving(kind auth.Kind, id string) func(*account) bool {
	return func(a *account) bool { return a.Identity.Kind == kind && a.Identity.ID == id }
}

// shown is what a caller may keep.
func (a *account) shown() auth.Account {
	c := a.Account
	c.Devices = slices.Clone(c.Devices)
	return c
}

// CreateAccount implements auth.Accounts.
func (s *store) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	switch {
	case s.find(proving(first.Kind, first.ID)) != nil:
		return auth.ErrIdentityTaken
	case s.find(named(a.Username)) != nil:
		return auth.ErrUsernameTaken
	case s.rows.Accounts[a.ID] != nil:
		return fmt.Errorf("store: account id %q exists", a.ID)
	}
	a.Created, a.Updated, a.Disabled = seconds(a.Created), seconds(a.Updated), seconds(a.Disabled)
	return s.commit(tables{Accounts: map[string]*account{a.ID: {a, first}}})
}

// AccountsByID implements auth.Accounts.
func (s *store) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	return s.accounts(ctx, ids, func(a *account) string { return a.Account.ID })
}

// AccountsByUsername implements auth.Accounts.
func (s *store) AccountsByUsername(ctx context.Context, usernames []string) ([]auth.Account, error) {
	return s.accounts(ctx, usernames, func(a *account) string { return a.Account.Username })
}

// accounts returns those whose name is among names.
func (s *store) accounts(ctx context.Context, names []string, name func(*account) string) ([]auth.Account, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []auth.Account
	for _, a := range s.rows.Accounts {
		if slices.Contains(names, name(a)) {
			found = append(found, a.shown())
		}
	}
	return found, nil
}

// UpdateAccount implements auth.Accounts.
func (s *store) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.rows.Accounts[id] == nil {
		return auth.ErrNotFound
	}
	a := *s.rows.Accounts[id]
	if u.Username != nil && *u.Username != a.Account.Username && s.find(named(*u.Username)) != nil {
		return auth.ErrUsernameTaken
	}
	if !u.Apply(&a.Account) {
		return nil
	}
	a.Account.Updated = seconds(at)
	return s.commit(tables{Accounts: map[string]*account{id: &a}})
}

// DeleteAccount implements auth.Accounts.
func (s *store) DeleteAccount(ctx context.Context, id string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	return s.commit(tables{Accounts: map[string]*account{id: nil}})
}

// AccountByIdentity implements auth.Identities.
func (s *store) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	return s.proof(ctx, proving(kind, id))
}

// Password implements auth.Identities. Only an email identity has a secret.
func (s *store) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	return s.proof(ctx, named(username))
}

// proof returns the account that is so, and its secret.
func (s *store) proof(ctx context.Context, so func(*account) bool) (auth.Account, []byte, error) {
	if err := s.lock(ctx); err != nil {
		return auth.Account{}, nil, err
	}
	defer s.mu.Unlock()
	a := s.find(so)
	if a == nil {
		return auth.Account{}, nil, auth.ErrNotFound
	}
	return a.shown(), bytes.Clone(a.Identity.Secret), nil
}

// Revoke implements auth.Revocations.
func (s *store) Revoke(ctx context.Context, r auth.Revocation) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	r.At, r.Until = r.At.UTC().Truncate(time.Millisecond), r.Until.UTC().Truncate(time.Millisecond)
	key := fmt.Sprintf("%q %q", r.User, r.Family)
	return s.commit(tables{Revocations: map[string]*auth.Revocation{key: &r}})
}

// Revocations implements auth.Revocations. It forgets those that are over.
func (s *store) Revocations(ctx context.Context, now time.Time) ([]auth.Revocation, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var alive []auth.Revocation
	over := make(map[string]*auth.Revocation)
	for key, r := range s.rows.Revocations {
		if r.Until.After(now) {
			alive = append(alive, *r)
		} else {
			over[key] = nil
		}
	}
	if len(over) == 0 {
		return alive, nil
	}
	return alive, s.commit(tables{Revocations: over})
}

// Key implements auth.Keys.
func (s *store) Key(ctx context.Context, name string, candidate []byte) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.rows.Keys[name] == nil {
		if err := s.commit(tables{Keys: map[string]*[]byte{name: &candidate}}); err != nil {
			return nil, err
		}
	}
	return bytes.Clone(*s.rows.Keys[name]), nil
}
