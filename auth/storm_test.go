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
	ticks      int
	enough     chan struct{}
}

func (p *pulse) Turn(now time.Time) time.Time {
	if p.start.IsZero() {
		p.start = now
	} else {
		p.late = append(p.late, time.Since(p.start.Add(p.due)))
	}
	if len(p.late) == p.ticks {
		close(p.enough)
	}
	p.due += p.every
	return p.start.Add(p.due)
}

// BenchmarkTicksInALoginStorm is how late a match that ticks at 10 Hz is while everybody signs in at once, and again and
// again. That only so many passwords are hashed at once is a test.
func BenchmarkTicksInALoginStorm(b *testing.B) {
	const players = 64
	c := config(newStore())
	c.BcryptCost, c.HashWorkers, c.HashQueue = bcrypt.DefaultCost-3, 0, players
	s := open(b, c)
	p := &pulse{every: 100 * time.Millisecond, ticks: max(2, b.N), enough: make(chan struct{})}
	ticks := tick.NewScheduler(tick.Config{})
	ticks.Add(p).Wake()
	ctx, stop := context.WithCancel(b.Context())
	ran := make(chan error)
	go func() { ran <- ticks.Run(ctx) }()

	var storm sync.WaitGroup
	for i := range players {
		storm.Go(func() {
			email := fmt.Sprintf("player-%d@fish.example", i)
			for ctx.Err() == nil {
				if _, err := s.SignInEmail(b.Context(), email, "password", auth.SignIn{Create: true}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	<-p.enough
	stop()
	require.NoError(b, <-ran)
	storm.Wait()
	slices.Sort(p.late)
	b.ReportMetric(p.late[len(p.late)/2].Seconds()*1e3, "ms-late/middle")
	b.ReportMetric(p.late[len(p.late)-1].Seconds()*1e3, "ms-late/most")
}
