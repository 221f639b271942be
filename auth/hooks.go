package auth

import (
	"context"
	"net/netip"

	"github.com/shoal-go/shoal/internal/hook"
)

// Hooks are told of sign-ins, and of what looks like theft. Each may be nil and costs nothing then. They run on the
// goroutine of the caller, which waits for them, and may be called by many at once. What clients ask for besides is told by
// the hooks of the gateway.
type Hooks struct {
	// SignIn is told how each sign-in went, but for those whose form alone was wrong.
	SignIn func(ctx context.Context, o Outcome)
	// Reused is told of a refresh token that came back when it had long been exchanged ([Config].Rotate): it is in the
	// wrong hands, or its successor is. All of the family has ended.
	Reused func(ctx context.Context, user, family string)
}

// With returns hooks that call those of h, then those of other.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{SignIn: hook.Both2(h.SignIn, other.SignIn), Reused: hook.Both3(h.Reused, other.Reused)}
}

// Outcome is how a sign-in went.
type Outcome struct {
	Kind     Kind       // how it was tried; Email also for a username and its password
	Addr     netip.Addr // that of [SignIn]
	User     string     // who is signed in, "" with an Err
	Username string
	Created  bool  // the account is new
	Err      error // what the client is told: that [ErrThrottled] for instance; nil if it is signed in
}

// signedIn tells of a sign-in.
func (h *Hooks) signedIn(ctx context.Context, k Kind, addr netip.Addr, s Session, err error) {
	if h.SignIn != nil {
		h.SignIn(ctx, Outcome{Kind: k, Addr: addr, User: s.User, Username: s.Username, Created: s.Created, Err: err})
	}
}

// reused tells of a refresh token.
func (h *Hooks) reused(ctx context.Context, user, family string) {
	if h.Reused != nil {
		h.Reused(ctx, user, family)
	}
}
