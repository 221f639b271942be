package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// rotate exchanges a refresh token for its successor. c are the claims of the token, with what is to be new in them.
//
// What is stored is enough to make the same successor again, for a client that did not get it, or that asked twice at
// once; later the token is in the wrong hands, or its successor is, and nobody can tell which.
func (s *Service) rotate(ctx context.Context, c sessionClaims) (Session, error) {
	c.Rotated++
	c.ExpiresAt = nil // issueAt sets it
	successor, err := json.Marshal(&c)
	if err != nil {
		return Session{}, s.internal(ctx, "Error creating session tokens.", err)
	}
	now, end := time.Now(), s.familyEnd(&c)
	stored, err := s.cfg.Rotations.Rotate(ctx, Rotation{
		Family: c.Family, Generation: c.Rotated, Successor: successor,
		At: now.UTC().Truncate(time.Millisecond), Until: end.Add(keepLonger).UTC(),
	}, now.Add(-s.cfg.RotateGrace).UTC())
	if err != nil {
		return Session{}, s.internal(ctx, "Error exchanging the refresh token.", err)
	}
	if stored.Generation != c.Rotated || now.Sub(stored.At) >= s.cfg.RotateGrace {
		if err := s.revoked.endFamily(ctx, c.User, c.Family, end); err != nil {
			return Session{}, s.internal(ctx, "Error ending session.", err)
		}
		s.ended(Ending{User: c.User, Family: c.Family})
		s.cfg.Hooks.reused(ctx, c.User, c.Family)
		return Session{}, badRefreshToken()
	}
	var next sessionClaims
	if err := json.Unmarshal(stored.Successor, &next); err != nil {
		return Session{}, s.internal(ctx, "Error exchanging the refresh token.", fmt.Errorf("stored rotation: %w", err))
	}
	return s.issueAt(stored.At, next, false)
}
