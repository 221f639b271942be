package matchmaker

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/shoal-go/shoal/presence"
)

// Result is a group that plays together.
type Result struct {
	// MatchID is the match that Config.Matched made. Empty means a relayed match.
	MatchID string
	// Entries are the players, those of the oldest ticket first. All are told the same list.
	Entries []Entry
}

// Entry is one player of a group, with the ticket that he or she waited with. It is read only.
type Entry struct {
	Presence presence.Presence
	Ticket   *Ticket
}

// group is a result on its way.
type group struct {
	tickets []*ticket
	result  Result
}

func newGroup(tickets []*ticket) *group {
	g := &group{tickets: tickets}
	players := 0
	for _, t := range tickets {
		players += t.size()
	}
	g.result.Entries = make([]Entry, 0, players)
	for _, t := range tickets {
		for _, p := range t.Presences {
			g.result.Entries = append(g.result.Entries, Entry{Presence: p, Ticket: t.Ticket})
		}
	}
	return g
}

// place asks the host where a group plays.
func (m *Matchmaker) place(g *group) {
	err := m.ask(&g.result)
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
func (m *Matchmaker) ask(r *Result) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("matchmaker: panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(m.ctx, m.cfg.Timeout)
	defer cancel()
	id, err := m.cfg.Matched(ctx, *r)
	if err != nil {
		return fmt.Errorf("matchmaker: make a match: %w", err)
	}
	r.MatchID = id
	if id == "" || m.cfg.Reserver == nil {
		return nil
	}
	users := make([]presence.Presence, len(r.Entries))
	for i := range r.Entries {
		users[i] = r.Entries[i].Presence
	}
	if err := m.cfg.Reserver.Reserve(ctx, id, users); err != nil {
		return fmt.Errorf("matchmaker: reserve seats in %s: %w", id, err)
	}
	return nil
}

// tell ends the waiting of a group. The lock is held.
func (m *Matchmaker) tell(g *group) {
	for _, t := range g.tickets {
		m.queue.remove(t)
	}
	for i := range g.result.Entries {
		for _, t := range m.queue.ofSession(g.result.Entries[i].Presence.Session) {
			m.remove(t, Superseded)
		}
	}
	m.queue.release(g)
	m.queue.completed(g.result.Entries)
	m.cfg.Outbox.Matched(g.result)
	if m.cfg.Hooks.Matched != nil {
		m.cfg.Hooks.Matched(g.result)
	}
}
