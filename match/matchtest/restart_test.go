package matchtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/tick"
)

// chess counts moves, and sleeps between them. Each move is stored, and chat is not.
type chess struct {
	match.NopHandler[board]
	spoil func(*board) ([]byte, error) // in the place of Snapshot; may be nil
	mend  func([]byte) (board, error)  // in the place of Restore; may be nil
}

type board struct {
	Moves, Chat int
	Left        []string
}

const (
	opMove = 1
	opChat = 2
)

func (chess) Init(context.Context, match.Params) (board, match.Settings, error) {
	return board{}, match.Settings{Every: match.PerSecond(10), Capacity: 2}, nil
}

func (chess) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *board, gone []match.Departure) error {
	for _, g := range gone {
		s.Left = append(s.Left, g.Session+" "+g.Reason.String())
	}
	return nil
}

func (chess) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *board, in []match.Message) error {
	for _, m := range in {
		if m.Op == opChat {
			s.Chat++
			return nil // and stays awake
		}
		s.Moves++
		if err := d.Broadcast(match.Outgoing{Op: opMove, Data: fmt.Append(nil, s.Moves)}); err != nil {
			return err
		}
	}
	return d.SleepUntil(time.Time{})
}

func (h chess) Snapshot(s *board) ([]byte, error) {
	if h.spoil != nil {
		return h.spoil(s)
	}
	return json.Marshal(s)
}

func (h chess) Restore(_ context.Context, data []byte) (s board, err error) {
	if h.mend != nil {
		return h.mend(data)
	}
	err = json.Unmarshal(data, &s)
	return s, err
}

// longChess also holds seats, for a day.
type longChess struct{ chess }

func (longChess) Hold(context.Context, *match.Dispatcher, tick.Tick, *board, presence.Presence) (time.Duration, error) {
	return 24 * time.Hour, nil
}

func (longChess) Return(context.Context, *match.Dispatcher, tick.Tick, *board, presence.Presence, presence.Presence) error {
	return nil
}

func kept() matchtest.Config { return matchtest.Config{Snapshots: memory.New()} }

func TestRestartLosesNothingAndKillWhatWasNotStored(t *testing.T) {
	for _, c := range []struct {
		name  string
		again func(*matchtest.Harness[board])
		chat  int
	}{
		{"Restart", (*matchtest.Harness[board]).Restart, 1},
		{"Kill", (*matchtest.Harness[board]).Kill, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := matchtest.New(t, chess{}, kept())
			ann, bob := h.Join("ann"), h.Join("bob")
			h.Send(ann, opMove, nil)
			h.Step(1)
			require.Len(t, h.Sent(bob), 1)
			h.Send(bob, opChat, nil)
			h.Step(1)
			require.Equal(t, board{Moves: 1, Chat: 1}, *h.State())
			old := h.State()

			c.again(h)
			require.NotSame(t, old, h.State())
			require.Equal(t, board{Moves: 1, Chat: c.chat, Left: []string{"ann#1 disconnected", "bob#1 disconnected"}}, *h.State())
			back := h.Join("ann")
			require.Equal(t, "ann#2", back.Session)
			h.Send(back, opMove, nil)
			h.Step(2)
			require.Equal(t, "2", string(h.Sent(back)[0].Data))
			ended, _ := h.Ended()
			require.False(t, ended)
		})
	}
}

func TestSeatsAreHeldOverARestart(t *testing.T) {
	h := matchtest.New(t, longChess{}, kept())
	h.Join("ann")
	h.Kill()
	h.Advance(time.Hour)
	h.Kill()
	require.Empty(t, h.State().Left)
	h.Join("ann")
	h.Join("bob")
	require.ErrorIs(t, h.Reject("cid"), match.ErrFull)
	h.Restart()
	h.Advance(25 * time.Hour)
	require.Equal(t, []string{"ann#2 hold expired", "bob#1 hold expired"}, h.State().Left)
}

