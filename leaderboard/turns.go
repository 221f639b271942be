package leaderboard

import (
	"context"
	"sync"
)

// turns is a lock per key that gives up when the caller's context does. The zero value is ready to use; keys that
// nobody holds or waits for take no memory.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	slot  chan struct{} // full while somebody has the turn
	users int           // who has or wants it; guarded by turns.mu
}

// take waits until the key is free and returns the function that frees it again.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	k := t.keys[key]
	if k == nil {
		if t.keys == nil {
			t.keys = make(map[string]*turn)
		}
		k = &turn{slot: make(chan struct{}, 1)}
		t.keys[key] = k
	}
	k.users++
	t.mu.Unlock()

	select {
	case k.slot <- struct{}{}:
		return func() { <-k.slot; t.leave(key, k) }, nil
	case <-ctx.Done():
		t.leave(key, k)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(key string, k *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(t.keys, key)
	}
}
