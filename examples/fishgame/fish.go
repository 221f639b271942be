package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shoal-go/shoal/examples/fishgame/arena"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Op codes of the authoritative match.
const (
	opSay      = 1  // from a player: anything
	opEcho     = 2  // to that player: the same again, to see how long it takes
	opSnapshot = 3  // to all, each tick: an arena.Snapshot
	opInput    = 4  // from a player, each tick: an arena.Input
	opReady    = 5  // from a player who wants to begin
	opRoster   = 6  // to all, when it changes: an arena.Roster
	opFill     = 7  // from a player: fill the empty places with bots
	opGoodbye  = 99 // to all: {"grace_seconds":n}, the server is stopping
)

const (
	// emptyFor is how long a match waits for players.
	emptyFor = time.Minute
	// holdFor is how long the seat of a player is kept who lost the connection.
	holdFor = 20 * time.Second
	// calm is how many ticks pass from one snapshot to the next while nobody fights.
	calm = 10
	// refresh is how many ticks pass until the roster is sent though it has not changed: spectators come unseen.
	refresh = 30
)

// boards is where wins are written.
type boards interface {
	Write(ctx context.Context, s leaderboard.Submission) (leaderboard.Ranked, error)
}

// fish is the authoritative match of the Fish Game: the network around an arena.World.
type fish struct {
	match.NopHandler[fishState]

	rules     *arena.Rules
	wins      int           // rounds that win a match
	countdown time.Duration // before a round
	boards    boards
	fill      func(id match.ID, count int) // sends bots
}

type fishState struct {
	world   *arena.World
	opening opening
	fillAt  time.Time // when bots come, zero if they do not
	leaving bool      // the server is stopping
	changed bool      // the roster is not as clients have it
}

// opening is the Params.Value of a match.
type opening struct {
	private bool          // strangers do not find it
	fill    time.Duration // how long after the last player bots fill the empty places; 0: when asked to
}

// Init opens an empty match.
func (f fish) Init(_ context.Context, p match.Params) (fishState, match.Settings, error) {
	how, _ := p.Value.(opening)
	s := fishState{opening: how, world: arena.New(arena.Config{
		Rules: f.rules, Wins: f.wins, Seed: rand.Uint64(), //nolint:gosec // no secret: where items turn up
		Freeze: int(f.countdown * time.Duration(f.rules.TickRate) / time.Second),
	})}
	return s, match.Settings{
		Every: match.PerSecond(float64(f.rules.TickRate)), Capacity: arena.Seats, EmptyAfter: emptyFor, Label: s.label(),
		SenderRate: 2 * float64(f.rules.TickRate), // a page sends an input each tick, and little else
	}, nil
}

// label is what the match is listed with.
func (s *fishState) label() string {
	mode := "fish"
	if s.opening.private {
		mode = "private"
	}
	players, bots := s.world.Count()
	open := players+bots < arena.Seats && s.world.Phase() == arena.Lobby
	return fmt.Sprintf(`{"mode":%q,"open":%t,"players":%d}`, mode, open, players+bots)
}

// JoinAttempt refuses players while the fish fight: they would only wait.
func (fish) JoinAttempt(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *fishState, _ match.Joiner) error {
	if p := s.world.Phase(); p == arena.Fight || p == arena.RoundOver {
		return match.Reject("The fight has begun")
	}
	return nil
}

// Join gives players their fish.
func (fish) Join(_ context.Context, d *match.Dispatcher, t tick.Tick, s *fishState, who []presence.Presence) error {
	for _, p := range who {
		s.world.Add(p.User, p.Username, isBot(p.User))
		if s.opening.fill > 0 && !isBot(p.User) {
			s.fillAt = t.At.Add(s.opening.fill)
		}
	}
	return s.told(d)
}

// Leave takes their fish out.
func (f fish) Leave(ctx context.Context, d *match.Dispatcher, _ tick.Tick, s *fishState, gone []match.Departure) error {
	for _, p := range gone {
		s.world.Remove(p.User)
	}
	if players, bots := s.world.Count(); players == 0 && bots > 0 {
		return match.ErrEnd // they would play on for ever
	}
	if s.world.Abandon() {
		f.reward(ctx, d, s.world)
	}
	return s.told(d)
}

