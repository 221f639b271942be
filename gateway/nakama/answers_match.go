package nakama

import (
	"context"
	"errors"
	"slices"

	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
)

// matchCreate makes a relayed match, or joins the one of that name.
func (p *player) matchCreate(cid string, m *rtapi.MatchCreate) {
	if p.h.c.Relays == nil {
		p.unserved(cid, "MatchCreate")
		return
	}
	id, err := p.h.c.Relays.Create(relay.CreateRequest{Name: m.Name, Who: p.who, Accepted: p.relayed(cid)})
	if err != nil {
		p.fail(cid, codeRuntime, "Too many matches")
		return
	}
	p.joined(string(id))
}

// relayed queues the reply to a create or join of a relayed match. The Hub flushes it.
func (p *player) relayed(cid string) func(relay.Joined) {
	return func(j relay.Joined) {
		p.queueReply(cid, &rtapi.Envelope{Message: &rtapi.Envelope_Match{Match: &rtapi.Match{
			MatchId: string(j.ID), Size: int32(j.Size), Presences: userPresences(j.Members), Self: userPresence(j.Self),
		}}})
	}
}

// matchJoin joins a match by its id or by a matchmaker's token.
func (p *player) matchJoin(cid string, m *rtapi.MatchJoin) {
	id, byToken := m.GetMatchId(), false
	switch by := m.Id.(type) {
	case nil:
		p.fail(cid, codeBadInput, "No match ID or token found")
		return
	case *rtapi.MatchJoin_Token:
		mid, users, err := p.h.c.Auth.VerifyMatchToken(by.Token)
		if err != nil || len(users) > 0 && !slices.Contains(users, p.who.User) {
			p.fail(cid, codeBadInput, "Invalid match token")
			return
		}
		id, byToken = mid, true
	}
	id = normal(id)
	switch kind := kindOf(id); {
	case kind == relayedMatch && p.h.c.Relays != nil:
		p.joinRelayed(cid, id, byToken)
	case kind == authoritativeMatch && p.h.c.Matches != nil:
		p.joinAuthoritative(cid, match.ID(id), m.Metadata)
	case kind == noMatch:
		p.fail(cid, codeBadInput, "Invalid match ID")
	default:
		p.fail(cid, codeMatchNotFound, "Match not found")
	}
}

func (p *player) joinRelayed(cid, text string, create bool) {
	id, err := relay.ParseID(text)
	if err != nil {
		p.fail(cid, codeBadInput, "Invalid match ID")
		return
	}
	err = p.h.c.Relays.Join(relay.JoinRequest{ID: id, Who: p.who, Create: create, Accepted: p.relayed(cid)})
	switch {
	case err == nil:
		p.joined(string(id))
	case errors.Is(err, relay.ErrNotFound):
		p.fail(cid, codeMatchNotFound, "Match not found")
	default:
		p.fail(cid, codeMatchRejected, "Match join rejected")
	}
}

func (p *player) joinAuthoritative(cid string, id match.ID, meta map[string]string) {
	ctx, cancel := context.WithTimeout(p.ctx, p.h.c.Timeout)
	defer cancel()
	q := match.JoinRequest{
		ID: id,
		Who: match.Joiner{
			Presence: p.who, Meta: meta, Vars: p.hello.Vars, Expires: p.hello.Expires, Addr: p.hello.Addr,
		},
		Accepted: func(j match.Joined) { p.queueReply(cid, joinedMatch(j)) }, // the match flushes it
	}
	if err := p.admit(ctx, q); err != nil {
		p.refuseJoin(cid, err)
		return
	}
	p.joined(string(id))
}

// metaWatch is the metadata of a join that only wants to watch.
const metaWatch = "shoal.watch"

// admit joins a match, or watches it if that is what the client asks for and may.
func (p *player) admit(ctx context.Context, q match.JoinRequest) error {
	if _, watch := q.Who.Meta[metaWatch]; watch && p.h.c.Watch {
		return p.h.c.Matches.Watch(ctx, q, p.h.c.WatchDelay)
	}
	return p.h.c.Matches.Join(ctx, q)
}

