package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// attempts bounds how often a sign-in starts anew because another one was faster, or a random name was taken.
	attempts = 8

	minDeviceID = 10
	minCustomID = 6
)

// SignIn is what a sign-in says besides the proof of who one is.
type SignIn struct {
	// Username is the name of a new account; "" means ten random letters. An existing account keeps its own.
	// For SignInEmail without an address it says who signs in.
	Username string
	// Create makes an account if nobody has the identity yet. Clients that do not say mean true.
	Create bool
	// Vars are put into the tokens, for the server's code to read.
	Vars map[string]string
	// Addr is where the sign-in comes from, to limit failed ones; the zero Addr has no limit.
	Addr netip.Addr
}

// Session is a successful sign-in or refresh.
type Session struct {
	User         string // user id
	Username     string
	Created      bool // the account is new
	Token        string
	RefreshToken string
}

// SignInEmail signs in with an email address, upper or lower case, and a password of 8 to 72 bytes. With no address
// it signs in who is called o.Username and has an account with a password; that never creates one.
//
// Codes: invalid argument, not found, unauthenticated, permission denied (banned; told only to who knows the
// password), already exists (the username), resource exhausted, internal.
func (s *Service) SignInEmail(ctx context.Context, email, password string, o SignIn) (Session, error) {
	if email != "" {
		if err := checkEmail(email); err != nil {
			return Session{}, err
		}
	}
	if err := checkPassword(password); err != nil {
		return Session{}, err
	}
	if email == "" && o.Username == "" {
		return Session{}, invalid("Username is required when email address is not supplied.")
	}
	if o.Username != "" {
		if err := checkUsername(o.Username); err != nil {
			return Session{}, err
		}
	}
	if email == "" {
		return s.try(ctx, Email, "name "+o.Username, o.Addr, func() (Session, error) { return s.signInUsername(ctx, password, o) })
	}
	email = strings.ToLower(email)
	return s.try(ctx, Email, "email "+email, o.Addr, func() (Session, error) {
		return s.signIn(ctx, Identity{Kind: Email, ID: email}, password, o)
	})
}

// try is [Service.limited], and tells the hooks how it went.
func (s *Service) try(ctx context.Context, k Kind, account string, addr netip.Addr, do func() (Session, error)) (Session, error) {
	session, err := s.limited(account, addr, do)
	s.cfg.Hooks.signedIn(ctx, k, addr, session, err)
	return session, err
}

// limited does an attempt to sign in unless too many have failed. account names the account, known or not; "" means
// that the proof is no password and so cannot be guessed. Names and addresses of the same account are counted apart:
// names are public, and who has read one on a board must not be able to keep its owner from signing in by address.
func (s *Service) limited(account string, addr netip.Addr, do func() (Session, error)) (Session, error) {
	try, err := s.failures.begin(account, addr)
	if err != nil {
		return Session{}, err
	}
	session, err := do()
	switch {
	case errors.Is(err, ErrCredentials), errors.Is(err, ErrNotFound):
		return Session{}, try.failed(err)
	case err == nil, errors.Is(err, ErrBanned):
		if refused := try.succeeded(); refused != nil {
			return Session{}, refused
		}
	}
	return session, err
}

// SignInDevice signs in with the id of a device, 10 to 128 bytes without blanks: whoever knows the id has the account.
// Codes: invalid argument, not found, permission denied (banned), already exists (the username), resource exhausted,
// internal.
func (s *Service) SignInDevice(ctx context.Context, id string, o SignIn) (Session, error) {
	return s.signInID(ctx, Device, "Device ID", id, minDeviceID, o)
}

// SignInCustom signs in with an id of 6 to 128 bytes that comes from elsewhere, such as a website's accounts. Codes: as
// [Service.SignInDevice].
func (s *Service) SignInCustom(ctx context.Context, id string, o SignIn) (Session, error) {
	return s.signInID(ctx, Custom, "Custom ID", id, minCustomID, o)
}

func (s *Service) signInID(ctx context.Context, k Kind, what, id string, shortest int, o SignIn) (Session, error) {
	if err := checkID(what, id, shortest); err != nil {
		return Session{}, err
	}
	if o.Username != "" {
		if err := checkUsername(o.Username); err != nil {
			return Session{}, err
		}
	}
	return s.try(ctx, k, "", o.Addr, func() (Session, error) { return s.signIn(ctx, Identity{Kind: k, ID: id}, "", o) })
}

func (s *Service) signInUsername(ctx context.Context, password string, o SignIn) (Session, error) {
	mark := s.revoked.mark()
	a, secret, err := s.cfg.Identities.Password(ctx, o.Username)
	switch {
	case errors.Is(err, ErrNotFound):
		return Session{}, s.unknown(ctx, password)
	case err != nil:
		return Session{}, s.internal(ctx, "Error finding user account.", err)
	}
	if err := s.checkSecret(ctx, secret, password); err != nil {
		return Session{}, err
	}
	return s.admit(ctx, a, mark, o.Vars)
}

