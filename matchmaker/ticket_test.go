package matchmaker_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/query"
)

func TestNewRefusesAWrongConfig(t *testing.T) {
	for name, c := range map[string]matchmaker.Config{
		"no outbox":           {},
		"negative number":     {Outbox: &box{}, Candidates: -1},
		"negative duration":   {Outbox: &box{}, Interval: -time.Second},
		"too many candidates": {Outbox: &box{}, Candidates: 1025},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := matchmaker.New(c)
			require.ErrorContains(t, err, "matchmaker: ")
		})
	}
}

func TestAddRefusesAWrongRequest(t *testing.T) {
	good := func() matchmaker.Request { return solo("a", 2, 4) }
	for _, test := range []struct {
		name   string
		change func(r *matchmaker.Request)
		want   error
	}{
		{"minimum", func(r *matchmaker.Request) { r.MinCount = 1 }, matchmaker.ErrMinCount},
		{"maximum", func(r *matchmaker.Request) { r.MaxCount = 1 }, matchmaker.ErrMaxCount},
		{"multiple", func(r *matchmaker.Request) { r.CountMultiple = -1 }, matchmaker.ErrCountMultiple},
		{"multiple and minimum", func(r *matchmaker.Request) { r.CountMultiple = 4 }, matchmaker.ErrMinMultiple},
		{"multiple and maximum", func(r *matchmaker.Request) { r.MinCount, r.CountMultiple = 3, 3 }, matchmaker.ErrMaxMultiple},
		{"query", func(r *matchmaker.Request) { r.Query = "+" }, matchmaker.ErrQuery},
		{"nobody", func(r *matchmaker.Request) { r.Presences = nil }, matchmaker.ErrNoPresence},
		{"twice", func(r *matchmaker.Request) { r.Presences = presences("a b a") }, matchmaker.ErrDuplicateSession},
		{"large party", func(r *matchmaker.Request) { r.Presences = presences("a b c d e") }, matchmaker.ErrPartyTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, b := newMatchmaker(t, matchmaker.Config{})
			r := good()
			r.Accepted = b.replied
			test.change(&r)
			_, err := m.Add(r)
			require.ErrorIs(t, err, test.want)
			require.Empty(t, b.order, "a refused request gets no ticket")
			require.Zero(t, m.Stats().Tickets)
		})
	}
	m, _ := newMatchmaker(t, matchmaker.Config{})
	_, err := m.Add(asking("a", "level:"))
	_, is := errors.AsType[*query.SyntaxError](err)
	require.True(t, is, "the author of the query can be told what is wrong")
}

func TestTicketsPerSessionAndParty(t *testing.T) {
	m, _ := newMatchmaker(t, matchmaker.Config{WaitForRun: true})
	tickets := add(t, m, solo("a", 2, 2), solo("a", 2, 2), party("p", "a b", 3, 3))
	for _, r := range []matchmaker.Request{solo("a", 2, 2), party("q", "c a", 3, 3)} {
		_, err := m.Add(r)
		require.ErrorIs(t, err, matchmaker.ErrTooManyTickets)
	}
	require.NoError(t, m.Remove("a", tickets[0]))
	add(t, m, solo("a", 2, 2))

	// A party has its own count: its members may have changed from ticket to ticket.
	add(t, m, party("p", "c", 3, 3), party("p", "d", 3, 3))
	_, err := m.Add(party("p", "e", 3, 3))
	require.ErrorIs(t, err, matchmaker.ErrTooManyTickets)
	require.Equal(t, 5, m.Stats().Tickets)
}

func TestTheReplyComesFirst(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	var replied []string
	for _, s := range []string{"a", "b"} {
		r := solo(s, 2, 2)
		r.Accepted = func(ticket string) {
			b.replied(ticket)
			replied = append(replied, ticket)
		}
		id, err := m.Add(r)
		require.NoError(t, err)
		require.Equal(t, id, replied[len(replied)-1])
	}
	require.Equal(t, []string{"reply", "reply", "matched"}, b.order)
	require.NotEqual(t, replied[0], replied[1])
}

