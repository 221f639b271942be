package matchmaker

import (
	"maps"
	"slices"
	"time"
)

const (
	keptCompletions = 10
	keptWaits       = 1024 // of each pool
	maxPools        = 256  // a host may name them by what clients send
	otherPools      = "other"
)

// Stats are figures of a Matchmaker at one moment.
type Stats struct {
	Tickets     int          // that wait
	Oldest      time.Time    // when the oldest of them was made; zero if there is none
	Completions []Completion // of the last 10 players who were matched, the latest last
	// Pools are the figures of each pool, by the names that Config.Pool gives. Without it there is one, with the name "".
	Pools map[string]PoolStats
}

// Completion is how long one player waited.
type Completion struct {
	Created   time.Time // when the ticket was made
	Completed time.Time // when the player was told
}

// PoolStats are the figures of one pool since the Matchmaker was made.
type PoolStats struct {
	Waiting int       // tickets that wait now
	Oldest  time.Time // when the oldest of them was made; zero if there is none
	Matched int       // tickets that were matched
	Left    int       // tickets that were removed without a match
	// MatchRate is the share of matched tickets among those that are gone; 0 if there are none.
	MatchRate float64
	// P50 and P99 are how long half, and 99 in 100, of the last 1,024 matched players waited at most.
	P50, P99 time.Duration
	Groups   map[int]int // how many groups were matched, by the number of players in them
}

// figures count what happens. The lock of the Matchmaker guards them.
type figures struct {
	poolOf      func(t *Ticket) string
	pools       map[string]*poolFigures
	completions []Completion
}

type poolFigures struct {
	name                   string
	waiting, matched, left int
	groups                 map[int]int
	waits                  []time.Duration // the latest, in a circle
	next                   int
}

func newFigures(poolOf func(t *Ticket) string) figures {
	return figures{poolOf: poolOf, pools: make(map[string]*poolFigures)}
}

// added counts a ticket in.
func (f *figures) added(t *ticket) {
	name := ""
	if f.poolOf != nil {
		name = f.poolOf(t.Ticket)
	}
	p := f.pools[name]
	if p == nil && len(f.pools) >= maxPools {
		name = otherPools
		p = f.pools[name]
	}
	if p == nil {
		p = &poolFigures{name: name, groups: make(map[int]int)}
		f.pools[name] = p
	}
	p.waiting++
	t.pool = p
}

// left counts a ticket out that was not matched. A request for backfill is no player: reason 0.
func (f *figures) left(t *ticket, why Reason) {
	t.pool.waiting--
	if why != 0 {
		t.pool.left++
	}
}

// told counts a group. It is of the pool of its oldest ticket.
func (f *figures) told(g *group) {
	now := time.Now()
	for _, t := range g.tickets {
		if t.backfill != nil {
			continue
		}
		t.pool.waiting--
		t.pool.matched++
		for range t.size() {
			t.pool.waited(now.Sub(t.Created))
			f.completions = append(f.completions, Completion{Created: t.Created, Completed: now})
		}
	}
	f.completions = slices.Delete(f.completions, 0, max(0, len(f.completions)-keptCompletions))
	g.tickets[0].pool.groups[len(g.result.Entries)]++
}

func (p *poolFigures) waited(d time.Duration) {
	if len(p.waits) < keptWaits {
		p.waits = append(p.waits, d)
		return
	}
	p.waits[p.next] = d
	p.next = (p.next + 1) % keptWaits
}

func (p *poolFigures) stats() PoolStats {
	s := PoolStats{Waiting: p.waiting, Matched: p.matched, Left: p.left, Groups: maps.Clone(p.groups)}
	if gone := p.matched + p.left; gone > 0 {
		s.MatchRate = float64(p.matched) / float64(gone)
	}
	if n := len(p.waits); n > 0 {
		waits := slices.Sorted(slices.Values(p.waits))
		s.P50, s.P99 = waits[(n*50+99)/100-1], waits[(n*99+99)/100-1]
	}
	return s
}

// Waiting returns up to limit of the tickets of players that wait, the oldest first.
func (m *Matchmaker) Waiting(limit int) []*Ticket {
	m.mu.Lock()
	defer m.mu.Unlock()
	var oldest []*Ticket
	for t := range m.queue.all() {
		if len(oldest) >= limit {
			break
		}
		if t.backfill == nil {
			oldest = append(oldest, t.Ticket)
		}
	}
	return oldest
}

// Stats returns the figures of now.
func (m *Matchmaker) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Stats{
		Tickets: len(m.queue.tickets), Completions: slices.Clone(m.figures.completions),
		Pools: make(map[string]PoolStats, len(m.figures.pools)),
	}
	unseen := 0 // pools whose oldest ticket is still to come
	for name, p := range m.figures.pools {
		s.Pools[name] = p.stats()
		if p.waiting > 0 {
			unseen++
		}
	}
	for t := m.queue.oldest; t != nil && unseen > 0; t = t.next {
		if p := s.Pools[t.pool.name]; p.Oldest.IsZero() {
			p.Oldest = t.Created
			s.Pools[t.pool.name] = p
			unseen--
		}
	}
	if t := m.queue.oldest; t != nil {
		s.Oldest = t.Created
	}
	return s
}
