package match

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// keeper is the part of a match that is kept in a store. It is the outbox of its match: what a turn sends and answers is
// parked until the turn is over and, if it asked for that, stored. At most one job with the store is under way; the match
// waits for it. All fields belong to the turn, but while a job runs those that it uses.
type keeper struct {
	m       *match
	epoch   int64
	version int64 // of the last snapshot

	parked    []effect
	asked     bool // this turn is to be stored
	dirty     bool // something has changed since the last snapshot
	suspended bool // the match ends in this process only
	settled   bool // the store has done its part for a match that ends
	open      bool // nothing is parked any more

	busy atomic.Bool         // a job is under way
	then func(now time.Time) // what follows the job, for the turn that comes next
}

// effect is what others learn of a turn: something sent, or an answer.
type effect struct {
	send   func()       // nil for an answer
	always bool         // sent also if the turn cannot be stored
	joiner *JoinRequest // whose seat is given back then, if not nil
	waiter *waiter
	reply  string
	err    error
	undo   func() // what is done if the caller has not waited for the answer; may be nil
}

// begin is the first thing in a turn. If waits is true the turn has nothing more to do, and the next one is due at next.
func (k *keeper) begin(now time.Time) (next time.Time, waits bool) {
	m := k.m
	if k.busy.Load() {
		return time.Time{}, true
	}
	if then := k.then; then != nil {
		k.then = nil
		then(now)
		if m.over {
			return k.over(now), true
		}
	}
	if m.over || m.state != nil {
		return time.Time{}, m.over
	}
	calls, state := m.waiting()
	next = m.next()
	switch {
	case state, !next.IsZero() && !now.Before(next):
		k.load()
		return time.Time{}, true
	case calls:
		return time.Time{}, false // its end needs no state
	}
	return next, true
}

// over goes on with a match that has ended while no turn was under way.
func (k *keeper) over(now time.Time) (next time.Time) {
	if k.end() {
		return time.Time{}
	}
	k.m.finish()
	return k.m.linger(now)
}

// end is the last thing in a turn. It is true if the match has to wait for the store.
func (k *keeper) end() (waits bool) {
	m := k.m
	switch {
	case m.over && !k.settled:
		waits = k.settle()
	case !m.over && (k.asked || m.asleep && k.dirty):
		waits = k.save()
	}
	if waits {
		return true
	}
	k.release()
	if m.over {
		k.open = true
	} else if m.asleep && len(m.roster) == 0 && m.gallery == nil && !m.terminating {
		m.state = nil // it can be loaded again
		m.calls, m.batch, m.scratch = nil, nil, nil
	}
	return false
}

// settle does what the store has to do for a match that ends. It is true if that takes time.
func (k *keeper) settle() bool {
	m := k.m
	k.settled = true
	if k.suspended {
		return m.state != nil && k.save()
	}
	k.start(func(ctx context.Context) error {
		return m.r.snapshots.DeleteSnapshot(ctx, m.id, k.epoch)
	}, func(_ time.Time, err error) {
		if err != nil {
			k.fail(err)
		}
	})
	return true
}

// save stores the match as it is now. It is false if there is no snapshot to store.
func (k *keeper) save() bool {
	s, err := k.snapshot()
	if err != nil {
		k.fail(err)
		return false
	}
	k.asked, k.dirty = false, false
	k.start(func(ctx context.Context) error {
		return k.m.r.snapshots.SaveSnapshot(ctx, s)
	}, func(_ time.Time, err error) {
		if err != nil {
			k.fail(err)
			return
		}
		k.release()
	})
	return true
}

// load gets the state back.
func (k *keeper) load() {
	m := k.m
	var state any
	k.start(func(ctx context.Context) error {
		s, err := m.r.snapshots.LoadSnapshot(ctx, m.id)
		if err == nil && (s.Epoch > k.epoch || s.Epoch == k.epoch && s.Version > k.version) {
			err = ErrStale
		}
		if err != nil {
			return err
		}
		k.version = s.Version // a save of the process before this one may have come late
		state, err = k.revive(ctx, s.State)
		return err
	}, func(now time.Time, err error) {
		if err != nil {
			k.fail(err)
			return
		}
		m.state = state
		m.missStrays(now)
	})
}

// revive restores the state. Its errors are final.
func (k *keeper) revive(ctx context.Context, data []byte) (state any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanic(onRestore, v)
		}
		if err != nil {
			err = &finalError{fmt.Errorf("match: restore: %w", err)}
		}
	}()
	return k.m.kind.restore(ctx, data)
}

// create stores the first snapshot and adds the match to the registry, on the goroutine of its creator.
func (k *keeper) create(ctx context.Context) error {
	r := k.m.r
	s, err := k.snapshot()
	if err != nil {
		return fmt.Errorf("match: creating %q: %w", k.m.name, err)
	}
	bound, cancel := r.bounded(ctx, 0)
	defer cancel()
	saved := r.snapshots.SaveSnapshot(bound, s)
	if saved == nil {
		k.dirty = false
		if err = r.add(k.m); err == nil {
			return nil
		}
	}
	// What its creator does not know of must not come back. The first error is the one to tell.
	undo, cancel := r.bounded(context.WithoutCancel(ctx), 0)
	defer cancel()
	if saved == nil {
		_ = r.snapshots.DeleteSnapshot(undo, s.ID, s.Epoch)
		return err
	}
	// It may be stored all the same, or be so later: something stays in its place, until Resume, that no late save replaces.
	_ = r.snapshots.SaveSnapshot(undo, Snapshot{ID: s.ID, Epoch: s.Epoch + 1, Version: 1, Head: []byte(goneHead)})
	return fmt.Errorf("match: creating %q: %w", k.m.name, saved)
}

