package match

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

const (
	maxLabel = 2048
	minEvery = time.Second / 240
)

// Create starts a match of the kind registered under handler. Init runs on the calling goroutine with value as
// Params.Value; the match is listed and can be joined when Create returns, and its snapshot is stored if the handler is a
// [Snapshotter]. ErrNoHandler, ErrStopped, ErrSettings, ErrLabel, or what Init, Snapshot or the store returned.
func (r *Registry) Create(ctx context.Context, handler string, value any) (ID, error) {
	return r.create(ctx, handler, value, nil)
}

// create starts a match in which seats are reserved from the beginning.
func (r *Registry) create(ctx context.Context, handler string, value any, reserved []absence) (ID, error) {
	r.mu.RLock()
	k, stopped := r.handlers[handler], r.stopped
	r.mu.RUnlock()
	if k == nil {
		return "", fmt.Errorf("%w: %q", ErrNoHandler, handler)
	}
	if stopped {
		return "", ErrStopped
	}
	if caller := callerIn(ctx, r); caller != nil {
		caller.handle.Detach() // Init may take its time
	}
	state, set, err := initialise(ctx, k, Params{Value: value})
	if errors.Is(err, ErrEnd) {
		err = errors.New(err.Error()) // a callback that passes it on must not end its own match
	}
	if err != nil {
		return "", fmt.Errorf("match: creating %q: %w", handler, err)
	}
	m := r.newMatch(ID(uuid.NewString()+"."+r.node), handler, k, set)
	m.state = state
	m.reserved = reserved
	m.countSeats(m.created)
	if m.keeper != nil {
		err = m.keeper.create(ctx)
	} else {
		err = r.add(m)
	}
	if err != nil {
		m.handle.Remove()
		return "", err
	}
	m.handle.Wake()
	return m.id, nil
}

// newMatch makes a match that nobody can find yet.
func (r *Registry) newMatch(id ID, handler string, k kind, set Settings) *match {
	m := &match{id: id, name: handler, kind: k, r: r, out: r.out, set: set}
	m.bound = set.Inbox
	m.pace, m.ahead = set.pace()
	m.d.m, m.ctx.m = m, m
	m.label.Store(newLabel(set.Label, set.Every))
	m.handle = r.source.Add(m)
	m.created = r.source.Now()
	m.clock = newSchedule(&m.set, m.handle.Start(set.Every))
	if r.snapshots != nil && k.restores() {
		m.keeper = &keeper{m: m, epoch: 1}
		m.out = m.keeper
	}
	return m
}

// initialise runs Init and checks what it decided.
func initialise(ctx context.Context, k kind, p Params) (state any, set Settings, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanic(onInit, v)
		}
	}()
	state, set, err = k.create(ctx, p)
	switch {
	case err != nil:
	case set.Every < minEvery:
		err = fmt.Errorf("%w: Every is %v, must be at least %v", ErrSettings, set.Every, minEvery)
	case min(set.Capacity, set.Inbox, set.MaxBehind) < 0 || min(set.EmptyAfter, set.SlowAfter) < 0 || set.Overrun > SlowDown:
		err = fmt.Errorf("%w: %+v", ErrSettings, set)
	case !(set.SenderRate >= 0) || set.SenderRate > 0 && PerSecond(set.SenderRate) == 0 || set.SenderBurst < 0:
		err = fmt.Errorf("%w: SenderRate %v, SenderBurst %v", ErrSettings, set.SenderRate, set.SenderBurst)
	case len(set.Label) > maxLabel:
		err = ErrLabel
	case set.Inbox == 0:
		set.Inbox = 128
	}
	return state, set, err
}

func (r *Registry) add(m *match) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return ErrStopped
	}
	if r.matches[m.id.UUID()] != nil {
		return errors.New("match: is here already")
	}
	r.seq++
	m.seq = r.seq
	r.matches[m.id.UUID()] = m
	r.index.note(m)
	r.live++
	return nil
}
