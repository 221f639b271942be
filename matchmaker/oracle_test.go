package matchmaker

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/presence"
)

// wish is a ticket as the oracle knows it: it wants those whose class is in its set.
type wish struct {
	sessions      []string
	party         string
	low, high, by int
	class         int
	wants         [3]bool
	runs          int
}

func drawWish(t *rapid.T, i int) *wish {
	w := &wish{
		by:    rapid.IntRange(1, 3).Draw(t, "multiple"),
		class: rapid.IntRange(0, 2).Draw(t, "class"),
	}
	w.low = w.by * rapid.IntRange((2+w.by-1)/w.by, 3).Draw(t, "low")
	w.high = w.low + w.by*rapid.IntRange(0, 2).Draw(t, "range")
	for c := range w.wants {
		w.wants[c] = rapid.IntRange(0, 3).Draw(t, "wants") > 0
	}
	for range min(w.high, rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "size")) {
		w.sessions = append(w.sessions, fmt.Sprintf("%d-%d", i, len(w.sessions)))
	}
	if i > 0 && rapid.IntRange(0, 5).Draw(t, "shared") == 0 {
		w.sessions[0] = fmt.Sprintf("%d-0", i-1) // the same player waits twice
	}
	if len(w.sessions) > 1 {
		w.party = rapid.SampledFrom([]string{"p", "q", "r", "s"}).Draw(t, "party")
	}
	return w
}

func (w *wish) request() Request {
	r := Request{
		PartyID: w.party, MinCount: w.low, MaxCount: w.high, CountMultiple: w.by,
		NumericProps: map[string]float64{"class": float64(w.class)},
	}
	for _, s := range w.sessions {
		r.Presences = append(r.Presences, presence.Presence{Session: s})
	}
	var terms []string
	for c, wanted := range w.wants {
		if !wanted {
			terms = append(terms, fmt.Sprintf("-class:%d", c))
		}
	}
	r.Query = strings.Join(terms, " ")
	return r
}

func (w *wish) sharesSession(other *wish) bool {
	return slices.ContainsFunc(w.sessions, func(s string) bool { return slices.Contains(other.sessions, s) })
}

func (w *wish) shares(other *wish) bool {
	return w.sharesSession(other) || w.party != "" && w.party == other.party
}

// isGroup says whether the rule allows some wishes to play together, and how many players they are.
func isGroup(all []*wish) (players int, ok bool) {
	for _, w := range all {
		players += len(w.sessions)
	}
	for i, w := range all {
		if players < w.low || players > w.high || players%w.by != 0 {
			return players, false
		}
		for _, o := range all[:i] {
			if w.shares(o) || !w.wants[o.class] || !o.wants[w.class] {
				return players, false
			}
		}
	}
	return players, true
}

// largest tries all groups with w.
func largest(w *wish, pool []*wish, full bool) int {
	best := 0
	for set := range 1 << len(pool) {
		group := []*wish{w}
		for i, o := range pool {
			if set>>i&1 == 1 && o != w {
				group = append(group, o)
			}
		}
		if n, ok := isGroup(group); ok && n > best && (!full || n == w.high) {
			best = n
		}
	}
	return best
}

// told is an Outbox that keeps results in order.
type told struct{ results []Result }

func (o *told) Matched(r Result) { o.results = append(o.results, r) }

func (o *told) Expired(*Ticket) {}

// oracle follows a Matchmaker and says what it has to do.
type oracle struct {
	t    *rapid.T
	out  *told
	byID map[string]*wish
	pool []*wish // oldest first
}

// expect checks that w is matched now as the rule says, and takes its group out of the pool.
func (o *oracle) expect(w *wish, full bool) {
	want := largest(w, o.pool, full)
	if want == 0 {
		return
	}
	require.NotEmpty(o.t, o.out.results, "%v has a group of %d", w.sessions, want)
	r := o.out.results[0]
	o.out.results = o.out.results[1:]
	var group []*wish
	for _, e := range r.Entries {
		if t := o.byID[e.Ticket.ID]; len(group) == 0 || group[len(group)-1] != t {
			group = append(group, t)
		}
	}
	require.Contains(o.t, group, w)
	got, ok := isGroup(group)
	require.True(o.t, ok, "the group breaks the rule")
	require.Equal(o.t, want, got, "there is a larger group")
	require.Len(o.t, r.Entries, got)
	rest := o.pool
	o.pool = nil
	for _, w := range rest {
		if !slices.ContainsFunc(group, w.sharesSession) {
			o.pool = append(o.pool, w)
		}
	}
}

