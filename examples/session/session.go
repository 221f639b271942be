package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Op codes, all from the match.
const (
	opGo     = 1 // to each player: {"address":…,"ticket":…}, where the game is and what lets the player in
	opResult = 2 // to all: {"winner":…}, the user id; the match ends
	opFailed = 3 // to all: there will be no game; the match ends
)

// starts is how often a game process is started before the match gives up.
const starts = 2

// session is a match whose game runs in a process of its own, a headless game engine for example. The match starts the
// process, hands its players over, watches it, starts another if it dies, and takes the result back. The process ends
// with the match.
//
// # How players connect
//
// They send matchmaker_add over their sockets and join the match of matchmaker_matched with match_join. When all are there
// and the game is ready, each gets opGo, opens a TCP connection to the address and sends the ticket, on a line of its own. They keep their
// sockets: that is where the result comes (opResult), and another opGo if the game had to be started again.
//
// # How the process talks
//
// It writes lines to its standard output: "ready ADDRESS" once players may come, "result USER" at the end. It reads from its
// standard input "admit TICKET USER" for each player, answers "admitted TICKET", and must end when its input does.
type session struct {
	match.NopHandler[state]
	matches *match.Registry
	program []string // the command that is the game
	players int
}

// state is one match.
type state struct {
	game    *process
	started int
	address string                       // "" until the game is ready
	tickets map[string]presence.Presence // that the game has not admitted yet
}

// Init opens a match without a game yet.
func (h session) Init(context.Context, match.Params) (state, match.Settings, error) {
	return state{}, match.Settings{
		Every: match.PerSecond(2), Capacity: h.players, EmptyAfter: 30 * time.Second, Label: `{"game":"session"}`,
	}, nil
}

// Loop starts the game when all players are there, also in the place of one that has died. What the game says comes as signals.
func (h session) Loop(ctx context.Context, d *match.Dispatcher, _ tick.Tick, s *state, _ []match.Message) error {
	if s.game != nil || len(d.Members()) < h.players {
		return nil
	}
	if s.started == starts {
		return h.fail(d, errors.New("the game does not stay alive"))
	}
	s.started++
	id := d.ID()
	game, err := launch(ctx, h.program, func(line string) {
		_, _ = h.matches.Signal(context.Background(), id, line) // a match that has ended needs no news
	})
	if err != nil {
		return h.fail(d, err)
	}
	s.game = game
	return nil
}

func (session) fail(d *match.Dispatcher, err error) error {
	d.Log().Error("no game", "error", err)
	if err := d.Broadcast(match.Outgoing{Op: opFailed}); err != nil {
		return err
	}
	return match.ErrEnd
}

// Signal takes what the game says.
func (h session) Signal(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *state, line string) (string, error) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "ready":
		s.address, s.tickets = rest, make(map[string]presence.Presence)
		s.admit(d.Members())
	case "admitted":
		return "", s.handOver(d, rest)
	case "result":
		if err := say(d, opResult, map[string]string{"winner": rest}, nil); err != nil {
			return "", err
		}
		return "", match.ErrEnd
	case "exit":
		d.Log().Warn("the game has died", "error", rest)
		s.game, s.address = nil, ""
	}
	return "", nil
}

// Join sends players on, if the game is ready.
func (session) Join(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *state, who []presence.Presence) error {
	if s.address != "" {
		s.admit(who)
	}
	return nil
}

// admit tells the game of players.
func (s *state) admit(who []presence.Presence) {
	for _, p := range who {
		ticket := rand.Text()
		s.tickets[ticket] = p
		_ = s.game.admit(ticket, p.User) // a game that has just died will say so
	}
}

// handOver tells a player of the game, which expects it.
func (s *state) handOver(d *match.Dispatcher, ticket string) error {
	p := s.tickets[ticket]
	delete(s.tickets, ticket)
	return say(d, opGo, map[string]string{"address": s.address, "ticket": ticket}, []presence.Presence{p})
}

func say(d *match.Dispatcher, op int64, what any, to []presence.Presence) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return d.Broadcast(match.Outgoing{Op: op, Data: data, To: to})
}
