package matchmaker

import (
	"cmp"
	"context"
	"errors"
	"iter"
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
	defaultPlacements   = 16
	maxCandidates       = 1024 // the search remembers what it knows of each pair
)

// Config configures a [Matchmaker].
type Config struct {
	// Outbox tells the players. Required.
	Outbox Outbox

	// Matched is asked where a new group plays: it makes a match and returns its id, or returns "" for a relayed match,
	// whose id the Outbox chooses. When it fails the tickets wait on as before. Result.MatchID is empty.
	//
	// It delays no run: up to Placements calls run at once, on goroutines of their own, and further groups wait their
	// turn. A call may take its time, up to Timeout, when its ctx ends; ctx also ends when Run stops. A player who
	// disconnects meanwhile stays in the result, as one who does so a moment later. nil means that all matches are relayed.
	Matched func(ctx context.Context, r Result) (matchID string, err error)
	// Reserve keeps a seat in a match for each of the users, or for none and fails. It is called after Matched, with the
	// same ctx, before anyone is told, and for the players that Backfill finds. When it fails the tickets wait on. nil
	// means that no seat is kept, and that Backfill is not served.
	Reserve func(ctx context.Context, matchID string, users []presence.Presence) error
	// Timeout is how long Matched and Reserve together may take for one group. 0 means 10 s.
	Timeout time.Duration
	// Placements is how many groups Matched and Reserve work on at once. 0 means 16.
	Placements int

	// Interval is the time from one run to the next. 0 means 15 s.
	Interval time.Duration
	// MaxIntervals is in which of its runs a ticket first allows fewer players than its MaxCount. 0 means 2.
	MaxIntervals int
	// WaitForRun turns off the search on arrival: tickets are matched by runs only.
	WaitForRun bool

	// MaxTickets is how many tickets may wait for one session, and for one party. 0 means 3.
	MaxTickets int
	// Candidates is how many of the tickets that could be grouped with a ticket are considered for it, at least: it is as
	// many as the ticket's MaxCount asks for if those are more, up to 1024. 0 means 64; at most 1024.
	Candidates int
	// Steps bounds the search for one ticket's group: the pairs of candidates that are looked at. 0 means 100,000,
	// about a millisecond. The search for the candidates is bounded too, and so is all that one arrival gives rise to: at
	// twice as many terms of queries that are tried on tickets. Only hostile queries, and those that no index helps with in
	// a pool of 100,000, come to that. Such a search makes do with the candidates that it has found; if they are no group,
	// it goes on in the next run where it has stopped.
	Steps int

	// Widen returns what a ticket asks for after it has waited so long: a query. T is the ticket as its owner made it, so
	// to return t.Query means no change. It is asked for each ticket before each run, under the lock of the Matchmaker: it
	// must neither block nor call it. Widening makes one from steps. A query that is wrong is logged and not used. nil
	// means that queries stay as they are.
	Widen func(t *Ticket, waited time.Duration) (query string)
	// Expiry is how long a ticket may wait. The first run after that removes it, and the Outbox tells its players. 0 means
	// for ever.
	Expiry time.Duration

	// Score says how good a match of two tickets is; higher is better. It must be symmetric. It is added to the score that
	// the query of the ticket that searches gives, and decides which candidates are the best. It is called often, under
	// the lock of the Matchmaker: it must neither block nor call it. BySkill makes one. nil means 0.
	Score func(a, b *Ticket) float64
	// Rating is the numeric property that Result.Spread is about. "" means none.
	Rating string
	// Form forms the groups in the place of the Matchmaker. It is asked when a ticket is served, and gets its best
	// candidates, which want it and are wanted; it returns those of them that play with the ticket, or nil for nobody yet.
	// They must want each other and accept the size, on arrival that is MaxCount; else the group is logged and not used.
	// It is called under the lock of the Matchmaker: it must neither block nor call it. nil means the rule above.
	Form func(t *Ticket, candidates iter.Seq[*Ticket]) []*Ticket
	// Pool names the pool that a ticket counts in for Stats, for instance its mode. There should be few: after the first
	// 256 names, tickets of further ones count in the pool "other". It is called once for a ticket, under the lock of the
	// Matchmaker. nil means that all count in one.
	Pool func(t *Ticket) string

	// Hooks are told what happens. The zero value tells nobody.
	Hooks Hooks
	// Logger gets the failures of Matched and Reserve. nil drops them.
	Logger *slog.Logger
}

// Outbox is what a network layer implements to tell players that they are matched.
type Outbox interface {
	// Matched tells all presences of the result, each with its own ticket and all with the same list. It is called
	// once for a group, with the lock of the Matchmaker held: it queues what it has to say and returns, and does not
	// call the Matchmaker. An empty MatchID means a relayed match, for which it makes an id. The result may be kept,
	// but not changed.
	Matched(r Result)
	// Expired tells the players of a ticket that it has waited for Config.Expiry and does not wait any longer. It is
	// called like Matched.
	Expired(t *Ticket)
}

func (c Config) filled() (Config, error) {
	if c.Outbox == nil {
		return c, errors.New("matchmaker: Config needs an Outbox")
	}
	if min(c.Timeout, c.Interval, c.Expiry) < 0 || min(c.Placements, c.MaxIntervals, c.MaxTickets, c.Candidates, c.Steps) < 0 {
		return c, errors.New("matchmaker: a number or duration in Config is negative")
	}
	if c.Candidates > maxCandidates {
		return c, errors.New("matchmaker: Config.Candidates is above 1024")
	}
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.Placements = cmp.Or(c.Placements, defaultPlacements)
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
