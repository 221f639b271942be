package nakama_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

func TestRelayedMatch(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, nil)
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)

		made := ann.ask(create("")).GetMatch()
		require.True(t, strings.HasSuffix(made.MatchId, "."), "a relayed id ends with a dot: %s", made.MatchId)
		require.EqualValues(t, 1, made.Size)
		require.Empty(t, made.Presences)
		require.Equal(t, "ann", made.Self.Username)
		require.Equal(t, "ann", names(ann.next().GetMatchPresenceEvent().Joins), "its own join, after the reply")

		in := bob.ask(join(made.MatchId)).GetMatch()
		require.Equal(t, "ann", names(in.Presences))
		require.EqualValues(t, 1, in.Size, "whom it lists")
		require.False(t, in.Authoritative)
		require.Nil(t, in.Label)
		require.Equal(t, "bob", names(bob.next().GetMatchPresenceEvent().Joins))
		require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().Joins))

		for i := range 100 {
			ann.send(data(made.MatchId, 9001, fmt.Sprint(i)))
			bob.send(data(made.MatchId, 1<<53+1, fmt.Sprint(-i)))
		}
		for i := range 100 {
			got := bob.next().GetMatchData()
			require.Equal(t, fmt.Sprint(i), string(got.Data))
			require.EqualValues(t, 9001, got.OpCode)
			require.Equal(t, "ann", got.Presence.Username)
			got = ann.next().GetMatchData()
			require.Equal(t, fmt.Sprint(-i), string(got.Data))
			require.EqualValues(t, 1<<53+1, got.OpCode)
		}
		ann.nothing() // nobody hears himself
		bob.nothing()

		require.Empty(t, ann.ask(leave(made.MatchId)).GetMatch().GetMatchId())
		ann.ask(leave(made.MatchId)) // twice is as good as once
		require.Equal(t, "ann", names(bob.next().GetMatchPresenceEvent().Leaves))
		ann.send(data(made.MatchId, 1, "from outside"))
		ann.nothing()
		bob.nothing()
		bob.ask(leave(made.MatchId))
		ann.refused(join(made.MatchId), 4, "Match not found")
	})
}

func TestRelayedDataForSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.run()()
		ann, bob, cid := w.connect("ann", transport.Text), w.connect("bob", transport.Text), w.connect("cid", transport.Text)
		ann.ask(create("named"))
		ann.next()
		again := bob.ask(create("named")).GetMatch()
		require.EqualValues(t, 2, again.Size, "a named create counts oneself")
		self := again.Self
		bob.next()
		ann.next()
		cid.ask(create("named"))
		for _, c := range []*client{ann, bob, cid} {
			c.next()
		}
		ann.send(data(again.MatchId, 1, "for bob", self))
		require.Equal(t, "for bob", string(bob.next().GetMatchData().Data))
		cid.nothing()
		bob.send(data(again.MatchId, 1, "for bob by bob", self))
		require.Equal(t, "for bob by bob", string(bob.next().GetMatchData().Data))
	})
}

func TestMatchmakerToRelayedMatch(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, nil)
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		add := func(c *client) string {
			return c.ask(&rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerAdd{MatchmakerAdd: &rtapi.MatchmakerAdd{
				MinCount: 2, MaxCount: 2, Query: "+properties.client_version:v1.2",
				StringProperties:  map[string]string{"client_version": "v1.2"},
				NumericProperties: map[string]float64{"skill": 7.5},
			}}}).GetMatchmakerTicket().Ticket
		}
		tickets := []string{add(ann), add(bob)}
		matched := []*rtapi.MatchmakerMatched{ann.next().GetMatchmakerMatched(), bob.next().GetMatchmakerMatched()}
		for i, m := range matched {
			require.Equal(t, tickets[i], m.Ticket)
			require.NotEmpty(t, m.GetToken())
			require.Equal(t, matched[0].GetToken(), m.GetToken())
			require.Len(t, m.Users, 2)
			require.Equal(t, matched[0].Users[0].Presence.SessionId, m.Users[0].Presence.SessionId, "the same list for all")
			require.Equal(t, []string{"ann", "bob"}[i], m.Self.Presence.Username)
			require.Equal(t, "v1.2", m.Self.StringProperties["client_version"])
			require.InDelta(t, 7.5, m.Self.NumericProperties["skill"], 0)
		}
		token := matched[0].GetToken()
		require.EqualValues(t, 0, ann.ask(joinToken(token)).GetMatch().Size, "the first to come")
		ann.next()
		require.Equal(t, "ann", names(bob.ask(joinToken(token)).GetMatch().Presences))

		eve := w.connect("eve", first)
		eve.refused(joinToken(token), 3, "Invalid match token")
		session, err := w.users.SignInDevice(t.Context(), "a-device-of-eve", authCreate)
		require.NoError(t, err)
		eve.refused(joinToken(session.Token), 3, "Invalid match token")
	})
}

func TestMatchmakerErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		add := func(low, high int32, query string) *rtapi.Envelope {
			return &rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerAdd{
				MatchmakerAdd: &rtapi.MatchmakerAdd{MinCount: low, MaxCount: high, Query: query},
			}}
		}
		remove := func(ticket string) *rtapi.Envelope {
			return &rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerRemove{
				MatchmakerRemove: &rtapi.MatchmakerRemove{Ticket: ticket},
			}}
		}
		ann.refused(add(1, 2, "*"), 3, "Invalid minimum count, must be >= 2")
		ann.refused(add(3, 2, "*"), 3, "Invalid maximum count, must be >= minimum count")
		ann.refused(add(2, 2, "+"), 0, "Error adding to matchmaker")
		ann.refused(remove(""), 3, "Invalid matchmaker ticket")
		ann.refused(remove("none"), 3, "Matchmaker ticket not found")
		ticket := ann.ask(add(2, 2, "*")).GetMatchmakerTicket().Ticket
		require.Nil(t, ann.ask(remove(ticket)).Message, "a bare acknowledgement")
	})
}

func TestBadMatchIDs(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, _ transport.Kind) {
		w := newWorld(t, nil)
		defer w.run()()
		ann := w.connect("ann", first)
		const unknown = "f38230e6-0000-4000-8000-000000000000"
		for _, id := range []string{"", "zzz", "zzz.", "zzz.node", unknown, unknown + ".a.b", "{" + unknown + "}."} {
			ann.refused(join(id), 3, "Invalid match ID")
			ann.refused(leave(id), 3, "Invalid match ID")
		}
		ann.refused(join(unknown+"."), 4, "Match not found")
		ann.refused(join(unknown+".shoal"), 4, "Match not found")
		ann.refused(&rtapi.Envelope{Message: &rtapi.Envelope_MatchJoin{MatchJoin: &rtapi.MatchJoin{}}}, 3, "No match ID or token found")
		ann.ask(leave(unknown + "."))
		ann.ask(leave(unknown + ".shoal"))

		bad := data("", 9002, "")
		bad.Cid = "77"
		ann.send(bad)
		e := ann.next()
		require.Empty(t, e.Cid, "this error never has one")
		require.EqualValues(t, 3, e.GetError().Code)
		require.Equal(t, "Invalid match ID", e.GetError().Message)
	})
}

func TestDisconnectLeavesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ *world, c *nakama.Config) { c.Pending = 1 })
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Text)
		id := ann.ask(create("")).GetMatch().MatchId
		ann.next()
		bob.ask(join(id))
		bob.next()
		ann.next()
		bob.ask(&rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerAdd{
			MatchmakerAdd: &rtapi.MatchmakerAdd{MinCount: 2, MaxCount: 2, Query: "*"},
		}})
		bob.conn.Cut()
		require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().Leaves))
		synctest.Wait()
		require.Zero(t, w.queue.Stats().Tickets, "tickets vanish with their session")
		require.Equal(t, 1, w.sessions.Len())
	})
}