// joinedMatch is the reply to a join. Its size counts whom it lists.
func joinedMatch(j match.Joined) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_Match{Match: &rtapi.Match{
		MatchId: string(j.ID), Authoritative: true, Label: shown(j.Label), Size: int32(len(j.Members)),
		Presences: userPresences(j.Members), Self: userPresence(j.Self),
	}}}
}

// refuseJoin tells why a join of an authoritative match failed. Only what the handler said for players is repeated.
func (p *player) refuseJoin(cid string, err error) {
	var rejected *match.RejectError
	switch {
	case errors.Is(err, match.ErrNotFound):
		p.fail(cid, codeMatchNotFound, "Match not found")
	case errors.Is(err, match.ErrBusy):
		p.fail(cid, codeMatchRejected, "Match is not currently accepting join requests")
	case errors.Is(err, match.ErrNoSpectators):
		p.fail(cid, codeMatchRejected, "Match cannot be watched")
	case errors.Is(err, match.ErrFull):
		p.fail(cid, codeMatchRejected, "Match is full")
	case errors.As(err, &rejected) && rejected.Reason != "":
		p.fail(cid, codeMatchRejected, rejected.Reason)
	default:
		p.fail(cid, codeMatchRejected, "Match join rejected")
	}
}

// matchLeave leaves a match. Leaving one that the player is not in is no error.
func (p *player) matchLeave(cid string, m *rtapi.MatchLeave) {
	id := normal(m.MatchId)
	if kindOf(id) == noMatch {
		p.fail(cid, codeBadInput, "Invalid match ID")
		return
	}
	p.leaveMatch(id, match.Left)
	p.ack(cid)
}

// matchmakerErrors are the texts for what can be wrong with a ticket.
var matchmakerErrors = []struct {
	err  error
	text string
}{
	{matchmaker.ErrMinCount, "Invalid minimum count, must be >= 2"},
	{matchmaker.ErrMaxCount, "Invalid maximum count, must be >= minimum count"},
	{matchmaker.ErrCountMultiple, "Invalid count multiple, must be >= 1"},
	{matchmaker.ErrMinMultiple, "Invalid count multiple for minimum count, must divide"},
	{matchmaker.ErrMaxMultiple, "Invalid count multiple for maximum count, must divide"},
}

func (p *player) matchmakerAdd(cid string, m *rtapi.MatchmakerAdd) {
	if p.h.c.Matchmaker == nil {
		p.unserved(cid, "MatchmakerAdd")
		return
	}
	_, err := p.h.c.Matchmaker.Add(matchmaker.Request{
		Presences: []presence.Presence{p.who},
		MinCount:  int(m.MinCount), MaxCount: int(m.MaxCount), CountMultiple: countMultiple(m.CountMultiple),
		Query: m.Query, StringProps: m.StringProperties, NumericProps: m.NumericProperties,
		Accepted: func(ticket string) {
			p.reply(cid, &rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerTicket{
				MatchmakerTicket: &rtapi.MatchmakerTicket{Ticket: ticket},
			}})
		},
	})
	if err != nil && !p.countsWrong(cid, err) {
		p.fail(cid, codeRuntime, "Error adding to matchmaker")
	}
}

// countMultiple is what a client asks for. 0 would be taken for the default.
func countMultiple(v *wrapperspb.Int32Value) int {
	switch {
	case v == nil:
		return 1
	case v.Value == 0:
		return -1
	}
	return int(v.Value)
}

// countsWrong tells the client if the counts of a ticket were what is wrong with it.
func (p *player) countsWrong(cid string, err error) bool {
	for _, known := range matchmakerErrors {
		if errors.Is(err, known.err) {
			p.fail(cid, codeBadInput, known.text)
			return true
		}
	}
	return false
}

func (p *player) matchmakerRemove(cid string, m *rtapi.MatchmakerRemove) {
	switch {
	case p.h.c.Matchmaker == nil:
		p.unserved(cid, "MatchmakerRemove")
	case m.Ticket == "":
		p.fail(cid, codeBadInput, "Invalid matchmaker ticket")
	case p.h.c.Matchmaker.Remove(p.who.Session, m.Ticket) != nil:
		p.fail(cid, codeBadInput, "Matchmaker ticket not found")
	default:
		p.ack(cid)
	}
}
