package match

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// head is the Head of a Snapshot.
type head struct {
	Gone     bool `json:",omitzero"` // there is no such match: its creator was told that it failed
	Handler  string
	Created  time.Time
	Settings Settings  // with the label and the rate as they are now
	Tick     int64     // number of the next one
	Asleep   bool      `json:",omitzero"`
	Alarm    time.Time `json:",omitzero"` // when it wakes; zero is never
	Closing  time.Time `json:",omitzero"` // when it ends for being empty, if it is
	Members  []seat    `json:",omitempty"`
	Held     []seat    `json:",omitempty"`
	Reserved []seat    `json:",omitempty"`
}

// goneHead is the head of a match that is gone.
const goneHead = `{"Gone":true}`

// seat is one that is taken.
type seat struct {
	presence.Presence
	Until time.Time `json:",omitzero"` // of one that is held or reserved
	Lost  int       `json:",omitzero"` // messages dropped
}

// snapshot is the match as it is now.
func (k *keeper) snapshot() (Snapshot, error) {
	m := k.m
	k.version++
	s := Snapshot{ID: m.id, Epoch: k.epoch, Version: k.version}
	if _, err := m.timed(onSnapshot, func() (err error) { s.State, err = m.kind.snapshot(m.state); return err }); err != nil {
		return s, fmt.Errorf("match: snapshot: %w", err)
	}
	h := head{
		Handler: m.name, Created: m.created, Settings: m.set, Tick: m.clock.n,
		Asleep: m.asleep, Alarm: m.alarm, Closing: m.closing,
		Held: seatsOf(m.held), Reserved: seatsOf(m.reserved),
	}
	h.Settings.Label = m.label.Load().text
	for _, p := range m.roster {
		h.Members = append(h.Members, seat{Presence: p, Lost: m.members[p.Session].lost})
	}
	var err error
	s.Head, err = json.Marshal(h)
	return s, err
}

func seatsOf(as []absence) (seats []seat) {
	for _, a := range as {
		seats = append(seats, seat{a.who, a.until, a.lost})
	}
	return seats
}

func absences(seats []seat) (as []absence) {
	for _, s := range seats {
		as = append(as, absence{who: s.Presence, until: s.Until, lost: s.Lost})
	}
	return as
}

// Resume lists the matches that [Config].Snapshots has from the processes before this one: they can be found and joined
// when it returns, and their deadlines come. Their states are loaded when they are needed. Matches whose handler is not
// registered, or is no [Snapshotter], are left in the store.
//
// Call it after Register and before players come; Run does if nobody has. All snapshots of the store must be this
// registry's. The error is the store's; then Resume may be called again.
func (r *Registry) Resume(ctx context.Context) error {
	if r.snapshots == nil || r.hasResumed() {
		return nil
	}
	stored, err := r.stored(ctx)
	if err != nil {
		return fmt.Errorf("match: resume: %w", err)
	}
	var found []*match
	for i := range stored {
		if m := r.resume(ctx, &stored[i]); m != nil {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *match) int { return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id)) })
	for _, m := range found {
		if err := r.add(m); err != nil {
			m.handle.Remove() // it is here already, or the registry stops
			continue
		}
		m.handle.Wake()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resumed = true
	return nil
}

// stored are all snapshots, without their State.
func (r *Registry) stored(ctx context.Context) (all []Snapshot, err error) {
	const limit = 1000
	for after := ID(""); ; after = all[len(all)-1].ID {
		page, err := r.snapshots.PageSnapshots(ctx, after, limit)
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(page) < limit {
			return all, nil
		}
	}
}

func (r *Registry) hasResumed() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.resumed
}

// resume makes a match of its snapshot, without the state; nil if that cannot be.
func (r *Registry) resume(ctx context.Context, s *Snapshot) *match {
	var h head
	if err := json.Unmarshal(s.Head, &h); err != nil {
		r.log.Error("snapshot that cannot be read", "match", s.ID, "error", err)
		return nil
	}
	if h.Gone {
		_ = r.snapshots.DeleteSnapshot(ctx, s.ID, s.Epoch) // what stays is for the next Resume
		return nil
	}
	r.mu.RLock()
	k := r.handlers[h.Handler]
	r.mu.RUnlock()
	if k == nil || !k.restores() {
		r.log.Warn("snapshot without a handler that can restore it", "match", s.ID, "handler", h.Handler)
		return nil
	}
	m := r.newMatch(s.ID, h.Handler, k, h.Settings)
	m.keeper.epoch, m.keeper.version = s.Epoch+1, s.Version
	m.created, m.closing, m.clock.n = h.Created, h.Closing, h.Tick
	m.asleep, m.alarm = h.Asleep, h.Alarm
	m.held, m.reserved = absences(h.Held), absences(h.Reserved)
	now := r.source.Now()
	for _, s := range h.Members {
		m.held = append(m.held, absence{who: s.Presence, until: now, lost: s.Lost, stray: true})
	}
	m.countSeats(now)
	return m
}

// missStrays tells the handler of members whom the process before this one took along.
func (m *match) missStrays(now time.Time) {
	for !m.over {
		i := slices.IndexFunc(m.held, func(a absence) bool { return a.stray })
		if i < 0 {
			return
		}
		a := &m.held[i]
		a.stray = false
		if m.kind.holds() {
			m.hold(Departure{Presence: a.who, Reason: Disconnected, Dropped: a.lost}, now)
		} else {
			m.release(i, Disconnected, now)
		}
	}
}
