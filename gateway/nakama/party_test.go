package nakama_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/transport"
)

const unknownParty = "b84ed8ed-a7b1-502f-83f6-90132e68adef.shoal"

func partyCreate(size int32, open bool) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyCreate{PartyCreate: &rtapi.PartyCreate{MaxSize: size, Open: open}}}
}

func partyJoin(id string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyJoin{PartyJoin: &rtapi.PartyJoin{PartyId: id}}}
}

func partyLeave(id string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyLeave{PartyLeave: &rtapi.PartyLeave{PartyId: id}}}
}

func partyAccept(id string, who *rtapi.UserPresence) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyAccept{PartyAccept: &rtapi.PartyAccept{PartyId: id, Presence: who}}}
}

func partyRemove(id string, who *rtapi.UserPresence) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyRemove{PartyRemove: &rtapi.PartyRemove{PartyId: id, Presence: who}}}
}

func partyPromote(id string, who *rtapi.UserPresence) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyPromote{PartyPromote: &rtapi.PartyPromote{PartyId: id, Presence: who}}}
}

func partyClose(id string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyClose{PartyClose: &rtapi.PartyClose{PartyId: id}}}
}

func partyUpdate(id, label string, open, hidden bool) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyUpdate{
		PartyUpdate: &rtapi.PartyUpdate{PartyId: id, Label: label, Open: open, Hidden: hidden},
	}}
}

func partyRequests(id string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyJoinRequestList{
		PartyJoinRequestList: &rtapi.PartyJoinRequestList{PartyId: id},
	}}
}

func partyQueue(id string, low, high int32, query string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyMatchmakerAdd{PartyMatchmakerAdd: &rtapi.PartyMatchmakerAdd{
		PartyId: id, MinCount: low, MaxCount: high, Query: query, StringProperties: map[string]string{"mode": "ffa"},
	}}}
}

func partyUnqueue(id, ticket string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyMatchmakerRemove{
		PartyMatchmakerRemove: &rtapi.PartyMatchmakerRemove{PartyId: id, Ticket: ticket},
	}}
}

func partyData(id string, op int64, text string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_PartyDataSend{
		PartyDataSend: &rtapi.PartyDataSend{PartyId: id, OpCode: op, Data: []byte(text)},
	}}
}

// done asks for what is answered by a bare acknowledgement.
func (c *client) done(e *rtapi.Envelope) {
	c.t.Helper()
	got := c.ask(e)
	require.Nil(c.t, got.Message, "%v", got)
}

// partyOf makes an open party of the clients, the first of whom leads, and returns its id and the members' presences.
func partyOf(leader *client, size int32, others ...*client) (id string, members []*rtapi.UserPresence) {
	leader.t.Helper()
	made := leader.ask(partyCreate(size, true)).GetParty()
	leader.next()
	members = append(members, made.Self)
	for i, c := range others {
		c.done(partyJoin(made.PartyId))
		members = append(members, c.next().GetParty().Self)
		c.next()
		leader.next()
		for _, before := range others[:i] {
			before.next()
		}
	}
	return made.PartyId, members
}

func TestParties(t *testing.T) {
	t.Run("R095", func(t *testing.T) { inBothFormats(t, joinOpenAndClosed) })
	t.Run("R096", func(t *testing.T) { inBothFormats(t, onlyTheLeader) })
	t.Run("R097", func(t *testing.T) { inBothFormats(t, theLeaderGoes) })
	t.Run("R098", func(t *testing.T) { inBothFormats(t, kickedFullAndData) })
	t.Run("R099", func(t *testing.T) { inBothFormats(t, membersChangeWhileQueued) })
	t.Run("R094", func(t *testing.T) { inBothFormats(t, partiesStayTogether) })
	t.Run("a full party takes its ticket back", func(t *testing.T) { inBothFormats(t, fullPartyGoesBack) })
}

