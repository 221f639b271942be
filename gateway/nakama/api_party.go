package nakama

import (
	"errors"
	"fmt"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/query"
)

// parties lists parties that are not hidden.
func (a *httpAPI) parties(c *call) (proto.Message, error) {
	if a.c.Parties == nil {
		return nil, notServed("Parties")
	}
	q := c.params()
	r := party.ListRequest{
		Limit: or(q.number("limit"), 10), Open: q.boolean("open"),
		Query: or(q.text("query"), ""), Cursor: or(q.text("cursor"), ""),
	}
	if q.err != nil {
		return nil, q.err
	}
	if r.Limit < 1 || r.Limit > 100 {
		return nil, &Error{InvalidArgument, "Invalid limit - limit must be between 1 and 100."}
	}
	page, err := a.c.Parties.List(r)
	var syntax *query.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, &Error{InvalidArgument, fmt.Sprintf("Invalid query, at %d: %s", syntax.Pos, syntax.Msg)}
	case errors.Is(err, party.ErrCursor):
		return nil, &Error{InvalidArgument, "Cursor is invalid or expired."}
	case err != nil:
		return nil, &failure{Unavailable, "Error listing parties.", err}
	}
	out := &api.PartyList{Cursor: page.Next}
	for _, p := range page.Parties {
		out.Parties = append(out.Parties, &api.Party{
			PartyId: string(p.ID), Open: p.Open, Hidden: p.Hidden, MaxSize: int32(p.MaxSize), Label: p.Label,
		})
	}
	return out, nil
}
