package matchtest_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/match/matchtest"
	"github.com/shoal-go/shoal/tick"
)

const ms = time.Millisecond

// ops are the op codes of what a player has received since it was last asked.
func ops(p *matchtest.Player) (list []int64) {
	for _, a := range p.Received() {
		list = append(list, a.Op)
	}
	return list
}

func TestLatencyCountsBothWays(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	ann := h.Connect("ann", matchtest.Link{Latency: 40 * ms})
	ann.Join()
	h.Advance(79 * ms)
	answered, _ := ann.Joined()
	require.False(t, answered)
	h.Advance(ms)
	answered, err := ann.Joined()
	require.True(t, answered)
	require.NoError(t, err)
	require.Len(t, ann.Events(), 1, "its own join")
	require.Empty(t, ann.Events(), "since last asked")

	data := []byte("hi")
	ann.Send(7, data) // arrives at 120 ms; the tick at 200 ms answers
	data[0] = 'X'
	h.Advance(159 * ms)
	require.Empty(t, ann.Received())
	h.Advance(ms)
	require.Equal(t, []matchtest.Arrival{
		{At: 240 * ms, Outgoing: match.Outgoing{Op: 7, Data: []byte("hi"), From: ann.Presence()}},
	}, ann.Received())
	require.Empty(t, ann.Received(), "since last asked")
}

// thrifty says the number of each tick, and has one buffer for that.
type thrifty struct{ match.NopHandler[[]byte] }

func (thrifty) Init(context.Context, match.Params) ([]byte, match.Settings, error) {
	return make([]byte, 1), match.Settings{Every: 10 * ms}, nil
}

func (thrifty) Loop(_ context.Context, d *match.Dispatcher, t tick.Tick, s *[]byte, _ []match.Message) error {
	(*s)[0] = byte('0' + t.N)
	return d.Broadcast(match.Outgoing{Data: *s})
}

func TestWhatIsOnItsWayDoesNotChange(t *testing.T) {
	h := matchtest.New(t, thrifty{}, matchtest.Config{})
	ann := h.Connect("ann", matchtest.Link{Latency: 25 * ms})
	ann.Join() // is there at 25 ms
	h.Advance(80 * ms)
	var got []string
	for _, a := range ann.Received() {
		got = append(got, string(a.Data))
	}
	require.Equal(t, []string{"2", "3", "4"}, got)
}

// A reliable message that is lost is sent again, which takes a round trip each time, and not for ever.
func TestWhatALossCosts(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	ann := h.Connect("ann", matchtest.Link{Latency: 10 * ms})
	ann.Join()
	h.Advance(50 * ms)
	ann.SetLink(matchtest.Link{Latency: 10 * ms, Loss: 1})
	arrives := 10*ms + 10*2*10*ms // after it has been lost ten times
	ann.Send(1, nil)
	h.Advance(arrives - 1)
	f, err := h.Registry().Figures(h.ID())
	require.NoError(t, err)
	require.Zero(t, f.In.Messages)
	h.Advance(1)
	f, err = h.Registry().Figures(h.ID())
	require.NoError(t, err)
	require.EqualValues(t, 1, f.In.Messages)
}

func TestPlayersMeetOverLinksOfTheirOwn(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	near, far := h.Connect("near", matchtest.Link{}), h.Connect("far", matchtest.Link{Latency: time.Second})
	late := h.Connect("late", matchtest.Link{Latency: 5 * time.Second})
	far.Join()
	near.Join()
	late.Join()
	h.Advance(4 * time.Second)
	near.Send(1, nil)
	h.After(150*ms, near.Leave)
	h.Advance(500 * ms)
	require.Equal(t, []int64{1}, ops(near))
	require.Empty(t, ops(far))
	h.Advance(time.Second)
	require.Equal(t, []int64{1}, ops(far))
	events := far.Events()
	require.Equal(t, near.Presence(), events[len(events)-1].Left[0])
	far.Disconnect()
	h.Advance(time.Minute)
	require.Equal(t, match.Left, h.State().left[0].Reason)
	require.Equal(t, match.Disconnected, h.State().left[1].Reason)
	answered, err := late.Joined()
	require.True(t, answered)
	require.NoError(t, err, "there was room when it came")
	far.Send(1, nil) // nobody hears it, and nobody minds
	far.Leave()
	h.Advance(time.Minute)
}

