package match_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// opNewMatch is the op code for the match that players are to move to.
const opNewMatch = 999

// moving is the specification's sample of a migration: a match that is to end finds its players another one, or creates
// it, tells them, and waits for them to go. Who has not gone near the end of the grace is kicked.
type moving struct {
	match.NopHandler[movingState]
	matches *match.Registry
}

type movingState struct{ until time.Time } // when to kick those who stayed; zero before Terminate

func (moving) Init(context.Context, match.Params) (movingState, match.Settings, error) {
	return movingState{}, match.Settings{Every: match.PerSecond(1), Capacity: 4}, nil
}

func (h moving) Terminate(
	ctx context.Context, d *match.Dispatcher, t tick.Tick, s *movingState, grace time.Duration,
) error {
	s.until = t.At.Add(grace - 2*time.Second)
	next, err := h.successor(ctx, d)
	if err != nil {
		return err
	}
	data, err := json.Marshal(map[string]match.ID{"matchId": next})
	if err != nil {
		return err
	}
	return d.Broadcast(match.Outgoing{Op: opNewMatch, Data: data})
}

// successor is a match with room for all, or a new one.
func (h moving) successor(ctx context.Context, d *match.Dispatcher) (match.ID, error) {
	found, err := h.matches.List(match.ListRequest{Handler: "moving", Open: len(d.Members()), MinSize: 1})
	if err != nil {
		return "", err
	}
	for _, info := range found.Matches {
		if info.ID != d.ID() {
			return info.ID, nil
		}
	}
	return h.matches.Create(ctx, "moving", nil)
}

func (moving) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *movingState, _ []match.Message) error {
	switch {
	case s.until.IsZero():
	case len(d.Members()) == 0:
		return match.ErrEnd
	case !t.At.Before(s.until):
		return d.Kick(d.Members()...)
	}
	return nil
}

func Example_migration() {
	ctx := context.Background()
	clock := tick.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	matches, _ := match.New(match.Config{Source: clock, Hooks: match.Hooks{
		Left: func(_ match.ID, gone match.Departure) { fmt.Println(gone.Username, gone.Reason) },
	}})
	match.Register(matches, "moving", moving{matches: matches})
	old, _ := matches.Create(ctx, "moving", nil)

	var ann, bob match.Sink
	join := func(id match.ID, name string, sink *match.Sink) error {
		who := presence.Presence{User: name, Session: name, Username: name}
		return matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: who}, Sink: sink})
	}
	_, _ = join(old, "ann", &ann), join(old, "bob", &bob)

	patience, cancel := context.WithCancel(ctx)
	cancel() // this goroutine moves the clock, so it cannot wait for the end
	_ = matches.End(patience, old, 10*time.Second)

	for { // ann's client moves when it is told to
		event, _ := ann.Next(ctx)
		if event.Kind != match.DataEvent || event.Data.Op != opNewMatch {
			continue
		}
		var where struct{ MatchID match.ID }
		_ = json.Unmarshal(event.Data.Data, &where)
		_ = matches.Leave(old, "ann", match.Left)
		fmt.Println("ann moves:", join(where.MatchID, "ann", &match.Sink{}))
		break
	}
	clock.Advance(7 * time.Second)
	fmt.Println("nobody is hurried:", matches.Len(), "matches")
	clock.Advance(3 * time.Second)
	fmt.Println("and then:", matches.Len(), "match")
	// Output:
	// ann left
	// ann moves: <nil>
	// nobody is hurried: 2 matches
	// bob kicked
	// and then: 1 match
}
