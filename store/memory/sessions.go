package memory

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/shoal-go/shoal/auth"
)

type revocationKey struct{ user, family string }

// Revoke implements [auth.Revocations].
func (s *Store) Revoke(ctx context.Context, r auth.Revocation) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	r.At, r.Until = milliseconds(r.At), milliseconds(r.Until)
	s.revocations[revocationKey{r.User, r.Family}] = r
	return nil
}

// Revocations implements [auth.Revocations]. It forgets those that are over.
func (s *Store) Revocations(ctx context.Context, now time.Time) ([]auth.Revocation, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var alive []auth.Revocation
	for key, r := range s.revocations {
		if r.Until.After(now) {
			alive = append(alive, r)
		} else {
			delete(s.revocations, key)
		}
	}
	return alive, nil
}

// Rotate implements [auth.Rotations].
func (s *Store) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (auth.Rotation, error) {
	if err := s.lock(ctx); err != nil {
		return auth.Rotation{}, err
	}
	defer s.mu.Unlock()
	stored := s.rotations[r.Family]
	if n := len(stored); n > 0 && stored[n-1].Generation >= r.Generation {
		newest := stored[n-1]
		for _, old := range stored {
			if old.Generation == r.Generation {
				newest = old
			}
		}
		newest.Successor = bytes.Clone(newest.Successor)
		return newest, nil
	}
	r.At, r.Until = milliseconds(r.At), milliseconds(r.Until)
	for family, of := range s.rotations {
		if !of[len(of)-1].Until.After(r.At) {
			delete(s.rotations, family)
		}
	}
	kept := r
	kept.Successor = bytes.Clone(r.Successor)
	stored = slices.DeleteFunc(stored, func(old auth.Rotation) bool { return old.At.Before(since) })
	s.rotations[r.Family] = append(stored, kept)
	return r, nil
}

func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Key implements [auth.Keys].
func (s *Store) Key(ctx context.Context, name string, candidate []byte) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if _, ok := s.keys[name]; !ok {
		s.keys[name] = bytes.Clone(candidate)
	}
	return bytes.Clone(s.keys[name]), nil
}
