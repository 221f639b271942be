package auth

import (
	"context"
	"errors"
	"strings"
	"time"
)

// LinkEmail makes an email address and a password a way into an account, in place of the ones it had. Sessions go on.
// Codes: invalid argument, not found, already exists, resource exhausted (too many passwords to hash), internal.
func (s *Service) LinkEmail(ctx context.Context, user, email, password string) error {
	if err := checkEmailLink(email, password); err != nil {
		return err
	}
	secret, err := s.newSecret(ctx, password)
	if err != nil {
		return err
	}
	return s.link(ctx, user, Identity{Kind: Email, ID: strings.ToLower(email), Secret: secret}, "Email is already in use.")
}

// LinkDevice makes a device id a way into an account, besides those it has. Codes: as [Service.LinkEmail].
func (s *Service) LinkDevice(ctx context.Context, user, id string) error {
	if err := checkID("Device ID", id, minDeviceID); err != nil {
		return err
	}
	return s.link(ctx, user, Identity{Kind: Device, ID: id}, "Device ID already in use.")
}

// LinkCustom makes a custom id a way into an account, in place of the one it had. Codes: as [Service.LinkEmail].
func (s *Service) LinkCustom(ctx context.Context, user, id string) error {
	if err := checkCustomLink(id); err != nil {
		return err
	}
	return s.link(ctx, user, Identity{Kind: Custom, ID: id}, "Custom ID is already in use.")
}

// LinkProvider makes what a third party's service calls the user a way into an account, in place of what it had of the
// service. Codes: as [Service.SignInProvider], but permission denied.
func (s *Service) LinkProvider(ctx context.Context, user string, k Kind, token string) error {
	if err := s.checkToken(k, token); err != nil {
		return err
	}
	id, err := s.verify(ctx, k, token)
	if err != nil {
		return s.internal(ctx, "Error while trying to link account.", err)
	}
	return s.link(ctx, user, Identity{Kind: k, ID: id}, providers[k].name+" ID is already in use.")
}

func (s *Service) link(ctx context.Context, user string, i Identity, taken string) error {
	user, ok := canonical(user)
	if !ok {
		return noAccount()
	}
	err := s.cfg.Identities.Link(ctx, user, i, time.Now().UTC().Truncate(time.Second))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound):
		return noAccount()
	case errors.Is(err, ErrIdentityTaken):
		return &Error{Code: CodeAlreadyExists, Text: taken, Err: ErrIdentityTaken}
	}
	return s.internal(ctx, "Error while trying to link account.", err)
}

// Unlink takes a way in from an account: an Email, Custom or Device identity. The id "" means the one that the account
// has of the kind, which is not Device. Sessions go on.
//
// Codes: invalid argument, permission denied (the account has no such identity, or no other), internal.
func (s *Service) Unlink(ctx context.Context, user string, k Kind, id string) error {
	switch {
	case k == Device && id == "":
		return invalid("A device ID must be supplied.")
	case k == Email:
		id = strings.ToLower(id)
	}
	return s.unlink(ctx, user, k, id)
}

// UnlinkProvider takes a way in from an account: what a third party's service calls the user. The token "" means the one
// that the account has of the kind.
// Codes: failed precondition (there is no such provider to check the token), unauthenticated (the token is not good),
// permission denied, internal.
func (s *Service) UnlinkProvider(ctx context.Context, user string, k Kind, token string) error {
	id := ""
	if token != "" {
		if err := s.checkToken(k, token); err != nil {
			return err
		}
		var err error
		if id, err = s.verify(ctx, k, token); err != nil {
			return s.internal(ctx, "Error while trying to unlink account.", err)
		}
	}
	return s.unlink(ctx, user, k, id)
}

func (s *Service) unlink(ctx context.Context, user string, k Kind, id string) error {
	err := ErrNotFound
	if user, ok := canonical(user); ok {
		err = s.cfg.Identities.Unlink(ctx, user, k, id, time.Now().UTC().Truncate(time.Second))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrLastIdentity):
		return &Error{
			Code: CodePermissionDenied, Err: err,
			Text: "Cannot unlink last account identifier. Check profile exists and is not last link.",
		}
	}
	return s.internal(ctx, "Error while trying to unlink account.", err)
}
