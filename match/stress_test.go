package match_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// ledger is a handler that books who comes and goes, and checks what must hold in every turn.
type ledger struct {
	script
	t        testing.TB
	capacity int

	mu     sync.Mutex
	inside map[match.ID]map[string]int // sessions that are in, and the last Op of each
	held   map[match.ID]int            // how many of them are held
	joins  int
	leaves int
}

// holdingLedger also books who is held and who returns.
type holdingLedger struct{ *ledger }

func (l holdingLedger) Hold(
	_ context.Context, d *match.Dispatcher, t tick.Tick, _ *none, who presence.Presence,
) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	assert.Contains(l.t, l.inside[d.ID()], who.Session)
	l.held[d.ID()]++
	return time.Duration(t.N%3) * 10 * time.Millisecond, nil
}

func (l holdingLedger) Return(
	_ context.Context, d *match.Dispatcher, t tick.Tick, _ *none, old, now presence.Presence,
) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	in := l.inside[d.ID()]
	assert.Contains(l.t, in, old.Session)
	assert.NotContains(l.t, in, now.Session)
	assert.Equal(l.t, old.User, now.User)
	if t.N%5 == 0 {
		return match.Reject("not now")
	}
	if !slices.Contains(d.Members(), old) {
		l.held[d.ID()]--
	}
	in[now.Session] = in[old.Session]
	delete(in, old.Session)
	return nil
}

func newLedger(t testing.TB, capacity int) *ledger {
	l := &ledger{
		t: t, capacity: capacity, inside: make(map[match.ID]map[string]int),
		held: make(map[match.ID]int),
	}
	l.set = match.Settings{Capacity: capacity, Every: 10 * time.Millisecond}
	l.join = func(c turn, who []presence.Presence) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		in := l.inside[c.ID()]
		if in == nil {
			in = make(map[string]int)
			l.inside[c.ID()] = in
		}
		for _, p := range who {
			_, there := in[p.Session]
			assert.False(t, there, "%s joined twice", p.Session)
			in[p.Session] = 0
			l.joins++
		}
		assert.LessOrEqual(t, len(in), capacity)
		assert.Len(t, c.Members(), len(in)-l.held[c.ID()])
		return nil
	}
	l.leave = func(c turn, gone []match.Departure) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, p := range gone {
			_, there := l.inside[c.ID()][p.Session]
			assert.True(t, there, "%s left and was not in", p.Session)
			delete(l.inside[c.ID()], p.Session)
			if len(c.Members()) > len(l.inside[c.ID()])-l.held[c.ID()] { // it was held
				l.held[c.ID()]--
			}
			l.leaves++
		}
		return c.Broadcast(match.Outgoing{Op: 2})
	}
	l.signal = func(c turn, _ string) (string, error) {
		switch n := c.tick.N % 4; n {
		case 0:
			return "", c.SleepUntil(time.Time{})
		case 1:
			return "", c.SleepUntil(c.tick.At.Add(25 * time.Millisecond))
		default:
			return "", c.SetRate(time.Duration(5*n) * time.Millisecond)
		}
	}
	l.loop = func(c turn, in []match.Message) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, m := range in {
			last, there := l.inside[c.ID()][m.From.Session]
			assert.True(t, there, "data of %s, who is not in", m.From.Session)
			assert.Less(t, last, int(m.Op), "data of %s out of order", m.From.Session)
			l.inside[c.ID()][m.From.Session] = int(m.Op)
			if m.Op%17 == 0 {
				assert.NoError(t, c.Kick(m.From))
			}
		}
		return c.BroadcastDeferred(match.Outgoing{Op: 1})
	}
	return l
}

// ended checks the books of a match that is over.
func (l *ledger) ended(info match.Info, roster []presence.Presence, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	assert.Len(l.t, roster, len(l.inside[info.ID]), "who has not left is in the roster")
	for _, p := range roster {
		_, there := l.inside[info.ID][p.Session]
		assert.True(l.t, there)
	}
	delete(l.inside, info.ID)
}

// TestEverythingAtOnce has many players act on few matches from many goroutines, with all workers running.
func TestEverythingAtOnce(t *testing.T) {
	everythingAtOnce(t, func(l *ledger) match.Handler[none] { return l })
}

// TestEverythingAtOnceWithHeldSeats also has players who lose their connection and return.
func TestEverythingAtOnceWithHeldSeats(t *testing.T) {
	everythingAtOnce(t, func(l *ledger) match.Handler[none] { return holdingLedger{l} })
}

func everythingAtOnce(t *testing.T, handler func(*ledger) match.Handler[none]) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(t, 5)
		r, stop := live(t, handler(l), tick.Config{Workers: 4}, match.Config{Hooks: match.Hooks{Ended: l.ended}})
		var mu sync.Mutex
		ids := []match.ID{create(t, r), create(t, r), create(t, r)}
		pick := func(rnd *rand.Rand) match.ID {
			mu.Lock()
			defer mu.Unlock()
			i := rnd.IntN(len(ids))
			if _, err := r.Get(ids[i]); err != nil {
				ids[i] = create(t, r)
			}
			return ids[i]
		}
		var players sync.WaitGroup
		for i := range 16 {
			players.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(i), 1))
				p, op, session := who(fmt.Sprint("p", i)), 0, 0
				for range 200 {
					id := pick(rnd)
					switch n := rnd.IntN(100); {
					case n < 30:
						_ = r.Join(t.Context(), seat(id, p))
					case n < 40:
						_ = r.Leave(id, p.Session, match.Left)
					case n < 45:
						_ = r.Leave(id, p.Session, match.Disconnected)
						session++
						p.Session = fmt.Sprintf("p%d.%d", i, session)
					case n < 50:
						_ = r.Kick(id, p)
					case n < 60:
						_, _ = r.Signal(t.Context(), id, "")
					case n < 63:
						other := who(fmt.Sprint("p", rnd.IntN(16)))
						_ = r.Reserve(t.Context(), id, []presence.Presence{p, other}, time.Duration(rnd.IntN(50))*time.Millisecond)
					case n < 64:
						_ = r.End(t.Context(), id, time.Duration(rnd.IntN(3))*10*time.Millisecond)
					case n < 70:
						time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
					default:
						op++
						_ = r.Send(id, p.Session, match.Message{Op: int64(op)})
					}
				}
			})
		}
		players.Wait()
		stop()
		require.Empty(t, l.inside)
		require.Positive(t, l.joins)
		require.Positive(t, l.leaves)
	})
}
