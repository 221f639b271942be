package main

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Op codes.
const (
	opPlay    = 1 // from the player whose turn it is: a card of its hand, as a number
	opState   = 2 // to each, after each move: the duel as this player sees it
	opRefused = 3 // to who made a move that is none: why, as text
)

const (
	health   = 10
	handSize = 3
	strong   = 6 // the strongest card; the weakest is 1
	// patience is how many turns in a row a player may let pass.
	patience = 2
	// back is how long a player who lost the connection has to return.
	back = 30 * time.Second
)

// duel is a card game of two who are both there and take quick turns: a card hurts the opponent by as much as it is
// stronger than the card the opponent played last, at least by 1. Who does not move in time plays the weakest card, and
// after two such turns in a row, or when the connection is lost for long, has lost.
//
// # How players connect
//
// Both send matchmaker_add over their sockets, with min_count and max_count 2. When they are matched the server makes the
// match and keeps their seats; they get its id in matchmaker_matched and have 30 s to join it with match_join. The duel
// begins when both have come. Who loses the connection signs in again and sends match_join with the same id. At the end
// all get the last state, and the match leaves them.
type duel struct {
	match.NopHandler[state]
	turn time.Duration // that a player has for a card
}

// state is one duel.
type state struct {
	fighters []*fighter // in the order of play
	whose    int        // turn it is
	deadline time.Time  // of the turn; zero until both are there
	winner   string     // "" while it goes on
}

type fighter struct {
	user   string
	health int
	hand   []int
	last   int // card played
	idle   int // turns let pass in a row
}

// Init opens a duel. It ends if nobody comes, or all have gone.
func (duel) Init(context.Context, match.Params) (state, match.Settings, error) {
	return state{}, match.Settings{Every: match.PerSecond(10), Capacity: 2, EmptyAfter: time.Second, Label: `{"game":"duel"}`}, nil
}

// Join deals the cards. The second player's coming begins the duel.
func (h duel) Join(_ context.Context, d *match.Dispatcher, t tick.Tick, s *state, who []presence.Presence) error {
	for _, p := range who {
		f := &fighter{user: p.User, health: health}
		for range handSize {
			f.draw()
		}
		s.fighters = append(s.fighters, f)
	}
	if len(s.fighters) < 2 {
		return nil
	}
	s.deadline = t.At.Add(h.turn)
	return s.show(d)
}

// Hold keeps the seat of a player who lost the connection; the turns go on.
func (duel) Hold(context.Context, *match.Dispatcher, tick.Tick, *state, presence.Presence) (time.Duration, error) {
	return back, nil
}

// Return shows the player how things stand.
func (duel) Return(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *state, _, now presence.Presence) error {
	return s.showTo(d.BroadcastDeferred, now)
}

// Leave gives the duel to who is left.
func (duel) Leave(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *state, gone []match.Departure) error {
	if len(s.fighters) < 2 {
		return match.ErrEnd
	}
	s.winner = s.fighters[1-s.of(gone[0].User)].user
	return s.over(d)
}

// Loop takes moves, and makes those that do not come in time.
func (h duel) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *state, in []match.Message) error {
	moved := false
	for _, m := range in {
		if err := s.move(m); err != nil {
			refusal := match.Outgoing{Op: opRefused, Data: []byte(err.Error()), To: []presence.Presence{m.From}}
			if err := d.Broadcast(refusal); err != nil {
				return err
			}
			continue
		}
		moved = true
	}
	if !moved && !s.deadline.IsZero() && !t.At.Before(s.deadline) {
		s.passTurn()
		moved = true
	}
	switch {
	case s.winner != "":
		return s.over(d)
	case moved:
		s.deadline = t.At.Add(h.turn)
		return s.show(d)
	}
	return nil
}

// move is a player's own. Its error is for the player.
func (s *state) move(m match.Message) error {
	card, err := strconv.Atoi(string(m.Data))
	switch {
	case m.Op != opPlay || err != nil:
		return errors.New("that is no move")
	case s.winner != "":
		return errors.New("the duel is over")
	case s.deadline.IsZero():
		return errors.New("wait for the other player")
	case s.fighters[s.whose].user != m.From.User:
		return errors.New("it is not your turn")
	case !slices.Contains(s.fighters[s.whose].hand, card):
		return errors.New("you have no such card")
	}
	s.fighters[s.whose].idle = 0
	s.play(card)
	return nil
}

// passTurn is the move of a player who made none in time.
func (s *state) passTurn() {
	f := s.fighters[s.whose]
	if f.idle++; f.idle == patience {
		s.winner = s.fighters[1-s.whose].user
		return
	}
	s.play(slices.Min(f.hand))
}

func (s *state) play(card int) {
	f, other := s.fighters[s.whose], s.fighters[1-s.whose]
	i := slices.Index(f.hand, card)
	f.hand = slices.Delete(f.hand, i, i+1)
	f.draw()
	f.last = card
	other.health = max(0, other.health-max(1, card-other.last))
	if other.health == 0 {
		s.winner = f.user
	}
	s.whose = 1 - s.whose
}

func (f *fighter) draw() { f.hand = append(f.hand, 1+rand.IntN(strong)) }

// of is the index of a user.
func (s *state) of(user string) int {
	return slices.IndexFunc(s.fighters, func(f *fighter) bool { return f.user == user })
}

// view is what one player sees.
type view struct {
	Hand     []int     `json:"hand"`
	Health   int       `json:"health"`
	Opponent int       `json:"opponent"` // its health
	Facing   int       `json:"facing"`   // the card it played last; 0 is none
	Yours    bool      `json:"yours"`    // the turn
	Deadline time.Time `json:"deadline"` // of the turn
	Winner   string    `json:"winner,omitempty"`
}

func (s *state) view(i int) view {
	me, other := s.fighters[i], s.fighters[1-i]
	return view{me.hand, me.health, other.health, other.last, s.whose == i, s.deadline, s.winner}
}

// show gives each player its own view of the duel.
func (s *state) show(d *match.Dispatcher) error {
	for _, p := range d.Members() {
		if err := s.showTo(d.Broadcast, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) showTo(send func(match.Outgoing) error, p presence.Presence) error {
	if len(s.fighters) < 2 {
		return nil
	}
	data, err := json.Marshal(s.view(s.of(p.User)))
	if err != nil {
		return err
	}
	return send(match.Outgoing{Op: opState, Data: data, To: []presence.Presence{p}})
}

// over shows the end and ends the match.
func (s *state) over(d *match.Dispatcher) error {
	if err := s.show(d); err != nil {
		return err
	}
	return match.ErrEnd
}
