package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Op codes of the authoritative match.
const (
	opSay     = 1  // from a player: anything
	opEcho    = 2  // to that player: the same again
	opTick    = 3  // to all, each tick: {"tick":n}
	opGoodbye = 99 // to all: {"grace_seconds":n}, the server is stopping
)

const (
	fishSeats = 4
	// emptyFor is how long a match waits for players.
	emptyFor = time.Minute
)

// fish is the authoritative match of the Fish Game.
type fish struct {
	match.NopHandler[fishState]
}

type fishState struct {
	leaving bool // the server is stopping
}

// Init opens an empty match.
func (fish) Init(context.Context, match.Params) (fishState, match.Settings, error) {
	return fishState{}, match.Settings{
		Every: match.PerSecond(10), Capacity: fishSeats, EmptyAfter: emptyFor, Label: fishLabel(0),
	}, nil
}

// fishLabel is what the match is listed with.
func fishLabel(players int) string {
	return fmt.Sprintf(`{"mode":"fish","open":%t,"players":%d}`, players < fishSeats, players)
}

// Join counts the players in the label.
func (fish) Join(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *fishState, _ []presence.Presence) error {
	return d.SetLabel(fishLabel(len(d.Members())))
}

// Leave does the same.
func (fish) Leave(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *fishState, _ []match.Departure) error {
	return d.SetLabel(fishLabel(len(d.Members())))
}

// Loop echoes what players say and tells everybody the time.
func (fish) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *fishState, in []match.Message) error {
	if s.leaving && len(d.Members()) == 0 {
		return match.ErrEnd
	}
	for _, m := range in {
		if m.Op != opSay {
			continue
		}
		echo := match.Outgoing{Op: opEcho, Data: m.Data, To: []presence.Presence{m.From}}
		if err := d.Broadcast(echo); err != nil {
			return err
		}
	}
	return say(d, opTick, map[string]any{"tick": t.N})
}

// Terminate says goodbye. The match goes on until its players have left or the grace is over.
func (fish) Terminate(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *fishState, grace time.Duration) error {
	s.leaving = true
	return say(d, opGoodbye, map[string]any{"grace_seconds": grace.Seconds()})
}

// say sends everybody a message in JSON.
func say(d *match.Dispatcher, op int64, what any) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return d.Broadcast(match.Outgoing{Op: op, Data: data})
}
