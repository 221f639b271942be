package main

import (
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
	return func(a *account) bool { return slices.ContainsFunc(a.Identities, is(kind, id)) }
}

func is(kind auth.Kind, id string) func(auth.Identity) bool {
	return func(i auth.Identity) bool { return i.Kind == kind && i.ID == id }
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
	return s.commit(tables{Accounts: map[string]*account{a.ID: {a, []auth.Identity{first}}}})
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

// DisableAccount implements auth.Accounts.
func (s *store) DisableAccount(ctx context.Context, id string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.rows.Accounts[id] == nil {
		return auth.ErrNotFound
	}
	a := *s.rows.Accounts[id]
	a.Account.Disabled = seconds(at)
	return s.commit(tables{Accounts: map[string]*account{id: &a}})
}

// DeleteAccount implements auth.Accounts.
func (s *store) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.rows.Accounts[id] == nil {
		return nil
	}
	return s.commit(tables{
		Accounts:  map[string]*account{id: nil},
		Deletions: map[string]*auth.Deletion{id: {User: id, At: seconds(at)}},
	})
}

// Deletions implements auth.Deletions.
func (s *store) Deletions(ctx context.Context) ([]auth.Deletion, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var noted []auth.Deletion
	for _, d := range s.rows.Deletions {
		noted = append(noted, *d)
	}
	return noted, nil
}

// ForgetDeletion implements auth.Deletions.
func (s *store) ForgetDeletion(ctx context.Context, user string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	return s.commit(tables{Deletions: map[string]*auth.Deletion{user: nil}})
}