// signIn finds the account of an identity, or creates it. password is for an Email identity.
func (s *Service) signIn(ctx context.Context, first Identity, password string, o SignIn) (Session, error) {
	for range attempts {
		mark := s.revoked.mark()
		a, secret, err := s.cfg.Identities.AccountByIdentity(ctx, first.Kind, first.ID)
		switch {
		case err == nil && first.Kind == Email:
			if err := s.checkSecret(ctx, secret, password); err != nil {
				return Session{}, err
			}
			return s.admit(ctx, a, mark, o.Vars)
		case err == nil:
			return s.admit(ctx, a, mark, o.Vars)
		case !errors.Is(err, ErrNotFound):
			return Session{}, s.internal(ctx, "Error finding user account.", err)
		case !o.Create && first.Kind == Email:
			return Session{}, s.unknown(ctx, password)
		case !o.Create:
			return Session{}, noUser()
		}
		if first.Kind == Email && first.Secret == nil {
			if first.Secret, err = s.newSecret(ctx, password); err != nil {
				return Session{}, err
			}
		}
		a, err = s.create(ctx, first, o.Username)
		switch {
		case err == nil:
			return s.issue(s.newFamily(a, mark, o.Vars), true)
		case errors.Is(err, ErrIdentityTaken):
			continue // by another first sign-in: this one is not the first any more
		case errors.Is(err, ErrUsernameTaken) && o.Username == "":
			continue // the next random name
		case errors.Is(err, ErrUsernameTaken):
			return Session{}, usernameTaken()
		default:
			return Session{}, s.internal(ctx, "Error finding or creating user account.", err)
		}
	}
	return Session{}, s.internal(ctx, "Error finding or creating user account.", errors.New("too many collisions"))
}

func (s *Service) newSecret(ctx context.Context, password string) ([]byte, error) {
	if len(password) > maxPassword {
		return nil, invalid("Password must be at most 72 bytes long.")
	}
	secret, err := s.passwords.hash(ctx, password)
	if err != nil {
		return nil, s.internal(ctx, "Error finding or creating user account.", err)
	}
	return secret, nil
}

// unknown says that there is no such user, and takes as long for it as to say that a password is wrong.
func (s *Service) unknown(ctx context.Context, password string) error {
	if _, err := s.passwords.matches(ctx, nil, password); err != nil {
		return s.internal(ctx, "Error finding user account.", err)
	}
	return noUser()
}

// checkSecret returns nil if the password is right.
func (s *Service) checkSecret(ctx context.Context, secret []byte, password string) error {
	ok, err := s.passwords.matches(ctx, secret, password)
	if err != nil {
		return s.internal(ctx, "Error finding user account.", err)
	}
	if !ok {
		return wrongCredentials()
	}
	return nil
}

func (s *Service) create(ctx context.Context, first Identity, username string) (Account, error) {
	if username == "" {
		username = randomName()
	}
	now := time.Now().UTC().Truncate(time.Second)
	a := Account{
		ID:       uuid.NewString(),
		Username: username,
		LangTag:  "en",
		Metadata: "{}",
		Created:  now,
		Updated:  now,
	}
	a.SetIdentities(first)
	return a, s.cfg.Accounts.CreateAccount(ctx, a, first)
}

// admit opens a session for a, who has proved to be it. mark is from before a was read: if the user is banned or
// deleted in between, ending the sessions ends this one too.
func (s *Service) admit(ctx context.Context, a Account, mark int64, vars map[string]string) (Session, error) {
	if !a.Disabled.IsZero() {
		return Session{}, banned()
	}
	if s.cfg.SingleSession {
		var err error
		if mark, err = s.end(ctx, Ending{User: a.ID}); err != nil {
			return Session{}, err
		}
		if a, err = s.active(ctx, a.ID); err != nil { // read again: mark is newer than a
			return Session{}, err
		}
	}
	return s.issue(s.newFamily(a, mark, vars), false)
}

// active returns an account that may have sessions.
func (s *Service) active(ctx context.Context, id string) (Account, error) {
	found, err := s.cfg.Accounts.AccountsByID(ctx, []string{id})
	switch {
	case err != nil:
		return Account{}, s.internal(ctx, "Error finding user account.", err)
	case len(found) == 0:
		return Account{}, noUser()
	case !found[0].Disabled.IsZero():
		return Account{}, banned()
	}
	return found[0], nil
}

// randomName returns ten ASCII letters, each as likely as any other.
func randomName() string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	name := make([]byte, 0, 10)
	var random [16]byte
	for {
		_, _ = rand.Read(random[:]) // never fails
		for _, b := range random {
			if int(b) >= 256/len(letters)*len(letters) {
				continue
			}
			if name = append(name, letters[int(b)%len(letters)]); len(name) == cap(name) {
				return string(name)
			}
		}
	}
}