func joinOpenAndClosed(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob, cid := w.connect("ann", first), w.connect("bob", second), w.connect("cid", first)

	made := ann.ask(partyCreate(4, true)).GetParty()
	_, err := party.ParseID(made.PartyId)
	require.NoError(t, err)
	require.True(t, made.Open)
	require.False(t, made.Hidden)
	require.EqualValues(t, 4, made.MaxSize)
	require.Equal(t, "{}", made.Label)
	require.Equal(t, "ann", made.Self.Username)
	require.Equal(t, "ann", made.Leader.Username)
	require.Equal(t, "ann", names(made.Presences))
	event := ann.next().GetPartyPresenceEvent()
	require.Equal(t, made.PartyId, event.PartyId)
	require.Equal(t, "ann", names(event.Joins))
	ann.nothing() // no second message about the party to the one who made it

	bob.done(partyJoin(made.PartyId))
	in := bob.next().GetParty()
	require.Equal(t, "bob", in.Self.Username)
	require.Equal(t, "ann", in.Leader.Username)
	require.Equal(t, "ann,bob", names(in.Presences))
	require.EqualValues(t, 4, in.MaxSize)
	require.Empty(t, in.Label)
	require.Equal(t, "bob", names(bob.next().GetPartyPresenceEvent().Joins))
	require.Equal(t, "bob", names(ann.next().GetPartyPresenceEvent().Joins))
	bob.done(partyJoin(made.PartyId)) // again is as good as once
	bob.nothing()

	ann.done(partyUpdate(made.PartyId, "", false, false))
	ann.next()
	require.False(t, bob.next().GetPartyUpdate().Open)
	cid.done(partyJoin(made.PartyId))
	cid.nothing() // until the leader decides
	asked := ann.next().GetPartyJoinRequest()
	require.Equal(t, made.PartyId, asked.PartyId)
	require.Equal(t, "cid", names(asked.Presences))
	listed := ann.ask(partyRequests(made.PartyId)).GetPartyJoinRequest()
	require.Equal(t, "cid", names(listed.Presences))
	cid.refused(partyJoin(made.PartyId), 3, "Error joining party: party join request duplicate")
	bob.refused(partyJoin(made.PartyId), 3, "Error joining party: party join request already member")
	ann.done(partyAccept(made.PartyId, asked.Presences[0]))
	require.Equal(t, "ann,bob,cid", names(cid.next().GetParty().Presences))
	for _, c := range []*client{ann, bob, cid} {
		require.Equal(t, "cid", names(c.next().GetPartyPresenceEvent().Joins))
	}
	require.Empty(t, ann.ask(partyRequests(made.PartyId)).GetPartyJoinRequest().Presences)
}

func onlyTheLeader(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob := w.connect("ann", first), w.connect("bob", second)
	id, members := partyOf(ann, 4, bob)
	for tried, e := range map[string]*rtapi.Envelope{
		"Error accepting party join request":          partyAccept(id, members[0]),
		"Error removing party member or join request": partyRemove(id, members[0]),
		"Error promoting new party leader":            partyPromote(id, members[1]),
		"Error closing party":                         partyClose(id),
		"Error updating party":                        partyUpdate(id, "", true, false),
		"Error listing party join requests":           partyRequests(id),
		"Error adding party to matchmaker":            partyQueue(id, 2, 4, "*"),
	} {
		bob.refused(e, 3, tried+": party leader only")
	}
	bob.refused(partyUnqueue(id, "t"), 3, "Error closing party: party leader only")
	ann.nothing()
}

func theLeaderGoes(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob, cid := w.connect("ann", first), w.connect("bob", second), w.connect("cid", first)
	id, members := partyOf(ann, 4, bob, cid)
	ann.done(partyPromote(id, members[2]))
	for _, c := range []*client{ann, bob, cid} {
		led := c.next().GetPartyLeader()
		require.Equal(t, id, led.PartyId)
		require.Equal(t, "cid", led.Presence.Username)
	}
	cid.conn.Cut()
	for _, c := range []*client{ann, bob} {
		require.Equal(t, "ann", c.next().GetPartyLeader().Presence.Username, "the oldest leads, before the leave is told")
		require.Equal(t, "cid", names(c.next().GetPartyPresenceEvent().Leaves))
	}
	ann.done(partyLeave(id))
	ann.done(partyLeave(id)) // twice is as good as once
	require.Equal(t, "bob", bob.next().GetPartyLeader().Presence.Username)
	require.Equal(t, "ann", names(bob.next().GetPartyPresenceEvent().Leaves))
	bob.done(partyLeave(id))
	ann.refused(partyJoin(id), 3, "Error joining party: party not found")
	ann.done(partyLeave(id))
}

