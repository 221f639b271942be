package auth_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/tick"
)

// pulse is a task that ticks, and notes how late each tick is.
type pulse struct {
	every, due time.Duration
	start      time.Time
	late       []time.Duration
}

func (p *pulse) Turn(now time.Time) time.Time {
	if p.start.IsZero() {
		p.start = now
	} else {
		p.late = append(p.late, time.Since(p.start.Add(p.due)))
	}
	p.due += p.every
	return p.start.Add(p.due)
}

// Everybody signs in at once, while a match ticks at 25 Hz. Without the bound on passwords hashed at once a tick would
// wait behind all of them for its share of a core: half of the ticks by more than one interval. The middle of the
// delays is looked at, for a busy machine may delay any single tick.
func TestLoginStormDoesNotDelayTicks(t *testing.T) {
	players := 40 * max(1, runtime.GOMAXPROCS(0)-1) // some tenths of a second of work on any machine
	c := config(newStore())
	c.BcryptCost, c.HashWorkers, c.HashQueue = bcrypt.DefaultCost-3, 0, players
	s := open(t, c)

	p := &pulse{every: 40 * time.Millisecond}
	ticks := tick.NewScheduler(tick.Config{})
	ticks.Add(p).Wake()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- ticks.Run(ctx) }()

	var storm sync.WaitGroup
	for i := range players {
		storm.Go(func() {
			email := fmt.Sprintf("player-%d@fish.example", i)
			if _, err := s.SignInEmail(ctx, email, "password", auth.SignIn{Create: true}); err != nil {
				t.Error(err)
			}
		})
	}
	storm.Wait()
	stop()
	require.NoError(t, <-ran)

	slices.Sort(p.late)
	require.Greater(t, len(p.late), 10)
	middle := p.late[len(p.late)/2]
	t.Logf("%d ticks, late by %v in the middle, %v at most", len(p.late), middle, p.late[len(p.late)-1])
	require.Less(t, middle, p.every)
}