// fail ends the match in this process and leaves its snapshot alone. Nobody learns what was parked, but that they are in
// the match no more.
func (k *keeper) fail(err error) {
	m := k.m
	k.settled = true
	switch {
	case !m.over:
		m.end(err)
	case k.suspended:
		m.cause = err // the stop alone would have lost nothing
	default:
		m.r.log.Error("match ended, but its snapshot stays", "match", m.id, "handler", m.name, "error", err)
	}
	for _, e := range k.parked {
		switch {
		case e.joiner != nil:
			m.disown(e.joiner)
		case e.waiter != nil:
			e.waiter.answer("", ErrNotFound)
		case e.always:
			e.send()
		}
	}
	k.parked = nil
}

// start lets a job with the store run until it succeeds or its error is final. The turn that follows calls then.
func (k *keeper) start(work func(ctx context.Context) error, then func(now time.Time, err error)) {
	k.busy.Store(true)
	k.m.r.work(func() {
		err := k.persist(work)
		k.then = func(now time.Time) { then(now, err) }
		k.busy.Store(false)
		k.m.handle.Wake()
	})
}

// finalError is one that trying again cannot mend.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

// persist tries again while the store fails and the registry runs.
func (k *keeper) persist(work func(ctx context.Context) error) error {
	r := k.m.r
	const longest = 5 * time.Second
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, longest) {
		ctx, cancel := context.WithTimeout(r.storing, r.timeout)
		err := work(ctx)
		cancel()
		var final *finalError
		if err == nil || errors.Is(err, ErrStale) || errors.Is(err, ErrNotFound) || errors.As(err, &final) {
			return err
		}
		r.log.Error("match waits for its store", "match", k.m.id, "handler", k.m.name, "error", err, "retry_in", pause)
		select {
		case <-time.After(pause):
		case <-r.storing.Done():
			return err
		}
	}
}

// park keeps something to be sent back until the turn is over and stored.
func (k *keeper) park(send func()) {
	if k.open {
		send()
		return
	}
	k.parked = append(k.parked, effect{send: send})
}

// parkSurely is park for what others must learn also if the turn cannot be stored.
func (k *keeper) parkSurely(send func()) {
	if k.open {
		send()
		return
	}
	k.parked = append(k.parked, effect{send: send, always: true})
}

// answer parks an answer; the caller may give up meanwhile. Then undo is called, if not nil.
func (k *keeper) answer(w *waiter, reply string, err error, undo func()) {
	k.parked = append(k.parked, effect{waiter: w, reply: reply, err: err, undo: undo})
	w.park()
}

// accept parks the reply to a join. Who has given up by then has lost the connection, as far as the match can tell.
func (k *keeper) accept(c *call, j Joined) {
	q, w := c.join, c.waiter
	j.Members = slices.Clone(j.Members)
	e := effect{send: func() {
		if !w.claimed.CompareAndSwap(false, true) {
			_ = k.m.post(call{kind: callLeave, session: j.Self.Session, reason: Disconnected}) // has left already
			k.m.handle.Wake()
			return
		}
		if q.Accepted != nil {
			q.Accepted(j)
		}
	}}
	if !j.Again {
		e.joiner = q
	}
	k.parked = append(k.parked, e)
}

// release lets everybody learn what was parked.
func (k *keeper) release() {
	parked := k.parked
	for i := range parked {
		switch e := &parked[i]; {
		case e.send != nil:
			e.send()
		case e.undo != nil && !e.waiter.claimed.CompareAndSwap(false, true):
			e.undo()
		default:
			e.waiter.answer(e.reply, e.err)
		}
	}
	clear(parked)
	k.parked = parked[:0]
}

// MatchData implements [Outbox].
func (k *keeper) MatchData(id ID, to []presence.Presence, o Outgoing) {
	to, o.Data = slices.Clone(to), slices.Clone(o.Data)
	k.park(func() { k.m.r.out.MatchData(id, to, o) })
}

// MatchPresence implements [Outbox].
func (k *keeper) MatchPresence(id ID, to, joined, left []presence.Presence) {
	to, joined, left = slices.Clone(to), slices.Clone(joined), slices.Clone(left)
	k.park(func() { k.m.r.out.MatchPresence(id, to, joined, left) })
}

// MatchEnded implements [Outbox].
func (k *keeper) MatchEnded(id ID, to []presence.Presence, err error) {
	to = slices.Clone(to)
	k.park(func() { k.m.r.out.MatchEnded(id, to, err) })
}

// Flush implements [Outbox].
func (k *keeper) Flush(id ID, to []presence.Presence) {
	to = slices.Clone(to)
	k.park(func() { k.m.r.out.Flush(id, to) })
}
