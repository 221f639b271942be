package match_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func (w *world) figures(id match.ID) match.Figures {
	w.t.Helper()
	f, err := w.Figures(id)
	require.NoError(w.t, err)
	return f
}

func TestFiguresOfTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &script{
			set: match.Settings{Overrun: match.Skip},
			loop: func(c turn, _ []match.Message) error {
				time.Sleep([]time.Duration{0, 250 * time.Millisecond, 2 * time.Millisecond}[min(2, c.tick.N)])
				return nil
			},
			signal: func(turn, string) (string, error) { time.Sleep(20 * time.Millisecond); return "", nil },
		}
		r, stop := live(t, h, tick.Config{}, match.Config{})
		id := create(t, r)
		time.Sleep(every - 10*time.Millisecond)
		_, err := r.Signal(t.Context(), id, "") // makes the first tick 10 ms late
		require.NoError(t, err)
		pause(500 * time.Millisecond)
		f, err := r.Figures(id)
		require.NoError(t, err)
		// Tick 0 at 110, 1 at 200 until 450, 2 at 450 (due at 400, as 300 is left out), 3 at 500, 4 at 600.
		require.EqualValues(t, 5, f.Took.Count())
		require.EqualValues(t, 5, f.Late.Count())
		require.EqualValues(t, 1, f.Missed)
		require.Equal(t, 256*time.Millisecond, f.Took.Sum)
		require.Equal(t, 60*time.Millisecond, f.Late.Sum)
		require.Equal(t, 276*time.Millisecond, f.Busy)
		require.InDelta(t, 256.0/500, f.Budget(), 1e-9)
		in := func(h match.Histogram) (got []string) {
			bounds := append(h.Bounds(), 0)
			for i, n := range h.Counts {
				if n > 0 {
					got = append(got, fmt.Sprint(bounds[i], " ", n))
				}
			}
			return got
		}
		require.Equal(t, []string{"10µs 1", "3ms 3", "300ms 1"}, in(f.Took))
		require.Equal(t, []string{"10µs 3", "10ms 1", "100ms 1"}, in(f.Late))
		stop()
		require.Equal(t, f.Took.Sum, r.Totals().Took.Sum, "what has ended counts in the total")
	})
}

func TestHistogramBounds(t *testing.T) {
	var h match.Histogram
	bounds := h.Bounds()
	require.Len(t, bounds, len(h.Counts)-1)
	require.IsIncreasing(t, bounds)
	bounds[0] = 0
	require.Equal(t, 10*time.Microsecond, h.Bounds()[0], "the caller has a copy")
	require.Zero(t, (&match.Figures{}).Budget())
}

func TestFiguresOfMessages(t *testing.T) {
	w := newWorld(t, &script{
		set: match.Settings{Inbox: 3},
		loop: func(c turn, in []match.Message) error {
			for _, m := range in {
				o := match.Outgoing{Data: m.Data}
				if m.Op == 1 {
					o.To = []presence.Presence{ann, cid}
				}
				require.NoError(t, c.Broadcast(o))
			}
			return nil
		},
	}, match.Config{})
	id := w.create(ann, bob)
	send := func(p presence.Presence, op int64, text string) {
		_ = w.Send(id, p.Session, match.Message{Op: op, Data: []byte(text)})
	}
	send(ann, 0, "12345")
	w.tick(1)
	q, _ := bot(id, cid)
	require.NoError(t, w.Join(t.Context(), q))
	require.NoError(t, w.watch(id, dan, 0))
	send(ann, 0, "123")
	send(ann, 1, "1234567")
	w.tick(1)
	for range 5 {
		send(bob, 0, "1")
	}
	f := w.figures(id)
	require.Equal(t, 3, f.Members)
	require.Equal(t, 1, f.Spectators)
	require.Equal(t, 3, f.Inbox)
	require.Zero(t, f.Calls)
	require.EqualValues(t, 3, f.Joins)
	require.Equal(t, match.Traffic{Messages: 6, Bytes: 18}, f.In)
	require.EqualValues(t, 2, f.Dropped[match.DropFull])
	require.Equal(t, match.Traffic{Messages: 2 + 4 + 2, Bytes: 2*5 + 4*3 + 2*7}, f.Out)
	require.Equal(t, []match.PlayerFigures{
		{
			Presence: ann, In: match.Traffic{Messages: 3, Bytes: 15},
			Out: match.Traffic{Messages: 3, Bytes: 15},
		},
		{
			Presence: bob, In: match.Traffic{Messages: 3, Bytes: 3}, Dropped: 2, Waiting: 3,
			Out: match.Traffic{Messages: 2, Bytes: 8},
		},
		{Presence: cid, Out: match.Traffic{Messages: 2, Bytes: 10}},
	}, f.Players)
	w.create(dan)
	now := w.Totals()
	require.Equal(t, []int{4, 1, 3}, []int{now.Members, now.Spectators, now.Inbox})

	require.NoError(t, w.Leave(id, "bob", match.Left))
	require.EqualValues(t, 3, w.figures(id).Dropped[match.DropLeft])
	send(ann, 0, "1")
	require.NoError(t, w.End(t.Context(), id, 0))
	_, err := w.Figures(id)
	require.ErrorIs(t, err, match.ErrNotFound)
	total := w.Totals()
	require.EqualValues(t, 4, total.Dropped[match.DropLeft], "also what nobody read before the end")
	require.Equal(t, match.Traffic{Messages: 7, Bytes: 19}, total.In)
}

