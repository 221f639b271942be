package match

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/shoal-go/shoal/presence"
)

// maxDeferred bounds the messages that one callback may defer.
const maxDeferred = 128

// Dispatcher is what a match acts through. It is valid during one callback, on the goroutine that runs it; outside
// of one its methods do nothing and return [ErrOutside] where they can.
type Dispatcher struct{ m *match }

// ID is the match.
func (d *Dispatcher) ID() ID { return d.m.id }

// Log is the registry's logger with the match's id.
func (d *Dispatcher) Log() *slog.Logger { return d.m.r.log.With("match", d.m.id, "handler", d.m.name) }

// Members are all members in the order they joined. The slice is valid during the callback.
func (d *Dispatcher) Members() []presence.Presence {
	if !d.m.inside {
		return nil
	}
	return d.m.roster
}

// Broadcast sends a message. Recipients and order are fixed by the call; the bytes leave when the callback returns,
// or at Flush.
func (d *Dispatcher) Broadcast(o Outgoing) error {
	if !d.m.inside {
		return ErrOutside
	}
	if o.toEverybody() {
		d.m.deliver(o, nil, true)
	} else {
		d.m.deliver(o, d.m.recipients(&o), false)
	}
	return nil
}

// BroadcastDeferred is Broadcast, but the message follows all others of the callback. Recipients are those of the
// moment of the call; in Return, the player who returns is one of them. ErrTooManyDeferred after 128 in one callback.
func (d *Dispatcher) BroadcastDeferred(o Outgoing) error {
	m := d.m
	if !m.inside {
		return ErrOutside
	}
	e := m.act()
	if len(e.deferred) == maxDeferred {
		return ErrTooManyDeferred
	}
	l := later{Outgoing: o, all: o.toEverybody()}
	if !l.all { // all are the same as now when the callback is over
		l.to = slices.Clone(m.recipients(&o))
		if m.returning != nil && o.isFor(*m.returning) {
			l.to = append(l.to, *m.returning)
		}
	}
	l.Data = slices.Clone(o.Data)
	e.deferred = append(e.deferred, l)
	return nil
}

// Flush lets all that was sent so far leave now.
func (d *Dispatcher) Flush() {
	if d.m.inside {
		d.m.flush()
	}
}

// Kick removes members once the callback has returned: they and the others are told, and Leave follows with the
// reason Kicked. Who is not a member is left out.
func (d *Dispatcher) Kick(who ...presence.Presence) error {
	if !d.m.inside {
		return ErrOutside
	}
	e := d.m.act()
	for _, p := range who {
		e.kicks = append(e.kicks, p.Session)
	}
	return nil
}

// SetLabel changes the label; it is listed when the callback returns. ErrLabel if it is longer than 2048 bytes.
func (d *Dispatcher) SetLabel(label string) error {
	if !d.m.inside {
		return ErrOutside
	}
	if len(label) > maxLabel {
		return ErrLabel
	}
	d.m.act().label = &label
	return nil
}

// SetRate changes the time between two Loops, from 1/240 s upwards; see [PerSecond]. The next Loop comes so long after
// the last one or, if that is past, from now; those that follow are evenly spaced. It is listed when the callback
// returns. ErrSettings.
func (d *Dispatcher) SetRate(every time.Duration) error {
	m := d.m
	switch {
	case !m.inside:
		return ErrOutside
	case every < minEvery:
		return fmt.Errorf("%w: the interval is %v, must be at least %v", ErrSettings, every, minEvery)
	case every == m.set.Every:
		return nil
	}
	m.set.Every = every
	m.clock.change(&m.set, m.r.source.Now())
	if e := m.act(); e.label == nil {
		e.label = &m.label.Load().text
	}
	return nil
}

// SleepUntil stops the ticks until t, or for as long as nothing happens if t is zero: the match costs nothing
// meanwhile. A message, a join, a leave, a signal or an end wakes it earlier. Then the next Loop comes at once, but no
// sooner than an interval after the last one, and the others follow evenly spaced; unless a callback sleeps again. The
// match of a [Snapshotter] is saved.
func (d *Dispatcher) SleepUntil(t time.Time) error {
	if !d.m.inside {
		return ErrOutside
	}
	d.m.asleep, d.m.alarm = true, t
	return d.Save()
}

// Save stores the match of a [Snapshotter] at the end of this turn; what the turn has sent leaves after that. For other
// matches, and without [Config].Snapshots, it does nothing.
func (d *Dispatcher) Save() error {
	if !d.m.inside {
		return ErrOutside
	}
	if d.m.keeper != nil {
		d.m.keeper.asked = true
	}
	return nil
}
