package matchmaker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/query"
)

// crowd makes requests of many kinds, in which few texts and numbers occur often, as in a real pool.
type crowd struct {
	*rand.Rand
	n int
}

func (c *crowd) term() string {
	sign := []string{"+", "+", "+", "-", ""}[c.IntN(5)]
	return sign + []string{
		fmt.Sprint("mode:m", c.IntN(3)), fmt.Sprint("region:r", c.IntN(3)), fmt.Sprint("region:/r[0", c.IntN(3), "]/"),
		"mode:m*", "region:*", "skill:*", fmt.Sprint("skill:>=", c.IntN(80)), fmt.Sprint("skill:<", 20+c.IntN(80)),
		fmt.Sprint("skill:>", c.IntN(40)), fmt.Sprint("level:", c.IntN(3)), fmt.Sprint("name:player", c.IntN(500)),
		"region:r1~1", fmt.Sprint("skill:<=", c.IntN(100)), "max_count:>=2", `mode:"m1"`, "*", fmt.Sprint("mode:m1^", c.IntN(3)),
	}[c.IntN(17)]
}

func (c *crowd) request() Request {
	c.n++
	r := Request{
		Presences: []presence.Presence{{Session: fmt.Sprint(c.n)}}, MinCount: 2, MaxCount: 2 + c.IntN(3),
		StringProps: map[string]string{"name": fmt.Sprint("player", c.n)}, NumericProps: map[string]float64{},
	}
	if c.IntN(5) > 0 {
		r.StringProps["mode"] = fmt.Sprint("m", c.IntN(3))
	}
	if c.IntN(5) > 0 {
		r.StringProps["region"] = fmt.Sprint("r", c.IntN(3))
	}
	if c.IntN(5) > 0 {
		r.NumericProps["skill"] = float64(c.IntN(100))
	}
	switch c.IntN(4) {
	case 0:
		r.NumericProps["level"] = float64(c.IntN(3))
	case 1:
		r.StringProps["level"] = fmt.Sprint(c.IntN(3))
	}
	var terms []string
	for range c.IntN(4) {
		terms = append(terms, c.term())
	}
	r.Query = strings.Join(terms, " ")
	return r
}

// document is a ticket as package query would see it.
func document(t *Ticket) query.Doc {
	d := query.Doc{}
	for _, f := range []string{"min_count", "max_count", "created_at", "ticket", "party_id"} {
		if v, ok := t.own(ownPrefix + f); ok {
			d.Add(f, v)
		}
	}
	for k, v := range t.NumericProps() {
		d.Add(k, query.Number(v))
	}
	for k, v := range t.StringProps() {
		if _, hidden := t.NumericProps()[k]; !hidden {
			d.Add(k, query.Text(v))
		}
	}
	return d
}

// naive finds the candidates of a ticket by a look at every other, with nothing but package query.
func naive(t testing.TB, tk *ticket, all []*ticket, f *finder) (ids []string) {
	type found struct {
		*ticket
		score float64
	}
	var them []found
	parsed := func(t testing.TB, of *ticket) *query.Query {
		q, err := query.Parse(of.Query, query.Options{})
		require.NoError(t, err)
		return q
	}
	own, doc := parsed(t, tk), document(tk.Ticket)
	for _, o := range all {
		if o == tk || !o.pooled || !tk.shape().meets(o.shape(), f.full) {
			continue
		}
		score, wanted := own.Match(document(o.Ticket))
		if !wanted {
			continue
		}
		if _, back := parsed(t, o).Match(doc); back {
			them = append(them, found{o, score})
		}
	}
	slices.SortStableFunc(them, func(a, b found) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return byAge(a.ticket, b.ticket)
	})
	for _, o := range them[:min(len(them), f.limit)] {
		ids = append(ids, o.ID)
	}
	return ids
}

// What the index finds is what a look at every ticket finds, while tickets come, go, and are held back.
func TestTheIndexFindsTheSameCandidates(t *testing.T) {
	for _, test := range []struct{ tickets, searches, limit int }{{60, 100, 5}, {1000, 50, 1000}, {2000, 20, 20}} {
		t.Run(fmt.Sprint(test.tickets), func(t *testing.T) {
			c := &crowd{Rand: rand.New(rand.NewPCG(uint64(test.tickets), 1))}
			m, err := New(Config{Outbox: &told{}, WaitForRun: true, Candidates: test.limit})
			require.NoError(t, err)
			var all []*ticket
			for i := range test.searches {
				for range max(1, test.tickets/test.searches) * 2 {
					id, err := m.Add(c.request())
					require.NoError(t, err)
					all = append(all, m.queue.tickets[id])
				}
				for len(all) > test.tickets {
					n := c.IntN(len(all))
					m.queue.remove(all[n])
					all = slices.Delete(all, n, n+1)
				}
				if i%4 == 0 {
					n := c.IntN(len(all))
					m.queue.show(all[n], !all[n].pooled)
				}
				f := &m.queue.finder
				f.renew()
				for range 3 {
					tk := all[c.IntN(len(all))]
					f.ticket, f.full = tk, c.IntN(2) == 0
					want := naive(t, tk, all, f)
					f.collect(&m.queue.pool, nil, f.limit)
					var got []string
					for _, c := range f.candidates {
						got = append(got, c.ID)
					}
					require.Equal(t, want, got, "%q", tk.Query)
				}
			}
			columns := 0
			for _, c := range m.queue.pool.classes {
				columns += len(c.columns.fields)
			}
			if test.tickets >= 1000 {
				require.NotZero(t, columns, "a pool that large is indexed")
			}
		})
	}
}
