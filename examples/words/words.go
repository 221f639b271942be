package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Op codes.
const (
	opPlay    = 1 // from a player: a word, as text
	opState   = 2 // to all, after each move, and to who comes: the game
	opRefused = 3 // to who made a move that is none: why, as text
)

const (
	// away is how long a player may be away before the seat is given up.
	away = 30 * 24 * time.Hour
	// shown is how long a game that is over can still be looked at.
	shown = 7 * 24 * time.Hour
)

// words is a game of two for days: players take turns with words, each beginning with the letter that the one before it
// ends with, none said twice. Who lets the time for a turn pass has lost; after the last word the longer words win.
//
// # How players connect
//
// One calls the function new_game and gets the id of a match; others find it among the matches with the label
// "game":"words" and "open":true. Both join with match_join over their sockets, which gives them a seat and the state of
// the game. They play with opPlay. A player may close the app at any time: the seat is kept, and match_join with the same
// id, minutes or weeks later, gives it back. A player's own games are found by the label "players", for a game that
// sleeps stays listed. match_leave gives up.
//
// Between two moves nothing of the game is in memory if nobody is connected. A move is stored before anybody sees it.
type words struct {
	match.NopHandler[game]
	turn   time.Duration // that a player has for a word
	length int           // how many words a game has
}

// game is the state, as it is stored and as players see it.
type game struct {
	Players  []string  `json:"players"` // user ids, in the order of play
	Words    []string  `json:"words"`
	Deadline time.Time `json:"deadline,omitzero"` // of the turn; when it is over, of the match
	Over     bool      `json:"over,omitempty"`
	Winner   string    `json:"winner,omitempty"` // "" if there is none
}

// Init opens a game for two.
func (words) Init(context.Context, match.Params) (game, match.Settings, error) {
	g := game{}
	return g, match.Settings{Every: match.PerSecond(50), Capacity: 2, Label: g.label(), EmptyAfter: time.Hour}, nil
}

// JoinAttempt keeps out who came too late for a seat that a player has given up.
func (words) JoinAttempt(_ context.Context, _ *match.Dispatcher, _ tick.Tick, g *game, who match.Joiner) error {
	if len(g.Players) == 2 && !slices.Contains(g.Players, who.User) {
		return match.Reject("the game has begun")
	}
	return nil
}

// Join lets a player into the game. The second one begins it.
func (h words) Join(_ context.Context, d *match.Dispatcher, t tick.Tick, g *game, who []presence.Presence) error {
	for _, p := range who {
		if !slices.Contains(g.Players, p.User) {
			g.Players = append(g.Players, p.User)
		}
	}
	if len(g.Players) == 2 && g.Deadline.IsZero() {
		g.Deadline = t.At.Add(h.turn)
	}
	return g.show(d)
}

// Hold keeps the seat of a player who has closed the app.
func (words) Hold(context.Context, *match.Dispatcher, tick.Tick, *game, presence.Presence) (time.Duration, error) {
	return away, nil
}

// Return shows a player how things stand.
func (words) Return(_ context.Context, d *match.Dispatcher, _ tick.Tick, g *game, _, now presence.Presence) error {
	return g.send(d.BroadcastDeferred, match.Outgoing{To: []presence.Presence{now}})
}

// Leave is the end of the game for who gives up, or has been away for too long.
func (words) Leave(_ context.Context, d *match.Dispatcher, t tick.Tick, g *game, gone []match.Departure) error {
	switch {
	case len(g.Players) < 2:
		return match.ErrEnd
	case g.Over:
		return nil
	}
	g.end(g.opponent(gone[0].User), t.At)
	return g.show(d)
}

// Loop runs when somebody has moved or a deadline has come, and sleeps until the next of these.
func (h words) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, g *game, in []match.Message) error {
	moved := false
	for _, m := range in {
		if err := h.play(g, m, t.At); err != nil {
			refusal := match.Outgoing{Op: opRefused, Data: []byte(err.Error()), To: []presence.Presence{m.From}}
			if err := d.Broadcast(refusal); err != nil {
				return err
			}
			continue
		}
		moved = true
	}
	if late := !g.Deadline.IsZero() && !t.At.Before(g.Deadline); late {
		if g.Over {
			return match.ErrEnd
		}
		g.end(g.Players[1-g.turn()], t.At)
		moved = true
	}
	if moved {
		if err := g.show(d); err != nil {
			return err
		}
	}
	return d.SleepUntil(g.Deadline)
}

// play makes a move. Its error is for the player.
func (h words) play(g *game, m match.Message, now time.Time) error {
	word := string(m.Data)
	switch {
	case m.Op != opPlay:
		return errors.New("that is no move")
	case g.Over:
		return errors.New("the game is over")
	case len(g.Players) < 2:
		return errors.New("wait for the other player")
	case g.Players[g.turn()] != m.From.User:
		return errors.New("it is not your turn")
	case !wellFormed(word):
		return errors.New("a word has 2 to 32 letters from a to z")
	case slices.Contains(g.Words, word):
		return errors.New("that has been said")
	}
	if n := len(g.Words); n > 0 {
		if last := g.Words[n-1]; last[len(last)-1] != word[0] {
			return fmt.Errorf("the word must begin with %q", last[len(last)-1])
		}
	}
	g.Words = append(g.Words, word)
	g.Deadline = now.Add(h.turn)
	if len(g.Words) == h.length {
		g.end(g.leader(), now)
	}
	return nil
}

func wellFormed(word string) bool {
	for _, c := range []byte(word) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(word) >= 2 && len(word) <= 32
}

// turn is the index of the player whose turn it is.
func (g *game) turn() int { return len(g.Words) % 2 }

func (g *game) opponent(user string) string {
	if g.Players[0] == user {
		return g.Players[1]
	}
	return g.Players[0]
}

// leader is who has the longer words; "" if they are equal.
func (g *game) leader() string {
	letters := [2]int{}
	for i, w := range g.Words {
		letters[i%2] += len(w)
	}
	switch {
	case letters[0] > letters[1]:
		return g.Players[0]
	case letters[1] > letters[0]:
		return g.Players[1]
	}
	return ""
}

func (g *game) end(winner string, now time.Time) {
	g.Over, g.Winner, g.Deadline = true, winner, now.Add(shown)
}

// label is what the match is listed with.
func (g *game) label() string {
	label, _ := json.Marshal(map[string]any{ // strings and a bool: cannot fail
		"game": "words", "open": len(g.Players) < 2, "players": g.Players,
	})
	return string(label)
}

// show tells all who are connected, and stores the game before they hear of it.
func (g *game) show(d *match.Dispatcher) error {
	if err := d.SetLabel(g.label()); err != nil {
		return err
	}
	if err := g.send(d.Broadcast, match.Outgoing{}); err != nil {
		return err
	}
	return d.Save()
}

func (g *game) send(send func(match.Outgoing) error, o match.Outgoing) error {
	var err error
	if o.Data, err = json.Marshal(g); err != nil {
		return err
	}
	o.Op = opState
	return send(o)
}

// Snapshot implements [match.Snapshotter].
func (words) Snapshot(g *game) ([]byte, error) { return json.Marshal(g) }

// Restore implements [match.Snapshotter].
func (words) Restore(_ context.Context, data []byte) (g game, err error) {
	err = json.Unmarshal(data, &g)
	return g, err
}
