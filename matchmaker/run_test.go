package matchmaker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
)

// run starts a Matchmaker and returns what stops it.
func run(t *testing.T, m *matchmaker.Matchmaker) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	synctest.Wait()
	return sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-done)
	})
}

// seats are the matches that keep seats, and what happens then.
type seats map[string]func(users []presence.Presence) error

func (s seats) reserve(_ context.Context, id string, users []presence.Presence) error {
	if s[id] == nil {
		return nil
	}
	return s[id](users)
}

var errFull = errors.New("no room")

// host makes matches when it is told to.
type host struct {
	asked  chan matchmaker.Result
	answer chan answer
}

type answer struct {
	id  string
	err error
}

func (h *host) matched(ctx context.Context, r matchmaker.Result) (string, error) {
	h.asked <- r
	select {
	case a := <-h.answer:
		return a.id, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (h *host) answers(id string, err error) {
	h.answer <- answer{id, err}
	synctest.Wait()
}

func TestTheHostMakesTheMatch(t *testing.T) {
	for _, id := range []string{"made", ""} {
		inHostedWorld(t, matchmaker.Config{}, func(t *testing.T, w *world, h *host) {
			w.add(solo("a", 2, 2), solo("b", 2, 2))
			require.Equal(t, "a b", players(<-h.asked))
			require.Empty(t, w.take(), "nobody is told before the match is there")
			require.Equal(t, 2, w.Stats().Tickets)
			h.answers(id, nil)
			require.Len(t, w.results, 1)
			require.Equal(t, id, w.results[0].MatchID)
			require.Zero(t, w.Stats().Tickets)
		})
	}
}

func TestSeatsAreReservedBeforeAnyoneIsTold(t *testing.T) {
	var w *world
	reserved := ""
	s := seats{"made": func(users []presence.Presence) error {
		assert.Empty(t, w.take())
		assert.Equal(t, presences("a b"), users)
		reserved += "made"
		return nil
	}, "": func([]presence.Presence) error { return errFull }}
	inHostedWorld(t, matchmaker.Config{Reserve: s.reserve}, func(t *testing.T, world *world, h *host) {
		w = world
		w.add(solo("a", 2, 2), solo("b", 2, 2))
		h.answers("made", nil)
		require.Equal(t, "made", reserved)
		require.Equal(t, []string{"a b"}, w.take())

		w.add(solo("a", 2, 2), solo("b", 2, 2))
		h.answers("", nil)
		require.Equal(t, []string{"a b"}, w.take(), "a relayed match has no seats to reserve")
	})
}

func TestWhenTheHostFailsTheTicketsWaitOn(t *testing.T) {
	failing := func(context.Context, matchmaker.Result) (string, error) { return "", errFull }
	panicking := func(context.Context, matchmaker.Result) (string, error) { panic("oops") }
	making := func(context.Context, matchmaker.Result) (string, error) { return "made", nil }
	stuck := func(ctx context.Context, _ matchmaker.Result) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	full := seats{"made": func([]presence.Presence) error { return errFull }}
	for _, test := range []struct {
		name     string
		matched  func(context.Context, matchmaker.Result) (string, error)
		reserve  func(context.Context, string, []presence.Presence) error
		id, text string
	}{
		{"error", failing, nil, "", "no room"},
		{"panic", panicking, nil, "", "oops"},
		{"time is up", stuck, nil, "", "deadline"},
		{"no seats", making, full.reserve, "made", "no room"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fails := 0
			c := matchmaker.Config{Matched: test.matched, Reserve: test.reserve, Timeout: time.Second}
			c.Hooks.Failed = func(r matchmaker.Result, err error) {
				fails++
				assert.Equal(t, test.id, r.MatchID)
				assert.Equal(t, "a b", players(r))
				assert.ErrorContains(t, err, test.text)
			}
			inWorld(t, c, func(t *testing.T, w *world) {
				start := time.Now()
				w.add(solo("a", 2, 2))
				time.Sleep(time.Second)
				w.add(solo("b", 2, 2))
				time.Sleep(2 * time.Second)
				synctest.Wait()
				require.Equal(t, 1, fails)
				require.Equal(t, 2, w.Stats().Tickets)
				require.Equal(t, start, w.Stats().Oldest)
				w.runs(1)
				require.Equal(t, 2, fails, "the next run tries again")
				require.Empty(t, w.take())
			})
		})
	}
}

func TestAGroupThatFailsIsTriedOncePerRun(t *testing.T) {
	const pairs = 100
	var fails atomic.Int64
	c := matchmaker.Config{
		WaitForRun: true,
		Matched:    func(context.Context, matchmaker.Result) (string, error) { return "", errFull },
	}
	c.Hooks.Failed = func(matchmaker.Result, error) { fails.Add(1) }
	inWorld(t, c, func(t *testing.T, w *world) {
		for i := range pairs {
			for _, side := range []string{"left", "right"} {
				r := solo(fmt.Sprint(side, i), 2, 2)
				r.Query = fmt.Sprintf("+pair:%d", i)
				r.NumericProps = map[string]float64{"pair": float64(i)}
				w.add(r)
			}
		}
		for run := range 3 {
			w.runs(1)
			require.EqualValues(t, pairs*(run+1), fails.Load())
		}
	})
}

func TestWaitingTimeIsKeptWhenTheHostFails(t *testing.T) {
	inHostedWorld(t, matchmaker.Config{}, func(t *testing.T, w *world, h *host) {
		w.add(solo("a", 2, 3), solo("b", 2, 3))
		w.runs(1)
		require.Empty(t, h.asked)
		w.runs(1)
		h.answers("", errFull)
		require.Len(t, h.asked, 1)
		w.runs(1)
		require.Len(t, h.asked, 2, "they need not wait two intervals again")
		h.answers("made", nil)
		require.Equal(t, []string{"a b"}, w.take())
	})
}

func TestAMatchedSessionIsHeldBackUntilItIsTold(t *testing.T) {
	inHostedWorld(t, matchmaker.Config{Interval: 15e9, Timeout: time.Hour}, func(t *testing.T, w *world, h *host) {
		w.add(solo("a", 3, 3), party("p", "a c", 3, 3), solo("a", 2, 2), solo("b", 2, 2))
		require.Equal(t, "a b", players(<-h.asked))
		w.add(solo("x", 3, 3), solo("y", 3, 3)) // they would do for a and its party
		w.add(solo("b", 2, 2), solo("z", 2, 2)) // and z for b, if it were not matched
		w.runs(3)
		require.Empty(t, h.asked, "a run does not wait for the host, but leaves alone whom it works for")
		require.Equal(t, 8, w.Stats().Tickets)

		h.answers("", errFull)
		require.Equal(t, 8, w.Stats().Tickets)
		w.runs(1)
		require.ElementsMatch(t, []string{"a x y", "b z"}, []string{players(<-h.asked), players(<-h.asked)},
			"a goes with its oldest ticket, and that leaves b to z")
		h.answers("one", nil)
		h.answers("two", nil)
		require.Len(t, w.take(), 2)
		require.Zero(t, w.Stats().Tickets, "all other tickets of their sessions are gone")
	})
}

func TestLeavingWhileTheHostWorks(t *testing.T) {
	for _, test := range []struct {
		name   string
		leave  func(m *matchmaker.Matchmaker, ticket string)
		reason matchmaker.Reason
	}{
		{"disconnect", func(m *matchmaker.Matchmaker, _ string) { m.RemoveSession("a") }, matchmaker.Disconnected},
		{"cancel", func(m *matchmaker.Matchmaker, ticket string) {
			assert.ErrorIs(t, m.Remove("a", ticket), matchmaker.ErrNotFound, "it is too late")
		}, matchmaker.Cancelled},
	} {
		for _, fails := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, host fails: %v", test.name, fails), func(t *testing.T) {
				var removed []matchmaker.Reason
				inHostedWorld(t, matchmaker.Config{Hooks: matchmaker.Hooks{
					Removed: func(_ *matchmaker.Ticket, r matchmaker.Reason) { removed = append(removed, r) },
				}}, func(t *testing.T, w *world, h *host) {
					ticket := w.add(solo("a", 2, 2), solo("b", 2, 2))[0]
					test.leave(w.Matchmaker, ticket)
					test.leave(w.Matchmaker, ticket)
					require.Empty(t, removed, "it is not known yet what becomes of the group")
					if !fails {
						h.answers("made", nil)
						require.Equal(t, []string{"a b"}, w.take(), "as if the player had left a moment later")
						require.Empty(t, removed)
						require.Zero(t, w.Stats().Tickets)
						return
					}
					h.answers("", errFull)
					require.Equal(t, []matchmaker.Reason{test.reason}, removed)
					require.Equal(t, 1, w.Stats().Tickets, "the other waits on")
					<-h.asked
					w.add(solo("c", 2, 2))
					require.Equal(t, "b c", players(<-h.asked))
				})
			})
		}
	}
}

