package docs_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"github.com/heroiclabs/nakama-common/runtime"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// The match of from-nakama.md, as a module of the reference server: it counts what players send.
type before struct{}

type beforeState struct {
	counts map[string]int
	empty  int
}

func (before) MatchInit(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, params map[string]any,
) (any, int, string) {
	return &beforeState{counts: map[string]int{}}, 10, `{"mode":"count"}`
}

func (before) MatchJoinAttempt(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, dispatcher runtime.MatchDispatcher,
	tick int64, state any, presence runtime.Presence, metadata map[string]string,
) (any, bool, string) {
	s := state.(*beforeState)
	if len(s.counts) >= 4 {
		return s, false, "match full"
	}
	return s, true, ""
}

func (before) MatchJoin(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, dispatcher runtime.MatchDispatcher,
	tick int64, state any, presences []runtime.Presence,
) any {
	s := state.(*beforeState)
	for _, p := range presences {
		s.counts[p.GetUserId()] = 0
	}
	return s
}

func (before) MatchLeave(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, dispatcher runtime.MatchDispatcher,
	tick int64, state any, presences []runtime.Presence,
) any {
	s := state.(*beforeState)
	for _, p := range presences {
		delete(s.counts, p.GetUserId())
	}
	return s
}

func (before) MatchLoop(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, dispatcher runtime.MatchDispatcher,
	tick int64, state any, messages []runtime.MatchData,
) any {
	s := state.(*beforeState)
	if len(s.counts) == 0 {
		if s.empty++; s.empty > 100 {
			return nil // ends the match
		}
	}
	for _, m := range messages {
		s.counts[m.GetUserId()]++
	}
	data, err := json.Marshal(s.counts)
	if err != nil {
		logger.Error("counts: %v", err)
		return nil
	}
	_ = dispatcher.BroadcastMessage(2, data, nil, nil, true)
	return s
}

func (before) MatchTerminate(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, dispatcher runtime.MatchDispatcher,
	tick int64, state any, graceSeconds int,
) any {
	return state
}

func (before) MatchSignal(
	ctx context.Context, logger runtime.Logger, db *sql.DB, nk runtime.NakamaModule, dispatcher runtime.MatchDispatcher,
	tick int64, state any, data string,
) (any, string) {
	return state, ""
}

var _ runtime.Match = before{}

// The same as a handler.
type after struct{ match.NopHandler[afterState] }

type afterState struct{ counts map[string]int }

func (after) Init(context.Context, match.Params) (afterState, match.Settings, error) {
	return afterState{counts: map[string]int{}}, match.Settings{
		Every: match.PerSecond(10), Label: `{"mode":"count"}`, Capacity: 4, EmptyAfter: 10 * time.Second,
	}, nil
}

func (after) Join(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *afterState, who []presence.Presence) error {
	for _, p := range who {
		s.counts[p.User] = 0
	}
	return nil
}

func (after) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *afterState, gone []match.Departure) error {
	for _, p := range gone {
		delete(s.counts, p.User)
	}
	return nil
}

func (after) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *afterState, in []match.Message) error {
	for _, m := range in {
		s.counts[m.From.User]++
	}
	data, err := json.Marshal(s.counts)
	if err != nil {
		return err
	}
	return d.Broadcast(match.Outgoing{Op: 2, Data: data})
}

func TestAfter(t *testing.T) {
	h := matchtest.New(t, after{}, matchtest.Config{})
	ann := h.Join("ann")
	for _, name := range []string{"bob", "cid", "dan"} {
		h.Leave(h.Join(name))
	}
	h.Send(ann, 1, nil)
	h.Step(1)
	require.JSONEq(t, `{"ann":1}`, string(h.Sent(ann)[0].Data))
	h.Leave(ann)
	h.Step(101)
	ended, _ := h.Ended()
	require.True(t, ended)
}
