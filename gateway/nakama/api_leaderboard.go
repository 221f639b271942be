package nakama

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/leaderboard"
)

// boardKind is how clients speak with one of the two kinds of boards. The records of a tournament can be read as those of
// a leaderboard too; nothing else can.
type boardKind struct {
	name       string // as in texts
	tournament bool
	limit      int // records on a page unless the client says
	maxLimit   int
	around     int // the same for the records around an owner
	maxAround  int
}

var (
	leaderboards = boardKind{name: "Leaderboard", limit: 1, maxLimit: 1000, around: 1, maxAround: 100}
	tournaments  = boardKind{name: "Tournament", tournament: true, limit: 10, maxLimit: 100, around: 100, maxAround: 100}
)

// served tells what is wrong with a call for a board: that there are none here, or that this one is of the other kind.
func (a *httpAPI) served(c *call, k *boardKind) error {
	if a.c.Boards == nil {
		return notServed(k.name + "s")
	}
	if def, err := a.c.Boards.Get(c.PathValue("id")); err != nil || def.IsTournament() != k.tournament {
		return &Error{NotFound, k.name + " not found."}
	}
	return nil
}

// readable is served for what only reads: a leaderboard may be a tournament.
func (a *httpAPI) readable(c *call, k *boardKind) error {
	if a.c.Boards == nil || k.tournament {
		return a.served(c, k)
	}
	return nil
}

func limitError(most int) error {
	return &Error{InvalidArgument, fmt.Sprintf("Invalid limit - limit must be between 1 and %d.", most)}
}

