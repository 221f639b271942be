package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

// maxPassword is where bcrypt stops reading.
const maxPassword = 72

// passwords hashes on the goroutines of its callers, but only so many at once, because a hash keeps a core busy for
// long enough to delay the ticks of matches.
type passwords struct {
	cost    int
	decoy   []byte        // looks like the hash of a password, which nobody knows
	places  chan struct{} // one for each caller, working or waiting
	workers chan struct{} // one for each caller that is working
}

func newPasswords(workers, queue, cost int) *passwords {
	const text = 53 // the salt and the hash, in letters that rand.Text has all of
	return &passwords{
		cost:    cost,
		decoy:   fmt.Appendf(nil, "$2a$%02d$%.*s", cost, text, rand.Text()+rand.Text()+rand.Text()),
		places:  make(chan struct{}, workers+queue),
		workers: make(chan struct{}, workers),
	}
}

// do calls f when a worker is free. It fails at once when the queue is full, and when ctx ends while waiting.
func (p *passwords) do(ctx context.Context, f func()) error {
	select {
	case p.places <- struct{}{}:
	default:
		return &Error{Code: CodeResourceExhausted, Text: "Try again later.", Err: ErrBusy}
	}
	defer func() { <-p.places }()
	select {
	case p.workers <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.workers }()
	if err := ctx.Err(); err != nil { // both cases were ready
		return err
	}
	f()
	return nil
}

// hash returns the secret to store for a password of at most 72 bytes.
func (p *passwords) hash(ctx context.Context, password string) (secret []byte, err error) {
	if werr := p.do(ctx, func() {
		secret, err = bcrypt.GenerateFromPassword([]byte(password), p.cost)
	}); werr != nil {
		return nil, werr
	}
	return secret, err
}

// matches tells whether secret was made from password. An empty secret matches nothing, and neither does a password
// that is too long; both take as long as the others, so that the time does not tell which accounts exist.
func (p *passwords) matches(ctx context.Context, secret []byte, password string) (bool, error) {
	possible := len(secret) > 0 && len(password) <= maxPassword
	if !possible {
		secret = p.decoy
		password = password[:min(len(password), maxPassword)]
	}
	var err error
	if werr := p.do(ctx, func() {
		err = bcrypt.CompareHashAndPassword(secret, []byte(password))
	}); werr != nil {
		return false, werr
	}
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	return possible && err == nil, err
}
