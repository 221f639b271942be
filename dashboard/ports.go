package dashboard

import (
	"context"
	"iter"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

// Domains are what a dashboard shows. Each may be nil; the page leaves it out then.
type Domains struct {
	Matches    Matches
	Relays     Relays
	Sessions   Sessions
	Matchmaker Matchmaker
	Boards     Boards
}

// Matches are authoritative matches: a [match.Registry]. What only reads must not wait for a match.
type Matches interface {
	List(q match.ListRequest) (match.Page, error)
	Figures(id match.ID) (match.Figures, error)
	Totals() match.Totals
	Kick(id match.ID, who ...presence.Presence) error
	Signal(ctx context.Context, id match.ID, data string) (string, error)
	End(ctx context.Context, id match.ID, grace time.Duration) error
}

// Relays are relayed matches: a [relay.Hub].
type Relays interface {
	List(r relay.ListRequest) []relay.Info
}

// Sessions are who is connected: [transport.Sessions].
type Sessions interface {
	Len() int
	All() iter.Seq[*transport.Session]
}

// Matchmaker is who waits for opponents: a [matchmaker.Matchmaker].
type Matchmaker interface {
	Stats() matchmaker.Stats
	Waiting(limit int) []*matchmaker.Ticket
	Explain(ticket string) (matchmaker.Explanation, error)
}

// Boards are [leaderboard.Boards].
type Boards interface {
	All() []leaderboard.Board
	List(ctx context.Context, q leaderboard.ListRequest) (leaderboard.Page, error)
}