func kickedFullAndData(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob, cid, eve := w.connect("ann", first), w.connect("bob", second), w.connect("cid", second), w.connect("eve", first)
	id, members := partyOf(ann, 3, bob, cid)
	eve.refused(partyJoin(id), 3, "Error joining party: party full")

	bob.done(partyData(id, 1<<53+1, "hi"))
	for _, c := range []*client{ann, cid} {
		said := c.next().GetPartyData()
		require.Equal(t, id, said.PartyId)
		require.Equal(t, "bob", said.Presence.Username)
		require.EqualValues(t, 1<<53+1, said.OpCode)
		require.Equal(t, "hi", string(said.Data))
	}
	bob.nothing()
	eve.refused(partyData(id, 1, ""), 3, "Error sending party data: party member not found")

	ann.refused(partyRemove(id, members[0]), 3, "Error removing party member or join request: party cannot remove self")
	ann.done(partyRemove(id, members[1]))
	require.Equal(t, id, bob.next().GetPartyClose().PartyId)
	require.Equal(t, "bob", names(ann.next().GetPartyPresenceEvent().Leaves))
	require.Equal(t, "bob", names(cid.next().GetPartyPresenceEvent().Leaves))
	bob.refused(partyData(id, 1, ""), 3, "Error sending party data: party member not found")

	ann.done(partyClose(id))
	require.Equal(t, id, ann.next().GetPartyClose().PartyId)
	require.Equal(t, id, cid.next().GetPartyClose().PartyId)
	cid.nothing()
	bob.nothing()
}

func membersChangeWhileQueued(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob, cid := w.connect("ann", first), w.connect("bob", second), w.connect("cid", first)
	id, _ := partyOf(ann, 4, bob)
	queue := func(leader *client, others ...*client) string {
		ticket := leader.ask(partyQueue(id, 4, 4, "*")).GetPartyMatchmakerTicket()
		require.Equal(t, id, ticket.PartyId)
		for _, c := range others {
			require.Equal(t, ticket.Ticket, c.next().GetPartyMatchmakerTicket().Ticket)
		}
		return ticket.Ticket
	}
	ticket := queue(ann, bob)
	require.Equal(t, 1, w.queue.Stats().Tickets)
	ann.refused(&rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerRemove{
		MatchmakerRemove: &rtapi.MatchmakerRemove{Ticket: ticket},
	}}, 3, "Matchmaker ticket not found")
	ann.done(partyUnqueue(id, ticket))
	ann.refused(partyUnqueue(id, ticket), 3, "Error closing party: matchmaker ticket not found")
	ann.refused(partyUnqueue(id, ""), 3, "Invalid matchmaker ticket")
	require.Zero(t, w.queue.Stats().Tickets)

	queue(ann, bob)
	queue(ann, bob)
	cid.done(partyJoin(id))
	synctest.Wait() // the acknowledgement comes first
	require.Zero(t, w.queue.Stats().Tickets, "somebody has come")
	for _, c := range []*client{ann, bob} {
		c.next()
	}
	cid.next()
	cid.next()
	queue(ann, bob, cid)
	ann.conn.Cut()
	require.NotNil(t, bob.next().GetPartyLeader())
	synctest.Wait()
	require.Zero(t, w.queue.Stats().Tickets, "somebody has gone")
}

