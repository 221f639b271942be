package matchtest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// room is the handler under test: two seats, everybody hears everything.
type room struct{ match.NopHandler[roomState] }

type roomState struct {
	topic string
	said  int
	left  []match.Departure
	grace time.Duration
	begun time.Time
}

func (room) Init(_ context.Context, p match.Params) (roomState, match.Settings, error) {
	topic, _ := p.Value.(string)
	if topic == "bad" {
		return roomState{}, match.Settings{}, errors.New("no such topic")
	}
	if topic == "panic" {
		panic("in Init")
	}
	return roomState{topic: topic}, match.Settings{Every: match.PerSecond(10), Label: "room", Inbox: 4}, nil
}

func (room) JoinAttempt(_ context.Context, d *match.Dispatcher, t tick.Tick, s *roomState, who match.Joiner) error {
	s.begun = t.At
	if who.User == "mallory" {
		panic("in JoinAttempt")
	}
	if len(d.Members()) == 2 {
		return match.Reject("full up")
	}
	return nil
}

func (room) Leave(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *roomState, gone []match.Departure) error {
	s.left = append(s.left, gone...)
	if s.topic == "no leaving" {
		panic("in Leave")
	}
	return nil
}

func (room) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, s *roomState, in []match.Message) error {
	for _, m := range in {
		s.said++
		if string(m.Data) == "panic" {
			panic("in Loop")
		}
		if err := d.Broadcast(match.Outgoing{Op: m.Op, Data: m.Data, From: m.From}); err != nil {
			return err
		}
	}
	return d.SetLabel(fmt.Sprint(s.said, " said"))
}

func (room) Terminate(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *roomState, grace time.Duration) error {
	s.grace = grace
	if s.topic == "no end" {
		panic("in Terminate")
	}
	return nil
}

func (room) Signal(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *roomState, data string) (string, error) {
	if data == "panic" {
		panic("in Signal")
	}
	return s.topic + " " + data, nil
}

func TestHarnessPlaysAMatch(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{Params: "cats"})
	require.Equal(t, "cats", h.State().topic, "the state is there before any callback")
	require.Equal(t, "room", h.Label())

	ann, bob := h.Join("ann"), h.Join("bob")
	require.Equal(t, presence.Presence{User: "ann", Session: "ann#1", Username: "ann", Node: "test"}, ann)
	require.EqualError(t, h.Reject("cid"), "match: join rejected: full up")
	require.Equal(t, []matchtest.Event{
		{Joined: []presence.Presence{ann}}, {Joined: []presence.Presence{bob}},
	}, h.Events(ann))
	require.Equal(t, []matchtest.Event{{Joined: []presence.Presence{bob}}}, h.Events(bob))

	data := []byte("hi")
	h.Send(ann, 7, data)
	data[0] = 'X'
	require.Empty(t, h.Sent(bob), "not before the tick")
	h.Step(1)
	want := []match.Outgoing{{Op: 7, Data: []byte("hi"), From: ann}}
	got := h.Sent(bob)
	require.Equal(t, want, got)
	got[0].Data[0] = 'X'
	require.Equal(t, want, h.Sent(ann), "everybody has a copy")
	require.Empty(t, h.Sent(ann), "since last asked")
	require.Equal(t, 1, h.State().said)
	require.Equal(t, "1 said", h.Label())

	reply, err := h.Signal("meow")
	require.NoError(t, err)
	require.Equal(t, "cats meow", reply)

	h.Disconnect(bob)
	h.Leave(ann)
	require.Equal(t, []match.Departure{
		{Presence: bob, Reason: match.Disconnected}, {Presence: ann, Reason: match.Left},
	}, h.State().left)
	require.Equal(t, "ann#2", h.Join("ann").Session, "a session is never used twice")
	require.NoError(t, h.TryJoin(match.Joiner{Presence: presence.Presence{Session: "x"}}))

	info, err := h.Registry().Get(h.ID())
	require.NoError(t, err)
	require.Equal(t, 2, info.Size)
	require.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), info.Created, "the default")

	other, err := h.Registry().Create(t.Context(), info.Handler, "dogs")
	require.NoError(t, err)
	require.NotEqual(t, h.ID(), other)
	require.Equal(t, "cats", h.State().topic, "a further match of the kind is another one")
}

