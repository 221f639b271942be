package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

const (
	// deletionRound is how often Run takes up what is left of deleted accounts.
	deletionRound = 15 * time.Second
	// deletionAge is how old a deletion must be before it is forgotten. Requests that were admitted before the
	// account went may still write; after this time there are none left.
	deletionAge = time.Minute
)

// DeleteAccount ends all sessions of a user, removes the account with its identities, and calls Config.Belongings. The
// deletion is noted together with the removal: when this returns nil the account is gone, and what failed after that
// is repeated by [Service.Run], now and after a restart, until it has succeeded. Deleting an account that is not there
// is no error, so a call that failed can be repeated. The error has the code internal.
func (s *Service) DeleteAccount(ctx context.Context, id string) error {
	id, ok := canonical(id)
	if !ok {
		return nil
	}
	if err := s.EndSessions(ctx, id); err != nil {
		return err
	}
	if err := s.cfg.Accounts.DeleteAccount(ctx, id, time.Now().UTC().Truncate(time.Second)); err != nil {
		return s.internal(ctx, "Error while trying to delete account.", err)
	}
	if err := s.EndSessions(ctx, id); err != nil { // of a sign-in that slipped in between
		return err
	}
	s.deleteBelongings(ctx, id)
	return nil
}

// Run finishes what [Service.DeleteAccount] began, until ctx ends. It returns nil. A service works without it, but then
// what another store failed to delete stays, until Run is called again.
func (s *Service) Run(ctx context.Context) error {
	round := time.NewTicker(deletionRound)
	defer round.Stop()
	for {
		s.finishDeletions(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-round.C:
		}
	}
}

// finishDeletions takes up every deletion that is noted.
func (s *Service) finishDeletions(ctx context.Context) {
	noted, err := s.cfg.Deletions.Deletions(ctx)
	if err != nil {
		_ = s.internal(ctx, "Error reading deletions.", err) // logged; there is a next round
		return
	}
	for _, d := range noted {
		old := time.Since(d.At) >= deletionAge
		if !s.deleteBelongings(ctx, d.User) || !old {
			continue
		}
		if err := s.cfg.Deletions.ForgetDeletion(ctx, d.User); err != nil {
			_ = s.internal(ctx, "Error forgetting a deletion.", err)
		}
	}
}

// deleteBelongings reports whether nothing is left of a user. What failed is logged.
func (s *Service) deleteBelongings(ctx context.Context, user string) bool {
	var errs []error
	for _, remove := range s.cfg.Belongings {
		errs = append(errs, remove(ctx, user))
	}
	err := errors.Join(errs...)
	if err != nil && ctx.Err() == nil {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelError, "Error deleting what belongs to a deleted account.",
			slog.String("user", user), slog.Any("error", err))
	}
	return err == nil
}
