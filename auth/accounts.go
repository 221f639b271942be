package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Account returns the account with an id. Codes: not found, internal.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	id, ok := canonical(id)
	if !ok {
		return Account{}, noAccount()
	}
	found, err := s.cfg.Accounts.AccountsByID(ctx, []string{id})
	if err != nil {
		return Account{}, s.internal(ctx, "Error finding user account.", err)
	}
	if len(found) == 0 {
		return Account{}, noAccount()
	}
	return found[0], nil
}

// maxFacebookIDs is how many accounts are looked up by a Facebook id at a time: each is a question of its own to the store.
const maxFacebookIDs = 100

// Users returns the accounts with any of the ids or, exactly, any of the usernames or ids at Facebook, of which there
// may be 100: each once, in no order, without those that do not exist. They are whole; what other users may see of them
// is for the caller to choose. Codes: invalid argument (an id is not a UUID), internal.
func (s *Service) Users(ctx context.Context, ids, usernames, facebookIDs []string) ([]Account, error) {
	if len(facebookIDs) > maxFacebookIDs {
		return nil, invalid("Too many Facebook IDs.")
	}
	want := make([]string, len(ids))
	for i, id := range ids {
		var ok bool
		if want[i], ok = canonical(id); !ok {
			return nil, invalid(fmt.Sprintf("ID '%s' is not a valid system ID.", id))
		}
	}
	var users []Account
	seen := make(map[string]bool)
	for _, ask := range []struct {
		keys []string
		find func(context.Context, []string) ([]Account, error)
	}{
		{want, s.cfg.Accounts.AccountsByID},
		{slices.Clone(usernames), s.cfg.Accounts.AccountsByUsername},
		{slices.Clone(facebookIDs), s.accountsByFacebookID},
	} {
		if len(ask.keys) == 0 {
			continue
		}
		found, err := ask.find(ctx, distinct(ask.keys))
		if err != nil {
			return nil, s.internal(ctx, "Error finding user account.", err)
		}
		for _, a := range found {
			if !seen[a.ID] {
				seen[a.ID] = true
				users = append(users, a)
			}
		}
	}
	return users, nil
}

func (s *Service) accountsByFacebookID(ctx context.Context, ids []string) ([]Account, error) {
	var found []Account
	for _, id := range ids {
		a, _, err := s.cfg.Identities.AccountByIdentity(ctx, Facebook, id)
		switch {
		case err == nil:
			found = append(found, a)
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return found, nil
}

// UpdateAccount changes the given fields of an account. Tokens keep the old username until they are refreshed.
// Clients must not be let set Metadata.
//
// Limits, in characters: username 1 to 128 bytes, display name, location and timezone up to 255, avatar URL up to
// 512, lang tag 1 to 18; metadata is a JSON object. Codes: invalid argument, not found, already exists (the
// username), internal.
func (s *Service) UpdateAccount(ctx context.Context, id string, u Update) error {
	if err := checkUpdate(u); err != nil {
		return err
	}
	id, ok := canonical(id)
	if !ok {
		return noAccount()
	}
	err := s.cfg.Accounts.UpdateAccount(ctx, id, u, time.Now().UTC().Truncate(time.Second))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound):
		return noAccount()
	case errors.Is(err, ErrUsernameTaken):
		return usernameTaken()
	default:
		return s.internal(ctx, "Error while trying to update account.", err)
	}
}

// Ban disables an account and ends all sessions of its user. Banning twice is no error. Codes: not found, internal.
func (s *Service) Ban(ctx context.Context, id string) error {
	id, err := s.disable(ctx, id, time.Now())
	if err != nil {
		return err
	}
	_, err = s.end(ctx, Ending{User: id, Banned: true})
	return err
}

// Unban lets the user of an account sign in again. What a ban ended stays ended. Codes: not found, internal.
func (s *Service) Unban(ctx context.Context, id string) error {
	_, err := s.disable(ctx, id, time.Time{})
	return err
}

// disable returns the id as it is stored.
func (s *Service) disable(ctx context.Context, id string, at time.Time) (string, error) {
	id, ok := canonical(id)
	if !ok {
		return "", noAccount()
	}
	err := s.cfg.Accounts.DisableAccount(ctx, id, at.UTC().Truncate(time.Second))
	switch {
	case errors.Is(err, ErrNotFound):
		return "", noAccount()
	case err != nil:
		return "", s.internal(ctx, "Error while trying to update account.", err)
	}
	return id, nil
}

// canonical returns the form in which a user id is stored.
func canonical(id string) (string, bool) {
	u, err := uuid.Parse(id)
	return u.String(), err == nil
}

func distinct(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
