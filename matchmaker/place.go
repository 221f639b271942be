package matchmaker

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/shoal-go/shoal/presence"
)

// dispatch has a group placed as soon as there is a goroutine for it: there are at most Config.Placements. The lock is
// held.
func (m *Matchmaker) dispatch(g *group) {
	m.pending = append(m.pending, g)
	if m.placers < m.cfg.Placements {
		m.placers++
		m.placing.Go(m.placeAll)
	}
}

// placeAll places groups until none is left.
func (m *Matchmaker) placeAll() {
	for g := m.nextPending(); g != nil; g = m.nextPending() {
		m.place(g)
	}
}

func (m *Matchmaker) nextPending() *group {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.pending) == 0 {
		m.placers--
		m.pending = nil
		return nil
	}
	g := m.pending[0]
	m.pending[0] = nil
	m.pending = m.pending[1:]
	return g
}

// place asks the host where a group plays.
func (m *Matchmaker) place(g *group) {
	err := m.ask(g)
	if err != nil {
		m.cfg.Logger.LogAttrs(m.ctx, slog.LevelError, "a matched group waits on", slog.Any("error", err))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		m.tell(g)
		return
	}
	m.queue.release(g)
	if m.cfg.Hooks.Failed != nil {
		m.cfg.Hooks.Failed(g.result, err)
	}
	for _, t := range g.tickets {
		if t.gone != 0 {
			m.removed(t, t.gone)
		}
	}
}

// ask calls what the host gave us. A panic in it is an error like another.
func (m *Matchmaker) ask(g *group) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("matchmaker: panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(m.ctx, m.cfg.Timeout)
	defer cancel()
	r := &g.result
	if g.backfill == nil {
		id, err := m.cfg.Matched(ctx, *r)
		if err != nil {
			return fmt.Errorf("matchmaker: make a match: %w", err)
		}
		r.MatchID = id
	}
	if r.MatchID == "" || m.cfg.Reserve == nil {
		return nil
	}
	users := make([]presence.Presence, len(r.Entries))
	for i := range r.Entries {
		users[i] = r.Entries[i].Presence
	}
	if err := m.cfg.Reserve(ctx, r.MatchID, users); err != nil {
		return fmt.Errorf("matchmaker: reserve seats in %s: %w", r.MatchID, err)
	}
	return nil
}

// tell ends the waiting of a group. The lock is held.
func (m *Matchmaker) tell(g *group) {
	for _, t := range g.tickets {
		if t.backfill == nil {
			m.queue.remove(t)
		}
	}
	for i := range g.result.Entries {
		for _, t := range m.queue.ofSession(g.result.Entries[i].Presence.Session) {
			m.remove(t, Superseded)
		}
	}
	m.queue.release(g)
	if g.backfill != nil {
		m.filled(g)
	}
	m.figures.told(g)
	m.cfg.Outbox.Matched(g.result)
	if m.cfg.Hooks.Matched != nil {
		m.cfg.Hooks.Matched(g.result)
	}
}
