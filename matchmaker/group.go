package matchmaker

import (
	"time"

	"github.com/shoal-go/shoal/presence"
)

// Result is a group that plays together.
type Result struct {
	// MatchID is the match that Config.Matched made, or that asked for players with Backfill. "" means a relayed match.
	MatchID string
	// Entries are the players, those of the oldest ticket first. All are told the same list. Players who are already in a
	// match that asked for more are not among them.
	Entries []Entry

	Formed  time.Time     // when the group was found
	Longest time.Duration // how long the oldest ticket had waited then; Entry.Ticket.Created says it of each
	Spread  float64       // the highest rating less the lowest one, of those who have one; see Config.Rating
}

// Entry is one player of a group, with the ticket that the player waited with. It is read only.
type Entry struct {
	Presence presence.Presence
	Ticket   *Ticket
}

// group is a result on its way.
type group struct {
	tickets  []*ticket
	backfill *ticket // the one that asks for players, if there is one
	result   Result
}

// newGroup makes a group of tickets, oldest first.
func newGroup(tickets []*ticket, rating string) *group {
	g := &group{tickets: tickets}
	players := 0
	for _, t := range tickets {
		players += t.size()
	}
	r := &g.result
	r.Entries = make([]Entry, 0, players)
	r.Formed = time.Now()
	for _, t := range tickets {
		if t.backfill != nil {
			g.backfill, r.MatchID = t, t.backfill.match
			continue
		}
		r.Longest = max(r.Longest, r.Formed.Sub(t.Created))
		for _, p := range t.Presences {
			r.Entries = append(r.Entries, Entry{Presence: p, Ticket: t.Ticket})
		}
	}
	r.Spread = spread(tickets, rating)
	return g
}

// spread is the highest rating of some tickets less the lowest.
func spread(tickets []*ticket, rating string) float64 {
	var low, high float64
	seen := false
	for _, t := range tickets {
		v, ok := t.Number(rating)
		switch {
		case !ok || v != v:
		case !seen:
			low, high, seen = v, v, true
		default:
			low, high = min(low, v), max(high, v)
		}
	}
	return high - low
}