func TestResult(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	first := party("p", "a b", 3, 3)
	first.StringProps = map[string]string{"region": "europe"}
	first.NumericProps = map[string]float64{"rank": 8}
	start := time.Now()
	tickets := add(t, m, first)
	first.StringProps["region"], first.Presences[0].Username = "changed", "changed" // too late
	tickets = append(tickets, add(t, m, solo("c", 3, 3))...)

	require.Len(t, b.results, 1)
	r := b.results[0]
	require.Empty(t, r.MatchID, "a relayed match")
	require.Len(t, r.Entries, 3)
	for i, e := range r.Entries {
		require.Equal(t, presences("a b c")[i], e.Presence)
		require.Equal(t, tickets[i/2], e.Ticket.ID)
		require.WithinDuration(t, start, e.Ticket.Created, time.Minute)
	}
	p := r.Entries[1].Ticket
	require.Equal(t, "p", p.PartyID)
	require.Equal(t, map[string]string{"region": "europe"}, p.StringProps())
	require.Equal(t, map[string]float64{"rank": 8}, p.NumericProps())
	require.Empty(t, r.Entries[2].Ticket.StringProps())
	require.Zero(t, m.Stats().Tickets)
}

func TestRemove(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	own := add(t, m, solo("a", 2, 2))[0]
	partys := add(t, m, party("p", "b c", 4, 4))[0]
	require.ErrorIs(t, m.Remove("x", own), matchmaker.ErrNotFound, "another's")
	require.ErrorIs(t, m.Remove("b", partys), matchmaker.ErrNotFound, "the party's")
	require.ErrorIs(t, m.Remove("a", "nothing"), matchmaker.ErrNotFound)
	require.NoError(t, m.Remove("a", own))
	require.ErrorIs(t, m.Remove("a", own), matchmaker.ErrNotFound)

	add(t, m, solo("d", 2, 2))
	require.Empty(t, b.take(), "a removed ticket is not matched")
}

func TestTicketsVanishWithTheirSession(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	add(t, m, solo("a", 2, 2), party("p", "a b", 4, 4), solo("c", 5, 5))
	m.RemoveSession("a")
	m.RemoveSession("a")
	m.RemoveSession("nobody")
	require.Equal(t, 1, m.Stats().Tickets, "its own and its party's are gone")
	add(t, m, solo("d", 2, 2))
	require.Empty(t, b.take())
	add(t, m, solo("b", 2, 2))
	require.Equal(t, []string{"d b"}, b.take(), "the other member of the party is free")
}

func TestTicketsVanishWithTheirParty(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	add(t, m, party("p", "a b", 4, 4), party("p", "a b", 6, 6), party("q", "c d", 6, 6))
	m.RemoveParty("p")
	m.RemoveParty("nothing")
	require.Equal(t, 1, m.Stats().Tickets)
	add(t, m, party("r", "e f", 4, 4))
	require.Empty(t, b.take())
}

func TestAPartyTakesOneTicketBack(t *testing.T) {
	m, b := newMatchmaker(t, matchmaker.Config{})
	tickets := add(t, m, party("p", "a b", 4, 4), party("p", "a b", 6, 6), solo("c", 9, 9))
	for _, of := range []struct{ party, ticket string }{
		{"q", tickets[0]}, {"", tickets[2]}, {"c", tickets[2]}, {"p", "none"}, {"p", ""},
	} {
		require.ErrorIs(t, m.RemovePartyTicket(of.party, of.ticket), matchmaker.ErrNotFound)
	}
	require.Equal(t, 3, m.Stats().Tickets)
	require.NoError(t, m.RemovePartyTicket("p", tickets[0]))
	require.ErrorIs(t, m.RemovePartyTicket("p", tickets[0]), matchmaker.ErrNotFound)
	add(t, m, party("r", "e f", 4, 4))
	require.Empty(t, b.take(), "a removed ticket is not matched")
	add(t, m, party("s", "g h i j", 6, 6))
	require.Equal(t, []string{"a b g h i j"}, b.take(), "the other one waits on")
}

