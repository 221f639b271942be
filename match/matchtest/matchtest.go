package matchtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// name is the name under which the handler is registered.
const name = "matchtest"

// Config says how to start the match. The zero value is good.
type Config struct {
	// Params is the Value of the Params that Init gets.
	Params any
	// Start is where the clock stands when the match is created. Zero means the first moment of 2026, UTC.
	Start time.Time
	// Hooks observe the match.
	Hooks match.Hooks
	// Snapshots keeps the match if the handler is a [match.Snapshotter], for Restart and Kill. nil keeps none. It is asked on
	// the test's goroutine, and if it fails again and again, with pauses of real time: use testing/synctest for that.
	Snapshots match.Snapshots
	// Seed decides what the links of players lose, delay and duplicate. A handler that draws random numbers should get
	// its own seed in Params.
	Seed uint64
}

// clock makes the clock that matches run on.
func (c Config) clock() *clock {
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return &clock{Manual: tick.NewManual(c.Start)}
}

// registry makes a registry that runs on a clock.
func (c Config) registry(on *clock, out match.Outbox, hooks match.Hooks, store match.Snapshots) (*match.Registry, error) {
	return match.New(match.Config{
		Outbox: out, Source: on, Node: "test", Hooks: hooks.With(c.Hooks),
		Snapshots: store, Go: func(work func()) { work() },
	})
}

// Harness plays one match. Its methods are for the goroutine of the test, outside of the handler's callbacks; each
// returns when everything it caused has happened.
type Harness[S any] struct {
	t        testing.TB
	config   Config
	handler  match.Handler[*S]
	registry *match.Registry
	clock    *clock
	store    *shelf
	out      *outbox
	net      *network
	start    time.Time
	id       match.ID
	state    *S
	sessions map[string]int // how many each name has had
	panicked []*match.PanicError

	last  match.Info // as it was when the match ended
	ended bool
	cause error
}

// New creates a match of the handler. The test fails if that is refused.
func New[S any](t testing.TB, handler match.Handler[S], c Config) *Harness[S] {
	t.Helper()
	h := &Harness[S]{
		t: t, config: c, clock: c.clock(), store: &shelf{Snapshots: c.Snapshots},
		out: newOutbox(), sessions: make(map[string]int),
	}
	h.start, h.out.since = h.clock.Now(), h.since
	h.handler = newTap(handler, func(s *S) {
		if h.state == nil { // a handler may create more matches of its kind
			h.state = s
		}
	}, func(s *S) {
		if h.store.loading == h.id {
			h.state = s
		}
	})
	err := h.open()
	if err != nil {
		t.Fatalf("matchtest: %v", err)
	}
	h.id, err = h.registry.Create(context.Background(), name, c.Params)
	if p, ok := errors.AsType[*match.PanicError](err); ok {
		t.Fatalf("matchtest: %v\n%s", p, p.Stack)
	}
	if err != nil {
		t.Fatalf("matchtest: %v", err)
	}
	h.out.id = h.id
	h.net = newNetwork(h.clock.Manual, c.Seed)
	return h
}

// open makes the registry of a process.
func (h *Harness[S]) open() (err error) {
	var store match.Snapshots
	if h.config.Snapshots != nil {
		store = h.store
	}
	h.registry, err = h.config.registry(h.clock, h.out, match.Hooks{Ended: h.end}, store)
	if err == nil {
		match.Register(h.registry, name, h.handler)
	}
	return err
}

// end is the hook for the end of any match in the registry.
func (h *Harness[S]) end(info match.Info, _ []presence.Presence, cause error) {
	if p, ok := errors.AsType[*match.PanicError](cause); ok {
		h.panicked = append(h.panicked, p)
	}
	if info.ID == h.id {
		h.last, h.ended, h.cause = info, true, cause
	}
}

// check fails the test if the handler has panicked. It is called after all that runs callbacks.
func (h *Harness[S]) check() {
	h.t.Helper()
	if len(h.panicked) > 0 {
		p := h.panicked[0]
		h.panicked = nil
		h.t.Fatalf("matchtest: %v\n%s", p, p.Stack)
	}
}

// Join lets a player in and returns its presence; the test fails if the match refuses. User and username are the
// name; each call is a new session of the user.
func (h *Harness[S]) Join(name string) presence.Presence {
	h.t.Helper()
	p := h.player(name)
	if err := h.TryJoin(match.Joiner{Presence: p}); err != nil {
		h.t.Fatalf("matchtest: %s was refused: %v", name, err)
	}
	return p
}

