package matchmaker

import (
	"cmp"
	"slices"
	"time"

	"github.com/shoal-go/shoal/query"
)

// maxObstacles bounds each list of an Explanation.
const maxObstacles = 100

// Explanation says why a ticket waits.
type Explanation struct {
	Ticket *Ticket
	Waited time.Duration
	Runs   int // in which its group was searched
	// Held reports that the ticket, or another one of its players, is in a group that has not been told yet.
	Held bool

	Others     int      // other tickets that could be matched now
	Candidates []string // the best of those that it could be grouped with, best first
	// Group is what the rule gives now, if only the ticket is served: the tickets of the largest group of an allowed
	// size. nil means that there is none.
	Group []string
	// Conflicts are the candidates that cannot be in one group with each other; at most 100.
	Conflicts []Conflict
	// Obstacles are the tickets that are no candidates, those with the fewest reasons first; at most 100.
	Obstacles []Obstacle
	// Relaxations are what would help: for each term of the ticket's query, and for its counts, how many more candidates
	// there would be without it.
	Relaxations []Relaxation
	// Refused is how many tickets it wants whose queries do not want it, and nothing else is in the way.
	Refused int
}

// Conflict is two tickets that cannot be grouped.
type Conflict struct {
	One, Other string
	// OneFails are the terms of One's query that Other fails, OtherFails the reverse. Both are empty for tickets that share
	// a player or a party.
	OneFails, OtherFails []string
}

// Obstacle is why a ticket is no candidate.
type Obstacle struct {
	Ticket string
	Shared bool     // the two share a player or a party
	Sizes  bool     // there is no size that both accept, with room for both
	Mine   []string // the terms of the explained ticket's query that the other one fails
	Theirs []string // the terms of the other's query that the explained ticket fails
}

// Relaxation is what one term, or the counts, keep away.
type Relaxation struct {
	Term       string // as in the query, or "counts"
	Candidates int
}

// Explain says why a ticket waits. It looks at all other tickets, one by one, but holds up nobody while it does. The
// error is ErrNotFound.
func (m *Matchmaker) Explain(id string) (Explanation, error) {
	m.mu.Lock()
	t := m.queue.tickets[id]
	if t == nil {
		m.mu.Unlock()
		return Explanation{}, ErrNotFound
	}
	e := Explanation{Ticket: t.Ticket, Waited: time.Since(t.Created), Runs: int(t.runs), Held: !t.pooled}
	var candidates []*ticket
	if t.pooled {
		candidates = m.explainGroup(&e, t)
	}
	frozen, others := freeze(t), make([]*ticket, 0, len(m.queue.tickets))
	for o := range m.queue.all() {
		if o != t && o.pooled {
			others = append(others, freeze(o))
		}
	}
	for i, c := range candidates {
		candidates[i] = freeze(c)
	}
	m.mu.Unlock()

	e.Others = len(others)
	e.conflicts(candidates)
	e.obstacles(frozen, others)
	return e, nil
}

// freeze returns what of a ticket decides whom it can be grouped with, as it is now.
func freeze(t *ticket) *ticket { return &ticket{Ticket: t.Ticket, plan: t.plan, backfill: t.backfill} }

// explainGroup fills in what the rule gives now, and returns the candidates. The lock is held.
func (m *Matchmaker) explainGroup(e *Explanation, t *ticket) (candidates []*ticket) {
	f := &m.queue.finder
	defer func(from uint64) { t.from = from }(t.from)
	f.renew()
	full := int(t.runs)+1 < m.cfg.MaxIntervals && t.backfill == nil
	group, _ := m.queue.find(t, full) // an error of the host's function is logged when it counts
	for _, g := range group {
		e.Group = append(e.Group, g.ID)
	}
	m.queue.exclude(t)
	f.renew()
	f.begin(t, false)
	f.collect(&m.queue.pool, m.queue.own, f.most(t))
	for _, c := range f.candidates {
		e.Candidates = append(e.Candidates, c.ID)
		candidates = append(candidates, c.ticket)
	}
	return candidates
}

func (e *Explanation) conflicts(candidates []*ticket) {
	for i, one := range candidates {
		for _, other := range candidates[:i] {
			if len(e.Conflicts) == maxObstacles {
				return
			}
			if !one.mutual(other, new(int)) {
				e.Conflicts = append(e.Conflicts, Conflict{
					One: one.ID, Other: other.ID,
					OneFails: names(terms(one), failing(terms(one), other)), OtherFails: names(terms(other), failing(terms(other), one)),
				})
			}
		}
	}
}

// obstacles fills in the tickets that are no candidates, and what keeps them away.
func (e *Explanation) obstacles(t *ticket, others []*ticket) {
	own := terms(t)
	relaxed := make([]int, len(own)+1) // the last one is the counts
	type far struct {
		*ticket
		reasons int
	}
	var all []far
	for _, o := range others {
		mine := failing(own, o)
		_, theirs := o.wants(t, new(int))
		sizes, shared := !t.shape().meets(o.shape(), false), !t.apart(o)
		reasons := len(mine) + count(theirs != nil) + count(sizes) + count(shared)
		if reasons > 0 {
			all = append(all, far{o, reasons})
		}
		if reasons == 1 {
			e.nearly(mine, theirs != nil, sizes, relaxed)
		}
	}
	slices.SortStableFunc(all, func(a, b far) int { return cmp.Compare(a.reasons, b.reasons) })
	for _, o := range all[:min(len(all), maxObstacles)] {
		e.Obstacles = append(e.Obstacles, Obstacle{
			Ticket: o.ID, Shared: !t.apart(o.ticket), Sizes: !t.shape().meets(o.shape(), false),
			Mine: names(own, failing(own, o.ticket)), Theirs: names(terms(o.ticket), failing(terms(o.ticket), t)),
		})
	}
	for i, c := range own {
		e.Relaxations = append(e.Relaxations, Relaxation{c.String(), relaxed[i]})
	}
	e.Relaxations = append(e.Relaxations, Relaxation{"counts", relaxed[len(own)]})
}

// nearly counts a ticket that only one thing keeps away.
func (e *Explanation) nearly(mine []int, theirs, sizes bool, relaxed []int) {
	switch {
	case len(mine) == 1:
		relaxed[mine[0]]++
	case theirs:
		e.Refused++
	case sizes:
		relaxed[len(relaxed)-1]++
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// terms returns the query of a ticket as its owner, or the host, wrote it.
func terms(t *ticket) []query.Clause {
	q, err := query.Parse(t.Query, query.Options{})
	if err != nil { // it was parsed before
		return nil
	}
	return q.Clauses()
}

// failing returns which terms a ticket fails. Of terms of which one must be true, it fails all or none.
func failing(terms []query.Clause, t *ticket) (failed []int) {
	choice, chosen := len(terms) > 0 && terms[0].Occur != query.Must, false
	var shoulds []int
	for i := range terms {
		c := &terms[i]
		yes := c.Test == query.Everything
		if v, ok := t.value(field(c.Field)); ok && !yes {
			yes = c.Accepts(v)
		}
		switch {
		case c.Occur == query.Should:
			shoulds, chosen = append(shoulds, i), chosen || yes
		case yes == (c.Occur == query.MustNot):
			failed = append(failed, i)
		}
	}
	if choice && !chosen {
		failed = append(failed, shoulds...)
	}
	return failed
}

func names(terms []query.Clause, which []int) (texts []string) {
	for _, i := range which {
		texts = append(texts, terms[i].String())
	}
	return texts
}
