package matchtest

import (
	"context"
	"errors"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/tick"
)

// Restart ends the process that has the match and starts the next one, as a new version of a server does: the match is
// stored, and goes on from there. All sessions end with the process, so Leave, or Hold, is called for those who were
// members, and they may join again.
//
// It is for a handler that is a [match.Snapshotter], with Config.Snapshots. The test fails if the match cannot be
// stored, or does not come back.
func (h *Harness[S]) Restart() { h.t.Helper(); h.restart(Restart) }

// Kill is Restart without a goodbye, as after kill -9: what was not stored is lost.
func (h *Harness[S]) Kill() { h.t.Helper(); h.restart(Kill) }

func (h *Harness[S]) restart(how What) {
	h.t.Helper()
	if h.ended {
		h.t.Fatalf("matchtest: the match has ended")
	}
	h.out.record(Entry{What: how})
	if how == Restart {
		h.stop()
	}
	h.clock.kill()
	for _, p := range h.out.players {
		p.cut = true
	}
	if err := h.open(); err != nil {
		h.t.Fatalf("matchtest: %v", err)
	}
	if err := h.registry.Resume(context.Background()); err != nil {
		h.t.Fatalf("matchtest: %v", err)
	}
	h.net.attach()
	h.check()
	if _, err := h.registry.Get(h.id); err != nil && !h.ended {
		h.t.Fatalf("matchtest: the match was not stored: it needs Config.Snapshots and a handler that is a match.Snapshotter")
	}
}

// stop has the registry store its matches and leave them.
func (h *Harness[S]) stop() {
	h.t.Helper()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	err := h.registry.Run(now)
	h.check()
	if err == nil && !errors.Is(h.cause, match.ErrStopped) {
		err = h.cause
	}
	if err != nil {
		h.t.Fatalf("matchtest: the match was not stored: %v", err)
	}
	h.ended, h.cause = false, nil
}

// clock is the clock of one process after the other.
type clock struct {
	*tick.Manual
	handles []tick.Handle // of the tasks of this process
}

// Add implements [tick.Source].
func (c *clock) Add(t tick.Task) tick.Handle {
	h := c.Manual.Add(t)
	c.handles = append(c.handles, h)
	return h
}

// kill gives no more turns to what the process ran.
func (c *clock) kill() {
	for _, h := range c.handles {
		h.Remove()
	}
	c.handles = nil
}

// shelf is the store, and knows which match is being loaded: its Restore follows on the same goroutine.
type shelf struct {
	match.Snapshots
	loading match.ID
}

// LoadSnapshot implements [match.Snapshots].
func (s *shelf) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	s.loading = id
	return s.Snapshots.LoadSnapshot(ctx, id)
}
