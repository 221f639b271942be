package matchmaker

import (
	"context"
	"slices"
	"time"
)

// Run gives all tickets a chance every Config.Interval, until ctx is done. Then it waits for the calls of
// Config.Matched and Config.Reserve that are still at work, whose groups are told, removes the tickets that are left,
// and returns nil. From then on Add returns ErrStopped. Run may be called once; later calls return ErrStopped.
func (m *Matchmaker) Run(ctx context.Context) error {
	if m.isStopped() {
		return ErrStopped
	}
	ticker := time.NewTicker(m.cfg.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			m.stop()
			return nil
		case <-ticker.C:
			m.run(ctx)
		}
	}
}

func (m *Matchmaker) isStopped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.queue.stopped
}

// run is one run. Between tickets it gives up the lock, so that others need not wait for all of it. What arrives
// meanwhile is for the next run.
func (m *Matchmaker) run(ctx context.Context) {
	m.mu.Lock()
	m.queue.run++
	waiting := slices.AppendSeq(make([]*ticket, 0, len(m.queue.tickets)), m.queue.all())
	m.mu.Unlock()
	if m.cfg.Widen != nil || m.cfg.Expiry > 0 {
		m.ageAll(ctx, waiting)
	}
	m.settle()
	for _, t := range waiting {
		if ctx.Err() != nil {
			return
		}
		m.turn(t)
	}
}

// ageAll is what time has done to all tickets since the last run.
func (m *Matchmaker) ageAll(ctx context.Context, waiting []*ticket) {
	now := time.Now()
	for some := range slices.Chunk(waiting, 256) {
		if ctx.Err() != nil {
			return
		}
		m.mu.Lock()
		for _, t := range some {
			m.age(t, now)
		}
		m.mu.Unlock()
	}
}

func (m *Matchmaker) settle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue.pool.settle()
}

// turn is one ticket's part of a run.
func (m *Matchmaker) turn(t *ticket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !t.pooled { // matched, held back or removed since the run began
		return
	}
	if t.heldIn == m.queue.run { // its group has failed in this run; the host is asked again in the next
		return
	}
	t.runs++
	m.queue.finder.renew()
	if m.match(t, int(t.runs) < m.cfg.MaxIntervals && t.backfill == nil) {
		return
	}
	if int(t.runs) == m.cfg.MaxIntervals+1 {
		t.hungry = true
		m.queue.show(t, t.pooled)
	}
}

func (m *Matchmaker) stop() {
	m.mu.Lock()
	m.queue.stopped = true
	m.mu.Unlock()
	m.cancel()
	m.placing.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	for t := m.queue.oldest; t != nil; t = m.queue.oldest {
		m.remove(t, Stopped)
		if t.backfill != nil {
			t.backfill.done <- ErrStopped
		}
	}
}
