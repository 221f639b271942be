package matchmaker

import (
	"log/slog"
	"slices"
	"time"
)

// Terms are what the host may change of a ticket that waits. The fields mean the same as in Request.
type Terms struct {
	MinCount, MaxCount, CountMultiple int
	Query                             string
	StringProps                       map[string]string
	NumericProps                      map[string]float64
}

// Edit changes a ticket that waits, of a player or a party; it keeps its place in the order of age. Change gets what it
// has now, and changes it in place; it runs under the lock of the Matchmaker, so it must neither block nor call it. The
// error is ErrNotFound, or one of those of Add about counts and queries; then nothing has changed. A group that is about
// to be told keeps the ticket as it was.
func (m *Matchmaker) Edit(ticket string, change func(*Terms)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.queue.tickets[ticket]
	if t == nil || t.backfill != nil {
		return ErrNotFound
	}
	terms := Terms{
		MinCount: t.MinCount, MaxCount: t.MaxCount, CountMultiple: t.CountMultiple, Query: t.asked().Query,
		StringProps: t.StringProps(), NumericProps: t.NumericProps(),
	}
	change(&terms)
	r := Request{
		Presences: t.Presences, MinCount: terms.MinCount, MaxCount: terms.MaxCount, CountMultiple: terms.CountMultiple,
	}
	if err := r.check(); err != nil {
		return err
	}
	p, err := parse(terms.Query)
	if err != nil {
		return err
	}
	next := *t.Ticket
	next.MinCount, next.MaxCount, next.CountMultiple = terms.MinCount, terms.MaxCount, terms.CountMultiple
	next.Query = terms.Query
	next.setProperties(terms.StringProps, terms.NumericProps)
	t.original = nil
	m.queue.replace(t, &next, p)
	return nil
}

// Step is one step of a policy that widens queries over time.
type Step struct {
	After time.Duration // how long a ticket has waited
	// Query returns what a ticket asks for from then on. The ticket is as its owner made it.
	Query func(t *Ticket) string
}

// Widening returns a function for Config.Widen: for a ticket that has waited long enough for a step, the last such step
// counts. Steps are in the order of their times. Until the first one a ticket asks what its owner wrote.
func Widening(steps ...Step) func(t *Ticket, waited time.Duration) string {
	return func(t *Ticket, waited time.Duration) string {
		for _, s := range slices.Backward(steps) {
			if waited >= s.After {
				return s.Query(t)
			}
		}
		return t.Query
	}
}

// asked returns the ticket as it was before it was widened.
func (t *ticket) asked() *Ticket {
	if t.original != nil {
		return t.original
	}
	return t.Ticket
}

// age is what time does to a ticket: it expires, or asks for more. The lock is held.
func (m *Matchmaker) age(t *ticket, now time.Time) {
	if m.queue.tickets[t.ID] != t || t.matched || t.backfill != nil {
		return
	}
	waited := now.Sub(t.Created)
	if m.cfg.Expiry > 0 && waited >= m.cfg.Expiry {
		m.remove(t, Expired)
		m.cfg.Outbox.Expired(t.Ticket)
		return
	}
	if m.cfg.Widen != nil {
		m.widen(t, waited)
	}
}

func (m *Matchmaker) widen(t *ticket, waited time.Duration) {
	asked := t.asked()
	text := m.cfg.Widen(asked, waited)
	if text == t.Query {
		return
	}
	p, err := parse(text)
	if err != nil {
		m.cfg.Logger.LogAttrs(m.ctx, slog.LevelError, "a ticket is not widened", slog.Any("error", err))
		return
	}
	next := *asked
	next.Query = text
	m.queue.replace(t, &next, p)
	t.original = asked
}
