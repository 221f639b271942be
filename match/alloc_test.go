package match_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// silence is an outbox that does nothing.
type silence struct{}

func (silence) MatchData(match.ID, []presence.Presence, match.Outgoing) {}
func (silence) MatchPresence(_ match.ID, _, _, _ []presence.Presence)   {}
func (silence) MatchEnded(match.ID, []presence.Presence, error)         {}
func (silence) Flush(match.ID, []presence.Presence)                     {}

func TestSendAllocatesNothing(t *testing.T) {
	w := newWorld(t, &script{set: match.Settings{Inbox: 1000}}, match.Config{Outbox: silence{}})
	id := w.create(ann)
	fill := func(n int) {
		for range n {
			_ = w.Send(id, "ann", match.Message{Op: 1})
		}
	}
	for range 2 { // both of the slices that take turns
		fill(1000)
		w.tick(1)
	}
	require.Zero(t, testing.AllocsPerRun(500, func() { fill(1) }))
}

func TestDroppingAllocatesNothing(t *testing.T) {
	w := newWorld(t, &script{set: match.Settings{Inbox: 10}}, match.Config{Outbox: silence{}})
	id := w.create(ann)
	require.Zero(t, testing.AllocsPerRun(500, func() { _ = w.Send(id, "ann", match.Message{Op: 1}) }))
}

func TestSenderRateAllocatesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		pause time.Duration // between messages
		err   error
	}{
		"at its pace": {10 * time.Millisecond, nil},
		"too fast":    {0, match.ErrSenderRate},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, &script{set: match.Settings{SenderRate: 100, SenderBurst: 1, Inbox: 1000}}, match.Config{Outbox: silence{}})
			id := w.create(ann)
			send := func() (err error) {
				w.clock.Advance(c.pause)
				return w.Send(id, "ann", match.Message{Op: 1})
			}
			require.NoError(t, send())
			for range 200 { // all slices have grown by then
				require.ErrorIs(t, send(), c.err)
			}
			require.Zero(t, testing.AllocsPerRun(500, func() { _ = send() }))
		})
	}
}

func TestEmptyTickAllocatesNothing(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{Outbox: silence{}})
	w.create(ann)
	require.Zero(t, testing.AllocsPerRun(500, func() { w.tick(1) }))
}

func TestTickWithFiguresAllocatesNothing(t *testing.T) {
	ticks := 0
	w := newWorld(t, &script{}, match.Config{Outbox: silence{}, Hooks: match.Hooks{
		Tick: func(match.ID, tick.Tick, time.Duration) { ticks++ },
		Slow: func(match.ID, string, time.Duration) { ticks = 0 },
	}})
	w.create(ann)
	require.Zero(t, testing.AllocsPerRun(500, func() { w.tick(1) }))
	require.Equal(t, 501, ticks)
}

func TestTickWithMessagesAllocatesNothing(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{Outbox: silence{}})
	id := w.create(ann)
	round := func() {
		for range 10 {
			_ = w.Send(id, "ann", match.Message{Op: 1})
		}
		w.tick(1)
	}
	round()
	round()
	require.Zero(t, testing.AllocsPerRun(500, round))
}

func TestBroadcastAllocatesNothing(t *testing.T) {
	data, some := []byte("position"), []presence.Presence{ann, bob}
	for name, o := range map[string]match.Outgoing{
		"to all":          {Data: data},
		"to some":         {Data: data, To: some},
		"to all but some": {Data: data, Except: some},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, &script{loop: func(c turn, _ []match.Message) error { return c.Broadcast(o) }},
				match.Config{Outbox: silence{}})
			id := w.create(ann, bob)
			for i := range 30 {
				require.NoError(t, w.join(id, who(fmt.Sprint(i))))
			}
			w.tick(1)
			require.Zero(t, testing.AllocsPerRun(500, func() { w.tick(1) }))
		})
	}
}
