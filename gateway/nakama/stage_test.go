package nakama_test

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// stage is a match made of functions. Those that are nil do what match.NopHandler does. The label is the Value of the
// Params, if it is a text.
type stage struct {
	match.NopHandler[struct{}]
	set     match.Settings // Every 0 means an hour: no ticks
	attempt func(d *match.Dispatcher, who match.Joiner) error
	join    func(d *match.Dispatcher, who []presence.Presence) error
	leave   func(gone []match.Departure)
	loop    func(d *match.Dispatcher, in []match.Message) error
	signal  func(d *match.Dispatcher, data string) (string, error)
}

func (s *stage) Init(_ context.Context, p match.Params) (struct{}, match.Settings, error) {
	set := s.set
	if set.Every == 0 {
		set.Every = time.Hour
	}
	if label, ok := p.Value.(string); ok {
		set.Label = label
	}
	return struct{}{}, set, nil
}

func (s *stage) JoinAttempt(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, who match.Joiner) error {
	if s.attempt == nil {
		return nil
	}
	return s.attempt(d, who)
}

func (s *stage) Join(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, who []presence.Presence) error {
	if s.join == nil {
		return nil
	}
	return s.join(d, who)
}

func (s *stage) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, gone []match.Departure) error {
	if s.leave != nil {
		s.leave(gone)
	}
	return nil
}

func (s *stage) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, in []match.Message) error {
	if s.loop == nil {
		return nil
	}
	return s.loop(d, in)
}

func (s *stage) Signal(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, data string) (string, error) {
	if s.signal == nil {
		return "", nil
	}
	return s.signal(d, data)
}

// on creates a match on a stage and returns its id.
func (w *world) on(s *stage) string {
	w.t.Helper()
	match.Register(w.matches, "stage", match.Handler[struct{}](s))
	id, err := w.matches.Create(w.t.Context(), "stage", nil)
	require.NoError(w.t, err)
	return string(id)
}

// enter lets a client join, and reads its reply and its own join.
func (c *client) enter(id string) {
	c.t.Helper()
	require.NotNil(c.t, c.ask(join(id)).GetMatch())
	require.Equal(c.t, c.name, names(c.next().GetMatchPresenceEvent().Joins))
}