func TestASessionIsMatchedWithOneOfItsTickets(t *testing.T) {
	var removed []string
	m, b := newMatchmaker(t, matchmaker.Config{Hooks: matchmaker.Hooks{
		Removed: func(t *matchmaker.Ticket, r matchmaker.Reason) { removed = append(removed, t.ID+" "+r.String()) },
	}})
	tickets := add(t, m, solo("a", 2, 2), party("p", "a b", 3, 3), solo("c", 3, 3))
	require.Equal(t, []string{"a b c"}, b.take())
	require.Equal(t, []string{tickets[0] + " superseded"}, removed)
	add(t, m, solo("d", 2, 2))
	require.Empty(t, b.take(), "the other ticket of a is gone")
	add(t, m, solo("a", 2, 2))
	require.Equal(t, []string{"d a"}, b.take(), "after its match a session may wait again")
}

func TestStats(t *testing.T) {
	inWorld(t, matchmaker.Config{}, func(t *testing.T, w *world) {
		stats := func() matchmaker.Stats {
			s := w.Stats()
			s.Pools = nil // of another test
			return s
		}
		require.Equal(t, matchmaker.Stats{}, stats())
		start := time.Now()
		w.add(solo("old", 9, 9))
		time.Sleep(time.Second)
		w.add(solo("a", 2, 2))
		time.Sleep(time.Second)
		w.add(solo("b", 2, 2))
		at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
		require.Equal(t, matchmaker.Stats{
			Tickets:     1,
			Oldest:      start,
			Completions: []matchmaker.Completion{{Created: at(1), Completed: at(2)}, {Created: at(2), Completed: at(2)}},
		}, stats())

		for range 6 {
			time.Sleep(time.Second)
			w.add(solo("a", 2, 2), solo("b", 2, 2))
		}
		s := w.Stats()
		require.Len(t, s.Completions, 10, "the latest ones")
		require.Equal(t, at(8), s.Completions[9].Completed)
		require.Equal(t, at(4), s.Completions[0].Completed)
	})
}

func TestWaiting(t *testing.T) {
	m, _ := newMatchmaker(t, matchmaker.Config{})
	require.Empty(t, m.Waiting(10))
	ids := add(t, m, solo("a", 9, 9), solo("b", 9, 9), solo("c", 9, 9))
	for limit := range 5 {
		var got []string
		for _, ticket := range m.Waiting(limit) {
			got = append(got, ticket.ID)
		}
		require.Equal(t, ids[:min(limit, 3)], append([]string{}, got...), "the oldest first")
	}
}

func TestHooks(t *testing.T) {
	var told []string
	hooks := func(name string) matchmaker.Hooks {
		return matchmaker.Hooks{
			Added:   func(*matchmaker.Ticket) { told = append(told, name+" added") },
			Removed: func(_ *matchmaker.Ticket, r matchmaker.Reason) { told = append(told, name+" "+r.String()) },
			Matched: func(r matchmaker.Result) { told = append(told, name+" matched "+players(r)) },
		}
	}
	play := func(with matchmaker.Hooks) []string {
		told = nil
		m, _ := newMatchmaker(t, matchmaker.Config{Hooks: with})
		ticket := add(t, m, solo("a", 2, 2))[0]
		require.NoError(t, m.Remove("a", ticket))
		add(t, m, solo("a", 2, 2))
		m.RemoveSession("a")
		add(t, m, party("p", "a", 2, 2))
		m.RemoveParty("p")
		add(t, m, solo("a", 2, 2), solo("b", 2, 2))
		return told
	}
	want := []string{
		"1 added", "1 cancelled", "1 added", "1 disconnected", "1 added", "1 party changed",
		"1 added", "1 added", "1 matched a b",
	}
	one, two := hooks("1"), hooks("2")
	require.Equal(t, want, play(one))
	require.Equal(t, want, play(one.With(matchmaker.Hooks{})))
	require.Equal(t, want, play(matchmaker.Hooks{}.With(one)))
	require.Equal(t, []string{"1 added", "2 added", "1 cancelled", "2 cancelled"}, play(one.With(two))[:4])
}
