package matchtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/tick"
)

// dice rolls for whoever asks.
type dice struct{ match.NopHandler[diceState] }

type diceState struct{ rolls int }

func (dice) Init(context.Context, match.Params) (diceState, match.Settings, error) {
	return diceState{}, match.Settings{Every: match.PerSecond(5), Capacity: 2}, nil
}

func (dice) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *diceState, in []match.Message) error {
	for _, m := range in {
		s.rolls++
		text := fmt.Sprintf("%s rolled a 6", m.From.Username)
		if err := d.Broadcast(match.Outgoing{Op: 1, Data: []byte(text)}); err != nil {
			return err
		}
	}
	return nil
}

func ExampleNew() {
	t := &testing.T{} // the one of your test

	h := matchtest.New(t, dice{}, matchtest.Config{})
	ann, bob := h.Join("ann"), h.Join("bob")
	fmt.Println(h.Reject("cid"))

	h.Send(ann, 1, []byte("roll"))
	h.Step(1)
	for _, m := range h.Sent(bob) {
		fmt.Printf("%s\n", m.Data)
	}
	fmt.Println(h.State().rolls)
	// Output:
	// match: full
	// ann rolled a 6
	// 1
}

func ExampleStress() {
	t := &testing.T{} // the one of your test

	matchtest.Stress(t, dice{}, matchtest.Config{}) // run it with go test -race
	fmt.Println("dice keep nothing in the handler")
	// Output:
	// dice keep nothing in the handler
}