func TestARefusalTravelsToo(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	h.Join("ann")
	h.Join("bob")
	cid := h.Connect("cid", matchtest.Link{})
	cid.JoinWith(map[string]string{"team": "red"})
	h.Advance(ms)
	_, err := cid.Joined()
	require.EqualError(t, err, "match: join rejected: full up")
}

func TestBotsAnswer(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	ann, bot := h.Connect("ann", matchtest.Link{}), h.Connect("bot", matchtest.Link{Latency: 10 * ms})
	bot.OnData = func(m match.Outgoing) {
		if m.From == ann.Presence() {
			bot.Send(m.Op+1, m.Data)
		}
	}
	ann.Join()
	bot.Join()
	h.Advance(50 * ms)
	ann.Send(1, nil)
	h.Advance(time.Second)
	require.Equal(t, []int64{1, 2}, ops(ann))
}

// A reliable message is never lost and never overtakes another, whatever the link is like.
func TestReliableMessagesKeepTheirOrder(t *testing.T) {
	h := matchtest.New(t, echo{}, matchtest.Config{Seed: 1})
	p := h.Connect("ann", matchtest.Link{Latency: 20 * ms, Jitter: 100 * ms, Loss: 0.3, Duplicate: 0.5})
	p.Join()
	h.Advance(time.Minute)
	var want []int64
	for i := range int64(200) {
		p.Send(i, nil)
		h.Advance(7 * ms)
		want = append(want, i)
	}
	h.Advance(time.Minute)
	require.Equal(t, want, ops(p))
}

func TestUnreliableMessagesAreLostRepeatedAndOvertaken(t *testing.T) {
	h := matchtest.New(t, echo{}, matchtest.Config{Seed: 1})
	p := h.Connect("ann", matchtest.Link{})
	p.Join()
	h.Advance(ms)
	send := func(l matchtest.Link) []int64 {
		p.SetLink(l)
		for i := range int64(1000) {
			p.SendUnreliable(i, nil)
			h.Advance(ms)
		}
		h.Advance(time.Second)
		return ops(p)
	}
	perfect := send(matchtest.Link{})
	require.Len(t, perfect, 1000)
	require.True(t, slices.IsSorted(perfect))
	require.InDelta(t, 810, len(send(matchtest.Link{Loss: 0.1})), 60, "nine in ten, twice")
	require.InDelta(t, 1210, len(send(matchtest.Link{Duplicate: 0.1})), 60)
	require.Empty(t, send(matchtest.Link{Loss: 1}))
	overtaken := send(matchtest.Link{Jitter: 50 * ms})
	require.Len(t, overtaken, 1000)
	require.False(t, slices.IsSorted(overtaken))
}

// echo sends each message back as it came.
type echo struct{ match.NopHandler[struct{}] }

func (echo) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: match.PerSecond(100), Inbox: 1000}, nil
}

func (echo) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, in []match.Message) error {
	for _, m := range in {
		if err := d.Broadcast(match.Outgoing{Op: m.Op, Data: m.Data, Unreliable: m.Unreliable}); err != nil {
			return err
		}
	}
	return nil
}

