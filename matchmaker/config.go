package matchmaker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/shoal-go/shoal/presence"
)

const (
	defaultInterval     = 15 * time.Second
	defaultMaxIntervals = 2
	defaultMaxTickets   = 3
	defaultCandidates   = 64
	defaultSteps        = 100_000
	defaultTimeout      = 10 * time.Second
	maxCandidates       = 1024 // the search remembers what it knows of each pair
)

// Config configures a [Matchmaker].
type Config struct {
	// Outbox tells the players. It is required.
	Outbox Outbox

	// Matched is asked where a new group plays: it makes a match and returns its id, or returns "" for a relayed match,
	// whose id the Outbox chooses. When it fails the tickets wait on as before. Result.MatchID is empty.
	//
	// It runs on a goroutine of its own, so it may take its time, up to Timeout, when its ctx ends; ctx also ends when
	// Run stops. Several calls may run at once. A player who disconnects meanwhile stays in the result, as one who does
	// so a moment later. Nil means that all matches are relayed.
	Matched func(ctx context.Context, r Result) (matchID string, err error)
	// Reserver keeps seats in the match that Matched returned. It is called after Matched, with the same ctx, before
	// anyone is told. When it fails the tickets wait on. Nil means that no seat is kept.
	Reserver Reserver
	// Timeout is how long Matched and Reserver together may take for one group. 0 means 10 s.
	Timeout time.Duration

	// Interval is the time from one run to the next. 0 means 15 s.
	Interval time.Duration
	// MaxIntervals is in which of its runs a ticket first allows fewer players than its MaxCount. 0 means 2.
	MaxIntervals int
	// WaitForRun turns off the search on arrival: tickets are matched by runs only.
	WaitForRun bool

	// MaxTickets is how many tickets may wait for one session, and for one party. 0 means 3.
	MaxTickets int
	// Candidates is how many of the tickets that could be grouped with a ticket are considered for it. 0 means 64; at
	// most 1024.
	Candidates int
	// Steps bounds the search for one ticket's group: the pairs of candidates that are looked at. 0 means 100,000,
	// about a millisecond.
	Steps int

	// Hooks are told what happens. The zero value tells nobody.
	Hooks Hooks
	// Logger gets the failures of Matched and Reserver. Nil: nothing is logged.
	Logger *slog.Logger
}

// Outbox is what a network layer implements to tell players that they are matched.
type Outbox interface {
	// Matched tells all presences of the result, each with its own ticket and all with the same list. It is called
	// once for a group, with the lock of the Matchmaker held: it queues what it has to say and returns, and does not
	// call the Matchmaker. An empty MatchID means a relayed match, for which it makes an id. The result may be kept,
	// but not changed.
	Matched(r Result)
}

// Reserver is a place where matches have seats.
type Reserver interface {
	// Reserve keeps a seat in a match for each of the users, or for none and fails.
	Reserve(ctx context.Context, matchID string, users []presence.Presence) error
}

func (c Config) filled() (Config, error) {
	if c.Outbox == nil {
		return c, errors.New("matchmaker: Config needs an Outbox")
	}
	if c.Reserver != nil && c.Matched == nil {
		return c, errors.New("matchmaker: Config.Reserver is of no use without Matched")
	}
	if min(c.Timeout, c.Interval) < 0 || min(c.MaxIntervals, c.MaxTickets, c.Candidates, c.Steps) < 0 {
		return c, errors.New("matchmaker: a number or duration in Config is negative")
	}
	if c.Candidates > maxCandidates {
		return c, errors.New("matchmaker: Config.Candidates is above 1024")
	}
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.Interval = cmp.Or(c.Interval, defaultInterval)
	c.MaxIntervals = cmp.Or(c.MaxIntervals, defaultMaxIntervals)
	c.MaxTickets = cmp.Or(c.MaxTickets, defaultMaxTickets)
	c.Candidates = cmp.Or(c.Candidates, defaultCandidates)
	c.Steps = cmp.Or(c.Steps, defaultSteps)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
