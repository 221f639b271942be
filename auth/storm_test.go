package auth_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/tick"
)

// pulse is a task that ticks, notes how late each tick is, and says when it has ticked enough.
type pulse struct {
	every, due time.Duration
	start      time.Time
	late       []time.Duration
	enough     chan struct{}
}

const enoughTicks = 12

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (p *pulse) Turn(now time.Time) time.Time {
	if p.start.IsZero() {
		p.start = now
	} else {
		p.late = append(p.late, time.Since(p.start.Add(p.due)))
	}
	if len(p.late) == enoughTicks {
		close(p.enough)
	}
	p.due += p.every
	return p.start.Add(p.due)
}

// Everybody signs in at once, and again and again, while a match ticks at 10 Hz. That only some passwords are hashed at
// once is tested beside them; this is what it is for. The middle of the delays is looked at, for a busy machine may
// delay any single tick.
func TestLoginStormDoesNotDelayTicks(t *testing.T) {
	const players = 64
	c := config(newStore())
	c.BcryptCost, c.HashWorkers, c.HashQueue = bcrypt.DefaultCost-3, 0, players
	s := open(t, c)

	p := &pulse{every: 100 * time.Millisecond, enough: make(chan struct{})}
	ticks := tick.NewScheduler(tick.Config{})
	ticks.Add(p).Wake()
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- ticks.Run(ctx) }()

	var storm sync.WaitGroup
	for i := range players {
		storm.Go(func() {
			email := fmt.Sprintf("player-%d@fish.example", i)
			for !closed(p.enough) {
				if _, err := s.SignInEmail(t.Context(), email, "password", auth.SignIn{Create: true}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	<-p.enough
	stop()
	require.NoError(t, <-ran)
	storm.Wait()

	slices.Sort(p.late)
	middle := p.late[len(p.late)/2]
	t.Logf("%d ticks, late by %v in the middle, %v at most", len(p.late), middle, p.late[len(p.late)-1])
	require.Less(t, middle, p.every)
}
