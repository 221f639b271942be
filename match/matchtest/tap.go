package matchtest

import (
	"context"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// tap is the handler under test, with a pointer as its state so that the test can see what it points to.
type tap[S any] struct {
	match.Handler[S]
	made func(*S) // gets the state of each match
}

// newTap is the handler to register for h: it has what h has. Either function may be nil.
func newTap[S any](h match.Handler[S], made, restored func(*S)) match.Handler[*S] {
	t := tap[S]{h, made}
	holder, holds := h.(match.Holder[S])
	keeper, keeps := h.(match.Snapshotter[S])
	switch {
	case holds && keeps:
		return struct {
			tap[S]
			holding[S]
			keeping[S]
		}{t, holding[S]{holder}, keeping[S]{keeper, restored}}
	case holds:
		return struct {
			tap[S]
			holding[S]
		}{t, holding[S]{holder}}
	case keeps:
		return struct {
			tap[S]
			keeping[S]
		}{t, keeping[S]{keeper, restored}}
	}
	return t
}

func (h tap[S]) Init(ctx context.Context, p match.Params) (*S, match.Settings, error) {
	s, set, err := h.Handler.Init(ctx, p)
	if err == nil && h.made != nil {
		h.made(&s)
	}
	return &s, set, err
}

func (h tap[S]) JoinAttempt(
	ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, who match.Joiner,
) error {
	return h.Handler.JoinAttempt(ctx, d, t, *s, who)
}

func (h tap[S]) Join(ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, who []presence.Presence) error {
	return h.Handler.Join(ctx, d, t, *s, who)
}

func (h tap[S]) Leave(ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, gone []match.Departure) error {
	return h.Handler.Leave(ctx, d, t, *s, gone)
}

func (h tap[S]) Loop(ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, in []match.Message) error {
	return h.Handler.Loop(ctx, d, t, *s, in)
}

func (h tap[S]) Terminate(
	ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, grace time.Duration,
) error {
	return h.Handler.Terminate(ctx, d, t, *s, grace)
}

func (h tap[S]) Signal(ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, data string) (string, error) {
	return h.Handler.Signal(ctx, d, t, *s, data)
}

// holding is what a tap has besides if the handler is a [match.Holder].
type holding[S any] struct{ holder match.Holder[S] }

func (h holding[S]) Hold(
	ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, who presence.Presence,
) (time.Duration, error) {
	return h.holder.Hold(ctx, d, t, *s, who)
}

func (h holding[S]) Return(
	ctx context.Context, d *match.Dispatcher, t tick.Tick, s **S, old, now presence.Presence,
) error {
	return h.holder.Return(ctx, d, t, *s, old, now)
}

// keeping is what a tap has besides if the handler is a [match.Snapshotter].
type keeping[S any] struct {
	keeper   match.Snapshotter[S]
	restored func(*S) // gets each state that is restored
}

func (h keeping[S]) Snapshot(s **S) ([]byte, error) { return h.keeper.Snapshot(*s) }

func (h keeping[S]) Restore(ctx context.Context, data []byte) (*S, error) {
	s, err := h.keeper.Restore(ctx, data)
	if err == nil && h.restored != nil {
		h.restored(&s)
	}
	return &s, err
}
