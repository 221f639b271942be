package storetest_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/store/memory"
)

// hoarding links another address under a kind of its own, and so keeps the old one.
type hoarding struct{ *memory.Store }

func (s hoarding) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	if i.ID == "new@example.com" {
		return s.Store.Link(ctx, user, auth.Identity{Kind: auth.Device, ID: i.ID}, at)
	}
	return s.Store.Link(ctx, user, i, at)
}

// stealing takes an identity from whoever has it.
type stealing struct{ *memory.Store }

func (s stealing) Link(ctx context.Context, user string, i auth.Identity, at time.Time) error {
	err := s.Store.Link(ctx, user, i, at)
	if !errors.Is(err, auth.ErrIdentityTaken) {
		return err
	}
	owner, _, err := s.AccountByIdentity(ctx, i.Kind, i.ID)
	if err != nil {
		return err
	}
	return errors.Join(
		s.Store.Link(ctx, owner.ID, auth.Identity{Kind: auth.Device, ID: "instead " + owner.ID}, at),
		s.Store.Unlink(ctx, owner.ID, i.Kind, i.ID, at),
		s.Store.Link(ctx, user, i, at),
	)
}

// twoSteps looks how many identities there are in one transaction, and takes one away in another.
type twoSteps struct {
	*memory.Store
	looked sync.WaitGroup
	once   sync.Once
}

func (s *twoSteps) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	s.once.Do(func() { s.looked.Add(6) }) // as many as the rule has callers
	found, err := s.AccountsByID(ctx, []string{user})
	last := len(found) == 0 || len(found[0].Devices) < 2
	s.looked.Done()
	s.looked.Wait()
	if err != nil || last {
		return auth.ErrLastIdentity
	}
	return lockedOut{s.Store}.Unlink(ctx, user, kind, id, at)
}

// lockedOut takes the last identity away, and finds what is not there.
type lockedOut struct{ *memory.Store }

func (s lockedOut) Unlink(ctx context.Context, user string, kind auth.Kind, id string, at time.Time) error {
	if err := s.Store.Unlink(ctx, user, kind, id, at); !errors.Is(err, auth.ErrLastIdentity) && !errors.Is(err, auth.ErrNotFound) {
		return err
	}
	return nil
}

// editing takes a ban for an edit.
type editing struct{ *memory.Store }

func (s *editing) DisableAccount(ctx context.Context, id string, at time.Time) error {
	name := "banned"
	return errors.Join(s.UpdateAccount(ctx, id, auth.Update{DisplayName: &name}, at), s.Store.DisableAccount(ctx, id, at))
}

// unnoted deletes without a note.
type unnoted struct{ *memory.Store }

func (s unnoted) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	return errors.Join(s.Store.DeleteAccount(ctx, id, at), s.ForgetDeletion(ctx, id))
}

// newestRotation answers with the newest there is.
type newestRotation struct{ *memory.Store }

func (s newestRotation) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (auth.Rotation, error) {
	stored, err := s.Store.Rotate(ctx, r, since)
	if err != nil || stored.At.Equal(r.At) {
		return stored, err
	}
	for next := r; ; {
		next.Generation++
		probe, err := s.Store.Rotate(ctx, next, since)
		if err != nil || string(probe.Successor) == string(next.Successor) {
			return stored, err
		}
		stored = probe
	}
}

// amnesiac forgets the newest too.
type amnesiac struct{ *memory.Store }

func (s amnesiac) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (auth.Rotation, error) {
	if r.At.Before(since) {
		return r, nil
	}
	return s.Store.Rotate(ctx, r, since)
}
