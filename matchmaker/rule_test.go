package matchmaker_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker"
)

// pool is some requests and the groups that they should make.
type pool struct {
	name     string
	requests []matchmaker.Request
	arrival  []string // groups that are formed as the requests come in
	first    []string // by the first run
	second   []string // by the second, when all of them allow fewer players than their maximum
}

func multiple(of int, r matchmaker.Request) matchmaker.Request {
	r.CountMultiple = of
	return r
}

func number(key string, value float64, r matchmaker.Request) matchmaker.Request {
	r.NumericProps = map[string]float64{key: value}
	return r
}

func checkPools(t *testing.T, pools []pool) {
	for _, p := range pools {
		t.Run(p.name, func(t *testing.T) {
			inWorld(t, matchmaker.Config{MaxTickets: 10}, func(t *testing.T, w *world) {
				w.add(p.requests...)
				require.ElementsMatch(t, p.arrival, w.take(), "on arrival")
				w.runs(1)
				require.ElementsMatch(t, p.first, w.take(), "first run")
				w.runs(1)
				require.ElementsMatch(t, p.second, w.take(), "second run")
				w.runs(3)
				require.Empty(t, w.take(), "later")
			})
		})
	}
}

func TestSizes(t *testing.T) {
	upToFour := func(session, text, mode string) matchmaker.Request {
		r := asking(session, text, "mode", mode)
		r.MaxCount = 4
		return r
	}
	checkPools(t, []pool{{
		name:     "a full group need not wait",
		requests: []matchmaker.Request{solo("a", 2, 2), solo("b", 2, 2), solo("c", 2, 2)},
		arrival:  []string{"a b"},
	}, {
		name:     "fewer than the maximum do not play in the first run, all who are there in the second",
		requests: []matchmaker.Request{solo("a", 2, 4), solo("b", 2, 4), solo("c", 2, 4)},
		second:   []string{"a b c"},
	}, {
		name: "the largest group goes first, not the one with the oldest candidate",
		requests: []matchmaker.Request{
			upToFour("a", "*", "any"), upToFour("b", "-mode:x", "y"), upToFour("c", "*", "x"), upToFour("d", "*", "x"),
		},
		second: []string{"a c d"},
	}, {
		name:     "ranges that overlap are good enough",
		requests: []matchmaker.Request{solo("a", 2, 4), solo("b", 3, 6), solo("c", 3, 3)},
		arrival:  []string{"a b c"},
	}, {
		name:     "the size must suit everybody",
		requests: []matchmaker.Request{solo("a", 2, 2), solo("b", 3, 4), solo("c", 5, 6)},
	}, {
		name: "a multiple leaves the youngest out, not the one that has waited longest",
		requests: []matchmaker.Request{
			multiple(2, solo("a", 2, 4)), multiple(2, solo("b", 2, 4)), multiple(2, solo("c", 2, 4)),
		},
		second: []string{"a b"},
	}, {
		name:     "a multiple binds those who do not ask for it",
		requests: []matchmaker.Request{multiple(2, solo("a", 2, 4)), solo("b", 2, 4), solo("c", 2, 4)},
		second:   []string{"a b"},
	}, {
		name:     "multiples of different tickets",
		requests: []matchmaker.Request{multiple(2, solo("a", 2, 8)), solo("b", 2, 8), solo("c", 2, 8), solo("d", 2, 8), solo("e", 2, 8), multiple(3, solo("f", 3, 6))},
		arrival:  []string{"a b c d e f"},
	}, {
		name:     "multiples that never meet",
		requests: []matchmaker.Request{multiple(4, solo("a", 4, 8)), multiple(3, solo("b", 3, 9)), solo("c", 2, 3)},
	}, {
		name:     "huge counts",
		requests: []matchmaker.Request{solo("a", 2, 1<<62), multiple(3, solo("b", 3, 3<<60)), solo("c", 2, 1<<62)},
		second:   []string{"a b c"},
	}})
}

func TestParties(t *testing.T) {
	checkPools(t, []pool{{
		name:     "a party as large as the maximum plays in the first run, and may change its mind until then",
		requests: []matchmaker.Request{party("p", "a b c d", 2, 4)},
		first:    []string{"a b c d"},
	}, {
		name:     "a party that is enough for the minimum plays alone if nobody comes",
		requests: []matchmaker.Request{party("p", "a b", 2, 4)},
		second:   []string{"a b"},
	}, {
		name:     "parties are not split",
		requests: []matchmaker.Request{party("p", "a b c", 4, 4), party("q", "d e", 4, 4), solo("f", 4, 4)},
		arrival:  []string{"a b c f"},
	}, {
		name:     "parties fill up like boxes",
		requests: []matchmaker.Request{party("p", "a b c", 6, 6), party("q", "d e", 6, 6), party("r", "f g", 6, 6), party("s", "h i", 6, 6)},
		arrival:  []string{"d e f g h i"},
	}, {
		name:     "two tickets of one party do not meet",
		requests: []matchmaker.Request{party("p", "a", 2, 2), party("p", "b", 2, 2)},
	}, {
		name:     "a session is not matched with itself",
		requests: []matchmaker.Request{solo("a", 2, 2), solo("a", 2, 2), party("p", "a b", 3, 3)},
	}})
}

