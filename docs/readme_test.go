package docs_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/tick"
)

// The match of the README.
type arena struct{ match.NopHandler[state] } // every callback but Init and Loop

type state struct{ hits map[string]int }

func (arena) Init(ctx context.Context, p match.Params) (state, match.Settings, error) {
	return state{hits: map[string]int{}}, match.Settings{
		Every: match.PerSecond(30), Capacity: 4, Label: `{"mode":"arena"}`,
	}, nil
}

func (arena) Loop(ctx context.Context, d *match.Dispatcher, t tick.Tick, s *state, in []match.Message) error {
	for _, m := range in {
		s.hits[m.From.Username]++
	}
	return d.Broadcast(match.Outgoing{Op: 1, Data: fmt.Append(nil, s.hits)})
}

func TestArena(t *testing.T) {
	h := matchtest.New(t, arena{}, matchtest.Config{})
	ann := h.Join("ann")
	h.Send(ann, 1, nil)
	h.Step(1)
	require.Equal(t, "map[ann:1]", string(h.Sent(ann)[0].Data))
}
