package matchmaker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/shoal-go/shoal/presence"
)

// ErrNoReserve is the error of Backfill without a [Config.Reserve].
var ErrNoReserve = errors.New("matchmaker: backfill needs Config.Reserve")

// BackfillRequest is what a running match asks for. The fields that are not explained here mean the same as in Request.
type BackfillRequest struct {
	MatchID string // required
	// Roster are the players in the match. They count in the size that tickets accept, and are not matched with it.
	Roster []presence.Presence
	// Players is how many more players the match takes, at least 1.
	Players int

	Query        string
	StringProps  map[string]string
	NumericProps map[string]float64
}

// backfill is what a ticket has that a match asks with.
type backfill struct {
	match string
	done  chan error // of one element
}

// Backfill asks for more players for a match that runs, and waits until it has got all of them, until ctx is done, whose
// error it returns, or until Run stops, with ErrStopped.
//
// Until then it is a ticket like another, with the roster as a party that has already found its match: players who want
// such a match, and whom its query wants, join it in a run, one group at a time. Config.Reserve keeps their seats, then
// they are told where to play. It takes however many there are, without waiting to be full; Config.Matched is not
// asked. The players who joined are part of the roster from then on. When others leave the match, end ctx and ask anew.
//
// The error may also be ErrNoReserve, or one of those of Add that are about counts and queries.
func (m *Matchmaker) Backfill(ctx context.Context, r BackfillRequest) error {
	if m.cfg.Reserve == nil {
		return ErrNoReserve
	}
	t, err := newBackfill(r)
	if err != nil {
		return err
	}
	if err := m.addBackfill(t); err != nil {
		return err
	}
	select {
	case err := <-t.backfill.done:
		return err
	case <-ctx.Done():
		m.mu.Lock()
		defer m.mu.Unlock()
		select {
		case err := <-t.backfill.done: // at the last moment
			return err
		default:
			m.remove(t, Cancelled)
			return ctx.Err()
		}
	}
}

func newBackfill(r BackfillRequest) (*ticket, error) {
	switch {
	case r.MatchID == "":
		return nil, errors.New("matchmaker: backfill without a match")
	case r.Players < 1:
		return nil, ErrMinCount
	}
	p, err := parse(r.Query)
	if err != nil {
		return nil, err
	}
	t := &Ticket{
		ID: uuid.NewString(), Created: time.Now(), Presences: slices.Clone(r.Roster), Query: r.Query,
		MinCount: len(r.Roster) + 1, MaxCount: len(r.Roster) + r.Players, CountMultiple: 1,
	}
	t.setProperties(r.StringProps, r.NumericProps)
	return &ticket{Ticket: t, plan: p, backfill: &backfill{match: r.MatchID, done: make(chan error, 1)}}, nil
}

func (m *Matchmaker) addBackfill(t *ticket) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.queue.add(t); err != nil {
		return err
	}
	m.figures.added(t)
	if m.cfg.Hooks.Added != nil {
		m.cfg.Hooks.Added(t.Ticket)
	}
	return nil
}

// filled notes who has joined a match. The lock is held.
func (m *Matchmaker) filled(g *group) {
	t := g.backfill
	if m.queue.tickets[t.ID] != t { // it was taken back while Reserve was at work
		m.removed(t, t.gone)
		return
	}
	next := *t.Ticket
	next.Presences = slices.Clip(next.Presences)
	for i := range g.result.Entries {
		next.Presences = append(next.Presences, g.result.Entries[i].Presence)
	}
	if len(next.Presences) == next.MaxCount {
		m.queue.remove(t)
		m.figures.left(t, 0)
		t.backfill.done <- nil
		return
	}
	next.MinCount = len(next.Presences) + 1
	m.queue.replace(t, &next, t.plan)
}