func TestFiguresOfJoins(t *testing.T) {
	refused := 0
	w := newWorld(t, &script{
		set: match.Settings{Capacity: 2},
		attempt: func(_ turn, who match.Joiner) error {
			if who.Session == "cid" {
				return match.Reject("not you")
			}
			return nil
		},
	}, match.Config{Hooks: match.Hooks{Refused: func(match.ID, presence.Presence, error) { refused++ }}})
	id, other := w.create(ann), w.create(again(cid))
	require.Error(t, w.join(id, cid))
	require.NoError(t, w.join(id, bob))
	require.Error(t, w.join(id, dan))
	f := w.figures(id)
	require.EqualValues(t, 1, f.Refused[match.RefusedHandler])
	require.EqualValues(t, 1, f.Refused[match.RefusedFull])
	require.Equal(t, 2, refused)
	require.NoError(t, w.End(t.Context(), other, 0))
	total := w.Totals()
	require.Equal(t, 1, total.Matches)
	require.EqualValues(t, 2, total.Created)
	require.Equal(t, 2, total.Members)
	require.EqualValues(t, 3, total.Joins)
}

// A match that is stuck can be looked at, and says how much waits for it.
func TestFiguresOfABusyMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := 0
		r, stop := live(t, &script{signal: func(turn, string) (string, error) { time.Sleep(4 * time.Second); return "", nil }},
			tick.Config{}, match.Config{
				CallTimeout: time.Hour,
				Hooks: match.Hooks{Refused: func(_ match.ID, _ presence.Presence, err error) {
					if errors.Is(err, match.ErrBusy) {
						busy++
					}
				}},
			})
		id := create(t, r)
		go func() { _, _ = r.Signal(t.Context(), id, "") }()
		pause(time.Second)
		for i := range 128 {
			go func() { _ = r.Join(t.Context(), seat(id, who(fmt.Sprint(i)))) }()
		}
		synctest.Wait()
		require.ErrorIs(t, r.Join(t.Context(), seat(id, ann)), match.ErrBusy)
		f, err := r.Figures(id)
		require.NoError(t, err)
		require.Equal(t, 128, f.Calls)
		require.Equal(t, 128, r.Totals().Calls)
		require.EqualValues(t, 1, f.Refused[match.RefusedBusy])
		require.Equal(t, 1, busy)
		stop()
	})
}

func TestFiguresWhileMatchesRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stop := live(t, &script{loop: func(c turn, _ []match.Message) error {
			if c.tick.N == 50 {
				return match.ErrEnd
			}
			return c.Broadcast(match.Outgoing{Data: []byte("x")})
		}}, tick.Config{Workers: 4}, match.Config{})
		for i := range 20 {
			require.NoError(t, r.Join(t.Context(), seat(create(t, r), who(fmt.Sprint(i)))))
		}
		var last match.Totals
		for range 200 {
			time.Sleep(every / 3)
			f := r.Totals()
			require.GreaterOrEqual(t, f.Took.Count(), last.Took.Count())
			require.GreaterOrEqual(t, f.Out.Messages, last.Out.Messages)
			last = f
		}
		stop()
		require.EqualValues(t, 20*51, last.Took.Count())
		require.Equal(t, match.Traffic{Messages: 1000, Bytes: 1000}, last.Out)
		require.Zero(t, last.Matches)
		require.Zero(t, last.Members)
	})
}

func TestFiguresAllocateLittle(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{Outbox: silence{}})
	w.create(ann)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { w.Totals() }), 1.0)
}
