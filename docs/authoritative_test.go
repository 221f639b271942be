package docs_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

const (
	opCount  = 1
	opScores = 2
	opEnding = 3
)

// The match of authoritative.md: who first has sent ten messages has won.
type race struct{ match.NopHandler[raceState] }

type raceState struct {
	Scores  map[string]int // by user
	Started bool
}

func (race) Init(_ context.Context, p match.Params) (raceState, match.Settings, error) {
	mode, _ := p.Value.(string) // what Create was given
	return raceState{Scores: map[string]int{}}, match.Settings{
		Every:      match.PerSecond(10),
		Capacity:   4,
		Label:      `{"mode":"` + mode + `","open":true}`,
		EmptyAfter: time.Minute,
	}, nil
}

func (race) JoinAttempt(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *raceState, who match.Joiner) error {
	if s.Started {
		return match.Reject("the race has started")
	}
	if who.Meta["version"] == "1" {
		return match.Reject("please update the game")
	}
	return nil
}

func (race) Join(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *raceState, who []presence.Presence) error {
	for _, p := range who {
		s.Scores[p.User] = 0
	}
	return nil
}

func (race) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *raceState, gone []match.Departure) error {
	for _, p := range gone { // p.Reason says why, p.Dropped how many of its messages came to nothing
		delete(s.Scores, p.User)
	}
	return nil
}

func (race) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *raceState, in []match.Message) error {
	if !s.Started && len(d.Members()) == 4 {
		s.Started = true
		if err := d.SetLabel(`{"mode":"race","open":false}`); err != nil {
			return err
		}
	}
	for _, m := range in {
		if m.Op != opCount {
			continue // a client may send anything
		}
		if s.Scores[m.From.User]++; s.Scores[m.From.User] == 10 {
			return match.ErrEnd
		}
	}
	data, err := json.Marshal(s.Scores)
	if err != nil {
		return err
	}
	return d.Broadcast(match.Outgoing{Op: opScores, Data: data, Unreliable: true, Replace: opScores})
}

func (race) Terminate(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *raceState, grace time.Duration) error {
	return d.Broadcast(match.Outgoing{Op: opEnding, Data: []byte(grace.String())})
}

func (race) Signal(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *raceState, data string) (string, error) {
	if data != "scores" {
		return "", errors.New("unknown signal")
	}
	scores, err := json.Marshal(s.Scores)
	return string(scores), err
}

func TestRace(t *testing.T) {
	h := matchtest.New(t, race{}, matchtest.Config{Params: "race"})
	require.JSONEq(t, `{"mode":"race","open":true}`, h.Label())
	old := match.Joiner{Presence: presence.Presence{User: "old", Session: "old"}, Meta: map[string]string{"version": "1"}}
	require.ErrorContains(t, h.TryJoin(old), "please update the game")
	ann := h.Join("ann")
	for _, name := range []string{"bob", "cid", "dan"} {
		h.Join(name)
	}
	h.Step(1)
	require.JSONEq(t, `{"mode":"race","open":false}`, h.Label())
	h.Send(ann, opCount, nil)
	h.Send(ann, 99, nil)
	h.Step(1)
	scores, err := h.Signal("scores")
	require.NoError(t, err)
	require.JSONEq(t, `{"ann":1,"bob":0,"cid":0,"dan":0}`, scores)
	_, err = h.Signal("boo")
	require.Error(t, err)
	for range 9 {
		h.Send(ann, opCount, nil)
	}
	h.Step(1)
	ended, err := h.Ended()
	require.True(t, ended)
	require.NoError(t, err)
}

func TestRaceThatTheServerStops(t *testing.T) {
	h := matchtest.New(t, race{}, matchtest.Config{Params: "race"})
	ann, bob := h.Join("ann"), h.Join("bob")
	h.Leave(bob)
	h.Terminate(3 * time.Second)
	require.Equal(t, "3s", string(h.Sent(ann)[0].Data))
}

