package memory

import (
	"bytes"
	"context"
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