func TestFullInboxDropsAsInProduction(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	ann := h.Join("ann")
	for range 10 {
		h.Send(ann, 1, nil)
	}
	h.Step(1)
	require.Equal(t, 4, h.State().said)
}

func TestTimeMovesOnlyWhenTold(t *testing.T) {
	start := time.Date(2020, 2, 2, 2, 2, 2, 0, time.UTC)
	h := matchtest.New(t, room{}, matchtest.Config{Start: start})
	h.Join("ann")
	require.Equal(t, start, h.State().begun)
	h.Step(3)
	h.Join("bob")
	require.Equal(t, start.Add(300*time.Millisecond), h.State().begun)
	h.Advance(time.Hour)
	require.Error(t, h.Reject("cid"))
	require.Equal(t, start.Add(time.Hour+300*time.Millisecond), h.State().begun)
}

func TestEnd(t *testing.T) {
	hooked := false
	h := matchtest.New(t, room{}, matchtest.Config{Hooks: match.Hooks{
		Ended: func(match.Info, []presence.Presence, error) { hooked = true },
	}})
	ann := h.Join("ann")
	h.Step(1)
	h.Terminate(time.Minute)
	require.Equal(t, time.Minute, h.State().grace)
	ended, _ := h.Ended()
	require.False(t, ended)
	h.Advance(time.Minute)
	ended, cause := h.Ended()
	require.True(t, ended)
	require.ErrorIs(t, cause, match.ErrStopped)
	events := h.Events(ann)
	require.Equal(t, matchtest.Event{Ended: true, Err: match.ErrStopped}, events[len(events)-1])
	require.Equal(t, "0 said", h.Label(), "the last one")
	require.True(t, hooked)
	h.Step(10) // no harm
	_, err := h.Signal("x")
	require.ErrorIs(t, err, match.ErrNotFound)

	h = matchtest.New(t, room{}, matchtest.Config{})
	h.Terminate(0)
	ended, _ = h.Ended()
	require.True(t, ended)
	require.Zero(t, h.State().grace, "without a grace there is no Terminate")
}

// fake is a testing.TB that keeps what a failing test says.
type fake struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (f *fake) Helper() {}

func (f *fake) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

// stopped is what Fatalf panics with: it must not return.
type stopped struct{}

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	panic(stopped{})
}

// fails runs a test that must fail and returns what it said.
func fails(t *testing.T, test func(tb testing.TB)) string {
	t.Helper()
	f := &fake{TB: t}
	func() {
		defer func() {
			if v := recover(); v != nil && v != (stopped{}) {
				panic(v)
			}
		}()
		test(f)
	}()
	require.NotEmpty(t, f.said, "the test did not fail")
	return strings.Join(f.said, "\n")
}

