package matchtest_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/store/memory"
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

// Two players on the far side of the world roll over a bad line. What happened is kept, and played again.
func ExampleHarness_Connect() {
	t := &testing.T{} // the one of your test

	h := matchtest.New(t, dice{}, matchtest.Config{Seed: 1})
	line := matchtest.Link{Latency: 120 * time.Millisecond, Jitter: 30 * time.Millisecond, Loss: 0.05}
	ann, bob := h.Connect("ann", line), h.Connect("bob", line)
	ann.Join()
	bob.Join()
	h.After(time.Second, func() { ann.Send(1, nil) })
	h.After(3*time.Second, bob.Disconnect)
	h.Advance(5 * time.Second)
	for _, m := range bob.Received() {
		fmt.Printf("%v: %s\n", m.At.Round(time.Second), m.Data)
	}

	recorded := h.Transcript() // its String is for a file
	matchtest.Replay(t, dice{}, matchtest.Config{}, recorded)
	fmt.Println(len(recorded), "entries; the replay is the same:", !t.Failed())
	// Output:
	// 1s: ann rolled a 6
	// 9 entries; the replay is the same: true
}

// longDice are dice whose match outlives the process: each roll is stored before anybody hears of it.
type longDice struct{ dice }

func (h longDice) Loop(ctx context.Context, d *match.Dispatcher, t tick.Tick, s *diceState, in []match.Message) error {
	if err := h.dice.Loop(ctx, d, t, s, in); err != nil {
		return err
	}
	return d.SleepUntil(time.Time{}) // until somebody rolls
}

func (longDice) Snapshot(s *diceState) ([]byte, error) {
	return strconv.AppendInt(nil, int64(s.rolls), 10), nil
}

func (longDice) Restore(_ context.Context, data []byte) (s diceState, err error) {
	s.rolls, err = strconv.Atoi(string(data))
	return s, err
}

// The server is killed in the middle of the game.
func ExampleHarness_Kill() {
	t := &testing.T{} // the one of your test

	h := matchtest.New(t, longDice{}, matchtest.Config{Snapshots: memory.New()})
	ann := h.Join("ann")
	h.Send(ann, 1, []byte("roll"))
	h.Step(1)

	h.Kill()
	ann = h.Join("ann") // with a new connection
	h.Send(ann, 1, []byte("roll"))
	h.Step(2)
	fmt.Println(h.State().rolls)
	// Output:
	// 2
}

func ExampleStress() {
	t := &testing.T{} // the one of your test

	matchtest.Stress(t, dice{}, matchtest.Config{}) // run it with go test -race
	fmt.Println("dice keep nothing in the handler")
	// Output:
	// dice keep nothing in the handler
}
