package match_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func (w *world) reserve(id match.ID, keep time.Duration, users ...presence.Presence) error {
	return w.Reserve(w.t.Context(), id, users, keep)
}

func TestReservedSeatIsTaken(t *testing.T) {
	attempts := 0
	w := newWorld(t, &script{
		set:     match.Settings{Capacity: 3},
		attempt: func(turn, match.Joiner) error { attempts++; return nil },
		leave:   func(turn, []match.Departure) error { t.Error("a reservation gives no Leave"); return nil },
	}, match.Config{})
	id := w.create(ann)
	require.NoError(t, w.reserve(id, time.Minute, bob, cid))
	require.Empty(t, w.take(), "nobody is told")
	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, 1, info.Size, "a reservation does not count in the size")

	require.ErrorIs(t, w.join(id, dan), match.ErrFull)
	require.Equal(t, 1, attempts, "dan is not asked about")
	phone := bob
	phone.Session = "bob on his phone"
	require.NoError(t, w.join(id, phone), "the seat is the user's, whatever the session")
	require.Equal(t, 2, attempts, "JoinAttempt is still asked")
	require.ErrorIs(t, w.join(id, bob), match.ErrFull, "there was one seat for bob")

	w.clock.Advance(time.Minute)
	require.NoError(t, w.join(id, dan), "cid did not come")
	require.ErrorIs(t, w.join(id, cid), match.ErrFull)
}

func TestReserveIsForAllOrNone(t *testing.T) {
	for _, c := range []struct {
		name     string
		capacity int
		users    []presence.Presence
		err      error
		room     int // seats left for others
	}{
		{"enough", 3, []presence.Presence{bob, cid}, nil, 0},
		{"one too few", 2, []presence.Presence{bob, cid}, match.ErrFull, 1},
		{"a user twice is one seat", 2, []presence.Presence{bob, bob}, nil, 0},
		{"a member has its seat", 2, []presence.Presence{ann, bob}, nil, 0},
		{"nobody", 1, nil, nil, 0},
		{"no limit", 0, []presence.Presence{bob, cid}, nil, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, &script{set: match.Settings{Capacity: c.capacity}}, match.Config{})
			id := w.create(ann)
			require.ErrorIs(t, w.reserve(id, time.Minute, c.users...), c.err)
			room := 0
			for range 5 {
				if w.join(id, who(fmt.Sprint("other", room))) == nil {
					room++
				}
			}
			require.Equal(t, c.room, room)
		})
	}
}

func TestReservingAgainSetsTheTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		again time.Duration
		until time.Duration
	}{
		{"longer", time.Minute, 10*time.Second + time.Minute},
		{"shorter", 5 * time.Second, 15 * time.Second},
		{"zero gives the seat up", 0, 10 * time.Second},
		{"so does less", -time.Hour, 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, &script{set: match.Settings{Capacity: 1}}, match.Config{})
			id := w.create()
			require.NoError(t, w.reserve(id, 30*time.Second, ann))
			w.clock.Advance(10 * time.Second)
			require.NoError(t, w.reserve(id, c.again, ann), "needs no second seat")
			if c.until > 10*time.Second {
				w.clock.Advance(c.until - 10*time.Second - 1)
				require.ErrorIs(t, w.join(id, bob), match.ErrFull)
				w.clock.Advance(1)
			}
			require.NoError(t, w.join(id, bob))
		})
	}
}

func TestReservationOutlivesARefusal(t *testing.T) {
	refuse := true
	w := newWorld(t, &script{
		set: match.Settings{Capacity: 1},
		attempt: func(turn, match.Joiner) error {
			if refuse {
				return match.Reject("wait")
			}
			return nil
		},
	}, match.Config{})
	id := w.create()
	require.NoError(t, w.reserve(id, time.Minute, ann))
	require.Error(t, w.join(id, ann))
	refuse = false
	require.ErrorIs(t, w.join(id, bob), match.ErrFull)
	require.NoError(t, w.join(id, ann))
}

// A seat that a signal reserved is there for the attempt that follows it, whoever else asks in between.
func TestSeatReservedByASignal(t *testing.T) {
	w := newWorld(t, &script{
		set: match.Settings{Capacity: 1},
		signal: func(c turn, user string) (string, error) {
			return "", c.Reserve([]presence.Presence{{User: user}}, time.Minute)
		},
	}, match.Config{})
	id := w.create()
	_, err := w.Signal(t.Context(), id, ann.User)
	require.NoError(t, err)
	require.ErrorIs(t, w.join(id, bob), match.ErrFull)
	_, err = w.Signal(t.Context(), id, bob.User)
	require.ErrorIs(t, err, match.ErrFull)
	require.NoError(t, w.join(id, ann))
}

