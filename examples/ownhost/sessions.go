package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/auth"
)

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