// play lets some players do random things over bad links, and returns the harness.
func play(t testing.TB, seed, network uint64) *matchtest.Harness[roomState] {
	h := matchtest.New(t, room{}, matchtest.Config{Params: "cats", Seed: network})
	r := rand.New(rand.NewPCG(seed, 0))
	var players []*matchtest.Player
	for i := range 4 {
		players = append(players, h.Connect(fmt.Sprint("p", i), matchtest.Link{
			Latency: time.Duration(r.IntN(100)) * ms, Jitter: 30 * ms, Loss: 0.2, Duplicate: 0.2,
		}))
	}
	for range 100 {
		p := players[r.IntN(len(players))]
		switch r.IntN(8) {
		case 0, 1:
			p.Join()
		case 2:
			p.Leave()
		case 3:
			_, _ = h.Signal(fmt.Sprint("signal", r.IntN(10)))
		case 4:
			p.SendUnreliable(int64(r.IntN(3)), []byte("x"))
		default:
			p.Send(int64(r.IntN(3)), binary.BigEndian.AppendUint32(nil, r.Uint32()))
		}
		h.Advance(time.Duration(r.IntN(50)) * ms)
	}
	h.Terminate(300 * ms)
	h.Advance(time.Second)
	return h
}

// The same seed and inputs give the same transcript, and its replay gives it again.
func TestTranscriptsRepeat(t *testing.T) {
	for seed := range uint64(10) {
		first := play(t, seed, seed).Transcript()
		require.Empty(t, first.Diff(play(t, seed, seed).Transcript()))
		require.NotEmpty(t, first.Diff(play(t, seed, seed+1).Transcript()))

		kept, err := matchtest.ParseTranscript(first.String())
		require.NoError(t, err)
		require.Empty(t, first.Diff(kept))
		h := matchtest.Replay(t, room{}, matchtest.Config{Params: "cats"}, kept)
		ended, _ := h.Ended()
		require.True(t, ended)
	}
}

func TestTranscript(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	ann := h.Join("ann")
	h.Send(ann, 7, []byte("hi"))
	h.Step(1)
	_, err := h.Signal("s")
	require.NoError(t, err)
	h.Join("bob")
	h.Reject("cid")
	h.Disconnect(ann)
	h.Terminate(0)
	var got []string
	for _, e := range h.Transcript() {
		got = append(got, fmt.Sprint(e.At, " ", e.What, " ", e.From, e.To, e.Text))
	}
	require.Equal(t, []string{
		"0s join []", "0s presence [ann#1]", "0s send ann#1[]", "100ms data ann#1[ann#1]",
		"100ms signal []s", "100ms answer [] s",
		"100ms join []", "100ms presence [ann#1 bob#1]",
		"100ms join []", "100ms answer []match: join rejected: full up",
		"100ms leave ann#1[]", "100ms presence [bob#1]",
		"100ms terminate []", "100ms ended [bob#1]match: stopped", "100ms until []",
	}, got)
}

// loud is a room that has changed since the recording.
type loud struct{ room }

func (h loud) Loop(ctx context.Context, d *match.Dispatcher, t tick.Tick, s *roomState, in []match.Message) error {
	for i := range in {
		in[i].Op++
	}
	return h.room.Loop(ctx, d, t, s, in)
}

func TestReplayFindsWhatHasChanged(t *testing.T) {
	h := matchtest.New(t, room{}, matchtest.Config{})
	h.Send(h.Join("ann"), 7, []byte("hi"))
	h.Step(1)
	f := &fake{TB: t}
	matchtest.Replay(f, loud{}, matchtest.Config{}, h.Transcript())
	require.Len(t, f.said, 1)
	require.Contains(t, f.said[0], "the replay differs: line 4")
	require.Contains(t, f.said[0], `"op":7`)
	require.Contains(t, f.said[0], `"op":8`)
}

func TestTranscriptsThatAreNone(t *testing.T) {
	for _, text := range []string{"x", "{}\nx", `{"at":"soon"}`, `{"nobody":1}`, "\n"} {
		_, err := matchtest.ParseTranscript(text)
		require.ErrorContains(t, err, "of the transcript", text)
	}
	empty, err := matchtest.ParseTranscript("")
	require.NoError(t, err)
	require.Empty(t, empty)
	require.Contains(t, empty.Diff(matchtest.Transcript{{What: matchtest.Until}}), "nothing")
	f := &fake{TB: t}
	matchtest.Replay(f, room{}, matchtest.Config{}, matchtest.Transcript{{What: matchtest.Join}, {What: "until"}})
	require.Contains(t, strings.Join(f.said, ""), "differs", "a join of nobody is left out")
}