func TestTheHostMayCallTheMatchmaker(t *testing.T) {
	var m *matchmaker.Matchmaker
	inWorld(t, matchmaker.Config{Matched: func(context.Context, matchmaker.Result) (string, error) {
		m.RemoveSession("c")
		return fmt.Sprint(m.Stats().Tickets), nil
	}}, func(t *testing.T, w *world) {
		m = w.Matchmaker
		w.add(solo("c", 5, 5), solo("a", 2, 2), solo("b", 2, 2))
		synctest.Wait()
		require.Equal(t, "2", w.results[0].MatchID)
	})
}

func TestShutdown(t *testing.T) {
	var removed []string
	hooks := matchmaker.Hooks{Removed: func(t *matchmaker.Ticket, r matchmaker.Reason) {
		removed = append(removed, t.Presences[0].Session+" "+r.String())
	}}
	inHostedWorld(t, matchmaker.Config{Hooks: hooks}, func(t *testing.T, w *world, h *host) {
		w.add(solo("x", 5, 5), solo("a", 2, 2), solo("b", 2, 2), solo("y", 6, 6))
		<-h.asked
		w.stop() // ends the ctx of the host, which fails
		require.Equal(t, []string{"x stopped", "a stopped", "b stopped", "y stopped"}, removed)
		require.Zero(t, w.Stats().Tickets)
		require.Empty(t, w.take())

		_, err := w.Add(solo("c", 2, 2))
		require.ErrorIs(t, err, matchmaker.ErrStopped)
		require.ErrorIs(t, w.Run(t.Context()), matchmaker.ErrStopped)
	})
}

