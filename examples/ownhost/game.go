package main

import (
	"context"
	"log/slog"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

const (
	// goal is the number that wins.
	goal = 10
	// opNo is the op code of the answer to who says a wrong number, or speaks out of turn. All other op codes, in
	// both directions, are the numbers that are said.
	opNo = 0
)

// counting is a game: together the players count to ten. The next number counts if it is said by somebody else than
// the one before. Who says ten has won.
type counting struct {
	match.NopHandler[count]
	boards *leaderboard.Boards
	log    *slog.Logger
}

// count is the state of one game.
type count struct {
	said int64             // the last number
	by   presence.Presence // who said it
}

// Init begins a game.
func (counting) Init(context.Context, match.Params) (count, match.Settings, error) {
	return count{}, match.Settings{
		Every: match.PerSecond(20), Capacity: 8, EmptyAfter: emptyFor, Label: `{"game":"counting"}`,
	}, nil
}

// Loop hears what the players say.
func (c counting) Loop(ctx context.Context, d *match.Dispatcher, _ tick.Tick, s *count, in []match.Message) error {
	for _, m := range in {
		if m.Op != s.said+1 || m.From.User == s.by.User {
			no := match.Outgoing{Op: opNo, To: []presence.Presence{m.From}}
			if err := d.Broadcast(no); err != nil {
				return err
			}
			continue
		}
		s.said, s.by = m.Op, m.From
		if err := d.Broadcast(match.Outgoing{Op: s.said, From: s.by}); err != nil {
			return err
		}
		if s.said == goal {
			c.won(ctx, s.by)
			return match.ErrEnd
		}
	}
	return nil
}

// won counts a win. The store is a file on this machine: fast enough for a match to wait for it.
func (c counting) won(ctx context.Context, p presence.Presence) {
	win := leaderboard.Submission{Board: wins, Owner: p.User, Username: p.Username, Score: 1}
	if _, err := c.boards.Write(ctx, win); err != nil {
		c.log.ErrorContext(ctx, "win lost", "user", p.User, "error", err)
	}
}
