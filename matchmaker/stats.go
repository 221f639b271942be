package matchmaker

import (
	"slices"
	"time"
)

const keptCompletions = 10

// Stats are figures of a Matchmaker at one moment.
type Stats struct {
	Tickets     int          // that wait
	Oldest      time.Time    // when the oldest of them was made; zero if there is none
	Completions []Completion // of the last 10 players who were matched, the latest last
}

// Completion is how long one player waited.
type Completion struct {
	Created   time.Time // when the ticket was made
	Completed time.Time // when the player was told
}

// Stats returns the figures of now.
func (m *Matchmaker) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Stats{Tickets: len(m.queue.tickets), Completions: slices.Clone(m.queue.completions)}
	if t := m.queue.oldest; t != nil {
		s.Oldest = t.Created
	}
	return s
}

// completed notes that players were told. The lock is held.
func (q *queue) completed(entries []Entry) {
	now := time.Now()
	for i := range entries {
		q.completions = append(q.completions, Completion{Created: entries[i].Ticket.Created, Completed: now})
	}
	q.completions = slices.Delete(q.completions, 0, max(0, len(q.completions)-keptCompletions))
}
