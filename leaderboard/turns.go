package leaderboard

import (
	"context"
	"slices"
	"sync"
)

// turns is a lock per key that gives up when the caller's context does. Those who wait get it in the order in which they
// came. The zero value is ready to use; keys that nobody has take no memory.
type turns struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // who waits for a key that somebody has; each is closed when it is its turn
}

// take waits until the key is free, and has it until the caller frees it.
func (t *turns) take(ctx context.Context, key string) error {
	own := t.enter(key)
	if own == nil {
		return nil
	}
	select {
	case <-own:
		return nil
	case <-ctx.Done():
		t.giveUp(key, own)
		return ctx.Err()
	}
}

// enter takes a key that is free and returns nil, or waits for it.
func (t *turns) enter(key string) (own chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == nil {
		t.waiting = make(map[string][]chan struct{})
	}
	others, taken := t.waiting[key]
	if taken {
		own = make(chan struct{})
		others = append(others, own)
	}
	t.waiting[key] = others
	return own
}

// free gives the key to who has waited longest.
func (t *turns) free(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := t.waiting[key]
	if len(others) == 0 {
		delete(t.waiting, key)
		return
	}
	close(others[0])
	t.waiting[key] = slices.Delete(others, 0, 1)
}

// giveUp waits no longer. If the key was given meanwhile, the next one gets it.
func (t *turns) giveUp(key string, own chan struct{}) {
	t.mu.Lock()
	others := t.waiting[key]
	i := slices.Index(others, own)
	if i >= 0 {
		t.waiting[key] = slices.Delete(others, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 {
		t.free(key)
	}
}