func (a *httpAPI) boardRecords(k *boardKind) *endpoint {
	return bare(func(c *call) (proto.Message, error) {
		if err := a.readable(c, k); err != nil {
			return nil, err
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
		size := or(limit, k.limit)
		if size < 1 || size > k.maxLimit {
			return nil, limitError(k.maxLimit)
		}
		if limit == nil && len(owners) > 0 && cursor == "" && !k.tournament {
			size = 0 // who asks for owners only wants no page
		}
		page, err := a.c.Boards.List(c.Context(), leaderboard.ListRequest{
			Board: c.PathValue("id"), Period: period, Owners: owners, Limit: size, Cursor: cursor,
		})
		return k.page(page, err)
	})
}

func (a *httpAPI) recordsAround(k *boardKind) *endpoint {
	return bare(func(c *call) (proto.Message, error) {
		if err := a.readable(c, k); err != nil {
			return nil, err
		}
		q := c.params()
		limit := or(q.number("limit"), k.around)
		cursor, period := or(q.text("cursor"), ""), q.moment("expiry")
		if q.err != nil {
			return nil, q.err
		}
		if limit < 1 || limit > k.maxAround {
			return nil, limitError(k.maxAround)
		}
		owners, ok := userIDs([]string{c.PathValue("owner")})
		if !ok {
			return nil, &Error{InvalidArgument, "Invalid owner ID provided."}
		}
		page, err := a.c.Boards.Around(c.Context(), leaderboard.AroundRequest{
			Board: c.PathValue("id"), Period: period, Owner: owners[0], Limit: limit, Cursor: cursor,
		})
		return k.page(page, err)
	})
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

// recordWrite is the body of a score: two types of the same fields.
type recordWrite interface {
	proto.Message
	GetScore() int64
	GetSubscore() int64
	GetMetadata() string
	GetOperator() api.Operator
}

func (a *httpAPI) writeRecord(c *call, k *boardKind, in recordWrite) (proto.Message, error) {
	if err := a.served(c, k); err != nil {
		return nil, err
	}
	s := leaderboard.Submission{
		Board: c.PathValue("id"), Owner: c.who.User, Username: c.who.Username,
		Score: in.GetScore(), Subscore: in.GetSubscore(), Metadata: in.GetMetadata(),
	}
	if in.GetOperator() != api.Operator_NO_OVERRIDE {
		op, ok := operators[in.GetOperator()]
		if !ok {
			return nil, &Error{InvalidArgument, "Invalid operator."}
		}
		s.Operator = &op
	}
	r, err := a.c.Boards.Submit(c.Context(), s)
	switch {
	case errors.Is(err, leaderboard.ErrAuthoritative):
		return nil, &Error{PermissionDenied, k.name + " only allows authoritative score submissions."}
	case errors.Is(err, leaderboard.ErrInactive):
		return nil, &Error{FailedPrecondition, "Tournament is not active and cannot accept new scores."}
	case errors.Is(err, leaderboard.ErrFull):
		return nil, &Error{FailedPrecondition, "Tournament has reached max size."}
	case err != nil:
		return nil, k.error(err, "Error writing score to %s.")
	}
	return recordMessage(r), nil
}

func (a *httpAPI) writeBoardRecord(c *call, in *api.WriteLeaderboardRecordRequest_LeaderboardRecordWrite) (proto.Message, error) {
	return a.writeRecord(c, &leaderboards, in)
}

var operators = map[api.Operator]leaderboard.Operator{
	api.Operator_BEST:      leaderboard.Best,
	api.Operator_SET:       leaderboard.Set,
	api.Operator_INCREMENT: leaderboard.Increment,
	api.Operator_DECREMENT: leaderboard.Decrement,
}

func (a *httpAPI) deleteRecord(k *boardKind) *endpoint {
	return bare(func(c *call) (proto.Message, error) {
		if err := a.served(c, k); err != nil {
			return nil, err
		}
		err := a.c.Boards.Withdraw(c.Context(), c.PathValue("id"), c.who.User)
		switch {
		case errors.Is(err, leaderboard.ErrAuthoritative):
			return nil, &Error{PermissionDenied, k.name + " only allows authoritative score deletions."}
		case err != nil:
			return nil, k.error(err, "Error deleting score from %s.")
		}
		return empty, nil
	})
}

// boardErrors are the errors of package leaderboard that a client can cause, but for those with a text of their own at
// each place. The name of the kind is put before a text that begins with a blank.
var boardErrors = []struct {
	err  error
	told Error
}{
	{leaderboard.ErrNotFound, Error{NotFound, " not found."}},
	{leaderboard.ErrOperator, Error{PermissionDenied, " does not allow another operator."}},
	{leaderboard.ErrCursor, Error{InvalidArgument, "Cursor is invalid or expired."}},
	{leaderboard.ErrMetadata, Error{InvalidArgument, "Metadata value must be JSON, if provided."}},
	{leaderboard.ErrNegativeScore, Error{InvalidArgument, "Score and subscore must be 0 or above."}},
	{leaderboard.ErrOverflow, Error{InvalidArgument, "Score or subscore is too large."}},
	{leaderboard.ErrLimit, Error{InvalidArgument, "Too many owner IDs."}},
	{leaderboard.ErrOwner, Error{InvalidArgument, "Invalid owner ID provided."}},
	{leaderboard.ErrEnded, Error{NotFound, "Tournament not found or has ended."}},
	{leaderboard.ErrNotJoined, Error{FailedPrecondition, "Must join tournament before attempting to write value."}},
	{leaderboard.ErrAttempts, Error{FailedPrecondition, "Reached allowed max number of score attempts."}},
}

// error is what a client is told of an error of the boards; text, with the name of the kind, if it is none of the
// client's.
func (k *boardKind) error(err error, text string) error {
	if rejected, ok := errors.AsType[*leaderboard.RejectError](err); ok {
		return &Error{InvalidArgument, rejected.Reason}
	}
	for _, known := range boardErrors {
		if !errors.Is(err, known.err) {
			continue
		}
		told := known.told
		if strings.HasPrefix(told.Message, " ") {
			told.Message = k.name + told.Message
		}
		return &told
	}
	code := Unavailable // a store's
	if errors.Is(err, leaderboard.ErrValidate) {
		code = Internal
	}
	return &failure{code, fmt.Sprintf(text, strings.ToLower(k.name)), err}
}

// page is the response to what asks for records.
func (k *boardKind) page(page leaderboard.Page, err error) (proto.Message, error) {
	if err != nil {
		return nil, k.error(err, "Error querying records from %s.")
	}
	if k.tournament {
		return &api.TournamentRecordList{
			Records: recordMessages(page.Records), OwnerRecords: recordMessages(page.OwnerRecords),
			NextCursor: page.Next, PrevCursor: page.Prev, RankCount: page.RankCount,
		}, nil
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
