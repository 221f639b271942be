package match

import (
	"context"
	"time"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// Handler is the server side of one kind of match. S is the state of one match; the engine keeps it and gives every
// callback a pointer to it. One handler value serves all matches of its kind, so it must not keep anything about a
// single match itself. Calls for one match never overlap; calls for different matches run in parallel.
//
// From any callback, an error that Is [ErrEnd] ends the match cleanly. From Init, Join, Leave, Loop and Terminate any
// other error, or a panic anywhere, ends it as failed. Other errors of JoinAttempt and Signal go to the player or
// caller, and the match goes on; only the text of [Reject] reaches a client.
//
// The context names the match and is done when the match has ended; that of Init is the one given to Create. Calls into
// the [Registry] made with it that would wait for the match itself return [ErrOwnTurn]; goroutines that a callback starts
// make theirs with another context, for they hold up no turn. They tell the match what they found by [Registry.Signal].
//
// Slices passed to callbacks are valid during the call.
type Handler[S any] interface {
	// Init makes the state. It runs on the goroutine that called Create, before the match exists.
	Init(ctx context.Context, p Params) (S, Settings, error)
	// JoinAttempt lets a player in (nil) or refuses (an error, see Reject). A player who is let in may have given up
	// meanwhile, so what belongs to members is for Join to note. Members who have come just before may not have had
	// their Join: how many there are is what d.Members says, and the limit is best left to Settings.Capacity.
	JoinAttempt(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, who Joiner) error
	// Join tells of players who have taken their seats, in that order. They are members and can be sent to.
	Join(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, who []presence.Presence) error
	// Leave tells of members who have gone.
	Leave(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, gone []Departure) error
	// Loop runs each tick with what members sent since the last one, in the order it arrived.
	Loop(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, in []Message) error
	// Terminate says that the match will be ended after grace: time to tell players and to save. The match goes on
	// until then, or until a callback returns ErrEnd.
	Terminate(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, grace time.Duration) error
	// Signal answers a call of the host.
	Signal(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, data string) (string, error)
}

// Holder is what a [Handler] may have besides: it keeps the seats of players who lost their connection. Register looks
// for it once, and does not see methods with other parameters: let the compiler check that your handler is one.
//
//	var _ match.Holder[state] = arena{}
//
// In a match of a Holder a user has one seat. A join by a user who has it under another session, held or still
// connected, is a return: Return is asked instead of JoinAttempt and Join. A held seat counts in the capacity, but
// the player is no member until it returns: nothing can be sent to it. Kick gives up a held seat too.
type Holder[S any] interface {
	// Hold says how long the seat of a player is kept whose session has ended; the others have seen it leave. If the
	// player has not returned by then, Leave follows with the reason HoldExpired; after 0 or less it follows at once
	// with the reason Disconnected. An error ends the match.
	Hold(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, who presence.Presence) (time.Duration, error)
	// Return gives the seat of the session old to the session now of the same user. After it the player has its
	// reply, the old session leaves if it was connected, and the new one joins; then comes what Return has deferred,
	// which is the way to tell the player how things stand. An error refuses the player as one of JoinAttempt does,
	// and the seat stays as it was.
	Return(ctx context.Context, d *Dispatcher, t tick.Tick, s *S, old, now presence.Presence) error
}

// MatchHandler is another name for Handler, the one of the specification.
type MatchHandler[S any] = Handler[S]

// NopHandler has every callback but Init and Loop. Embed it and write only what your match needs. It lets everybody
// in, ends the match on Terminate, and answers signals with "".
type NopHandler[S any] struct{}

// JoinAttempt lets everybody in.
func (NopHandler[S]) JoinAttempt(context.Context, *Dispatcher, tick.Tick, *S, Joiner) error {
	return nil
}

// Join does nothing.
func (NopHandler[S]) Join(context.Context, *Dispatcher, tick.Tick, *S, []presence.Presence) error {
	return nil
}

// Leave does nothing.
func (NopHandler[S]) Leave(context.Context, *Dispatcher, tick.Tick, *S, []Departure) error {
	return nil
}

// Terminate ends the match.
func (NopHandler[S]) Terminate(context.Context, *Dispatcher, tick.Tick, *S, time.Duration) error {
	return ErrEnd
}

// Signal answers "".
func (NopHandler[S]) Signal(context.Context, *Dispatcher, tick.Tick, *S, string) (string, error) {
	return "", nil
}

// kind is a handler whose state type is no longer visible. It is shared by all its matches; each keeps its state, a *S,
// and hands it to every callback.
type kind interface { //nolint:interfacebloat // the handler's seven, and those of its optional sides
	create(ctx context.Context, p Params) (state any, set Settings, err error)
	joinAttempt(ctx context.Context, d *Dispatcher, t tick.Tick, state any, who *Joiner) error
	join(ctx context.Context, d *Dispatcher, t tick.Tick, state any, who []presence.Presence) error
	leave(ctx context.Context, d *Dispatcher, t tick.Tick, state any, gone []Departure) error
	loop(ctx context.Context, d *Dispatcher, t tick.Tick, state any, in []Message) error
	terminate(ctx context.Context, d *Dispatcher, t tick.Tick, state any, grace time.Duration) error
	signal(ctx context.Context, d *Dispatcher, t tick.Tick, state any, data string) (string, error)

	holds() bool // the handler is a Holder
	hold(ctx context.Context, d *Dispatcher, t tick.Tick, state any, who presence.Presence) (time.Duration, error)
	takeBack(ctx context.Context, d *Dispatcher, t tick.Tick, state any, old, now presence.Presence) error

	restores() bool // the handler is a Snapshotter
	snapshot(state any) ([]byte, error)
	restore(ctx context.Context, data []byte) (state any, err error)
}

// typed is the one place where the state has its type.
type typed[S any] struct {
	h      Handler[S]
	holder Holder[S]      // nil if h is none
	keeps  Snapshotter[S] // nil if h is none
}

func newKind[S any](h Handler[S]) kind {
	holder, _ := h.(Holder[S])
	keeps, _ := h.(Snapshotter[S])
	return &typed[S]{h, holder, keeps}
}

func (k *typed[S]) create(ctx context.Context, p Params) (any, Settings, error) {
	s, set, err := k.h.Init(ctx, p)
	return &s, set, err
}

func (k *typed[S]) joinAttempt(ctx context.Context, d *Dispatcher, t tick.Tick, state any, who *Joiner) error {
	return k.h.JoinAttempt(ctx, d, t, state.(*S), *who)
}

func (k *typed[S]) join(ctx context.Context, d *Dispatcher, t tick.Tick, state any, who []presence.Presence) error {
	return k.h.Join(ctx, d, t, state.(*S), who)
}

func (k *typed[S]) leave(ctx context.Context, d *Dispatcher, t tick.Tick, state any, gone []Departure) error {
	return k.h.Leave(ctx, d, t, state.(*S), gone)
}

func (k *typed[S]) loop(ctx context.Context, d *Dispatcher, t tick.Tick, state any, in []Message) error {
	return k.h.Loop(ctx, d, t, state.(*S), in)
}

func (k *typed[S]) terminate(ctx context.Context, d *Dispatcher, t tick.Tick, state any, grace time.Duration) error {
	return k.h.Terminate(ctx, d, t, state.(*S), grace)
}

func (k *typed[S]) signal(ctx context.Context, d *Dispatcher, t tick.Tick, state any, data string) (string, error) {
	return k.h.Signal(ctx, d, t, state.(*S), data)
}

func (k *typed[S]) holds() bool { return k.holder != nil }

func (k *typed[S]) hold(
	ctx context.Context, d *Dispatcher, t tick.Tick, state any, who presence.Presence,
) (time.Duration, error) {
	return k.holder.Hold(ctx, d, t, state.(*S), who)
}

func (k *typed[S]) takeBack(ctx context.Context, d *Dispatcher, t tick.Tick, state any, old, now presence.Presence) error {
	return k.holder.Return(ctx, d, t, state.(*S), old, now)
}

func (k *typed[S]) restores() bool { return k.keeps != nil }

func (k *typed[S]) snapshot(state any) ([]byte, error) { return k.keeps.Snapshot(state.(*S)) }

func (k *typed[S]) restore(ctx context.Context, data []byte) (any, error) {
	s, err := k.keeps.Restore(ctx, data)
	return &s, err
}