// For pools of up to 12 tickets all groups can be tried. On arrival and in each run the Matchmaker does what the rule
// says, for one ticket after the other.
func TestTheRuleHolds(t *testing.T) {
	for range 4 { // 100 pools each
		rapid.Check(t, checkTheRule)
	}
}

func checkTheRule(t *rapid.T) {
	o := &oracle{t: t, out: &told{}, byID: map[string]*wish{}}
	wait := rapid.Bool().Draw(t, "wait for run")
	m, err := New(Config{Outbox: o.out, WaitForRun: wait, MaxTickets: 100, Candidates: 12, Steps: math.MaxInt})
	require.NoError(t, err)
	for i := range rapid.IntRange(2, 12).Draw(t, "tickets") {
		w := drawWish(t, i)
		r := w.request()
		r.Accepted = func(id string) { o.byID[id] = w }
		_, err := m.Add(r)
		require.NoError(t, err)
		o.pool = append(o.pool, w)
		if !wait && len(w.sessions) < w.high { // else it is a group by itself, which forms in a run
			o.expect(w, true)
		}
		require.Empty(t, o.out.results)
	}
	for range 3 {
		waiting := o.pool
		m.run(context.Background())
		for _, w := range waiting {
			if !slices.Contains(o.pool, w) {
				continue
			}
			w.runs++
			o.expect(w, w.runs < defaultMaxIntervals)
		}
		require.Empty(t, o.out.results, "more groups than the rule gives")
		require.Equal(t, len(o.pool), m.Stats().Tickets)
	}
}

// rivals are n tickets in some classes, each of which wants nobody of its own class.
func rivals(t testing.TB, n, classes int) (*pool, []*ticket) {
	var all []*ticket
	p := newPool()
	for i := range n {
		tk, err := newTicket(Request{
			Presences: []presence.Presence{{Session: fmt.Sprint(i)}}, MinCount: 2, MaxCount: 64,
			Query: fmt.Sprintf("-class:%d", i%classes), NumericProps: map[string]float64{"class": float64(i % classes)},
		})
		require.NoError(t, err)
		tk.serial, tk.pooled = uint64(i)+1, true
		p.enter(tk)
		all = append(all, tk)
	}
	return &p, all
}

func find(t testing.TB, f *finder, p *pool, tk *ticket, own []*ticket, full bool) []*ticket {
	f.renew()
	group, err := f.find(p, tk, own, full)
	require.NoError(t, err)
	return group
}

// With two tickets in each of 32 classes there are groups of up to 32, and billions of ways not to find one of 33.
func TestStepsBoundASearch(t *testing.T) {
	pool, _ := rivals(t, 64, 32)
	anybody := func(low, high int) *ticket {
		tk, err := newTicket(Request{Presences: []presence.Presence{{Session: "x"}}, MinCount: low, MaxCount: high})
		require.NoError(t, err)
		tk.serial = 100
		return tk
	}
	f := finder{limit: 64, maxSteps: defaultSteps}
	require.Nil(t, find(t, &f, pool, anybody(34, 64), nil, false), "there is no group, and the search for it ends")
	require.Len(t, find(t, &f, pool, anybody(2, 64), nil, false), 33, "sizes that nobody can fill leave steps for those after them")
	require.Len(t, find(t, &f, pool, anybody(33, 33), nil, true), 33)

	f.maxSteps = 10
	require.Nil(t, find(t, &f, pool, anybody(33, 33), nil, true), "too few steps for so many")
	require.Len(t, find(t, &f, pool, anybody(2, 2), nil, true), 2, "but enough for two")
}

func TestCandidatesBoundASearch(t *testing.T) {
	pool, all := rivals(t, 10, 2)
	f := finder{limit: 2, maxSteps: defaultSteps}
	all[0].MaxCount = 3
	require.Len(t, find(t, &f, pool, all[0], nil, false), 2)
	require.Len(t, f.candidates, 2)
	require.Equal(t, all[1], f.candidates[0].ticket, "the oldest that all[0] wants")
	require.Equal(t, all[3], f.candidates[1].ticket)

	scored, err := newTicket(Request{
		Presences: []presence.Presence{{Session: "scored"}}, MinCount: 2, MaxCount: 40, Query: "ticket:* ticket:" + all[8].ID,
	})
	require.NoError(t, err)
	find(t, &f, pool, scored, nil, false)
	require.Equal(t, all[8], f.candidates[0].ticket, "the best of all, not of the oldest")
	require.Equal(t, all[0], f.candidates[1].ticket)
}
