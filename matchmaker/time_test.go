package matchmaker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker"
)

// rated is a player in a region who wants others there whose rating is at most 50 away.
func rated(session, region string, rating float64) matchmaker.Request {
	r := number("rating", rating, asking(session, "", "region", region))
	r.Query = fmt.Sprintf("+region:%s +rating:>=%g +rating:<=%g", region, rating-50, rating+50)
	return r
}

// wider is the policy of the tests: after 20 s 200 points are near enough, after 40 s every region is.
var wider = matchmaker.Widening(
	matchmaker.Step{After: 20 * time.Second, Query: func(t *matchmaker.Ticket) string {
		rating, _ := t.Number("rating")
		region, _ := t.Text("region")
		return fmt.Sprintf("+region:%s +rating:>=%g +rating:<=%g", region, rating-200, rating+200)
	}},
	matchmaker.Step{After: 40 * time.Second, Query: func(t *matchmaker.Ticket) string {
		rating, _ := t.Number("rating")
		return fmt.Sprintf("+rating:>=%g +rating:<=%g", rating-200, rating+200)
	}},
)

func TestQueriesWiden(t *testing.T) {
	inWorld(t, matchmaker.Config{Widen: wider, Rating: "rating"}, func(t *testing.T, w *world) {
		w.add(rated("a", "eu", 1000), rated("b", "eu", 1150), rated("far", "us", 1100), rated("best", "eu", 2000))
		w.runs(1)
		require.Empty(t, w.take(), "15 s")
		w.runs(1)
		require.Len(t, w.results, 1)
		require.Equal(t, 150.0, w.results[0].Spread)
		require.Equal(t, 30*time.Second, w.results[0].Longest)
		require.Equal(t, []string{"a b"}, w.take(), "30 s")
		w.add(rated("c", "eu", 1000))
		w.runs(2)
		require.Empty(t, w.take(), "c insists on its region")
		w.runs(1)
		require.Equal(t, []string{"far c"}, w.take(), "both take any region")
	})
}

func TestAWidenedQueryThatIsWrongIsNotUsed(t *testing.T) {
	widen := func(t *matchmaker.Ticket, waited time.Duration) string { return "+skill:>=" }
	inWorld(t, matchmaker.Config{Widen: widen, WaitForRun: true}, func(t *testing.T, w *world) {
		w.add(solo("a", 2, 2), solo("b", 2, 2))
		w.runs(1)
		require.Equal(t, []string{"a b"}, w.take())
	})
}

// When many tickets are widened at once, and so come to other classes, the oldest is still served first.
func TestWidenedTicketsKeepTheirAge(t *testing.T) {
	anywhere := matchmaker.Widening(matchmaker.Step{After: 20 * time.Second, Query: func(*matchmaker.Ticket) string { return "" }})
	inWorld(t, matchmaker.Config{Widen: anywhere, WaitForRun: true}, func(t *testing.T, w *world) {
		for i := range 600 { // all of different regions
			w.add(asking(fmt.Sprint(i), fmt.Sprint("+region:r", i), "region", fmt.Sprint("other", i)))
		}
		w.runs(2)
		groups := w.take()
		require.Len(t, groups, 300)
		for i, g := range groups {
			require.Equal(t, fmt.Sprintf("%d %d", 2*i, 2*i+1), g)
		}
	})
}

func TestTheHostEditsTickets(t *testing.T) {
	inWorld(t, matchmaker.Config{}, func(t *testing.T, w *world) {
		ids := w.add(rated("a", "eu", 1000), rated("b", "us", 1000), rated("c", "us", 1000))
		require.Equal(t, []string{"b c"}, w.take())
		ids = append(ids, w.add(rated("d", "us", 1000))...)
		require.NoError(t, w.Edit(ids[0], func(terms *matchmaker.Terms) {
			require.Equal(t, "eu", terms.StringProps["region"])
			require.Equal(t, 1000.0, terms.NumericProps["rating"])
			terms.StringProps["region"] = "us"
			terms.Query = strings.ReplaceAll(terms.Query, "eu", "us")
		}))
		w.runs(1)
		require.Equal(t, []string{"a d"}, w.take(), "a is still the older one")

		ids = w.add(solo("e", 2, 2))
		nothing := func(*matchmaker.Terms) {}
		require.ErrorIs(t, w.Edit("unknown", nothing), matchmaker.ErrNotFound)
		require.ErrorIs(t, w.Edit(ids[0], func(terms *matchmaker.Terms) { terms.MaxCount = 1 }), matchmaker.ErrMaxCount)
		require.ErrorIs(t, w.Edit(ids[0], func(terms *matchmaker.Terms) { terms.Query = "+" }), matchmaker.ErrQuery)
		require.NoError(t, w.Edit(ids[0], func(terms *matchmaker.Terms) { terms.MinCount, terms.MaxCount = 3, 3 }))
		w.add(solo("f", 2, 2), solo("g", 3, 3), solo("h", 3, 3))
		require.Equal(t, []string{"e g h"}, w.take())
	})
}

func TestTicketsExpire(t *testing.T) {
	var left []string
	c := matchmaker.Config{Expiry: 40 * time.Second}
	c.Hooks.Removed = func(tk *matchmaker.Ticket, r matchmaker.Reason) {
		left = append(left, tk.Presences[0].Session+" "+r.String())
	}
	inWorld(t, c, func(t *testing.T, w *world) {
		ids := w.add(solo("a", 4, 4), party("p", "b c", 4, 4))
		w.runs(2)
		require.Empty(t, w.told())
		w.runs(1)
		require.Equal(t, ids, w.told(), "the players are told")
		require.Equal(t, []string{"a expired", "b expired"}, left, "and the host is")
		require.Zero(t, w.Stats().Tickets)
	})
}

func TestFiguresOfPools(t *testing.T) {
	c := matchmaker.Config{Pool: func(t *matchmaker.Ticket) string { mode, _ := t.Text("mode"); return mode }}
	inWorld(t, c, func(t *testing.T, w *world) {
		start := time.Now()
		duel := func(s string) matchmaker.Request { return asking(s, "+mode:duel", "mode", "duel") }
		ids := w.add(duel("a"), asking("x", "+mode:team", "mode", "team"))
		time.Sleep(10 * time.Second)
		w.add(duel("b"), duel("c"), asking("y", "+mode:team -mode:*", "mode", "team"))
		require.NoError(t, w.Remove("x", ids[1]))
		s := w.Stats().Pools
		require.Equal(t, matchmaker.PoolStats{
			Waiting: 1, Oldest: start.Add(10 * time.Second), Matched: 2, MatchRate: 1, P50: 0, P99: 10 * time.Second, Groups: map[int]int{2: 1},
		}, s["duel"])
		require.Equal(t, matchmaker.PoolStats{
			Waiting: 1, Oldest: start.Add(10 * time.Second), Left: 1, Groups: map[int]int{},
		}, s["team"])
		time.Sleep(time.Second)
		w.add(duel("d"))
		w.add(duel("e"))
		time.Sleep(time.Second)
		w.add(duel("f"))
		require.Zero(t, w.Stats().Pools["duel"].P50, "half of 0, 0, 0, 1, 1 and 10 s")
	})
}
