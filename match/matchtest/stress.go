package matchtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

const (
	stressMatches = 16
	stressRounds  = 200
	stressSeats   = 8
)

// Stress plays many matches of one handler at once, with players who come and go, send random bytes and are kicked.
// Under the race detector it finds state that was kept in the handler instead of the match. The test fails if the
// handler panics; refusing players or failing on random input is its right.
//
// Each match has a clock and a registry of its own and runs as fast as it can, so nothing but the handler ties the
// matches together: no lock of the engine puts their callbacks in an order that would hide a race. For the same reason
// they are not kept in Config.Snapshots.
func Stress[S any](t testing.TB, handler match.Handler[S], c Config) {
	t.Helper()
	var begin, done sync.WaitGroup
	begin.Add(1)
	for i := range stressMatches {
		done.Go(func() {
			begin.Wait() // all start together
			if err := stress(context.Background(), handler, c, uint64(i)); err != nil {
				t.Errorf("matchtest: match %d: %v", i, err)
			}
		})
	}
	begin.Done()
	done.Wait()
}

// stress plays one match. Its error is that of the test: a panic, or a match that cannot be created.
func stress[S any](ctx context.Context, handler match.Handler[S], c Config, seed uint64) error {
	var cause error
	clock := c.clock()
	ended := func(_ match.Info, _ []presence.Presence, why error) { cause = why }
	r, err := c.registry(clock, nil, match.Hooks{Ended: ended}, nil)
	if err != nil {
		return err
	}
	match.Register(r, name, handler)
	id, err := r.Create(ctx, name, c.Params)
	if err != nil {
		return withStack(err)
	}
	info, err := r.Get(id)
	if err != nil {
		return nil //nolint:nilerr // it ended at once, as is its right
	}
	crowd := crowd{r: r, id: id, clock: clock.Manual, every: info.Every, rand: rand.New(rand.NewPCG(seed, 0))}
	for range stressRounds {
		crowd.act(ctx)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	_ = r.End(over, id, info.Every) // does not wait; may have ended already
	clock.Advance(2 * info.Every)
	if p, ok := errors.AsType[*match.PanicError](cause); ok {
		return withStack(p)
	}
	return nil
}

func withStack(err error) error {
	if p, ok := errors.AsType[*match.PanicError](err); ok {
		return fmt.Errorf("%w\n%s", p, p.Stack)
	}
	return err
}

// crowd is the players of one match.
type crowd struct {
	r     *match.Registry
	id    match.ID
	clock *tick.Manual
	every time.Duration
	rand  *rand.Rand
	seats [stressSeats]presence.Presence // some are in the match, some not
	next  int                            // number of the next session
}

// act does one random thing. Its errors are those of players who are not in the match, or no longer.
func (c *crowd) act(ctx context.Context) {
	seat := &c.seats[c.rand.IntN(stressSeats)]
	switch c.rand.IntN(10) {
	case 0, 1:
		if seat.Session != "" {
			_ = c.r.Leave(c.id, seat.Session, match.Disconnected)
		}
		c.next++
		name := fmt.Sprintf("player%d", c.next)
		if seat.User == "" || c.rand.IntN(2) == 0 { // else the same user comes again, with a new session
			seat.User, seat.Username = name, name
		}
		seat.Session, seat.Node = name, "test"
		_ = c.r.Join(ctx, match.JoinRequest{ID: c.id, Who: match.Joiner{Presence: *seat}})
	case 2:
		_ = c.r.Leave(c.id, seat.Session, match.Left)
	case 3:
		_ = c.r.Kick(c.id, *seat)
	case 4:
		_, _ = c.r.Signal(ctx, c.id, string(c.bytes()))
	case 5, 6:
		c.clock.Advance(c.every)
	default:
		_ = c.r.Send(c.id, seat.Session, match.Message{Op: int64(c.rand.IntN(16)), Data: c.bytes()})
	}
}

func (c *crowd) bytes() []byte {
	b := make([]byte, c.rand.IntN(32))
	for i := range b {
		b[i] = byte(c.rand.Uint32())
	}
	return b
}
