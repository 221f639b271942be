package matchmaker_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
)

func TestPlacementsAreBoundedAndDelayNoRun(t *testing.T) {
	var now, most atomic.Int64
	c := matchmaker.Config{WaitForRun: true, Placements: 3, Timeout: time.Hour}
	c.Matched = func(context.Context, matchmaker.Result) (string, error) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		time.Sleep(20 * time.Second)
		return "made", nil
	}
	inWorld(t, c, func(t *testing.T, w *world) {
		for i := range 20 {
			w.add(solo(fmt.Sprint(i), 2, 2))
		}
		w.runs(1)
		require.EqualValues(t, 3, now.Load())
		time.Sleep(4 * 20 * time.Second)
		synctest.Wait()
		require.Len(t, w.take(), 10)
		require.EqualValues(t, 3, most.Load())
	})
}

func TestTheScoreChoosesAmongThoseWhoWantEachOther(t *testing.T) {
	c := matchmaker.Config{Score: matchmaker.BySkill("rating", "sigma"), Rating: "rating"}
	inWorld(t, c, func(t *testing.T, w *world) {
		w.add(number("rating", 40, asking("a", "+x:1")), number("rating", 26, asking("b", "+x:1")), number("rating", 20, asking("c", "+x:1")))
		in := number("rating", 25, asking("d", "*"))
		in.NumericProps["x"] = 1
		w.add(solo("unrated", 3, 3), in)
		require.Equal(t, 1.0, w.results[0].Spread)
		require.Equal(t, []string{"b d"}, w.take())
	})
}

func TestTheHostFormsGroups(t *testing.T) {
	var offered atomic.Value
	offered.Store("")
	youngest := func(_ *matchmaker.Ticket, candidates iter.Seq[*matchmaker.Ticket]) []*matchmaker.Ticket {
		all := slices.Collect(candidates)
		offered.Store(offered.Load().(string) + fmt.Sprint(len(all)))
		if len(all) < 3 {
			return nil
		}
		return all[len(all)-1:]
	}
	inWorld(t, matchmaker.Config{Form: youngest}, func(t *testing.T, w *world) {
		w.add(solo("a", 2, 2), solo("b", 2, 2), solo("c", 2, 2), solo("d", 2, 2))
		require.Equal(t, []string{"c d"}, w.take())
		require.Equal(t, "0123", offered.Load())
		w.runs(1)
		require.Empty(t, w.take(), "the host decides in runs, too")
	})
}

func TestAGroupOfTheHostsThatBreaksTheRuleIsNotUsed(t *testing.T) {
	var stranger *matchmaker.Ticket
	choices := map[string]func(all []*matchmaker.Ticket) []*matchmaker.Ticket{
		"twice":     func(all []*matchmaker.Ticket) []*matchmaker.Ticket { return []*matchmaker.Ticket{all[0], all[0]} },
		"stranger":  func([]*matchmaker.Ticket) []*matchmaker.Ticket { return []*matchmaker.Ticket{stranger} },
		"too many":  func(all []*matchmaker.Ticket) []*matchmaker.Ticket { return all },
		"too few":   func(all []*matchmaker.Ticket) []*matchmaker.Ticket { return all[:1] },
		"enemies":   func(all []*matchmaker.Ticket) []*matchmaker.Ticket { return all[:2] },
		"it panics": func([]*matchmaker.Ticket) []*matchmaker.Ticket { panic("oops") },
	}
	for name, choose := range choices {
		t.Run(name, func(t *testing.T) {
			c := matchmaker.Config{Form: func(tk *matchmaker.Ticket, candidates iter.Seq[*matchmaker.Ticket]) []*matchmaker.Ticket {
				stranger = tk
				if all := slices.Collect(candidates); len(all) == 3 {
					return choose(all)
				}
				return nil
			}}
			inWorld(t, c, func(t *testing.T, w *world) {
				shy := asking("a", "-shy:yes", "shy", "yes")
				shy.MinCount, shy.MaxCount = 3, 3
				other := shy
				other.Presences = presences("b")
				w.add(shy, other, solo("c", 3, 3), solo("d", 3, 3))
				require.Empty(t, w.take())
				require.Equal(t, 4, w.Stats().Tickets)
			})
		})
	}
}

// ask asks for players for a match, and returns how that ended.
func ask(ctx context.Context, w *world, roster string, players int) <-chan error {
	ended := make(chan error, 1)
	go func() {
		ended <- w.Backfill(ctx, matchmaker.BackfillRequest{
			MatchID: "running", Roster: presences(roster), Players: players,
			Query: "+mode:duel", StringProps: map[string]string{"mode": "duel"},
		})
	}()
	synctest.Wait()
	return ended
}

func joining(session string, low, high int) matchmaker.Request {
	r := asking(session, "+mode:duel", "mode", "duel")
	r.MinCount, r.MaxCount = low, high
	return r
}

func TestBackfill(t *testing.T) { synctest.Test(t, testBackfill) }