func partiesStayTogether(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob, cid, dan := w.connect("ann", first), w.connect("bob", second), w.connect("cid", first), w.connect("dan", second)
	id, _ := partyOf(ann, 2, bob)
	ticket := ann.ask(partyQueue(id, 4, 4, "+properties.mode:ffa")).GetPartyMatchmakerTicket().Ticket
	require.Equal(t, ticket, bob.next().GetPartyMatchmakerTicket().Ticket)
	other, _ := partyOf(cid, 2, dan)
	against := cid.ask(partyQueue(other, 4, 4, "*")).GetPartyMatchmakerTicket().Ticket
	require.Equal(t, against, dan.next().GetPartyMatchmakerTicket().Ticket)

	of := map[string][2]string{"ann": {id, ticket}, "bob": {id, ticket}, "cid": {other, against}, "dan": {other, against}}
	for _, c := range []*client{ann, bob, cid, dan} {
		matched := c.next().GetMatchmakerMatched()
		require.Equal(t, of[c.name][1], matched.Ticket, "members share the ticket")
		require.Equal(t, c.name, matched.Self.Presence.Username)
		require.Len(t, matched.Users, 4)
		for _, u := range matched.Users {
			require.Equal(t, of[u.Presence.Username][0], u.PartyId)
		}
	}
	ann.ask(partyQueue(id, 4, 4, "*")) // matched is not parted
	require.NotNil(t, bob.next().GetPartyMatchmakerTicket())
}

// fullPartyGoesBack is what the .NET client's own tests do: a party of two asks for a match of two, and takes that back.
func fullPartyGoesBack(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	ann, bob := w.connect("ann", first), w.connect("bob", second)
	id, _ := partyOf(ann, 2, bob)
	ticket := ann.ask(partyQueue(id, 2, 2, "*")).GetPartyMatchmakerTicket().Ticket
	require.Equal(t, ticket, bob.next().GetPartyMatchmakerTicket().Ticket)
	ann.done(partyUnqueue(id, ticket))
	require.Zero(t, w.queue.Stats().Tickets)

	ann.ask(partyQueue(id, 2, 2, "*"))
	bob.next()
	require.Len(t, ann.next().GetMatchmakerMatched().Users, 2, "in the next run")
}

func TestPartyErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Binary)
		for _, size := range []int32{-1, 0, 257} {
			ann.refused(partyCreate(size, true), 3, "Invalid party max size, must be 1-256")
		}
		labelled := func(label string) *rtapi.Envelope {
			e := partyCreate(4, true)
			e.GetPartyCreate().Label = label
			return e
		}
		ann.refused(labelled(strings.Repeat(" ", 2049)), 3, "Error creating party: party label too long")
		ann.refused(labelled("[]"), 3, "Error creating party: failed to unmarshal party label: not a JSON object")

		id, members := partyOf(ann, 2)
		for _, bad := range []string{"", "zzz", "zzz.shoal", unknownParty + ".x"} {
			for _, e := range []*rtapi.Envelope{
				partyJoin(bad), partyLeave(bad), partyAccept(bad, members[0]), partyRemove(bad, nil), partyPromote(bad, nil),
				partyClose(bad), partyUpdate(bad, "", true, true), partyRequests(bad), partyQueue(bad, 2, 2, ""),
				partyUnqueue(bad, "t"), partyData(bad, 1, ""),
			} {
				ann.refused(e, 3, "Invalid party ID")
			}
		}
		for _, who := range []*rtapi.UserPresence{nil, {}, {UserId: members[0].UserId}, {UserId: "x", SessionId: members[0].SessionId}} {
			for _, e := range []*rtapi.Envelope{partyAccept(id, who), partyRemove(id, who), partyPromote(id, who)} {
				ann.refused(e, 3, "Invalid presence")
			}
		}
		stranger := &rtapi.UserPresence{UserId: userID("eve"), SessionId: userID("eve")}
		ann.refused(partyAccept(id, stranger), 3, "Error accepting party join request: party join request not found")
		ann.refused(partyRemove(id, stranger), 3, "Error removing party member or join request: party member not found")
		ann.refused(partyPromote(id, stranger), 3, "Error promoting new party leader: party member not found")
		ann.refused(partyUpdate(id, "{}", true, true), 3, "Error updating party: party is hidden and label is not empty, invalid operation")
		ann.refused(partyUpdate(id, "x", true, false), 3, "Error updating party: failed to unmarshal party label: not a JSON object")

		ann.refused(partyQueue(id, 1, 2, "*"), 3, "Invalid minimum count, must be >= 2")
		odd := partyQueue(id, 2, 2, "*")
		odd.GetPartyMatchmakerAdd().CountMultiple = wrapperspb.Int32(0)
		ann.refused(odd, 3, "Invalid count multiple, must be >= 1")
		ann.refused(partyQueue(id, 2, 2, "+"), 3, "Error adding party to matchmaker: matchmaker query invalid")
		for range 3 {
			ann.ask(partyQueue(id, 2, 2, "*"))
		}
		ann.refused(partyQueue(id, 2, 2, "*"), 3, "Error adding party to matchmaker: matchmaker too many tickets")
		for _, e := range []*rtapi.Envelope{partyJoin(unknownParty), partyData(unknownParty, 1, ""), partyClose(unknownParty)} {
			require.Contains(t, bob.ask(e).GetError().GetMessage(), ": party not found")
		}

		ann.done(partyUpdate(id, "", false, false))
		require.Equal(t, "{}", ann.next().GetPartyUpdate().Label)
		bob.done(partyJoin(id))
		bob.conn.Cut()
		ann.next()
		synctest.Wait()
		require.Empty(t, ann.ask(partyRequests(id)).GetPartyJoinRequest().Presences, "who is gone waits no more")
	})
}

func TestPartyLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world, c *nakama.Config) {
			out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: w.sessions})
			require.NoError(t, err)
			c.Parties, err = party.New(party.Config{Outbox: out.Party(), MaxJoined: 1})
			require.NoError(t, err)
		})
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Text)
		id, _ := partyOf(ann, 2)
		ann.refused(partyCreate(2, true), 0, "Failed to create party")
		partyOf(bob, 2)
		bob.refused(partyJoin(id), 0, "Error tracking party join")
		ann.refused(partyQueue(id, 2, 2, "*"), 3, "Error adding party to matchmaker: matchmaker not available")
	})
}

func TestHTTPParties(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.newAccount("ann")
	w.http("GET", "/v2/party", "").refused(401, nakama.Unauthenticated, "Auth token required")
	ann.http("GET", "/v2/party", "").nothing()
	made := map[string]string{} // labels by id
	for i, s := range []party.Settings{
		{Open: true, Label: `{"mode":"ffa"}`}, {Label: `{"mode":"duel"}`}, {Open: true}, {Hidden: true, Label: `{"mode":"ffa"}`},
	} {
		id, err := w.parties.Create(party.CreateRequest{Who: presenceOf(i), MaxSize: 4, Settings: s})
		require.NoError(t, err)
		made[string(id)] = s.Label
	}
	list := func(query string) (labels []string, cursor string) {
		got := ann.http("GET", "/v2/party?"+query, "").ok()
		parties, _ := got["parties"].([]any)
		for _, p := range parties {
			p := p.(map[string]any)
			require.Contains(t, made, p["party_id"])
			require.EqualValues(t, 4, p["max_size"])
			labels = append(labels, p["label"].(string))
		}
		cursor, _ = got["cursor"].(string)
		return labels, cursor
	}
	for query, want := range map[string][]string{
		"":                           {"{}", `{"mode":"duel"}`, `{"mode":"ffa"}`},
		"open=true":                  {"{}", `{"mode":"ffa"}`},
		"open=false":                 {`{"mode":"duel"}`},
		"query=%2Blabel.mode:ffa":    {`{"mode":"ffa"}`},
		"query=%2Bopen:F&limit=100":  {`{"mode":"duel"}`},
		"query=%2Blabel.mode:absent": nil,
	} {
		got, cursor := list(query)
		require.Equal(t, want, got, query)
		require.Empty(t, cursor)
	}
	first, cursor := list("limit=2")
	rest, end := list("limit=2&cursor=" + cursor)
	require.Equal(t, []string{"{}", `{"mode":"duel"}`, `{"mode":"ffa"}`}, append(first, rest...))
	require.Empty(t, end)
	for _, query := range []string{"limit=2&open=true&cursor=" + cursor, "cursor=" + cursor, "cursor=x"} {
		ann.http("GET", "/v2/party?"+query, "").invalid("Cursor is invalid or expired.")
	}
	for _, limit := range []string{"0", "101", "-1"} {
		ann.http("GET", "/v2/party?limit="+limit, "").invalid("Invalid limit - limit must be between 1 and 100.")
	}
	ann.http("GET", "/v2/party?query=%2B", "").invalid("Invalid query")
	ann.http("GET", "/v2/party?open=maybe", "").invalid("parsing field")
}
