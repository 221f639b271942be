package dashboard

import (
	"sync"
	"time"
)

const (
	// every is how often those who watch are told.
	every = time.Second
	// fresh is how long what was collected is good enough for others who watch.
	fresh = every * 9 / 10
	// stale is when it is too old to go on from.
	stale = 5 * every
)

// shared is something that is collected at most once in a while, however many ask for it, and never if nobody does.
type shared[T any] struct {
	collect func(now time.Time) T // one call at a time

	mu   sync.Mutex
	at   time.Time
	last T
}

func (s *shared[T]) get() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.at.IsZero() || now.Sub(s.at) >= fresh {
		s.last, s.at = s.collect(now), now
	}
	return s.last
}