func testBackfill(t *testing.T) {
	type call struct {
		users  []presence.Presence
		answer chan error
	}
	calls := make(chan call)
	s := seats{"running": func(users []presence.Presence) error {
		c := call{users, make(chan error)}
		calls <- c
		return <-c.answer
	}}
	reserved := func(users string, answer error) {
		c := <-calls
		require.Equal(t, presences(users), c.users)
		c.answer <- answer
		synctest.Wait()
	}
	start(t, matchmaker.Config{Reserve: s.reserve}, func(t *testing.T, w *world) {
		ended := ask(t.Context(), w, "a b", 3)
		w.add(joining("c", 3, 8), joining("small", 2, 2), solo("other", 3, 8))
		reserved("c", errFull) // small wants two players, other is not wanted
		require.Empty(t, w.take(), "no seat, no match")

		reserved("c", nil)
		require.Equal(t, "running", w.results[0].MatchID)
		require.Equal(t, []string{"c"}, w.take())

		w.add(joining("a", 3, 8), joining("d", 3, 8), joining("e", 5, 5))
		reserved("d e", nil)
		require.Equal(t, []string{"d e"}, w.take(), "a is in the match; with e it is full")
		require.NoError(t, <-ended)
		require.Equal(t, 3, w.Stats().Tickets)
	})
}

func TestBackfillLivesAsLongAsItsContext(t *testing.T) {
	inWorld(t, matchmaker.Config{Reserve: seats{}.reserve}, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := ask(ctx, w, "a", 1)
		other := ask(t.Context(), w, "b", 1)
		w.runs(3)
		require.Empty(t, w.take(), "two matches do not join each other")
		require.Equal(t, 2, w.Stats().Tickets)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Equal(t, 1, w.Stats().Tickets)
		w.stop()
		require.ErrorIs(t, <-other, matchmaker.ErrStopped)
	})
}

func TestBackfillRefuses(t *testing.T) {
	m, _ := newMatchmaker(t, matchmaker.Config{})
	require.ErrorIs(t, m.Backfill(t.Context(), matchmaker.BackfillRequest{MatchID: "m", Players: 1}), matchmaker.ErrNoReserve)
	m, _ = newMatchmaker(t, matchmaker.Config{Reserve: seats{}.reserve})
	require.ErrorIs(t, m.Backfill(t.Context(), matchmaker.BackfillRequest{MatchID: "m"}), matchmaker.ErrMinCount)
	require.ErrorIs(t, m.Backfill(t.Context(), matchmaker.BackfillRequest{MatchID: "m", Players: 1, Query: "+"}), matchmaker.ErrQuery)
	require.Error(t, m.Backfill(t.Context(), matchmaker.BackfillRequest{Players: 1}))
}

func TestExplain(t *testing.T) {
	inWorld(t, matchmaker.Config{}, func(t *testing.T, w *world) {
		ids := w.add(
			rated("a", "eu", 1000), rated("far", "us", 1000), rated("weak", "eu", 900), asking("shy", "-rating:*", "region", "eu"),
			number("rating", 1000, asking("picky", "+mode:duel", "region", "eu")), solo("three", 3, 3), rated("both", "us", 500),
		)
		e, err := w.Explain(ids[0])
		require.NoError(t, err)
		require.Equal(t, ids[0], e.Ticket.ID)
		require.Equal(t, 6, e.Others)
		require.Empty(t, e.Candidates)
		require.Empty(t, e.Group)
		require.Equal(t, 1, e.Refused, "picky")
		require.Equal(t, []matchmaker.Relaxation{{"+region:eu", 0}, {"+rating:>=950", 0}, {"+rating:<=1050", 0}, {"counts", 0}}, e.Relaxations)
		byID := map[string]matchmaker.Obstacle{}
		for _, o := range e.Obstacles {
			byID[o.Ticket] = o
		}
		require.Equal(t, matchmaker.Obstacle{Ticket: ids[1], Mine: []string{"+region:eu"}, Theirs: []string{"+region:us"}}, byID[ids[1]])
		require.Equal(t, []string{"+rating:>=950"}, byID[ids[2]].Mine)
		require.Equal(t, []string{"+rating:<=950"}, byID[ids[2]].Theirs)
		require.Equal(t, []string{"-rating:*"}, byID[ids[3]].Theirs)
		require.True(t, byID[ids[5]].Sizes)
		require.Len(t, byID[ids[6]].Mine, 2)

		eager := number("rating", 890, asking("eager", "", "region", "eu"))
		eager.MaxCount = 4
		w.add(eager)
		e, err = w.Explain(ids[0])
		require.NoError(t, err)
		require.Equal(t, matchmaker.Relaxation{"+rating:>=950", 1}, e.Relaxations[1], "eager would take anybody")

		_, err = w.Explain("unknown")
		assert.ErrorIs(t, err, matchmaker.ErrNotFound)
	})
}

func TestExplainGroupsAndConflicts(t *testing.T) {
	inWorld(t, matchmaker.Config{MaxIntervals: 1, WaitForRun: true}, func(t *testing.T, w *world) {
		one := asking("b", "-side:red", "side", "red")
		two := asking("c", "-side:red", "side", "red")
		one.MaxCount, two.MaxCount = 3, 3
		ids := w.add(solo("a", 2, 3), one, two)
		e, err := w.Explain(ids[0])
		require.NoError(t, err)
		require.Equal(t, ids[1:], e.Candidates)
		require.Equal(t, ids[:2], e.Group)
		require.Equal(t, []matchmaker.Conflict{{
			One: ids[2], Other: ids[1], OneFails: []string{"-side:red"}, OtherFails: []string{"-side:red"},
		}}, e.Conflicts)
		w.runs(1)
		require.Equal(t, []string{"a b"}, w.take(), "what was explained comes true")
	})
}
