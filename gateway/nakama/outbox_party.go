package nakama

import (
	"errors"

	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
)

// Party is the outbox of a party.Parties over the same sessions.
func (o *Outbox) Party() party.Outbox { return partyOutbox{o} }

type partyOutbox struct{ o *Outbox }

func (p partyOutbox) PartyEvent(id party.ID, to []presence.Presence, e party.Event) {
	out := &rtapi.Envelope{}
	switch e := e.(type) {
	case party.Welcome:
		m := partyMessage(e.State)
		m.Label = "" // which clients are told in the reply to a create, in updates and in lists
		out.Message = &rtapi.Envelope_Party{Party: m}
	case party.Members:
		out.Message = &rtapi.Envelope_PartyPresenceEvent{PartyPresenceEvent: &rtapi.PartyPresenceEvent{
			PartyId: string(id), Joins: userPresences(e.Joined), Leaves: userPresences(e.Left),
		}}
	case party.Leader:
		out.Message = &rtapi.Envelope_PartyLeader{PartyLeader: &rtapi.PartyLeader{
			PartyId: string(id), Presence: userPresence(e.Who),
		}}
	case party.Asked:
		out.Message = partyRequests(id, []presence.Presence{e.Who})
	case party.Updated:
		out.Message = &rtapi.Envelope_PartyUpdate{PartyUpdate: &rtapi.PartyUpdate{
			PartyId: string(id), Label: e.Label, Open: e.Open, Hidden: e.Hidden,
		}}
	case party.Closed:
		out.Message = &rtapi.Envelope_PartyClose{PartyClose: &rtapi.PartyClose{PartyId: string(id)}}
	case party.Queued:
		out.Message = partyTicket(id, e.Ticket)
	case party.Data:
		out.Message = &rtapi.Envelope_PartyData{PartyData: &rtapi.PartyData{
			PartyId: string(id), Presence: userPresence(e.From), OpCode: e.Op, Data: e.Data,
		}}
	}
	p.o.tell(to, transport.Outgoing{}, out)
}

func (p partyOutbox) Flush(_ party.ID, to []presence.Presence) { p.o.flush(to) }

func partyMessage(s party.State) *rtapi.Party {
	return &rtapi.Party{
		PartyId: string(s.ID), Open: s.Open, Hidden: s.Hidden, MaxSize: int32(s.MaxSize), Label: s.Label,
		Self: userPresence(s.Self), Leader: userPresence(s.Leader), Presences: userPresences(s.Members),
	}
}

func partyRequests(id party.ID, who []presence.Presence) *rtapi.Envelope_PartyJoinRequest {
	return &rtapi.Envelope_PartyJoinRequest{PartyJoinRequest: &rtapi.PartyJoinRequest{
		PartyId: string(id), Presences: userPresences(who),
	}}
}

func partyTicket(id party.ID, ticket string) *rtapi.Envelope_PartyMatchmakerTicket {
	return &rtapi.Envelope_PartyMatchmakerTicket{PartyMatchmakerTicket: &rtapi.PartyMatchmakerTicket{
		PartyId: string(id), Ticket: ticket,
	}}
}

// TicketsOfParties is what a matchmaker must have for [PartyQueue]. [matchmaker.Matchmaker] has it.
type TicketsOfParties interface {
	Add(q matchmaker.Request) (ticket string, err error)
	RemovePartyTicket(partyID, ticket string) error
	RemoveParty(partyID string)
}

// PartyQueue makes a matchmaker the queue of a party.Parties.
func PartyQueue(m TicketsOfParties) party.Queue { return partyQueue{m} }

type partyQueue struct{ m TicketsOfParties }

func (q partyQueue) Add(id party.ID, members []presence.Presence, t party.Ticket) (string, error) {
	return q.m.Add(matchmaker.Request{
		Presences: members, PartyID: string(id),
		MinCount: t.MinCount, MaxCount: t.MaxCount, CountMultiple: t.CountMultiple,
		Query: t.Query, StringProps: t.StringProps, NumericProps: t.NumericProps, Accepted: t.Accepted,
	})
}

func (q partyQueue) Remove(id party.ID, ticket string) error {
	if ticket == "" {
		q.m.RemoveParty(string(id))
		return nil
	}
	err := q.m.RemovePartyTicket(string(id), ticket)
	if errors.Is(err, matchmaker.ErrNotFound) {
		return party.ErrTicketNotFound
	}
	return err
}