func TestWhatFailsTheTest(t *testing.T) {
	nobody := presence.Presence{Session: "nobody"}
	for name, c := range map[string]struct {
		test func(tb testing.TB)
		says []string
	}{
		"Init refuses": {func(tb testing.TB) {
			matchtest.New(tb, room{}, matchtest.Config{Params: "bad"})
		}, []string{"no such topic"}},
		"Init panics": {func(tb testing.TB) {
			matchtest.New(tb, room{}, matchtest.Config{Params: "panic"})
		}, []string{"panic in Init: in Init", "matchtest_test.go:"}},
		"JoinAttempt panics": {func(tb testing.TB) {
			_ = matchtest.New(tb, room{}, matchtest.Config{}).Reject("mallory")
		}, []string{"panic in JoinAttempt: in JoinAttempt", "matchtest_test.go:"}},
		"Loop panics": {func(tb testing.TB) {
			h := matchtest.New(tb, room{}, matchtest.Config{})
			h.Send(h.Join("ann"), 1, []byte("panic"))
			h.Step(1)
		}, []string{"panic in Loop: in Loop", "matchtest_test.go:"}},
		"Leave panics": {func(tb testing.TB) {
			h := matchtest.New(tb, room{}, matchtest.Config{Params: "no leaving"})
			h.Leave(h.Join("ann"))
		}, []string{"panic in Leave: in Leave", "matchtest_test.go"}},
		"Signal panics": {func(tb testing.TB) {
			_, _ = matchtest.New(tb, room{}, matchtest.Config{}).Signal("panic")
		}, []string{"panic in Signal: in Signal", "matchtest_test.go"}},
		"Terminate panics": {func(tb testing.TB) {
			matchtest.New(tb, room{}, matchtest.Config{Params: "no end"}).Terminate(time.Minute)
		}, []string{"panic in Terminate: in Terminate", "matchtest_test.go"}},
		"Join is refused": {func(tb testing.TB) {
			h := matchtest.New(tb, room{}, matchtest.Config{})
			h.Join("ann")
			h.Join("bob")
			h.Join("cid")
		}, []string{"cid was refused", "full up"}},
		"Reject is let in": {func(tb testing.TB) {
			_ = matchtest.New(tb, room{}, matchtest.Config{}).Reject("ann")
		}, []string{"ann was let in"}},
		"Leave of a stranger": {func(tb testing.TB) {
			matchtest.New(tb, room{}, matchtest.Config{}).Leave(nobody)
		}, []string{"nobody cannot leave: match: not a member"}},
		"Send of a stranger": {func(tb testing.TB) {
			matchtest.New(tb, room{}, matchtest.Config{}).Send(nobody, 1, nil)
		}, []string{"nobody cannot send: match: not a member"}},
		"Terminate after the end": {func(tb testing.TB) {
			h := matchtest.New(tb, room{}, matchtest.Config{})
			h.Terminate(0)
			h.Terminate(0)
		}, []string{"cannot be terminated: match: not found"}},
	} {
		t.Run(name, func(t *testing.T) {
			said := fails(t, c.test)
			for _, want := range c.says {
				require.Contains(t, said, want)
			}
		})
	}
}

// keeper is a room that keeps seats.
type keeper struct{ room }

func (keeper) Hold(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *roomState, _ presence.Presence,
) (time.Duration, error) {
	s.said++
	return time.Minute, nil
}

func (keeper) Return(_ context.Context, _ *match.Dispatcher, _ tick.Tick, s *roomState, old, now presence.Presence) error {
	s.topic = old.Session + " is " + now.Session
	return nil
}

func TestHarnessPlaysAHolder(t *testing.T) {
	h := matchtest.New(t, keeper{}, matchtest.Config{})
	ann := h.Join("ann")
	bob := h.Join("bob")
	h.Disconnect(bob)
	require.Equal(t, 1, h.State().said, "Hold was called")
	require.Empty(t, h.State().left)
	back := h.Join("bob")
	require.Equal(t, "bob#1 is bob#2", h.State().topic)
	require.Equal(t, []matchtest.Event{{Joined: []presence.Presence{back}}}, h.Events(back))
	require.Len(t, h.Events(ann), 4)
	h.Disconnect(back)
	h.Advance(time.Minute)
	require.Equal(t, []match.Departure{{Presence: back, Reason: match.HoldExpired}}, h.State().left)
}

func TestStressPlaysAHolder(t *testing.T) { matchtest.Stress(t, keeperOfNothing{}, matchtest.Config{}) }

// keeperOfNothing keeps seats and has no other callbacks.
type keeperOfNothing struct{ match.NopHandler[struct{}] }

func (keeperOfNothing) Init(context.Context, match.Params) (s struct{}, set match.Settings, err error) {
	return s, match.Settings{Every: match.PerSecond(10)}, nil
}

func (keeperOfNothing) Loop(context.Context, *match.Dispatcher, tick.Tick, *struct{}, []match.Message) error {
	return nil
}

func (keeperOfNothing) Hold(
	context.Context, *match.Dispatcher, tick.Tick, *struct{}, presence.Presence,
) (time.Duration, error) {
	return time.Second, nil
}

func (keeperOfNothing) Return(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, old, now presence.Presence,
) error {
	if old.User != now.User {
		panic("somebody else")
	}
	return nil
}