// Reject is for a player whom the match must refuse; it returns why. The test fails if the player is let in.
func (h *Harness[S]) Reject(name string) error {
	h.t.Helper()
	err := h.TryJoin(match.Joiner{Presence: h.player(name)})
	if err == nil {
		h.t.Fatalf("matchtest: %s was let in", name)
	}
	return err
}

// TryJoin asks for a seat and returns the match's answer, nil if the player is in.
func (h *Harness[S]) TryJoin(who match.Joiner) error {
	h.t.Helper()
	defer h.check()
	return h.join(who)
}

func (h *Harness[S]) player(name string) presence.Presence {
	h.sessions[name]++
	return presence.Presence{
		User: name, Session: fmt.Sprintf("%s#%d", name, h.sessions[name]), Username: name, Node: "test",
	}
}

// Leave lets a member leave. The test fails if p is none.
func (h *Harness[S]) Leave(p presence.Presence) { h.t.Helper(); h.leave(p, match.Left) }

// Disconnect ends the session of a member. The test fails if p is none. If the handler is a [match.Holder], Join with
// the same name lets the player return.
func (h *Harness[S]) Disconnect(p presence.Presence) { h.t.Helper(); h.leave(p, match.Disconnected) }

func (h *Harness[S]) leave(p presence.Presence, why match.Reason) {
	h.t.Helper()
	if err := h.depart(p.Session, why); err != nil {
		h.t.Fatalf("matchtest: %s cannot leave: %v", p.Session, err)
	}
	h.check()
}

// Send sends a message of a member: the next Loop gets it. A message for which the inbox has no room is dropped, as
// it would be for a client. The test fails if p is not a member.
func (h *Harness[S]) Send(p presence.Presence, op int64, data []byte) {
	h.t.Helper()
	err := h.message(p.Session, match.Message{Op: op, Data: slices.Clone(data)})
	if err != nil && !errors.Is(err, match.ErrDropped) {
		h.t.Fatalf("matchtest: %s cannot send: %v", p.Session, err)
	}
}

// Step runs n ticks, or fewer if the match ends.
func (h *Harness[S]) Step(n int) {
	h.t.Helper()
	for range n {
		info, err := h.registry.Get(h.id)
		if err != nil {
			return
		}
		h.Advance(info.Every)
	}
}

// Advance moves the clock, and runs the ticks that fall due on the way.
func (h *Harness[S]) Advance(d time.Duration) {
	h.t.Helper()
	h.clock.Advance(d)
	h.check()
}

// Signal calls the match's Signal.
func (h *Harness[S]) Signal(data string) (string, error) {
	h.t.Helper()
	defer h.check()
	h.out.record(Entry{What: Signal, Text: data})
	reply, err := h.registry.Signal(context.Background(), h.id, data)
	return reply, h.answer(reply, err)
}

// Terminate begins a graceful end: Terminate is called, and the match goes on until the clock has moved by grace.
// Without a grace it ends at once, without that call.
func (h *Harness[S]) Terminate(grace time.Duration) {
	h.t.Helper()
	now, cancel := context.WithCancel(context.Background())
	cancel() // End must not wait: nobody else moves the clock
	h.out.record(Entry{What: Terminate, Grace: grace})
	if err := h.registry.End(now, h.id, grace); err != nil && !errors.Is(err, context.Canceled) {
		h.t.Fatalf("matchtest: the match cannot be terminated: %v", err)
	}
	h.check()
}

// Sent returns the messages to p since it was last asked for them.
func (h *Harness[S]) Sent(p presence.Presence) []match.Outgoing { return h.out.takeData(p.Session) }

// Events returns the presence events that p has seen since it was last asked for them.
func (h *Harness[S]) Events(p presence.Presence) []Event { return h.out.takeEvents(p.Session) }

// State is the state of the match, also after its end. A test may change it between two steps, but not that of a match
// that is stored and asleep: its next state is made from the snapshot.
func (h *Harness[S]) State() *S { return h.state }

// Label is the label of the match; after its end, the last one.
func (h *Harness[S]) Label() string {
	if info, err := h.registry.Get(h.id); err == nil {
		return info.Label
	}
	return h.last.Label
}

// Ended reports whether the match has ended, and why: nil for a clean end.
func (h *Harness[S]) Ended() (bool, error) { return h.ended, h.cause }

// ID is the id of the match.
func (h *Harness[S]) ID() match.ID { return h.id }

// Registry is the registry that holds the match, for what the Harness has no method for.
func (h *Harness[S]) Registry() *match.Registry { return h.registry }
