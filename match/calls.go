package match

import (
	"context"
	"errors"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// Join asks a match for a seat and waits for the answer. When it returns nil the seat is taken and q.Accepted has
// been called. If ctx is done before the seat is taken, Join returns its error and the player is not in the match.
// A session that is a member already is accepted again, without callbacks; a user who has a seat under another session
// takes it over if the handler is a [Holder].
//
// ErrNotFound, ErrFull, ErrBusy, ErrNoSession, ErrSinkUsed, a *RejectError, another error of JoinAttempt, or ErrOwnTurn. If
// JoinAttempt ends the match with ErrEnd, the player is rejected.
func (r *Registry) Join(ctx context.Context, q JoinRequest) error {
	return r.admit(ctx, call{kind: callJoin, join: &q})
}

// admit asks for a seat, or a place to watch from.
func (r *Registry) admit(ctx context.Context, c call) error {
	if c.join.Who.Session == "" {
		return ErrNoSession
	}
	s := c.join.Sink
	if s != nil && !s.claimed.CompareAndSwap(false, true) {
		return ErrSinkUsed
	}
	c.waiter = newWaiter()
	_, err := r.ask(ctx, c.join.ID, c)
	if err != nil && s != nil && !c.waiter.owing {
		s.claimed.Store(false)
	}
	if errors.Is(err, ErrBusy) && r.hooks.Refused != nil {
		r.hooks.Refused(c.join.ID, c.join.Who.Presence, err)
	}
	return err
}

// Signal calls the match's Signal with data and waits for its reply. ErrNotFound, ErrBusy, ErrOwnTurn, or what Signal
// returned; a Signal that returns ErrEnd has answered.
func (r *Registry) Signal(ctx context.Context, id ID, data string) (string, error) {
	return r.ask(ctx, id, call{kind: callSignal, data: data})
}

// Leave takes a member, or a spectator, out of a match, for the reason Left or Disconnected. It does not wait: the
// member's messages are ignored from now on, its Leave comes in order with all other calls. ErrNotFound, ErrNotMember.
func (r *Registry) Leave(id ID, session string, why Reason) error {
	return r.tell(r.findAny(id), call{kind: callLeave, session: session, reason: why})
}

// Kick removes members and spectators. It does not wait; those kicked are told and, if they were members, the others
// too, and Leave follows with the reason Kicked. Who is neither is left out. ErrNotFound.
func (r *Registry) Kick(id ID, who ...presence.Presence) error {
	m := r.findAny(id)
	if m == nil {
		return ErrNotFound
	}
	for _, p := range who {
		_ = m.post(call{kind: callLeave, session: p.Session, reason: Kicked}) // may have left already
	}
	m.handle.Wake()
	return nil
}

// Send puts a message of a member into the inbox of a match; its From, At and Dropped are filled in. It never waits,
// and takes over msg.Data. ErrNotFound, ErrNotMember, ErrSenderRate, or ErrDropped when the inbox is full of this
// sender's messages.
func (r *Registry) Send(id ID, session string, msg Message) error {
	m := r.find(id)
	if m == nil {
		return ErrNotFound
	}
	msg.At = r.source.Now()
	victim, wake, err := m.put(session, msg)
	if wake {
		m.handle.Wake()
	}
	if victim != nil && r.hooks.Dropped != nil {
		why := DropFull
		if err == ErrSenderRate { //nolint:errorlint // put returns it as it is
			why = DropRate
		}
		r.hooks.Dropped(id, victim.Presence, why, 1)
	}
	return err
}

// End ends a match: with a grace it first calls Terminate and lets the match go on until the grace is over, without
// one it ends at once. It waits until the match has ended; if ctx is done first, End returns its error and the match
// ends all the same. ErrNotFound, ErrOwnTurn (a callback returns ErrEnd instead).
func (r *Registry) End(ctx context.Context, id ID, grace time.Duration) error {
	m := r.find(id)
	if m == nil {
		return ErrNotFound
	}
	free, err := r.waitFor(ctx, m)
	if err != nil {
		return err
	}
	defer free()
	ctx, cancel := r.bounded(ctx, max(0, grace))
	defer cancel()
	if err := m.post(call{kind: callEnd, span: grace}); err != nil {
		return err
	}
	m.handle.Wake()
	select {
	case <-m.ctx.Done():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tell posts a call that nobody waits for.
func (r *Registry) tell(m *match, c call) error {
	if m == nil {
		return ErrNotFound
	}
	if err := m.post(c); err != nil {
		return err
	}
	m.handle.Wake()
	return nil
}

// ask posts a call and waits for its answer.
func (r *Registry) ask(ctx context.Context, id ID, c call) (string, error) {
	m := r.find(id)
	if m == nil {
		return "", ErrNotFound
	}
	free, err := r.waitFor(ctx, m)
	if err != nil {
		return "", err
	}
	defer free()
	ctx, cancel := r.bounded(ctx, 0)
	defer cancel()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if c.waiter == nil {
		c.waiter = newWaiter()
	}
	w := c.waiter
	if err := m.post(c); err != nil {
		return "", err
	}
	m.handle.Wake()
	for parked := true; parked; {
		select {
		case _, parked = <-w.done:
		case <-ctx.Done():
			if w.claimed.CompareAndSwap(false, true) || c.kind == callSignal {
				w.owing = m.keeper != nil
				return "", context.Cause(ctx)
			}
			_, parked = <-w.done // the seat is being taken at this moment
		}
	}
	return w.reply, w.err
}

// bounded gives a context without a deadline the one of Config.CallTimeout, and more time for a call that needs it.
func (r *Registry) bounded(ctx context.Context, more time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, r.timeout+more)
}

// blocker is what a turn can wait for.
type blocker interface {
	// holder is the match whose turn must go on before the wait is over; nil if none must. The caller has
	// Registry.waits.
	holder() *match
}

func (m *match) holder() *match { return m }

// waitFor is called before waiting for b. If the call is made in the turn of a match, that match must not wait for
// itself, also not in a circle, and its worker is freed for others. free ends the wait.
func (r *Registry) waitFor(ctx context.Context, b blocker) (free func(), err error) {
	caller := callerIn(ctx, r)
	if caller == nil {
		return func() {}, nil
	}
	r.waits.Lock()
	defer r.waits.Unlock()
	for next := b; next != nil; {
		m := next.holder()
		if m == caller {
			return nil, ErrOwnTurn
		}
		if m == nil {
			break
		}
		next = m.waits
	}
	caller.waits = b
	caller.handle.Detach()
	return func() {
		r.waits.Lock()
		defer r.waits.Unlock()
		caller.waits = nil
	}, nil
}
