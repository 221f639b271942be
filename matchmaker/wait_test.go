package matchmaker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
)

// Someone who takes a match of 2 to 4 waits among those who want a duel with the same partners. In each interval a
// partner comes, so that there is a group for the first, and then a rival that could have the partner at once: a
// matchmaker that serves whoever arrives would let the first wait for ever.
func TestNobodyStarves(t *testing.T) {
	const intervals = 10_000
	r := rand.New(rand.NewPCG(3, 4))
	out := &told{}
	m, err := New(Config{Outbox: out})
	require.NoError(t, err)
	last := 0
	add := func(kind string, high int, text string) string {
		last++
		session := fmt.Sprint(kind, last)
		_, err := m.Add(Request{
			Presences: []presence.Presence{{Session: session}}, MinCount: 2, MaxCount: high, Query: text,
			StringProps: map[string]string{"kind": kind},
		})
		require.NoError(t, err)
		return session
	}
	patient, passed, served := "", 0, map[int]int{}
	for range intervals {
		if patient == "" {
			patient, passed = add("patient", 4, "+kind:partner"), 0
		}
		var rivals []string
		for range 1 + r.IntN(3) {
			add("partner", 4, "-kind:partner")
			rivals = append(rivals, add("rival", 2, "+kind:partner"))
		}
		m.run(context.Background())
		isPatient := func(e Entry) bool { return e.Presence.Session == patient }
		if slices.ContainsFunc(out.results, func(r Result) bool { return slices.ContainsFunc(r.Entries, isPatient) }) {
			served[passed]++
			patient = ""
		} else {
			passed++
		}
		require.LessOrEqual(t, passed, 3, "a group was there in each interval")
		out.results = out.results[:0]
		for _, s := range rivals { // those who found nobody give up: nobody older waits
			m.RemoveSession(s)
		}
	}
	require.NotEmpty(t, served)
	require.NotZero(t, served[3], "rivals go first as often as they may")
}

// In a pool of any kinds, a ticket for which there is a group at the start of a run and that is not matched has lost its
// candidates to tickets that are older.
func TestOnlyOlderTicketsGoFirst(t *testing.T) {
	c := &crowd{Rand: rand.New(rand.NewPCG(5, 6))}
	out := &told{}
	m, err := New(Config{Outbox: out, WaitForRun: true})
	require.NoError(t, err)
	passedOver := 0
	for range 60 {
		for range c.IntN(20) {
			_, err := m.Add(c.request())
			require.NoError(t, err)
		}
		possible := map[*ticket]bool{}
		for tk := range m.queue.all() {
			m.queue.finder.renew()
			group, err := m.queue.find(tk, int(tk.runs)+1 < m.cfg.MaxIntervals)
			require.NoError(t, err)
			possible[tk] = group != nil
		}
		serials := map[string]uint64{}
		for tk := range m.queue.all() {
			serials[tk.ID] = tk.serial
		}
		m.run(context.Background())
		for tk := range m.queue.all() {
			if !possible[tk] {
				continue
			}
			passedOver++
			older := slices.ContainsFunc(out.results, func(r Result) bool { return serials[r.Entries[0].Ticket.ID] < tk.serial })
			require.True(t, older, "%q has lost its group to nobody older", tk.Query)
		}
		out.results = out.results[:0]
	}
	require.NotZero(t, passedOver)
}
