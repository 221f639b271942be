package main

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// AccountByIdentity implements auth.Identities.
func (s *store) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	return s.proof(ctx, proving(kind, id), is(kind, id))
}

// Password implements auth.Identities.
func (s *store) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	return s.proof(ctx, named(username), func(i auth.Identity) bool { return i.Kind == auth.Email })
}

// proof returns the account that is so, and the secret of one of its identities.
func (s *store) proof(
	ctx context.Context, so func(*account) bool, with func(auth.Identity) bool,
) (auth.Account, []byte, error) {
	if err := s.lock(ctx); err != nil {
		return auth.Account{}, nil, err
	}
	defer s.mu.Unlock()
	a := s.find(so)
	if a == nil {
		return auth.Account{}, nil, auth.ErrNotFound
	}
	if i := slices.IndexFunc(a.Identities, with); i >= 0 {
		return a.shown(), bytes.Clone(a.Identities[i].Secret), nil
	}
	return a.shown(), nil, nil
}

// Link implements auth.Identities.
func (s *store) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a, owner := s.rows.Accounts[user], s.find(proving(i.Kind, i.ID))
	switch {
	case a == nil:
		return auth.ErrNotFound
	case owner != nil && owner != a:
		return auth.ErrIdentityTaken
	}
	ids := slices.Clone(a.Identities)
	if owner != nil {
		ids[slices.IndexFunc(ids, is(i.Kind, i.ID))] = i
		return s.relink(a, ids, at)
	}
	if i.Kind != auth.Device {
		ids = slices.DeleteFunc(ids, func(old auth.Identity) bool { return old.Kind == i.Kind })
	}
	return s.relink(a, append(ids, i), at)
}

// Unlink implements auth.Identities.
func (s *store) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	a := s.rows.Accounts[user]
	if a == nil {
		return auth.ErrNotFound
	}
	left := slices.DeleteFunc(slices.Clone(a.Identities), func(i auth.Identity) bool {
		return i.Kind == kind && (i.ID == id || id == "" && kind != auth.Device)
	})
	switch len(left) {
	case len(a.Identities):
		return auth.ErrNotFound
	case 0:
		return auth.ErrLastIdentity
	}
	return s.relink(a, left, at)
}

// relink gives an account other identities.
func (s *store) relink(a *account, ids []auth.Identity, at time.Time) error {
	now := account{Account: a.Account, Identities: ids}
	now.Account.SetIdentities(ids...)
	now.Account.Updated = seconds(at)
	return s.commit(tables{Accounts: map[string]*account{a.Account.ID: &now}})
}
