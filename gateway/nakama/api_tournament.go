package nakama

import (
	"errors"
	"time"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/leaderboard"
)

const (
	maxTournaments = 100
	maxCategory    = 127
)

func (a *httpAPI) tournaments(c *call) (proto.Message, error) {
	if a.c.Boards == nil {
		return nil, notServed("Tournaments")
	}
	q := c.params()
	ask := leaderboard.TournamentsRequest{
		Category: or(q.number("category_start"), 0), LastCategory: or(q.number("category_end"), maxCategory),
		From: q.moment("start_time"), Until: q.moment("end_time"),
		Limit: or(q.number("limit"), maxTournaments), Cursor: or(q.text("cursor"), ""),
	}
	switch {
	case q.err != nil:
		return nil, q.err
	case ask.Limit < 1 || ask.Limit > maxTournaments:
		return nil, limitError(maxTournaments)
	case ask.Category < 0 || ask.LastCategory > maxCategory || ask.Category > ask.LastCategory:
		return nil, &Error{InvalidArgument, "Invalid categories - they must be between 0 and 127, the first not above the last."}
	}
	page, err := a.c.Boards.Tournaments(c.Context(), ask)
	if err != nil {
		return nil, tournaments.error(err, "Error listing %ss.")
	}
	out := &api.TournamentList{Cursor: page.Next}
	for _, t := range page.Tournaments {
		out.Tournaments = append(out.Tournaments, tournamentMessage(t))
	}
	return out, nil
}

func (a *httpAPI) joinTournament(c *call) (proto.Message, error) {
	if err := a.served(c, &tournaments); err != nil {
		return nil, err
	}
	err := a.c.Boards.Join(c.Context(), c.PathValue("id"), c.who.User, c.who.Username)
	switch {
	case errors.Is(err, leaderboard.ErrFull):
		return nil, &Error{InvalidArgument, "Tournament cannot be joined as it has reached its max size."}
	case errors.Is(err, leaderboard.ErrInactive):
		return nil, &Error{InvalidArgument, "Tournament is not active and cannot accept new joins."}
	case err != nil:
		return nil, tournaments.error(err, "Error while trying to join %s.")
	}
	return empty, nil
}

func (a *httpAPI) writeTournamentRecord(c *call, in *api.WriteTournamentRecordRequest_TournamentRecordWrite) (proto.Message, error) {
	return a.writeRecord(c, &tournaments, in)
}

func tournamentMessage(t leaderboard.TournamentState) *api.Tournament {
	out := &api.Tournament{
		Id: t.ID, Title: t.Title, Description: t.Description, Category: uint32(t.Category),
		Size: uint32(t.Size), MaxSize: uint32(t.MaxSize), MaxNumScore: uint32(t.MaxNumScore), CanEnter: t.CanEnter,
		StartActive: unix(t.Open), EndActive: unix(t.Closed), NextReset: unix(t.Period), PrevReset: unix(t.Began),
		Metadata: t.Metadata, CreateTime: seconds(t.Created), StartTime: seconds(t.Start), EndTime: seconds(t.End),
		Duration: uint32(t.Duration / time.Second), Authoritative: t.Authoritative, JoinRequired: t.JoinRequired,
	}
	if t.Sort == leaderboard.Descending {
		out.SortOrder = 1
	}
	for theirs, ours := range operators {
		if ours == t.Operator {
			out.Operator = theirs
		}
	}
	return out
}

// unix is a time in seconds; 0 for the zero Time.
func unix(t time.Time) uint32 {
	if t.IsZero() {
		return 0
	}
	return uint32(t.Unix())
}
