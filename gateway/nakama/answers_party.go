package nakama

import (
	"errors"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

// aboutParty answers a request about parties. It returns false if it is none, or if parties are not served.
func (p *player) aboutParty(cid string, e *rtapi.Envelope) bool {
	if p.h.c.Parties == nil {
		return false
	}
	switch m := e.Message.(type) {
	case *rtapi.Envelope_PartyCreate:
		p.partyCreate(cid, m.PartyCreate)
	case *rtapi.Envelope_PartyJoin:
		p.partyJoin(cid, m.PartyJoin)
	case *rtapi.Envelope_PartyLeave:
		p.partyLeave(cid, m.PartyLeave)
	case *rtapi.Envelope_PartyPromote:
		p.partyPromote(cid, m.PartyPromote)
	case *rtapi.Envelope_PartyAccept:
		p.partyAccept(cid, m.PartyAccept)
	case *rtapi.Envelope_PartyRemove:
		p.partyRemove(cid, m.PartyRemove)
	case *rtapi.Envelope_PartyClose:
		p.partyClose(cid, m.PartyClose)
	case *rtapi.Envelope_PartyUpdate:
		p.partyUpdate(cid, m.PartyUpdate)
	case *rtapi.Envelope_PartyJoinRequestList:
		p.partyRequests(cid, m.PartyJoinRequestList)
	case *rtapi.Envelope_PartyMatchmakerAdd:
		p.partyMatchmakerAdd(cid, m.PartyMatchmakerAdd)
	case *rtapi.Envelope_PartyMatchmakerRemove:
		p.partyMatchmakerRemove(cid, m.PartyMatchmakerRemove)
	case *rtapi.Envelope_PartyDataSend:
		p.partyData(cid, m.PartyDataSend)
	default:
		return false
	}
	return true
}

// partyCauses are the texts for why something about a party failed. They follow what was tried.
var partyCauses = []struct {
	err  error
	text string
}{
	{party.ErrNotFound, "party not found"},
	{party.ErrFull, "party full"},
	{party.ErrNotLeader, "party leader only"},
	{party.ErrNotMember, "party member not found"},
	{party.ErrAlreadyMember, "party join request already member"},
	{party.ErrAlreadyAsked, "party join request duplicate"},
	{party.ErrTooManyRequests, "party join requests full"},
	{party.ErrRequestNotFound, "party join request not found"},
	{party.ErrRemoveSelf, "party cannot remove self"},
	{party.ErrLabelTooLong, "party label too long"},
	{party.ErrLabel, "failed to unmarshal party label: not a JSON object"},
	{party.ErrHiddenLabel, "party is hidden and label is not empty, invalid operation"},
	{party.ErrTicketNotFound, "matchmaker ticket not found"},
	{party.ErrNoQueue, "matchmaker not available"},
	{matchmaker.ErrStopped, "matchmaker not available"},
	{matchmaker.ErrQuery, "matchmaker query invalid"},
	{matchmaker.ErrDuplicateSession, "matchmaker duplicate session"},
	{matchmaker.ErrTooManyTickets, "matchmaker too many tickets"},
	{matchmaker.ErrPartyTooLarge, "party larger than the maximum count"},
}

// partyFailed answers what could not be done.
func (p *player) partyFailed(cid, tried string, err error) {
	for _, c := range partyCauses {
		if errors.Is(err, c.err) {
			p.fail(cid, codeBadInput, tried+": "+c.text)
			return
		}
	}
	p.h.log.Error("party request failed", "tried", tried, "error", err)
	p.fail(cid, codeRuntime, tried)
}

// partyDone is partyFailed for what may have been done, and was acknowledged then.
func (p *player) partyDone(cid, tried string, err error) {
	if err != nil {
		p.partyFailed(cid, tried, err)
	}
}

// partyCall is a call by the player, who gets an acknowledgement if it succeeds. It is false, and the client told, if the
// id is none.
func (p *player) partyCall(cid, id string) (party.Call, bool) {
	parsed, err := party.ParseID(id)
	if err != nil {
		p.fail(cid, codeBadInput, "Invalid party ID")
		return party.Call{}, false
	}
	return party.Call{ID: parsed, Session: p.who.Session, Accepted: func() { p.ack(cid) }}, true
}

// partyCallOn is partyCall for what is done to somebody.
func (p *player) partyCallOn(cid, id string, u *rtapi.UserPresence) (c party.Call, who presence.Presence, ok bool) {
	if c, ok = p.partyCall(cid, id); !ok {
		return c, who, false
	}
	if uuid.Validate(u.GetUserId()) != nil || uuid.Validate(u.GetSessionId()) != nil {
		p.fail(cid, codeBadInput, "Invalid presence")
		return c, who, false
	}
	return c, presence.Presence{User: u.UserId, Session: u.SessionId, Username: u.Username}, true
}

// inParty takes a session out of other parties if it may be in one only.
func (p *player) inParty(session string, id party.ID) {
	if p.h.c.SingleParty {
		p.h.c.Parties.LeaveOthers(session, id)
	}
}

func (p *player) partyCreate(cid string, m *rtapi.PartyCreate) {
	id, err := p.h.c.Parties.Create(party.CreateRequest{
		Who: p.who, MaxSize: int(m.MaxSize), Settings: party.Settings{Open: m.Open, Hidden: m.Hidden, Label: m.Label},
		Accepted: func(s party.State) { // the event about its own join follows and flushes both
			p.queueReply(cid, &rtapi.Envelope{Message: &rtapi.Envelope_Party{Party: partyMessage(s)}})
		},
	})
	switch {
	case err == nil:
		p.inParty(p.who.Session, id)
	case errors.Is(err, party.ErrMaxSize):
		p.fail(cid, codeBadInput, "Invalid party max size, must be 1-256")
	case errors.Is(err, party.ErrTooMany):
		p.fail(cid, codeRuntime, "Failed to create party")
	default:
		p.partyFailed(cid, "Error creating party", err)
	}
}

// partyJoin joins an open party or asks to join a closed one. Both are acknowledged; what has become of it shows in what
// is pushed.
func (p *player) partyJoin(cid string, m *rtapi.PartyJoin) {
	c, ok := p.partyCall(cid, m.PartyId)
	if !ok {
		return
	}
	in, err := p.h.c.Parties.Join(party.JoinRequest{ID: c.ID, Who: p.who, Accepted: c.Accepted})
	switch {
	case errors.Is(err, party.ErrTooMany):
		p.fail(cid, codeRuntime, "Error tracking party join")
	case err != nil:
		p.partyFailed(cid, "Error joining party", err)
	case in:
		p.inParty(p.who.Session, c.ID)
	}
}

// partyLeave leaves a party. Leaving one that the player is not in is no error.
func (p *player) partyLeave(cid string, m *rtapi.PartyLeave) {
	if c, ok := p.partyCall(cid, m.PartyId); ok {
		_ = p.h.c.Parties.Leave(c.ID, c.Session) // not a member, or gone
		p.ack(cid)
	}
}

func (p *player) partyPromote(cid string, m *rtapi.PartyPromote) {
	if c, who, ok := p.partyCallOn(cid, m.PartyId, m.Presence); ok {
		p.partyDone(cid, "Error promoting new party leader", p.h.c.Parties.Promote(c, who))
	}
}

func (p *player) partyAccept(cid string, m *rtapi.PartyAccept) {
	c, who, ok := p.partyCallOn(cid, m.PartyId, m.Presence)
	if !ok {
		return
	}
	if err := p.h.c.Parties.Accept(c, who); err != nil {
		p.partyFailed(cid, "Error accepting party join request", err)
		return
	}
	p.inParty(who.Session, c.ID)
}

func (p *player) partyRemove(cid string, m *rtapi.PartyRemove) {
	if c, who, ok := p.partyCallOn(cid, m.PartyId, m.Presence); ok {
		p.partyDone(cid, "Error removing party member or join request", p.h.c.Parties.Remove(c, who))
	}
}

func (p *player) partyClose(cid string, m *rtapi.PartyClose) {
	if c, ok := p.partyCall(cid, m.PartyId); ok {
		p.partyDone(cid, "Error closing party", p.h.c.Parties.Close(c))
	}
}

func (p *player) partyUpdate(cid string, m *rtapi.PartyUpdate) {
	if c, ok := p.partyCall(cid, m.PartyId); ok {
		s := party.Settings{Open: m.Open, Hidden: m.Hidden, Label: m.Label}
		p.partyDone(cid, "Error updating party", p.h.c.Parties.Update(c, s))
	}
}

func (p *player) partyRequests(cid string, m *rtapi.PartyJoinRequestList) {
	c, ok := p.partyCall(cid, m.PartyId)
	if !ok {
		return
	}
	err := p.h.c.Parties.Requests(c.ID, c.Session, func(pending []presence.Presence) {
		p.reply(cid, &rtapi.Envelope{Message: partyRequests(c.ID, pending)})
	})
	p.partyDone(cid, "Error listing party join requests", err)
}

func (p *player) partyData(cid string, m *rtapi.PartyDataSend) {
	if c, ok := p.partyCall(cid, m.PartyId); ok {
		p.partyDone(cid, "Error sending party data", p.h.c.Parties.Send(c, m.OpCode, m.Data))
	}
}

// partyMatchmakerAdd queues with the whole party. Wrong counts have the same texts as a player's own.
func (p *player) partyMatchmakerAdd(cid string, m *rtapi.PartyMatchmakerAdd) {
	c, ok := p.partyCall(cid, m.PartyId)
	if !ok {
		return
	}
	_, err := p.h.c.Parties.Enqueue(c.ID, c.Session, party.Ticket{
		MinCount: int(m.MinCount), MaxCount: int(m.MaxCount), CountMultiple: countMultiple(m.CountMultiple),
		Query: m.Query, StringProps: m.StringProperties, NumericProps: m.NumericProperties,
		Accepted: func(ticket string) { p.reply(cid, &rtapi.Envelope{Message: partyTicket(c.ID, ticket)}) },
	})
	if err != nil && !p.countsWrong(cid, err) {
		p.partyFailed(cid, "Error adding party to matchmaker", err)
	}
}

// partyMatchmakerRemove takes one ticket of the party back. The text of a failure is the one that clients know.
func (p *player) partyMatchmakerRemove(cid string, m *rtapi.PartyMatchmakerRemove) {
	c, ok := p.partyCall(cid, m.PartyId)
	switch {
	case !ok:
	case m.Ticket == "":
		p.fail(cid, codeBadInput, "Invalid matchmaker ticket")
	default:
		p.partyDone(cid, "Error closing party", p.h.c.Parties.Dequeue(c, m.Ticket))
	}
}
