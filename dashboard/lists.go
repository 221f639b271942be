package dashboard

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/transport"
)

// sessionView is a session as the list shows it.
type sessionView struct {
	ID      string            `json:"id"`
	User    string            `json:"user"`
	Name    string            `json:"name,omitempty"`
	Frames  int               `json:"frames"` // that wait
	Bytes   int               `json:"bytes"`
	Dropped map[string]uint64 `json:"dropped,omitempty"`

	drops uint64
}

// sessionsView is the list of sessions: those with the longest queues first, then those that lost most.
type sessionsView struct {
	All   int           `json:"all"`
	Found int           `json:"found"`
	Rows  []sessionView `json:"rows"`
}

func collectSessions(from Sessions) []sessionView {
	out := make([]sessionView, 0, from.Len())
	for s := range from.All() {
		who, lost := s.Presence(), s.Drops()
		v := sessionView{ID: who.Session, User: who.User, Name: who.Username}
		v.Frames, v.Bytes = s.Waiting()
		if v.drops = lost.Unreliable + lost.Superseded + lost.Unsent; v.drops > 0 {
			v.Dropped = reasons([]uint64{lost.Unreliable, lost.Superseded, lost.Unsent}, func(i int) string {
				return transport.Drop(i).String()
			})
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b sessionView) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.drops, a.drops), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.ID, b.ID))
	})
	return out
}

func pickSessions(all []sessionView, q url.Values) sessionsView {
	v := sessionsView{All: len(all), Rows: []sessionView{}}
	filter := strings.ToLower(q.Get("filter"))
	for _, s := range all {
		if filter != "" && !contains(filter, s.ID, s.User, s.Name) {
			continue
		}
		if v.Found++; len(v.Rows) < shown {
			v.Rows = append(v.Rows, s)
		}
	}
	return v
}

// queueView is who waits for opponents.
type queueView struct {
	Tickets int          `json:"tickets"`
	Pools   []poolView   `json:"pools"`
	Waiting []ticketView `json:"waiting"` // the oldest
}

type poolView struct {
	Name    string      `json:"name"`
	Waiting int         `json:"waiting"`
	Oldest  float64     `json:"oldest"` // seconds
	Matched int         `json:"matched"`
	Left    int         `json:"left"`
	Rate    float64     `json:"rate"`
	P50     float64     `json:"p50"` // seconds
	P99     float64     `json:"p99"`
	Groups  map[int]int `json:"groups,omitempty"`
}

type ticketView struct {
	ID      string   `json:"id"`
	Waited  float64  `json:"waited"` // seconds
	Players []string `json:"players"`
	Party   string   `json:"party,omitempty"`
	Min     int      `json:"min"`
	Max     int      `json:"max"`
	Query   string   `json:"query"`
}

func collectQueue(from Matchmaker, now time.Time) queueView {
	stats := from.Stats()
	v := queueView{Tickets: stats.Tickets, Pools: []poolView{}, Waiting: []ticketView{}}
	for _, name := range slices.Sorted(maps.Keys(stats.Pools)) {
		p := stats.Pools[name]
		view := poolView{
			Name: name, Waiting: p.Waiting, Matched: p.Matched, Left: p.Left, Rate: round(p.MatchRate),
			P50: round(p.P50.Seconds()), P99: round(p.P99.Seconds()), Groups: p.Groups,
		}
		if !p.Oldest.IsZero() {
			view.Oldest = round(now.Sub(p.Oldest).Seconds())
		}
		v.Pools = append(v.Pools, view)
	}
	v.Pools = v.Pools[:min(len(v.Pools), shown)]
	for _, t := range from.Waiting(shown) {
		v.Waiting = append(v.Waiting, newTicket(t, now))
	}
	return v
}

func newTicket(t *matchmaker.Ticket, now time.Time) ticketView {
	v := ticketView{
		ID: t.ID, Waited: round(now.Sub(t.Created).Seconds()), Party: t.PartyID, Min: t.MinCount, Max: t.MaxCount,
		Query: t.Query,
	}
	for _, p := range t.Presences {
		v.Players = append(v.Players, name(p))
	}
	return v
}

// boardView is a board as the list shows it.
type boardView struct {
	ID         string `json:"id"`
	Title      string `json:"title,omitempty"`
	Sort       string `json:"sort"`
	Operator   string `json:"operator"`
	Reset      string `json:"reset,omitempty"`
	Tournament bool   `json:"tournament,omitempty"`
	HostOnly   bool   `json:"host_only,omitempty"`
}

type boardsView struct {
	Found int         `json:"found"`
	Rows  []boardView `json:"rows"`
}

func pickBoards(all []leaderboard.Board, q url.Values) boardsView {
	v := boardsView{Rows: []boardView{}}
	filter := strings.ToLower(q.Get("filter"))
	for _, b := range all {
		if filter != "" && !contains(filter, b.ID, b.Title) {
			continue
		}
		if v.Found++; len(v.Rows) == shown {
			continue
		}
		v.Rows = append(v.Rows, boardView{
			ID: b.ID, Title: b.Title, Sort: sorts[b.Sort], Operator: operators[b.Operator], Reset: b.Reset,
			Tournament: b.IsTournament(), HostOnly: b.Authoritative,
		})
	}
	return v
}

var (
	sorts     = [...]string{leaderboard.Descending: "high first", leaderboard.Ascending: "low first"}
	operators = [...]string{
		leaderboard.Best: "best", leaderboard.Set: "set", leaderboard.Increment: "increment", leaderboard.Decrement: "decrement",
	}
)