// A match that sleeps is not in memory: a signal finds what is stored.
func TestASleeperIsLoaded(t *testing.T) {
	h := matchtest.New(t, chess{}, kept())
	h.Leave(h.Join("ann"))
	h.Step(1)
	stale := h.State()
	_, err := h.Signal("x")
	require.NoError(t, err)
	require.NotSame(t, stale, h.State())
}

// What players of the old process had on its way does not arrive, and what the old process has sent does.
func TestPlayersLoseTheirConnection(t *testing.T) {
	h := matchtest.New(t, chess{}, kept())
	ann := h.Connect("ann", matchtest.Link{Latency: 100 * ms})
	ann.Join()
	h.Advance(time.Second)
	ann.Send(opMove, nil)
	h.Advance(250 * ms) // it has arrived, and the answer is on its way
	ann.Send(opMove, nil)
	h.After(50*ms, h.Kill)
	h.Advance(time.Second)
	require.Len(t, ann.Received(), 1)
	require.Equal(t, 1, h.State().Moves)
	again := h.Connect("ann", matchtest.Link{Latency: 100 * ms})
	again.Join()
	h.Advance(time.Second)
	answered, err := again.Joined()
	require.True(t, answered)
	require.NoError(t, err)
}

func TestReplayRestarts(t *testing.T) {
	for _, restart := range []func(*matchtest.Harness[board]){
		(*matchtest.Harness[board]).Restart, (*matchtest.Harness[board]).Kill,
	} {
		h := matchtest.New(t, longChess{}, kept())
		ann := h.Join("ann")
		h.Send(ann, opMove, nil)
		h.Step(1)
		h.Send(ann, opChat, nil)
		h.Step(1)
		restart(h)
		h.Send(h.Join("ann"), opMove, nil)
		h.Advance(time.Second)
		recorded, err := matchtest.ParseTranscript(h.Transcript().String())
		require.NoError(t, err)
		again := matchtest.Replay(t, longChess{}, kept(), recorded)
		require.Equal(t, *h.State(), *again.State())
	}
}

func TestRestartsThatFailTheTest(t *testing.T) {
	bad := errors.New("bad bytes")
	for name, c := range map[string]struct {
		handler chess
		config  matchtest.Config
		do      func(h *matchtest.Harness[board])
		says    string
	}{
		"without a store": {chess{}, matchtest.Config{}, func(h *matchtest.Harness[board]) { h.Kill() }, "needs Config.Snapshots"},
		"after the end":   {chess{}, kept(), func(h *matchtest.Harness[board]) { h.Terminate(0); h.Restart() }, "has ended"},
		"cannot be stored": {
			chess{spoil: func(s *board) ([]byte, error) {
				if s.Chat > 0 {
					return nil, bad
				}
				return []byte("{}"), nil
			}}, kept(), func(h *matchtest.Harness[board]) {
				h.Send(h.Join("ann"), opChat, nil)
				h.Step(1)
				h.Restart()
			}, "bad bytes",
		},
		"Snapshot panics": {
			chess{spoil: func(s *board) ([]byte, error) {
				if s.Chat > 0 {
					panic("in Snapshot")
				}
				return []byte("{}"), nil
			}}, kept(), func(h *matchtest.Harness[board]) {
				h.Send(h.Join("ann"), opChat, nil)
				h.Step(1)
				h.Restart()
			}, "panic in Snapshot",
		},
		"Restore panics": {
			chess{mend: func([]byte) (board, error) { panic("in Restore") }},
			kept(),
			func(h *matchtest.Harness[board]) { h.Kill(); h.Step(1) }, "panic in Restore",
		},
	} {
		t.Run(name, func(t *testing.T) {
			said := fails(t, func(f testing.TB) { c.do(matchtest.New(f, c.handler, c.config)) })
			require.Contains(t, said, c.says)
		})
	}
	t.Run("an error of Restore is the handler's right", func(t *testing.T) {
		h := matchtest.New(t, chess{mend: func([]byte) (board, error) { return board{}, bad }}, kept())
		h.Kill()
		h.Step(1) // a match is loaded when there is something to do
		ended, cause := h.Ended()
		require.True(t, ended)
		require.ErrorIs(t, cause, bad)
	})
}
