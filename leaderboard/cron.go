package leaderboard

import (
	"sync"
	"time"

	"github.com/hashicorp/cronexpr"
)

// cron is a sequence of moments, all of them whole seconds in UTC.
type cron struct {
	mu   sync.Mutex // an Expression keeps notes while it computes
	expr *cronexpr.Expression
}

func parseCron(text string) (*cron, error) {
	expr, err := cronexpr.Parse(text)
	if err != nil {
		return nil, err
	}
	return &cron{expr: expr}, nil
}

// next returns the first moment after t, or the zero Time if there is none.
func (c *cron) next(t time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expr.Next(t.UTC())
}

// last returns the latest moment up to t, or the zero Time if there is none since 1970. Only next is known, and it never
// goes back: so the last moment is what follows the latest time that something up to t follows.
func (c *cron) last(t time.Time) time.Time {
	reached := func(unix int64) bool {
		n := c.next(time.Unix(unix, 0))
		return !n.IsZero() && !n.After(t)
	}
	high, step := t.Unix(), int64(1)
	for !reached(high - step) {
		if high < step {
			return time.Time{}
		}
		high, step = high-step, 2*step
	}
	low := high - step
	for high-low > 1 {
		if middle := low + (high-low)/2; reached(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return c.next(time.Unix(low, 0))
}
