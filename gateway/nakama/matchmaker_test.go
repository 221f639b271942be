package nakama_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/transport"
)

const runs = 15 * time.Second // from one run to the next

// queueing is a request of a player for a ticket.
func queueing(low, high, multiple int32, query string) *rtapi.Envelope {
	m := &rtapi.MatchmakerAdd{MinCount: low, MaxCount: high, Query: query}
	if multiple != 0 {
		m.CountMultiple = wrapperspb.Int32(multiple)
	}
	return &rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerAdd{MatchmakerAdd: m}}
}

// inMode is the same for players of one mode, who want a query's.
func inMode(mode, query string) *rtapi.Envelope {
	e := queueing(2, 2, 0, query)
	e.GetMatchmakerAdd().StringProperties = map[string]string{"mode": mode}
	return e
}

func (c *client) ticket(e *rtapi.Envelope) string {
	c.t.Helper()
	return c.ask(e).GetMatchmakerTicket().GetTicket()
}

// withQueue gives a world a matchmaker of another configuration.
func withQueue(c matchmaker.Config) func(*world, *nakama.Config) {
	return func(w *world, g *nakama.Config) {
		out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: w.sessions, Tokens: w.users})
		require.NoError(w.t, err)
		c.Outbox = out
		w.queue, err = matchmaker.New(c)
		require.NoError(w.t, err)
		g.Matchmaker = w.queue
	}
}

func TestMatchmakerStatements(t *testing.T) {
	for name, s := range map[string]struct {
		config matchmaker.Config
		play   func(t *testing.T, w *world, ann, bob, cid *client)
	}{
		"R084":         {play: wrongTickets},
		"R085_differs": {play: matchedOnArrival},
		"R086_differs": {config: matchmaker.Config{Matched: failingOnce()}, play: theHostDecides},
		"R087":         {play: tokensEnd},
		"R088":         {play: fewerInTheSecondRun},
		"large groups": {config: matchmaker.Config{Candidates: 128}, play: largeGroups},
		"R089":         {play: multiples},
		"R090_differs": {play: alwaysMutual},
		"R091":         {play: closingRemoves},
		"R092": {play: func(_ *testing.T, _ *world, ann, _, _ *client) {
			ann.ticket(queueing(2, 2, 0, "*"))
			ann.ticket(queueing(2, 2, 0, "*"))
			time.Sleep(3 * runs)
			ann.nothing()
		}},
		"R093": {play: func(t *testing.T, _ *world, ann, bob, _ *client) {
			first := ann.ticket(queueing(2, 3, 0, "*"))
			time.Sleep(10 * runs)
			bob.ticket(queueing(2, 2, 0, "*"))
			require.Equal(t, first, ann.next().GetMatchmakerMatched().Ticket)
		}},
		"a ticket that expires": {config: matchmaker.Config{Expiry: runs}, play: func(t *testing.T, _ *world, ann, _, _ *client) {
			ticket := ann.ticket(queueing(2, 2, 0, "*"))
			time.Sleep(2 * runs)
			n := ann.next().GetNotifications().Notifications[0]
			require.EqualValues(t, -101, n.Code)
			require.Equal(t, "matchmaker_ticket_expired", n.Subject)
			require.JSONEq(t, fmt.Sprintf(`{"ticket":%q}`, ticket), n.Content)
			require.False(t, n.Persistent)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
				w := newWorld(t, withQueue(s.config))
				defer w.run()()
				s.play(t, w, w.connect("ann", first), w.connect("bob", second), w.connect("cid", first))
			})
		})
	}
}

func wrongTickets(_ *testing.T, _ *world, ann, _, _ *client) {
	ann.refused(queueing(1, 2, 0, "*"), 3, "Invalid minimum count, must be >= 2")
	ann.refused(queueing(3, 2, 0, "*"), 3, "Invalid maximum count, must be >= minimum count")
	ann.refused(queueing(2, 2, -1, "*"), 3, "Invalid count multiple, must be >= 1")
	ann.refused(queueing(3, 4, 2, "*"), 3, "Invalid count multiple for minimum count, must divide")
	ann.refused(queueing(2, 3, 2, "*"), 3, "Invalid count multiple for maximum count, must divide")
	ann.refused(queueing(2, 2, 0, "+"), 0, "Error adding to matchmaker")
	for range 3 {
		ann.ticket(queueing(2, 2, 0, "*"))
	}
	ann.refused(queueing(2, 2, 0, "*"), 0, "Error adding to matchmaker")
}

