package auth

import (
	"context"
	"time"
)

// Claims is what an access token says about who presents it.
type Claims struct {
	User     string            // user id
	Username string            // as it was at the sign-in or last refresh
	Family   string            // the sign-in that the token comes from
	Vars     map[string]string // nil if there are none; the caller may change it
	Issued   time.Time         // the second of the sign-in
	Expires  time.Time         // the second from which on the token is refused
}

// Verify returns what an access token says, if it is good: signed with the access key, not expired, and its session
// not ended. It reads no store and does not see bans; a ban has to end the user's sessions. The error is an
// [ErrToken] with the code unauthenticated, and says no more.
func (s *Service) Verify(token string) (Claims, error) {
	c, ok := s.check(s.access, token)
	if !ok || s.revoked.refuses(c) {
		return Claims{}, &Error{Code: CodeUnauthenticated, Text: "Auth token invalid", Err: ErrToken}
	}
	return Claims{
		User:     c.User,
		Username: c.Username,
		Family:   c.Family,
		Vars:     c.Vars,
		Issued:   c.IssuedAt.UTC(),
		Expires:  c.ExpiresAt.UTC(),
	}, nil
}

// check returns the claims of a token that is good but for revocations. A family that is over is checked too,
// because revocations are kept no longer, and a token from before FamilyTTL was made shorter may outlive them.
func (s *Service) check(by *signer, token string) (*sessionClaims, bool) {
	c := new(sessionClaims)
	if err := by.parse(token, c); err != nil {
		return nil, false
	}
	return c, time.Now().Before(s.familyEnd(c))
}

// Refresh returns a session with new tokens of the same family, the user's present name, and vars, if there are any,
// in place of the old ones. The refresh token stays good until it expires, unless Config.Rotate says otherwise.
//
// Codes: invalid argument (no token), unauthenticated, not found, permission denied (banned), internal.
func (s *Service) Refresh(ctx context.Context, refreshToken string, vars map[string]string) (Session, error) {
	if refreshToken == "" {
		return Session{}, invalid("Refresh token is required.")
	}
	c, ok := s.check(s.refresh, refreshToken)
	if !ok || s.revoked.refuses(c) {
		return Session{}, badRefreshToken()
	}
	a, err := s.active(ctx, c.User)
	if err != nil {
		return Session{}, err
	}
	c.Username = a.Username
	if len(vars) > 0 {
		c.Vars = vars
	}
	if s.cfg.Rotate {
		return s.rotate(ctx, *c)
	}
	return s.issue(*c, false)
}

// Logout ends the sessions that the tokens belong to, for good and with all their tokens, the refresh token included;
// caller is who asks, as told by [Service.Verify]. Either token may be ""; if both are, all sessions of the caller
// end. Nothing happens unless each given token is unexpired and the caller's own. Logging out twice is no error.
//
// Codes: invalid argument, internal.
func (s *Service) Logout(ctx context.Context, caller Claims, token, refreshToken string) error {
	if token == "" && refreshToken == "" {
		return s.EndSessions(ctx, caller.User)
	}
	ends := make(map[string]time.Time, 2) // families and when they would have ended
	for _, t := range []struct {
		token  string
		signer *signer
		refuse string
	}{
		{token, s.access, "Session token invalid."},
		{refreshToken, s.refresh, "Refresh token invalid."},
	} {
		if t.token == "" {
			continue
		}
		c, ok := s.check(t.signer, t.token)
		if !ok || c.User != caller.User {
			return &Error{Code: CodeInvalidArgument, Text: t.refuse, Err: ErrToken}
		}
		ends[c.Family] = s.familyEnd(c)
	}
	for family, until := range ends {
		if err := s.revoked.endFamily(ctx, caller.User, family, until); err != nil {
			return s.internal(ctx, "Error ending session.", err)
		}
		s.ended(Ending{User: caller.User, Family: family})
	}
	return nil
}

// EndSessions ends all sessions of a user: no token from a sign-in that began before the call is good after it.
// The error has the code internal.
func (s *Service) EndSessions(ctx context.Context, user string) error {
	if id, ok := canonical(user); ok { // as it stands in the tokens
		user = id
	}
	_, err := s.end(ctx, Ending{User: user})
	return err
}

// end returns the mark of sign-ins that come after it.
func (s *Service) end(ctx context.Context, e Ending) (int64, error) {
	mark, err := s.revoked.endUser(ctx, e.User)
	if err != nil {
		return 0, s.internal(ctx, "Error ending sessions.", err)
	}
	s.ended(e)
	return mark, nil
}

// Ending says that sessions have ended before their tokens expire.
type Ending struct {
	User   string
	Family string // the token family that ended; "" means all of the user
	Banned bool   // because the user was banned
}

// Watch lets f know of every end of sessions from now on, once it is stored; perhaps more than once. f runs on the
// goroutine that ended them, and may be called by several at the same time; it should only start what takes time.
func (s *Service) Watch(f func(Ending)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, f)
}

func (s *Service) ended(e Ending) {
	s.mu.Lock()
	watchers := s.watchers // only ever appended to
	s.mu.Unlock()
	for _, f := range watchers {
		f(e)
	}
}
