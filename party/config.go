package party

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// What the methods of a [Parties] return, to be asked for with errors.Is.
var (
	ErrNotFound        = errors.New("party: not found")
	ErrInvalidID       = errors.New("party: invalid party id")
	ErrFull            = errors.New("party: full")
	ErrNotLeader       = errors.New("party: not the leader")
	ErrNotMember       = errors.New("party: not a member")
	ErrAlreadyMember   = errors.New("party: a member already")
	ErrAlreadyAsked    = errors.New("party: has asked to join already")
	ErrTooManyRequests = errors.New("party: too many requests to join")
	ErrRequestNotFound = errors.New("party: no such request to join")
	ErrRemoveSelf      = errors.New("party: the leader cannot remove itself")
	ErrMaxSize         = errors.New("party: maximum size is not 1 to 256")
	ErrLabelTooLong    = errors.New("party: label is too long")
	ErrLabel           = errors.New("party: label is not a JSON object")
	ErrHiddenLabel     = errors.New("party: a hidden party has no label")
	ErrTicketNotFound  = errors.New("party: no such ticket")
	ErrNoQueue         = errors.New("party: no queue") // Config has none
	ErrCursor          = errors.New("party: cursor is invalid")
	// ErrTooMany means that the session is in too many parties, or there are too many.
	ErrTooMany = errors.New("party: too many parties")
)

// The limits of a party.
const (
	MaxSize  = 256  // members
	MaxLabel = 2048 // bytes
)

const (
	defaultMaxParties = 100_000
	defaultMaxJoined  = 64
	defaultListed     = 100
)

// Config configures a [Parties].
type Config struct {
	// Outbox tells the players. Required.
	Outbox Outbox
	// Queue finds opponents for whole parties. nil means that Enqueue and Dequeue return ErrNoQueue.
	Queue Queue
	// Hooks are told what happens. The zero value tells nobody.
	Hooks Hooks
	// Node ends the ids of parties, 1 to 16 characters without a dot. "" means "shoal".
	Node string
	// MaxParties is how many parties there may be at once. 0 means 100,000.
	MaxParties int
	// MaxJoined is in how many parties a session may be, or have asked to be, at once. 0 means 64.
	MaxJoined int
}

// New makes a Parties without parties. It fails if the Config is wrong.
func New(c Config) (*Parties, error) {
	switch {
	case c.Outbox == nil:
		return nil, errors.New("party: Config needs an Outbox")
	case c.MaxParties < 0 || c.MaxJoined < 0:
		return nil, errors.New("party: Config.MaxParties or MaxJoined is negative")
	case len(c.Node) > 16 || strings.Contains(c.Node, "."):
		return nil, fmt.Errorf("party: node %q: must be 1-16 characters without a dot", c.Node)
	}
	c.Node = cmp.Or(c.Node, "shoal")
	c.MaxParties = cmp.Or(c.MaxParties, defaultMaxParties)
	c.MaxJoined = cmp.Or(c.MaxJoined, defaultMaxJoined)
	p := &Parties{c: c}
	p.mu.groups = make(map[ID]*group)
	p.mu.sessions = make(map[string][]place)
	return p, nil
}