func matchedOnArrival(t *testing.T, _ *world, ann, bob, _ *client) {
	tickets := []string{ann.ticket(queueing(2, 2, 0, "*")), bob.ticket(queueing(2, 2, 0, "*"))}
	one, two := ann.next().GetMatchmakerMatched(), bob.next().GetMatchmakerMatched()
	require.Equal(t, tickets[0], one.Ticket)
	require.Equal(t, tickets[1], two.Ticket)
	require.Equal(t, "ann", one.Self.Presence.Username)
	require.Equal(t, "bob", two.Self.Presence.Username)
	require.Equal(t, one.GetToken(), two.GetToken())
	require.NotEmpty(t, one.GetToken())
	for i := range one.Users {
		require.Equal(t, one.Users[i].Presence.SessionId, two.Users[i].Presence.SessionId)
	}
}

// failingOnce is a host that makes no match for the first group of each world, and then always the same.
func failingOnce() func(context.Context, matchmaker.Result) (string, error) {
	return func(_ context.Context, r matchmaker.Result) (string, error) {
		if time.Since(r.Entries[0].Ticket.Created) < runs/2 {
			return "", errors.New("no match yet")
		}
		return "made", nil
	}
}

func theHostDecides(t *testing.T, w *world, ann, bob, _ *client) {
	ann.ticket(queueing(2, 2, 0, "*"))
	bob.ticket(queueing(2, 2, 0, "*"))
	ann.nothing()
	require.Equal(t, 2, w.queue.Stats().Tickets)
	time.Sleep(runs)
	for _, c := range []*client{ann, bob} {
		m := c.next().GetMatchmakerMatched()
		require.Equal(t, "made", m.GetMatchId())
		require.Empty(t, m.GetToken())
	}
}

func tokensEnd(t *testing.T, _ *world, ann, bob, _ *client) {
	ann.ticket(queueing(2, 2, 0, "*"))
	bob.ticket(queueing(2, 2, 0, "*"))
	token := ann.next().GetMatchmakerMatched().GetToken()
	id := ann.ask(joinToken(token)).GetMatch().MatchId
	require.Regexp(t, `^[0-9a-f-]{36}\.$`, id)
	bob.next()
	time.Sleep(31 * time.Second)
	bob.refused(joinToken(token), 3, "Invalid match token")
}

// largeGroups join by a token that fits into a frame.
func largeGroups(t *testing.T, w *world, ann, bob, cid *client) {
	for _, size := range []int{64, 100} {
		group := []*client{ann, bob, cid}
		for i := len(group); i < size; i++ {
			group = append(group, w.connect(fmt.Sprintf("%d-%d", size, i), ann.kind))
		}
		for _, c := range group {
			c.ticket(queueing(int32(size), int32(size), 0, "*"))
		}
		var tokens []string
		for _, c := range group {
			tokens = append(tokens, c.next().GetMatchmakerMatched().GetToken())
		}
		require.Len(t, slices.Compact(tokens), 1)
		require.NotNil(t, bob.ask(joinToken(tokens[0])).GetMatch())
		bob.next()
		bob.done(leave(bob.ask(joinToken(tokens[0])).GetMatch().MatchId))
	}
}

func fewerInTheSecondRun(t *testing.T, _ *world, ann, bob, cid *client) {
	for _, c := range []*client{ann, bob, cid} {
		c.ticket(queueing(2, 4, 0, "*"))
	}
	time.Sleep(runs)
	ann.nothing()
	time.Sleep(runs)
	for _, c := range []*client{ann, bob, cid} {
		require.Len(t, c.next().GetMatchmakerMatched().Users, 3)
	}
}

func multiples(t *testing.T, _ *world, ann, bob, cid *client) {
	for _, c := range []*client{ann, bob, cid} {
		c.ticket(queueing(2, 4, 2, "*"))
	}
	time.Sleep(2 * runs)
	require.Len(t, ann.next().GetMatchmakerMatched().Users, 2, "those who have waited longest")
	require.Len(t, bob.next().GetMatchmakerMatched().Users, 2)
	cid.nothing()
}

func alwaysMutual(t *testing.T, _ *world, ann, bob, cid *client) {
	ann.ticket(inMode("x", "*"))
	bob.ticket(inMode("y", "+properties.mode:y"))
	time.Sleep(3 * runs)
	ann.nothing()
	bob.nothing()
	cid.ticket(inMode("y", "+properties.mode:y"))
	require.Len(t, bob.next().GetMatchmakerMatched().Users, 2)
	ann.nothing()
}

func closingRemoves(t *testing.T, w *world, ann, bob, cid *client) {
	ann.ticket(queueing(2, 2, 0, "+properties.none:x"))
	require.Equal(t, 1, w.queue.Stats().Tickets)
	ann.conn.Cut()
	synctest.Wait()
	require.Zero(t, w.queue.Stats().Tickets)

	id, _ := partyOf(bob, 2, cid)
	bob.ask(partyQueue(id, 4, 4, "*"))
	require.NotNil(t, cid.next().GetPartyMatchmakerTicket())
	cid.conn.Cut()
	require.NotNil(t, bob.next().GetPartyPresenceEvent(), "of the ticket there is no message")
	synctest.Wait()
	bob.nothing()
	require.Zero(t, w.queue.Stats().Tickets)
}
