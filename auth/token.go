package auth

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// signer signs and checks tokens with one key. Safe for concurrent use.
type signer struct {
	key    []byte
	lookup jwt.Keyfunc
	parser *jwt.Parser
}

func newSigner(key []byte) *signer {
	return &signer{
		key:    key,
		lookup: func(*jwt.Token) (any, error) { return key, nil },
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithExpirationRequired(),
			jwt.WithStrictDecoding(),
		),
	}
}

func (s *signer) sign(c jwt.Claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.key)
}

// parse fills c, and calls its Validate if it has one. What it left in c after an error means nothing.
func (s *signer) parse(token string, c jwt.Claims) error {
	_, err := s.parser.ParseWithClaims(token, c, s.lookup)
	return err
}

// sessionClaims is what stands in access and refresh tokens.
type sessionClaims struct {
	Family   string            `json:"tid"`
	User     string            `json:"uid"`
	Username string            `json:"usn"`
	Vars     map[string]string `json:"vrs,omitempty"`
	Mark     int64             `json:"rev,omitempty"` // see revoked
	Rotated  int64             `json:"rot,omitempty"` // how many tokens of the family were exchanged before this one
	jwt.RegisteredClaims
}

// Validate is called by the parser. A token that is meant for somebody in particular is none of ours, though another
// service may share the key.
func (c *sessionClaims) Validate() error {
	if c.Family == "" || c.User == "" || c.IssuedAt == nil || len(c.Audience) > 0 {
		return errors.New("not a session token")
	}
	return nil
}

// newFamily returns the claims of a session that begins now.
func (s *Service) newFamily(a Account, mark int64, vars map[string]string) sessionClaims {
	return sessionClaims{
		Family:           uuid.NewString(),
		User:             a.ID,
		Username:         a.Username,
		Vars:             vars,
		Mark:             s.revoked.needed(a.ID, mark),
		RegisteredClaims: jwt.RegisteredClaims{IssuedAt: jwt.NewNumericDate(time.Now())},
	}
}

// issue signs both tokens of a session.
func (s *Service) issue(c sessionClaims, created bool) (Session, error) {
	return s.issueAt(time.Now(), c, created)
}

// issueAt signs the tokens that were, or would have been, issued at a moment: the same claims and the same second give
// the same tokens.
func (s *Service) issueAt(now time.Time, c sessionClaims, created bool) (Session, error) {
	out := Session{User: c.User, Username: c.Username, Created: created}
	end := s.familyEnd(&c)
	for _, t := range []struct {
		token  *string
		signer *signer
		ttl    time.Duration
	}{
		{&out.Token, s.access, s.cfg.TokenTTL},
		{&out.RefreshToken, s.refresh, s.cfg.RefreshTTL},
	} {
		expires := now.Add(t.ttl)
		if expires.After(end) {
			expires = end
		}
		c.ExpiresAt = jwt.NewNumericDate(expires)
		var err error
		if *t.token, err = t.signer.sign(&c); err != nil {
			return Session{}, &Error{Code: CodeInternal, Text: "Error creating session tokens.", Err: err}
		}
	}
	return out, nil
}

// familyEnd returns when the last token of the family expires, at the latest.
func (s *Service) familyEnd(c *sessionClaims) time.Time { return c.IssuedAt.Add(s.cfg.FamilyTTL) }

// matchClaims is what stands in a match token.
type matchClaims struct {
	Match string   `json:"mid"`
	Users []string `json:"uids,omitempty"`
	jwt.RegisteredClaims
}

// Validate is called by the parser.
func (c *matchClaims) Validate() error {
	if c.Match == "" {
		return errors.New("not a match token")
	}
	return nil
}

// MatchToken returns a token that admits users to a match during the next Config.MatchTokenTTL. With no users it
// admits anybody who has it.
func (s *Service) MatchToken(matchID string, users []string) (string, error) {
	if matchID == "" {
		return "", invalid("Invalid match ID")
	}
	token, err := s.match.sign(&matchClaims{
		Match:            matchID,
		Users:            users,
		RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(time.Now().Add(s.cfg.MatchTokenTTL))},
	})
	if err != nil {
		return "", &Error{Code: CodeInternal, Text: "Error creating match token.", Err: err}
	}
	return token, nil
}

// VerifyMatchToken returns what was given to [Service.MatchToken]; it is for the caller to see that who presents the
// token is one of the users. A token that is not a match token, or expired, is an [ErrToken] with the code invalid
// argument.
func (s *Service) VerifyMatchToken(token string) (matchID string, users []string, err error) {
	var c matchClaims
	if err := s.match.parse(token, &c); err != nil {
		return "", nil, &Error{Code: CodeInvalidArgument, Text: "Invalid match token", Err: ErrToken}
	}
	return c.Match, c.Users, nil
}
