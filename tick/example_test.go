package tick_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/tick"
)

// countdown is a task that counts down, once every interval, and is over at 0.
type countdown struct {
	left     int
	interval time.Duration
	handle   tick.Handle
	over     func()
}

func (c *countdown) Turn(now time.Time) (next time.Time) {
	fmt.Println(c.left)
	if c.left == 0 {
		c.handle.Remove()
		c.over()
		return time.Time{}
	}
	c.left--
	return now.Add(c.interval)
}

func ExampleScheduler() {
	ctx, stop := context.WithCancel(context.Background())
	s := tick.NewScheduler(tick.Config{})
	c := &countdown{left: 2, interval: time.Millisecond, over: stop}
	c.handle = s.Add(c)
	c.handle.Wake() // for the first turn
	fmt.Println(s.Run(ctx))
	// Output:
	// 2
	// 1
	// 0
	// <nil>
}
