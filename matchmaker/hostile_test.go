package matchmaker

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
)

// strangers is a Matchmaker with n tickets of which nobody wants the others, as far as they come to look.
func strangers(t *testing.T, c Config, n int, request func(i int) Request) *Matchmaker {
	t.Helper()
	c.Outbox = nobody{}
	m, err := New(c)
	require.NoError(t, err)
	for i := range n {
		r := request(i)
		r.Presences = []presence.Presence{{Session: fmt.Sprint(i)}}
		r.MinCount, r.MaxCount = 2, 2
		_, err := m.Add(r)
		require.NoError(t, err)
	}
	return m
}

// Clients send any query, and any properties. The work for one arrival is bounded all the same.
func TestWorkIsBounded(t *testing.T) {
	terms := func(form string) string {
		var b strings.Builder
		for i := range 200 {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	long := strings.Repeat("a", 3000)
	for name, request := range map[string]func(i int) Request{
		"terms that are no index": func(int) Request { return Request{Query: terms("none%d:x ")} },
		"fields of their own":     func(i int) Request { return Request{Query: fmt.Sprintf("+own%d:>1", i)} },
		"tickets by their names":  func(int) Request { return Request{Query: "+ticket:/x(a?){100}/"} },
		"wildcards on long texts": func(i int) Request {
			return Request{Query: "+a:*" + strings.Repeat("a", 500) + "b", StringProps: map[string]string{"a": fmt.Sprint(i, long)}}
		},
		"expressions on long texts": func(i int) Request {
			return Request{Query: "+a:/(a?){150}b/", StringProps: map[string]string{"a": long + fmt.Sprint(i)}}
		},
		"scores": func(int) Request { return Request{Query: "+z:1 y:2^5"} },
	} {
		t.Run(name, func(t *testing.T) {
			const steps, n = 1000, 300
			m := strangers(t, Config{Steps: steps, WaitForRun: true}, n, request)
			worst := 0
			for range 5 {
				m.queue.finder.renew()
				granted := m.queue.finder.work
				tickets, err := m.queue.find(m.queue.newest, false)
				require.NoError(t, err)
				require.Nil(t, tickets)
				worst = max(worst, granted-m.queue.finder.work)
			}
			assert.LessOrEqual(t, worst, steps*workPerStep+3100*1000/8, "what is too much by itself is done once")
		})
	}
}

// A search that gives up is told to the hooks and goes on in the next run, so that it comes to all tickets.
func TestASearchGoesOnWhereItGaveUp(t *testing.T) {
	gaveUp := 0
	m := strangers(t, Config{Steps: 10, WaitForRun: true, Hooks: Hooks{GaveUp: func(*Ticket) { gaveUp++ }}}, 500, func(i int) Request {
		if i == 499 {
			return Request{Query: "ticket:x kind:last"} // of which only the first is no use to an index
		}
		if i == 498 {
			return Request{StringProps: map[string]string{"kind": "last"}, Query: "-z:1 -y:1 -x:1 -w:1"}
		}
		return Request{Query: "-z:1 -y:1 -x:1 -kind:last", StringProps: map[string]string{"kind": "crowd", "z": "1"}}
	})
	for range 60 {
		m.run(context.Background())
	}
	assert.Equal(t, 498, m.Stats().Tickets, "the two at the end have found each other")
	assert.Positive(t, gaveUp)
}

// A search that runs out of work among many candidates makes do with those that it has found.
func TestTooManyCandidatesAreEnough(t *testing.T) {
	gaveUp := 0
	m := strangers(t, Config{Steps: 100, WaitForRun: true, Hooks: Hooks{GaveUp: func(*Ticket) { gaveUp++ }}}, 300, func(i int) Request {
		return Request{Query: "kind:a^2 kind:b", StringProps: map[string]string{"kind": "ab"[i%2 : i%2+1]}}
	})
	m.run(context.Background())
	assert.Zero(t, m.Stats().Tickets)
	assert.Zero(t, gaveUp)
}

// Texts of clients cannot be made to look like those that another query insists on.
func TestClassesAreNotMistaken(t *testing.T) {
	m := strangers(t, Config{WaitForRun: true}, 3, func(i int) Request {
		if i == 0 {
			return Request{Query: "+a:b\x00c\x00d"}
		}
		return Request{Query: "+a:b +c:d", StringProps: map[string]string{"a": "b", "c": "d"}}
	})
	m.run(context.Background())
	assert.Equal(t, 1, m.Stats().Tickets)
}

// A ticket may have any number of properties.
func TestManyProperties(t *testing.T) {
	texts, numbers := make(map[string]string), make(map[string]float64)
	for i := range 300 {
		texts[fmt.Sprint("t", i)], numbers[fmt.Sprint("n", i)] = fmt.Sprint(i), float64(i)
	}
	for n := range 40 {
		var p Ticket
		some, others := make(map[string]string), make(map[string]float64)
		for i := range n * 7 {
			some[fmt.Sprint("t", i)], others[fmt.Sprint("n", i)] = fmt.Sprint(i), float64(i)
		}
		p.setProperties(some, others)
		for key, v := range texts {
			got, ok := p.Text(key)
			_, want := some[key]
			require.Equal(t, want, ok)
			require.True(t, !ok || got == v)
		}
		for key, v := range numbers {
			got, ok := p.Number(key)
			_, want := others[key]
			require.Equal(t, want, ok)
			require.True(t, !ok || got == v)
		}
	}
}

// Tickets that the host has edited are found by the index, not one by one, in the run that follows.
func TestARunBringsEditedTicketsInOrder(t *testing.T) {
	m := strangers(t, Config{WaitForRun: true}, 50, func(int) Request { return Request{Query: "+z:1"} })
	for at := range m.queue.all() {
		require.NoError(t, m.Edit(at.ID, func(terms *Terms) { terms.Query = "+z:2" }))
	}
	m.run(context.Background())
	for _, c := range m.queue.pool.classes {
		assert.Empty(t, c.late)
	}
}

// One arrival tries the hungry tickets that want somebody of its group, but not for ever.
func TestAnArrivalIsBoundedBesideHungryTickets(t *testing.T) {
	m := strangers(t, Config{Steps: 1000}, 300, func(i int) Request {
		return Request{Query: "-n:>5 " + strings.Repeat("-z:1 ", 100), NumericProps: map[string]float64{"n": 9, "i": float64(i)}}
	})
	for range 4 {
		m.run(context.Background())
	}
	_, err := m.Add(Request{Presences: []presence.Presence{{Session: "new"}}, MinCount: 2, MaxCount: 2})
	require.NoError(t, err)
	assert.Less(t, -m.queue.finder.work, 1000)
}

// A host may name pools by what clients send.
func TestPoolsAreBounded(t *testing.T) {
	m := strangers(t, Config{WaitForRun: true, Pool: func(t *Ticket) string { return t.Query }}, 300, func(i int) Request {
		return Request{Query: fmt.Sprintf("+a:%d", i)}
	})
	pools := m.Stats().Pools
	assert.Len(t, pools, 257)
	assert.Equal(t, 44, pools["other"].Waiting)
}
