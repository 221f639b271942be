package dashboard

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/relay"
)

// shown is how many rows a list has at most.
const shown = 50

// totalsView are the figures of all matches.
type totalsView struct {
	Matches    int     `json:"matches"`
	Created    uint64  `json:"created"`
	Players    int     `json:"players"`
	Spectators int     `json:"spectators"`
	Busy       float64 `json:"busy"` // cores
	flowView
}

// flowView is what goes through a match, or through all.
type flowView struct {
	Ticks   float64           `json:"ticks"` // a second
	Now     point             `json:"now"`
	Past    []point           `json:"past,omitempty"` // up to Now, which is the last; for who has not got them before
	Inbox   int               `json:"inbox"`
	Calls   int               `json:"calls"`
	Dropped map[string]uint64 `json:"dropped,omitempty"`
	Refused map[string]uint64 `json:"refused,omitempty"`
	Missed  uint64            `json:"missed,omitempty"`
	In      [2]float64        `json:"in"`  // messages and bytes a second
	Out     [2]float64        `json:"out"` // the same
}

func newFlow(c *match.Counts, r rates, past bool) flowView {
	v := flowView{
		Ticks: round(r.ticks), Now: r.now, Inbox: c.Inbox, Calls: c.Calls, Missed: c.Missed,
		Dropped: reasons(c.Dropped[:], func(i int) string { return match.Drop(i).String() }),
		Refused: reasons(c.Refused[:], refusal),
		In:      [2]float64{round(r.in.messages), round(r.in.bytes)},
		Out:     [2]float64{round(r.out.messages), round(r.out.bytes)},
	}
	if past {
		v.Past = r.history
	}
	return v
}

// round leaves three digits behind the point: nobody reads more, and they would be most of what is sent.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }

// reasons are the counts that are not 0, by name.
func reasons(counts []uint64, name func(int) string) map[string]uint64 {
	var by map[string]uint64
	for i, n := range counts {
		if n == 0 {
			continue
		}
		if by == nil {
			by = make(map[string]uint64)
		}
		by[name(i)] = n
	}
	return by
}

func refusal(i int) string {
	switch match.Refusal(i) {
	case match.RefusedFull:
		return "full"
	case match.RefusedBusy:
		return "busy"
	case match.RefusedHandler:
		return "refused by the handler"
	default:
		return "unknown"
	}
}

// matchView is a match as the list shows it.
type matchView struct {
	ID       match.ID `json:"id"`
	Handler  string   `json:"handler"`
	Label    string   `json:"label,omitempty"`
	Players  int      `json:"players"`
	Watching int      `json:"watching,omitempty"`
	Taken    int      `json:"taken"`
	Capacity int      `json:"capacity,omitempty"`
	Age      int64    `json:"age"`  // seconds
	Rate     float64  `json:"rate"` // the ticks a second that it asks for
	Load     float64  `json:"load"` // the share of the time between ticks that its Loops use
	flowView
}

func (s *sample) view(l *live, past bool) matchView {
	return matchView{
		ID: l.ID, Handler: l.Handler, Label: l.Label, Players: l.Size, Watching: l.counts.Spectators,
		Taken: l.Taken, Capacity: l.Capacity, Age: int64(s.at.Sub(l.Created).Seconds()),
		Rate: round(1 / l.Every.Seconds()), Load: round(l.load), flowView: newFlow(&l.counts, l.rates, past),
	}
}

func (s *sample) sum(past bool) totalsView {
	t := &s.totals
	return totalsView{
		Matches: t.Matches, Created: t.Created, Players: t.Members, Spectators: t.Spectators, Busy: round(s.rates.busy),
		flowView: newFlow(&t.Counts, s.rates, past),
	}
}

// find returns a match, or nil.
func (s *sample) find(id match.ID) *live {
	i := slices.IndexFunc(s.live, func(l live) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return &s.live[i]
}

// matchesView is the list of matches.
type matchesView struct {
	Found  int         `json:"found"`
	Rows   []matchView `json:"rows"`
	Relays []relayView `json:"relays,omitempty"`
}

type relayView struct {
	ID      relay.ID `json:"id"`
	Players int      `json:"players"`
	Created int64    `json:"created"` // ms
}

// orders are how the list can be sorted, the most interesting first.
var orders = map[string]func(a, b *live) int{
	"load":    func(a, b *live) int { return cmp.Compare(b.load, a.load) },
	"late":    func(a, b *live) int { return cmp.Compare(b.rates.now[1], a.rates.now[1]) },
	"took":    func(a, b *live) int { return cmp.Compare(b.rates.now[0], a.rates.now[0]) },
	"players": func(a, b *live) int { return cmp.Compare(b.Size, a.Size) },
	"queue": func(a, b *live) int {
		return cmp.Compare(b.counts.Inbox+b.counts.Calls, a.counts.Inbox+a.counts.Calls)
	},
	"drops":  func(a, b *live) int { return cmp.Compare(sum(b.counts.Dropped[:]), sum(a.counts.Dropped[:])) },
	"newest": func(a, b *live) int { return b.Created.Compare(a.Created) },
	"oldest": func(a, b *live) int { return a.Created.Compare(b.Created) },
}

func sum(counts []uint64) (all uint64) {
	for _, n := range counts {
		all += n
	}
	return all
}

// pick returns the matches that a viewer asks for with filter and sort, and how many more there are.
func (s *sample) pick(q url.Values) (rows []*live, found int) {
	filter := strings.ToLower(q.Get("filter"))
	for i := range s.live {
		if l := &s.live[i]; strings.HasPrefix(string(l.ID), filter) || contains(filter, l.Handler, l.Label) {
			rows = append(rows, l)
		}
	}
	order := orders[q.Get("sort")]
	if order == nil {
		order = orders["load"]
	}
	slices.SortFunc(rows, func(a, b *live) int { return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID)) })
	return rows[:min(len(rows), shown)], len(rows)
}

// contains reports whether one of the texts has a lower-case one in it.
func contains(filter string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), filter) })
}

// matches makes the list; what is in seen has been sent before with its past.
func (v *viewer) matches(s *sample) matchesView {
	rows, found := s.pick(v.query)
	out := matchesView{Found: found, Rows: make([]matchView, 0, len(rows))}
	seen := make(map[match.ID]bool, len(rows))
	for _, l := range rows {
		out.Rows = append(out.Rows, s.view(l, !v.seen[l.ID]))
		seen[l.ID] = true
	}
	v.seen = seen
	if v.page.domains.Relays != nil {
		for _, r := range v.page.domains.Relays.List(relay.ListRequest{Limit: shown}) {
			out.Relays = append(out.Relays, relayView{r.ID, r.Size, r.Created.UnixMilli()})
		}
	}
	return out
}
