package nakama

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/query"
	"github.com/shoal-go/shoal/relay"
)

// matchFilter is what a client wants to see of the list of matches.
type matchFilter struct {
	limit         int
	authoritative *bool // nil: both kinds
	label, query  *string
	least, most   *int // members
}

func (c *call) matchFilter() (matchFilter, error) {
	q := c.params()
	f := matchFilter{
		limit: or(q.number("limit"), 10), authoritative: q.boolean("authoritative"),
		label: q.text("label"), query: q.text("query"),
		least: q.number("min_size"), most: q.number("max_size"),
	}
	if q.err != nil {
		return f, q.err
	}
	relayed := !or(f.authoritative, true)
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{f.limit < 1 || f.limit > 100, "Invalid limit - limit must be between 1 and 100."},
		{relayed && f.label != nil, "Label filtering is not supported for non-authoritative matches."},
		{relayed && f.query != nil, "Query filtering is not supported for non-authoritative matches."},
		{or(f.least, 0) < 0, "Minimum size must be 0 or above."},
		{or(f.most, 0) < 0, "Maximum size must be 0 or above."},
		{
			or(f.least, 0) > or(f.most, math.MaxInt),
			"Maximum size must be greater than or equal to minimum size when both are specified.",
		},
	} {
		if rule.broken {
			return f, &Error{InvalidArgument, rule.text}
		}
	}
	return f, nil
}

// matches lists matches: authoritative ones first, then, if there is room, relayed ones.
func (a *httpAPI) matches(c *call) (proto.Message, error) {
	if a.c.Matches == nil && a.c.Relays == nil {
		return nil, notServed("Matches")
	}
	f, err := c.matchFilter()
	if err != nil {
		return nil, err
	}
	out := new(api.MatchList)
	if or(f.authoritative, true) && a.c.Matches != nil {
		if out.Matches, err = a.authoritative(f); err != nil {
			return nil, err
		}
	}
	// A relayed match has no label that could fit.
	if !or(f.authoritative, false) && a.c.Relays != nil && f.label == nil && f.query == nil {
		out.Matches = append(out.Matches, a.relayed(f, f.limit-len(out.Matches))...)
	}
	return out, nil
}

func (a *httpAPI) authoritative(f matchFilter) ([]*api.Match, error) {
	q := match.ListRequest{Limit: f.limit, Query: or(f.query, ""), MinSize: or(f.least, 0), MaxSize: or(f.most, 0)}
	if f.query == nil {
		q.Label = f.label
	}
	onlyEmpty := f.most != nil && *f.most == 0 // which a ListRequest cannot say
	if onlyEmpty {
		q.Limit = math.MaxInt
	}
	page, err := a.c.Matches.List(q)
	var syntax *query.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, &Error{InvalidArgument, fmt.Sprintf("Invalid query, at %d: %s", syntax.Pos, syntax.Msg)}
	case err != nil:
		return nil, &failure{Unavailable, "Error listing matches.", err}
	}
	var out []*api.Match
	for _, m := range page.Matches {
		if onlyEmpty && (m.Size > 0 || len(out) == f.limit) {
			continue
		}
		out = append(out, &api.Match{
			MatchId: string(m.ID), Authoritative: true, Label: wrapperspb.String(m.Label), Size: int32(m.Size),
			TickRate: perSecond(m.Every), HandlerName: m.Handler,
		})
	}
	return out, nil
}

// perSecond is a rate as clients know it, a whole number.
func perSecond(every time.Duration) int32 {
	if every <= 0 {
		return 0
	}
	return int32(math.Round(float64(time.Second) / float64(every)))
}

// relayed lists up to limit relayed matches. They are never empty.
func (a *httpAPI) relayed(f matchFilter, limit int) []*api.Match {
	if limit == 0 || f.most != nil && *f.most == 0 {
		return nil
	}
	var out []*api.Match
	for _, m := range a.c.Relays.List(relay.ListRequest{Limit: limit, MinSize: or(f.least, 0), MaxSize: or(f.most, 0)}) {
		out = append(out, &api.Match{MatchId: string(m.ID), Size: int32(m.Size)})
	}
	return out
}

// MatchmakerStats is what a Matchmaker of a Config may have besides: without it, the figures are not served.
// [matchmaker.Matchmaker] has it.
type MatchmakerStats interface {
	Stats() matchmaker.Stats
}

func (a *httpAPI) matchmakerStats(*call) (proto.Message, error) {
	m, ok := a.c.Matchmaker.(MatchmakerStats)
	if !ok {
		return nil, notServed("Figures of the matchmaker")
	}
	s := m.Stats()
	out := &api.MatchmakerStats{TicketCount: int32(s.Tickets), OldestTicketCreateTime: seconds(s.Oldest)}
	for _, c := range s.Completions {
		out.Completions = append(out.Completions, &api.MatchmakerCompletionStats{
			CreateTime: seconds(c.Created), CompleteTime: seconds(c.Completed),
		})
	}
	return out, nil
}