func TestShutdownTellsTheMatchThatIsMade(t *testing.T) {
	slow := func(ctx context.Context, _ matchmaker.Result) (string, error) {
		<-ctx.Done()
		return "made after all", nil
	}
	inWorld(t, matchmaker.Config{Matched: slow}, func(t *testing.T, w *world) {
		w.add(solo("a", 2, 2), solo("b", 2, 2))
		w.stop()
		require.Equal(t, []string{"a b"}, w.take())
	})
}

func TestEverythingAtOnce(t *testing.T) {
	for name, matched := range map[string]func(context.Context, matchmaker.Result) (string, error){
		"relayed": nil,
		"made":    func(context.Context, matchmaker.Result) (string, error) { return "made", nil },
		"failing": func(_ context.Context, r matchmaker.Result) (string, error) {
			if len(r.Entries)%2 == 0 {
				return "", errFull
			}
			return "made", nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, b := newMatchmaker(t, matchmaker.Config{Matched: matched, Interval: time.Millisecond})
			ctx, cancel := context.WithCancel(t.Context())
			var running, players sync.WaitGroup
			running.Go(func() { assert.NoError(t, m.Run(ctx)) })
			for g := range 6 {
				players.Go(func() {
					for i := range 30 {
						s := fmt.Sprintf("%d-%d", g, i)
						id, err := m.Add(solo(s, 2, 2+i%3))
						if err != nil {
							t.Error(err)
							return
						}
						_, err = m.Add(party(s, s+" "+s+"-friend", 2, 4))
						if err != nil {
							t.Error(err)
							return
						}
						switch i % 4 {
						case 0:
							_ = m.Remove(s, id) // it may be matched
						case 1:
							m.RemoveSession(s)
						case 2:
							m.RemoveParty(s)
						}
						m.Stats()
					}
				})
			}
			players.Wait()
			cancel()
			running.Wait()
			require.Zero(t, m.Stats().Tickets)
			matched := map[string]bool{} // session and ticket
			for _, r := range b.results {
				sessions := map[string]bool{}
				for _, e := range r.Entries {
					require.False(t, sessions[e.Presence.Session], "twice in one result")
					sessions[e.Presence.Session] = true
					key := e.Presence.Session + " " + e.Ticket.ID
					require.False(t, matched[key], "a ticket in two results")
					matched[key] = true
				}
			}
		})
	}
}

// A royale of a hundred needs more candidates than a ticket has otherwise.
func TestAGroupLargerThanCandidates(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	for i := range 100 {
		require.Empty(t, b.results)
		add(t, m, solo(fmt.Sprint(i), 100, 100))
	}
	require.Len(t, b.results, 1)
	require.Zero(t, m.Stats().Tickets)
}