// The same race, whose players have half a minute to come back, and which outlives its server.
type longRace struct{ race }

func (longRace) Hold(
	context.Context, *match.Dispatcher, tick.Tick, *raceState, presence.Presence,
) (time.Duration, error) {
	return 30 * time.Second, nil
}

func (longRace) Return(
	_ context.Context, d *match.Dispatcher, _ tick.Tick, s *raceState, _, now presence.Presence,
) error {
	data, err := json.Marshal(s.Scores)
	if err != nil {
		return err
	}
	return d.BroadcastDeferred(match.Outgoing{Op: opScores, Data: data, To: []presence.Presence{now}})
}

func (longRace) Snapshot(s *raceState) ([]byte, error) { return json.Marshal(s) }

func (longRace) Restore(_ context.Context, data []byte) (s raceState, err error) {
	err = json.Unmarshal(data, &s)
	return s, err
}

var (
	_ match.Holder[raceState]      = longRace{}
	_ match.Snapshotter[raceState] = longRace{}
)

func TestWhoComesBackHasItsScore(t *testing.T) {
	h := matchtest.New(t, longRace{}, matchtest.Config{Params: "race"})
	ann := h.Join("ann")
	h.Send(ann, opCount, nil)
	h.Step(1)
	h.Disconnect(ann)
	h.Advance(10 * time.Second)
	ann = h.Join("ann")
	require.JSONEq(t, `{"ann":1}`, string(h.Sent(ann)[0].Data))
	kept, err := longRace{}.Snapshot(h.State())
	require.NoError(t, err)
	again, err := longRace{}.Restore(t.Context(), kept)
	require.NoError(t, err)
	require.Equal(t, *h.State(), again)
}

// turns is a match that waits for its players, and costs nothing meanwhile.
type turns struct{ match.NopHandler[turnState] }

type turnState struct{ deadline time.Time }

func (turns) Init(context.Context, match.Params) (turnState, match.Settings, error) {
	return turnState{}, match.Settings{Every: match.PerSecond(2), Capacity: 2}, nil
}

func (turns) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *turnState, in []match.Message) error {
	if s.deadline.IsZero() || len(in) > 0 {
		s.deadline = t.At.Add(24 * time.Hour) // for the next turn
	}
	if !t.At.Before(s.deadline) {
		return match.ErrEnd
	}
	return d.SleepUntil(s.deadline)
}

func TestTurns(t *testing.T) {
	ticks := 0
	h := matchtest.New(t, turns{}, matchtest.Config{Hooks: match.Hooks{
		Tick: func(match.ID, tick.Tick, time.Duration) { ticks++ },
	}})
	ann := h.Join("ann")
	h.Advance(23 * time.Hour)
	h.Send(ann, 1, nil)
	h.Advance(23 * time.Hour)
	require.Less(t, ticks, 5)
	ended, _ := h.Ended()
	require.False(t, ended)
	h.Advance(2 * time.Hour)
	ended, _ = h.Ended()
	require.True(t, ended)
}

// JoinOrCreate is for a host whose players do not wait: each gets a seat in an open match, or in a new one.
func joinOrCreate(ctx context.Context, matches *match.Registry, who presence.Presence) (match.ID, error) {
	return matches.JoinOrCreate(ctx, match.JoinOrCreateRequest{
		Handler: "race", Query: "+label.open:T", Params: "race",
		Who: match.Joiner{Presence: who},
	})
}

func TestJoinOrCreate(t *testing.T) {
	matches, err := match.New(match.Config{Source: tick.NewManual(time.Now())})
	require.NoError(t, err)
	match.Register(matches, "race", race{})
	var ids []match.ID
	for _, name := range []string{"ann", "bob"} {
		id, err := joinOrCreate(t.Context(), matches, presence.Presence{User: name, Session: name})
		require.NoError(t, err)
		ids = append(ids, id)
	}
	require.Equal(t, ids[0], ids[1])
}
