package match_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

func TestSenderRate(t *testing.T) {
	for name, c := range map[string]struct {
		set   match.Settings
		burst int // messages taken at once
		after int // and half a second later
	}{
		"a second's worth at once":     {match.Settings{SenderRate: 10}, 10, 5},
		"a burst of its own":           {match.Settings{SenderRate: 10, SenderBurst: 3}, 3, 3},
		"one at once, every 2 seconds": {match.Settings{SenderRate: 0.5}, 1, 0},
		"no burst":                     {match.Settings{SenderRate: 4, SenderBurst: 1}, 1, 1},
		"no limit":                     {match.Settings{}, 100, 100},
		"a burst without a rate":       {match.Settings{SenderBurst: 2}, 100, 100},
		"a burst that never ends":      {match.Settings{SenderRate: 0.001, SenderBurst: math.MaxInt}, 100, 100},
	} {
		t.Run(name, func(t *testing.T) {
			c.set.Inbox = 1000
			w := newWorld(t, &script{set: c.set}, match.Config{})
			id := w.create(ann, bob)
			taken := func(session string) (n int) {
				for range 100 {
					err := w.Send(id, session, match.Message{})
					if err != nil {
						require.ErrorIs(t, err, match.ErrSenderRate)
						require.ErrorIs(t, err, match.ErrDropped)
						continue
					}
					n++
				}
				return n
			}
			require.Equal(t, c.burst, taken("ann"))
			require.Equal(t, c.burst, taken("bob"), "each has its own")
			w.clock.Advance(time.Second / 2)
			require.Equal(t, c.after, taken("ann"))
			w.clock.Advance(time.Hour)
			require.Equal(t, c.burst, taken("ann"), "silence does not add up")
		})
	}
}

func TestBadSenderRates(t *testing.T) {
	for _, set := range []match.Settings{
		{SenderRate: -1},
		{SenderRate: math.NaN()},
		{SenderRate: math.Inf(1)},
		{SenderRate: math.SmallestNonzeroFloat64},
		{SenderBurst: -1},
	} {
		w := newWorld(t, &script{set: set}, match.Config{})
		_, err := w.Create(t.Context(), "m", nil)
		require.ErrorIs(t, err, match.ErrSettings, "%+v", set)
	}
}

func TestDropsAndTheirReasons(t *testing.T) {
	type drop struct {
		who string
		why match.Drop
		n   int
	}
	var drops []drop
	var left []match.Departure
	w := newWorld(t, &script{
		set:   match.Settings{Inbox: 4, SenderRate: 3},
		leave: func(_ turn, gone []match.Departure) error { left = append(left, gone...); return nil },
	}, match.Config{Hooks: match.Hooks{Dropped: func(_ match.ID, p presence.Presence, why match.Drop, n int) {
		drops = append(drops, drop{p.Session, why, n})
	}}})
	id := w.create(ann, bob)
	for range 4 {
		_ = w.Send(id, "ann", match.Message{})
	}
	for range 2 {
		_ = w.Send(id, "bob", match.Message{})
	}
	require.NoError(t, w.Leave(id, "ann", match.Left))
	require.Equal(t, []drop{{"ann", match.DropRate, 1}, {"ann", match.DropFull, 1}, {"ann", match.DropLeft, 2}}, drops)
	require.Equal(t, 4, left[0].Dropped)
	require.Equal(t, []string{"inbox full", "sender too fast", "sender left", "unknown"}, []string{
		match.DropFull.String(), match.DropRate.String(), match.DropLeft.String(), match.Drop(9).String(),
	})
}

// telltale is a journal that is a DropOutbox too.
type telltale struct{ journal }

func (o *telltale) MatchDropped(_ match.ID, to presence.Presence, dropped int) {
	o.add("%s lost %d", to.Session, dropped)
}

func TestPlayersAreToldOfDrops(t *testing.T) {
	for _, tell := range []bool{true, false} {
		out := &telltale{}
		w := newWorld(t, &script{set: match.Settings{SenderRate: 1, TellDrops: tell}}, match.Config{Outbox: out})
		id := w.create(ann)
		q, sink := bot(id, bob)
		require.NoError(t, w.Join(t.Context(), q))
		require.NoError(t, w.join(id, cid)) // who loses nothing and is told nothing
		heard(t, sink)
		send := func(n int) {
			for range n {
				_ = w.Send(id, "ann", match.Message{})
				_ = w.Send(id, "bob", match.Message{})
			}
		}
		out.take()
		send(5)
		w.tick(1)
		if !tell {
			require.Empty(t, out.take())
			require.Empty(t, heard(t, sink))
			continue
		}
		require.Equal(t, []string{"ann lost 4", "flush ann"}, out.take())
		require.Equal(t, []string{"lost 4"}, heard(t, sink))
		send(1)
		w.tick(9)
		send(1)
		require.Empty(t, out.take(), "not twice in a second")
		w.tick(1)
		require.Equal(t, []string{"ann lost 1", "flush ann"}, out.take())
		require.Equal(t, []string{"lost 1"}, heard(t, sink))
		w.tick(100)
		require.Empty(t, out.take())
	}
}

func TestNobodyTellsOfDropsWithoutADropOutbox(t *testing.T) {
	w := newWorld(t, &script{set: match.Settings{SenderRate: 1, TellDrops: true}}, match.Config{})
	id := w.create(ann)
	for range 3 {
		_ = w.Send(id, "ann", match.Message{})
	}
	w.tick(1)
	require.Empty(t, w.take())
}