// Hold keeps the seat of a player whose connection broke.
func (fish) Hold(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *fishState, who presence.Presence) (time.Duration, error) {
	if p := s.world.Player(who.User); p != nil {
		p.Away = true
	}
	return holdFor, s.told(d)
}

// Return gives the seat back.
func (fish) Return(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *fishState, _, now presence.Presence) error {
	if p := s.world.Player(now.User); p != nil {
		p.Away = false
	}
	s.changed = true
	return nil
}

// told updates the label and has Loop send the roster.
func (s *fishState) told(d *match.Dispatcher) error {
	s.changed = true
	return d.SetLabel(s.label())
}

// Loop moves the world on by one tick and tells everybody.
func (f fish) Loop(ctx context.Context, d *match.Dispatcher, t tick.Tick, s *fishState, in []match.Message) error {
	if s.leaving && len(d.Members()) == 0 {
		return match.ErrEnd
	}
	for _, m := range in {
		if err := s.take(d, t, m); err != nil {
			return err
		}
	}
	f.populate(d, t, s)
	if s.world.Step() {
		f.reward(ctx, d, s.world)
		if s.world.Phase() == arena.Lobby && s.opening.fill > 0 {
			s.fillAt = t.At.Add(s.opening.fill)
		}
		if err := s.told(d); err != nil {
			return err
		}
	}
	if s.changed || t.N%refresh == 0 {
		s.changed = false
		if err := say(d, match.Outgoing{Op: opRoster}, s.world.Roster()); err != nil {
			return err
		}
	}
	if p := s.world.Phase(); (p == arena.Lobby || p == arena.MatchOver) && t.N%calm != 0 {
		return nil
	}
	// A snapshot that could not leave in time is of no use once there is a newer one.
	return say(d, match.Outgoing{Op: opSnapshot, Unreliable: true, Replace: opSnapshot}, s.world.Snapshot())
}

// take does what a player asks. What makes no sense is ignored: the sender is a game gone wrong, or no game at all.
func (s *fishState) take(d *match.Dispatcher, t tick.Tick, m match.Message) error {
	switch m.Op {
	case opSay:
		return d.Broadcast(match.Outgoing{Op: opEcho, Data: m.Data, To: []presence.Presence{m.From}})
	case opInput:
		var in arena.Input
		if json.Unmarshal(m.Data, &in) == nil {
			s.world.Input(m.From.User, in)
		}
	case opReady:
		if p := s.world.Player(m.From.User); p != nil {
			p.Ready, s.changed = true, true
		}
	case opFill:
		s.fillAt = t.At
	}
	return nil
}

// populate sends for bots when it is time.
func (f fish) populate(d *match.Dispatcher, t tick.Tick, s *fishState) {
	if s.fillAt.IsZero() || t.At.Before(s.fillAt) || s.world.Phase() != arena.Lobby {
		return
	}
	s.fillAt = time.Time{}
	players, bots := s.world.Count()
	if free := arena.Seats - players - bots; free > 0 {
		f.fill(d.ID(), free)
	}
}

// reward writes the win of a player on the board. Bots have no row, and a win against nobody but bots does not count.
func (f fish) reward(ctx context.Context, d *match.Dispatcher, w *arena.World) {
	p := w.Champion()
	if p == nil || p.Bot || !w.Ranked() {
		return
	}
	if _, err := f.boards.Write(ctx, leaderboard.Submission{Board: wins, Owner: p.ID, Username: p.Name, Score: 1}); err != nil {
		d.Log().Error("win not written", "user", p.ID, "error", err)
	}
}

// Terminate says goodbye. The match goes on until its players have left or the grace is over.
func (fish) Terminate(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *fishState, grace time.Duration) error {
	s.leaving = true
	return say(d, match.Outgoing{Op: opGoodbye}, map[string]any{"grace_seconds": grace.Seconds()})
}

// say sends everybody a message in JSON.
func say(d *match.Dispatcher, o match.Outgoing, what any) (err error) {
	if o.Data, err = json.Marshal(what); err != nil {
		return err
	}
	return d.Broadcast(o)
}
