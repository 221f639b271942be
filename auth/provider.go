package auth

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
)

// Provider knows the users of a third party's service, such as Steam. A host implements it for the services it uses,
// by a call to the service or by a check of a signature; and must see to it that the token was made for its own game.
type Provider interface {
	// Verify returns the id by which the service knows the user who presents token: always the same for the same
	// user, 1 to 128 bytes. An error means that the token proves nothing, which counts as a failed attempt; unless it Is
	// [ErrUnavailable], or an error of the network or a deadline: then nobody could be asked, and the client is told that
	// the server is at fault. The text of an error is for the log and should not hold the token. The token of
	// [GameCenter] is a [GameCenterToken] in JSON.
	Verify(ctx context.Context, token string) (id string, err error)
}

// GameCenterToken is what Game Center signs: the fields of a client's request.
type GameCenterToken struct {
	PlayerID     string `json:"player_id"`
	BundleID     string `json:"bundle_id"`
	Timestamp    int64  `json:"timestamp_seconds"`
	Salt         string `json:"salt"`
	Signature    string `json:"signature"`
	PublicKeyURL string `json:"public_key_url"`
}

// Token returns the token to present to [Service.SignInProvider] and the like. Codes: invalid argument (a field is
// missing).
func (g GameCenterToken) Token() (string, error) {
	for _, f := range []struct {
		missing bool
		what    string
	}{
		{g.BundleID == "", "bundle ID"},
		{g.PlayerID == "", "player ID"},
		{g.PublicKeyURL == "", "public key URL"},
		{g.Salt == "", "salt"},
		{g.Signature == "", "signature"},
		{g.Timestamp == 0, "timestamp"},
	} {
		if f.missing {
			return "", invalid("GameCenter " + f.what + " is required.")
		}
	}
	b, err := json.Marshal(g)
	return string(b), err
}

// provided is how the texts for clients call the kinds that need a Provider.
type provided struct {
	name  string
	token string // what is said when there is none
	gated bool   // whether the service is set up is told before anything else
}

var providers = map[Kind]provided{
	Apple:    {name: "Apple", token: "Apple ID token is required.", gated: true},
	Facebook: {name: "Facebook", token: "Facebook access token is required."},
	FacebookInstantGame: {
		name: "Facebook Instant Game", token: "Signed Player Info for a Facebook Instant Game is required.",
	},
	GameCenter: {name: "GameCenter", token: "GameCenter access credentials are required."},
	Google:     {name: "Google", token: "Google access token is required."},
	Steam:      {name: "Steam", token: "Steam access token is required.", gated: true},
}

// SignInProvider signs in with a token of a third party's service, one of Config.Providers.
//
// Codes: failed precondition (there is no such provider), invalid argument, unauthenticated (the token is not good),
// not found, permission denied (banned), already exists (the username), resource exhausted, internal ([ErrUnavailable]
// when the provider could not be asked).
func (s *Service) SignInProvider(ctx context.Context, k Kind, token string, o SignIn) (Session, error) {
	if err := s.checkToken(k, token); err != nil {
		return Session{}, err
	}
	if o.Username != "" {
		if err := checkUsername(o.Username); err != nil {
			return Session{}, err
		}
	}
	return s.try(ctx, k, "", o.Addr, func() (Session, error) {
		id, err := s.verify(ctx, k, token)
		if err != nil {
			return Session{}, s.internal(ctx, "Error finding user account.", err)
		}
		return s.signIn(ctx, Identity{Kind: k, ID: id}, "", o)
	})
}

// checkToken refuses a kind that nobody vouches for, and no token.
func (s *Service) checkToken(k Kind, token string) error {
	p, known := providers[k]
	switch {
	case !known:
		return invalid("Unknown provider.")
	case s.cfg.Providers[k] == nil && (p.gated || token != ""):
		return &Error{Code: CodeFailedPrecondition, Text: p.name + " authentication is not configured.", Err: ErrNoProvider}
	case token == "":
		return invalid(p.token)
	}
	return nil
}

// verify asks the provider, which there is.
func (s *Service) verify(ctx context.Context, k Kind, token string) (string, error) {
	id, err := s.cfg.Providers[k].Verify(ctx, token)
	if err == nil && (len(id) < 1 || len(id) > maxID || hasControl(id)) {
		err = errors.New("the id of the provider is empty, too long or no text")
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err == nil {
		return id, nil
	}
	text, level := "Could not authenticate "+providers[k].name+" profile.", slog.LevelInfo
	told := &Error{Code: CodeUnauthenticated, Text: text, Err: ErrCredentials}
	if unasked(err) {
		level, told = slog.LevelError, &Error{Code: CodeInternal, Text: text, Err: ErrUnavailable}
	}
	s.cfg.Logger.LogAttrs(ctx, level, text, slog.String("error", without(err.Error(), token)))
	return "", told
}

// unasked tells whether an error of a provider says nothing about the token.
func unasked(err error) bool {
	var network net.Error
	return errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network)
}

// without takes a token out of a text, in which an address that was asked may stand.
func without(text, token string) string {
	return strings.NewReplacer(token, "…", url.QueryEscape(token), "…", url.PathEscape(token), "…").Replace(text)
}
