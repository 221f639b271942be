package nakama

import (
	"errors"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/leaderboard"
)

// The largest pages that clients may ask for.
const (
	maxRecords = 1000
	maxAround  = 100
)

func (a *httpAPI) boardRecords(c *call) (proto.Message, error) {
	if a.c.Boards == nil {
		return nil, notServed("Leaderboards")
	}
	q := c.params()
	ids, limit := q.list("owner_ids"), q.number("limit")
	cursor, period := or(q.text("cursor"), ""), q.moment("expiry")
	if q.err != nil {
		return nil, q.err
	}
	owners, ok := userIDs(ids)
	if !ok {
		return nil, &Error{InvalidArgument, "One or more owner IDs are invalid."}
	}
	if n := or(limit, 1); n < 1 || n > maxRecords {
		return nil, &Error{InvalidArgument, "Invalid limit - limit must be between 1 and 1000."}
	}
	size := or(limit, 1)
	if limit == nil && len(owners) > 0 && cursor == "" {
		size = 0 // who asks for owners only wants no page
	}
	page, err := a.c.Boards.List(c.Context(), leaderboard.ListRequest{
		Board: c.PathValue("id"), Period: period, Owners: owners, Limit: size, Cursor: cursor,
	})
	return pageMessage(page, err)
}

func (a *httpAPI) recordsAround(c *call) (proto.Message, error) {
	if a.c.Boards == nil {
		return nil, notServed("Leaderboards")
	}
	q := c.params()
	limit := or(q.number("limit"), 1)
	cursor, period := or(q.text("cursor"), ""), q.moment("expiry")
	if q.err != nil {
		return nil, q.err
	}
	if limit < 1 || limit > maxAround {
		return nil, &Error{InvalidArgument, "Invalid limit - limit must be between 1 and 100."}
	}
	owners, ok := userIDs([]string{c.PathValue("owner")})
	if !ok {
		return nil, &Error{InvalidArgument, "Invalid owner ID provided."}
	}
	page, err := a.c.Boards.Around(c.Context(), leaderboard.AroundRequest{
		Board: c.PathValue("id"), Period: period, Owner: owners[0], Limit: limit, Cursor: cursor,
	})
	return pageMessage(page, err)
}

// userIDs returns ids as they are stored; ok is false if one of them is none.
func userIDs(ids []string) (out []string, ok bool) {
	for _, id := range ids {
		parsed, err := uuid.Parse(id)
		if err != nil {
			return nil, false
		}
		out = append(out, parsed.String())
	}
	return out, true
}

func (a *httpAPI) writeRecord(c *call, in *api.WriteLeaderboardRecordRequest_LeaderboardRecordWrite) (proto.Message, error) {
	if a.c.Boards == nil {
		return nil, notServed("Leaderboards")
	}
	s := leaderboard.Submission{
		Board: c.PathValue("id"), Owner: c.who.User, Username: c.who.Username,
		Score: in.Score, Subscore: in.Subscore, Metadata: in.Metadata,
	}
	if in.Operator != api.Operator_NO_OVERRIDE {
		op, ok := operators[in.Operator]
		if !ok {
			return nil, &Error{InvalidArgument, "Invalid operator."}
		}
		s.Operator = &op
	}
	r, err := a.c.Boards.Submit(c.Context(), s)
	switch {
	case errors.Is(err, leaderboard.ErrAuthoritative):
		return nil, &Error{PermissionDenied, "Leaderboard only allows authoritative score submissions."}
	case err != nil:
		return nil, boardError(err, "Error writing score to leaderboard.")
	}
	return recordMessage(r), nil
}

var operators = map[api.Operator]leaderboard.Operator{
	api.Operator_BEST:      leaderboard.Best,
	api.Operator_SET:       leaderboard.Set,
	api.Operator_INCREMENT: leaderboard.Increment,
	api.Operator_DECREMENT: leaderboard.Decrement,
}

func (a *httpAPI) deleteRecord(c *call) (proto.Message, error) {
	if a.c.Boards == nil {
		return nil, notServed("Leaderboards")
	}
	err := a.c.Boards.Withdraw(c.Context(), c.PathValue("id"), c.who.User)
	switch {
	case errors.Is(err, leaderboard.ErrAuthoritative):
		return nil, &Error{PermissionDenied, "Leaderboard only allows authoritative score deletions."}
	case err != nil:
		return nil, boardError(err, "Error deleting score from leaderboard.")
	}
	return empty, nil
}

// boardErrors are the errors of package leaderboard that a client can cause.
var boardErrors = []struct {
	err  error
	told Error
}{
	{leaderboard.ErrNotFound, Error{NotFound, "Leaderboard not found."}},
	{leaderboard.ErrCursor, Error{InvalidArgument, "Cursor is invalid or expired."}},
	{leaderboard.ErrMetadata, Error{InvalidArgument, "Metadata value must be JSON, if provided."}},
	{leaderboard.ErrNegativeScore, Error{InvalidArgument, "Score and subscore must be 0 or above."}},
	{leaderboard.ErrOverflow, Error{InvalidArgument, "Score or subscore is too large."}},
	{leaderboard.ErrOperator, Error{PermissionDenied, "Leaderboard does not allow another operator."}},
	{leaderboard.ErrLimit, Error{InvalidArgument, "Too many owner IDs."}},
	{leaderboard.ErrOwner, Error{InvalidArgument, "Invalid owner ID provided."}},
}

// boardError is what a client is told of an error of the boards; text if it is none of the client's.
func boardError(err error, text string) error {
	for _, known := range boardErrors {
		if errors.Is(err, known.err) {
			return &known.told
		}
	}
	return &failure{text, err}
}

// pageMessage is the response to what asks for records.
func pageMessage(page leaderboard.Page, err error) (proto.Message, error) {
	if err != nil {
		return nil, boardError(err, "Error querying records from leaderboard.")
	}
	return &api.LeaderboardRecordList{
		Records: recordMessages(page.Records), OwnerRecords: recordMessages(page.OwnerRecords),
		NextCursor: page.Next, PrevCursor: page.Prev, RankCount: page.RankCount,
	}, nil
}

func recordMessages(rs []leaderboard.Ranked) []*api.LeaderboardRecord {
	out := make([]*api.LeaderboardRecord, len(rs))
	for i, r := range rs {
		out[i] = recordMessage(r)
	}
	return out
}

func recordMessage(r leaderboard.Ranked) *api.LeaderboardRecord {
	return &api.LeaderboardRecord{
		LeaderboardId: r.Board, OwnerId: r.Owner, Username: wrapperspb.String(r.Username),
		Score: r.Score, Subscore: r.Subscore, NumScore: r.NumScore, MaxNumScore: uint32(r.MaxNumScore),
		Metadata: r.Metadata, CreateTime: seconds(r.Created), UpdateTime: seconds(r.Updated),
		ExpiryTime: seconds(r.Period), Rank: r.Rank,
	}
}