func TestJoinAttemptMayGiveTheLastSeatAway(t *testing.T) {
	w := newWorld(t, &script{
		set: match.Settings{Capacity: 1},
		attempt: func(c turn, who match.Joiner) error {
			if who.User == ann.User {
				return c.Reserve([]presence.Presence{bob}, time.Minute)
			}
			return nil
		},
	}, match.Config{})
	id := w.create()
	require.ErrorIs(t, w.join(id, ann), match.ErrFull)
	require.NoError(t, w.join(id, bob))

	w = newWorld(t, &script{set: match.Settings{Capacity: 1}, attempt: func(c turn, _ match.Joiner) error {
		_ = c.Reserve([]presence.Presence{bob}, time.Minute)
		return errNotYou
	}}, match.Config{})
	require.ErrorIs(t, w.join(w.create(), ann), errNotYou, "its own reason is what the player learns")
}

func TestReservedSeatKeepsAnEmptyMatch(t *testing.T) {
	w := newWorld(t, &script{set: match.Settings{EmptyAfter: 10 * time.Second}}, match.Config{})
	id := w.create()
	require.NoError(t, w.reserve(id, time.Minute, ann))
	w.clock.Advance(time.Minute + 9*time.Second)
	require.Equal(t, 1, w.Len())
	require.NoError(t, w.reserve(id, 0, bob), "bob has none to give up")
	w.clock.Advance(time.Second)
	require.ErrorIs(t, w.reserve(id, time.Minute, ann), match.ErrNotFound)
}

// A seat that nobody came for is free in time, and the match is not bothered with a Loop for that.
func TestReservationExpiresWhileTheMatchSleeps(t *testing.T) {
	loops := 0
	w := newWorld(t, &script{set: match.Settings{Capacity: 2}, loop: func(c turn, _ []match.Message) error {
		loops++
		return c.SleepUntil(time.Time{})
	}}, match.Config{})
	id := w.create()
	require.NoError(t, w.reserve(id, time.Minute, ann))
	require.NoError(t, w.reserve(id, time.Hour, bob))
	w.tick(1)
	for _, c := range []struct {
		after time.Duration
		taken int
	}{{time.Minute - every - 1, 2}, {1, 1}, {59*time.Minute - 1, 1}, {1, 0}} {
		w.clock.Advance(c.after)
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Equal(t, c.taken, info.Taken, info)
	}
	require.Equal(t, 1, loops)
}

func TestReserveErrors(t *testing.T) {
	var d *match.Dispatcher
	var w *world
	w = newWorld(t, &script{signal: func(c turn, _ string) (string, error) {
		d = c.Dispatcher
		return "", w.Reserve(c, c.ID(), []presence.Presence{ann}, time.Minute)
	}}, match.Config{})
	id := w.create()
	_, err := w.Signal(t.Context(), id, "")
	require.ErrorIs(t, err, match.ErrOwnTurn)
	require.ErrorIs(t, d.Reserve([]presence.Presence{ann}, time.Minute), match.ErrOutside)
	require.ErrorIs(t, w.reserve("nowhere", time.Minute, ann), match.ErrNotFound)
}

func TestReserveThatWasGivenUpLeavesNoTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := live(t, &script{
			set:    match.Settings{Capacity: 1, Overrun: match.Skip},
			signal: func(turn, string) (string, error) { time.Sleep(time.Minute); return "", nil },
		}, tick.Config{}, match.Config{CallTimeout: time.Hour})
		id := create(t, r)
		go func() { _, _ = r.Signal(t.Context(), id, "") }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, r.Reserve(ctx, id, []presence.Presence{ann}, time.Hour), context.DeadlineExceeded)
		require.NoError(t, r.Join(t.Context(), seat(id, bob)))
	})
}

// Many ask for more seats than there are: none is given twice, and every reservation is honoured.
func TestReservationsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const capacity = 10
		r, _ := live(t, &script{set: match.Settings{Capacity: capacity}}, tick.Config{Workers: 4}, match.Config{})
		id := create(t, r)
		var mu sync.Mutex
		in := 0
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				p := who(fmt.Sprint(i))
				if i%2 == 0 && r.Reserve(t.Context(), id, []presence.Presence{p}, time.Minute) != nil {
					return
				}
				err := r.Join(t.Context(), seat(id, p))
				if i%2 == 0 {
					require.NoError(t, err)
				}
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					in++
				}
			})
		}
		all.Wait()
		require.Equal(t, capacity, in)
	})
}