func TestQueries(t *testing.T) {
	const fish = "+properties.game:fish_game +properties.engine:godot +properties.client_version:v1.2"
	fishGame := func(session, version string) matchmaker.Request {
		r := asking(session, fish, "game", "fish_game", "engine", "godot", "client_version", version)
		r.MinCount, r.MaxCount = 2, 4
		return r
	}
	const tutorial = "+region:europe +rank:>=7 +rank:<=9"
	ranked := func(session, region string, rank float64) matchmaker.Request {
		return number("rank", rank, asking(session, tutorial, "region", region))
	}
	shy := func(r matchmaker.Request) matchmaker.Request { // does not want its like
		r.Query, r.StringProps = "-shy:yes", map[string]string{"shy": "yes"}
		return r
	}
	checkPools(t, []pool{{
		name:     "Fish Game: four of one version play at once",
		requests: []matchmaker.Request{fishGame("a", "v1.2"), fishGame("b", "v1.2"), fishGame("old", "v1.1"), fishGame("c", "v1.2"), fishGame("d", "v1.2")},
		arrival:  []string{"a b c d"},
	}, {
		name:     "Fish Game: two play after two intervals",
		requests: []matchmaker.Request{fishGame("a", "v1.2"), fishGame("b", "v1.2")},
		second:   []string{"a b"},
	}, {
		name:     "the tutorial: region and rank",
		requests: []matchmaker.Request{ranked("a", "europe", 8), ranked("far", "asia", 8), ranked("weak", "europe", 6), ranked("b", "europe", 9)},
		arrival:  []string{"a b"},
	}, {
		name:     "both must want it",
		requests: []matchmaker.Request{asking("a", "*", "mode", "x"), asking("b", "-mode:x", "mode", "y"), asking("c", "+mode:x", "mode", "y")},
		arrival:  []string{"a c"},
	}, {
		name: "each two must want it",
		requests: []matchmaker.Request{
			{Presences: presences("a"), MinCount: 3, MaxCount: 3},
			{Presences: presences("b"), MinCount: 3, MaxCount: 3, Query: "-mode:x"},
			{Presences: presences("c"), MinCount: 3, MaxCount: 3, StringProps: map[string]string{"mode": "x"}},
			{Presences: presences("d"), MinCount: 3, MaxCount: 3, StringProps: map[string]string{"mode": "y"}},
		},
		arrival: []string{"a b d"},
	}, {
		name:     "the highest score goes first, then the oldest",
		requests: []matchmaker.Request{asking("a", "-x:x", "map", "desert"), asking("b", "-map:*", "map", "sea"), asking("c", "-map:*", "map", "sea"), asking("d", "map:sea *")},
		arrival:  []string{"b d"},
	}, {
		name:     "a number hides a text of the same name",
		requests: []matchmaker.Request{number("k", 5, asking("a", "*", "k", "text")), asking("b", "k:text"), asking("c", "k:5")},
		arrival:  []string{"a c"},
	}, {
		name: "the fields of the ticket itself",
		requests: []matchmaker.Request{
			shy(solo("a", 2, 2)), shy(party("q", "other", 2, 2)), shy(party("p", "b", 2, 2)),
			asking("c", "+min_count:2 +max_count:<3 +party_id:p +created_at:>0 +ticket:*", "min_count", "property"),
		},
		arrival: []string{"b c"},
	}, {
		name:     "a property with the name of such a field needs its prefix",
		requests: []matchmaker.Request{asking("a", "*", "ticket", "gold"), asking("b", "ticket:gold"), asking("c", "properties.ticket:gold")},
		arrival:  []string{"a c"},
	}, {
		name:     "a query that no ticket matches",
		requests: []matchmaker.Request{asking("a", "-*"), asking("b", "*"), asking("c", "word")},
	}})
}

func TestTicketThatHasWaitedIsFoundByNewcomers(t *testing.T) {
	inWorld(t, matchmaker.Config{}, func(t *testing.T, w *world) {
		w.add(solo("a", 2, 3))
		w.runs(10)
		w.add(solo("b", 2, 3))
		require.Empty(t, w.take(), "a newcomer takes only full groups")
		w.runs(1)
		require.Equal(t, []string{"a b"}, w.take(), "a has waited long enough")
	})
}

func TestTheOldestIsServedFirst(t *testing.T) {
	inWorld(t, matchmaker.Config{WaitForRun: true}, func(t *testing.T, w *world) {
		for i := range 7 {
			w.add(solo(fmt.Sprint(i), 3, 3))
		}
		require.Empty(t, w.take(), "the search on arrival is off")
		w.runs(1)
		require.Equal(t, []string{"0 1 2", "3 4 5"}, w.take())
	})
}

func TestSettingsOfTheRun(t *testing.T) {
	inWorld(t, matchmaker.Config{MaxIntervals: 1, Interval: 5e9}, func(t *testing.T, w *world) {
		w.add(solo("a", 2, 4), solo("b", 2, 4))
		w.runs(1)
		require.Equal(t, []string{"a b"}, w.take())
	})
}

// The same tickets in the same order make the same groups, whatever ids and sessions they have.
func TestSameArrivalsSameGroups(t *testing.T) {
	play := func() (groups []string) {
		inWorld(t, matchmaker.Config{}, func(t *testing.T, w *world) {
			for i := range 100 {
				r := number("skill", float64(i*37%50), solo(fmt.Sprint(i), 2, 2+i%4))
				r.Query = fmt.Sprintf("+skill:>=%d skill:>=%d", i*37%50-10, i*37%50)
				w.add(r)
			}
			w.runs(4)
			groups = w.take()
		})
		return groups
	}
	first := play()
	require.Greater(t, len(first), 20)
	for range 5 {
		require.Equal(t, first, play())
	}
}
