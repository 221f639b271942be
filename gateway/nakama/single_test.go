package nakama_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/tick"
	"github.com/shoal-go/shoal/transport"
)

func TestSingleNeedsSingleSocket(t *testing.T) {
	for _, c := range []nakama.Config{{SingleMatch: true}, {SingleParty: true}} {
		w := newWorld(t, nil)
		c.Sessions, c.Auth, c.ServerKey = w.sessions, w.users, "defaultkey"
		_, err := nakama.New(c)
		require.ErrorContains(t, err, "SingleSocket")
	}
}

func TestSingle(t *testing.T) {
	t.Run("R081", func(t *testing.T) { inBothFormats(t, singleSocket) })
	t.Run("R029", func(t *testing.T) { inBothFormats(t, singleMatch) })
	t.Run("party", func(t *testing.T) { inBothFormats(t, singleParty) })
}

func singleSocket(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, func(_ *world, c *nakama.Config) { c.SingleSocket = true })
	defer w.run()()
	bob := w.connect("bob", first)
	bob.nothing()
	old := w.connect("ann", first)
	old.nothing()
	now := w.connect("ann", second)
	now.nothing()
	notes := old.next().GetNotifications().GetNotifications()
	require.Len(t, notes, 1)
	require.EqualValues(t, -7, notes[0].Code)
	require.Equal(t, "single_socket", notes[0].Subject)
	require.Equal(t, "{}", notes[0].Content)
	require.NotEmpty(t, notes[0].Id)
	require.False(t, notes[0].Persistent)
	require.WithinDuration(t, time.Now(), notes[0].CreateTime.AsTime(), time.Second)
	require.Empty(t, old.closed(transport.CloseNormal, "server-side session disconnect"))
	now.nothing()
	bob.nothing()
	synctest.Wait()
	require.Equal(t, 2, w.sessions.Len())
}

// leaveLog is a room that writes down who leaves it, and why.
type leaveLog struct {
	room
	seen []string
}

func (l *leaveLog) Leave(
	_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, gone []match.Departure,
) error {
	for _, d := range gone {
		l.seen = append(l.seen, d.Username+" "+d.Reason.String())
	}
	return nil
}

func single(_ *world, c *nakama.Config) {
	c.SingleSocket, c.SingleMatch, c.SingleParty = true, true, true
}

func singleMatch(t *testing.T, first, second transport.Kind) {
	log := &leaveLog{}
	w := newWorld(t, func(w *world, c *nakama.Config) {
		match.Register(w.matches, "room", match.Handler[struct{}](log))
		single(w, c)
	})
	defer w.run()()
	ann, bob := w.connect("ann", first), w.connect("bob", second)
	made, err := w.matches.Create(t.Context(), "room", nil)
	require.NoError(t, err)
	room := string(made)
	left := func() { // bob sees ann leave
		t.Helper()
		for names(bob.next().GetMatchPresenceEvent().GetLeaves()) != "ann" {
			continue
		}
	}
	in := func(want int) { // the room has so many members
		t.Helper()
		synctest.Wait()
		info, err := w.matches.Get(made)
		require.NoError(t, err)
		require.Equal(t, want, info.Size)
	}
	bob.ask(join(room))
	ann.settled(join(room))
	in(2)
	uuid, _, _ := strings.Cut(room, ".")
	ann.settled(join(uuid + ".elsewhere"))
	in(2) // the same match is no other, however it is written

	created := ann.settled(create("")).GetMatch().MatchId
	left() // by creating one too
	in(1)
	require.Equal(t, []string{"ann left"}, log.seen, "the match is told that she left, not that she was cut")
	bob.settled(join(created))
	in(0)
	ann.settled(create("another"))
	left()
	ann.settled(join(room))
	in(1)
	require.Len(t, w.relays.List(relay.ListRequest{}), 1, "where bob is")
	bob.settled(join(created))
	require.Len(t, w.relays.List(relay.ListRequest{}), 1, "to join again is not to leave")
}

// settled asks, without regard to what is pushed before and after the answer.
func (c *client) settled(e *rtapi.Envelope) *rtapi.Envelope {
	c.t.Helper()
	c.drain()
	got := c.ask(e)
	require.Nil(c.t, got.GetError())
	c.drain()
	return got
}

// drain reads what has been pushed until nothing more comes.
func (c *client) drain() {
	c.t.Helper()
	synctest.Wait()
	end := ping()
	end.Cid = "drained"
	c.send(end)
	for c.next().Cid != end.Cid {
		continue
	}
}

func singleParty(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, single)
	defer w.run()()
	ann, bob, cid := w.connect("ann", first), w.connect("bob", second), w.connect("cid", first)
	open := ann.settled(partyCreate(4, true)).GetParty().PartyId
	bob.settled(partyCreate(4, true))
	bob.settled(partyJoin(open))
	asking := cid.settled(partyCreate(4, false)).GetParty().PartyId
	all := func() int {
		t.Helper()
		synctest.Wait()
		page, err := w.parties.List(party.ListRequest{})
		require.NoError(t, err)
		return len(page.Parties)
	}
	require.Equal(t, 2, all(), "by joining another bob has left his own")

	bob.done(partyJoin(asking))
	require.Equal(t, 2, all(), "to ask is not to join")
	who := cid.next().GetPartyJoinRequest().Presences[0]
	cid.done(partyAccept(asking, who))
	bob.drain()
	bob.done(partyData(asking, 1, "in"))
	ann.drain()
	ann.refused(partyRemove(open, who), 3, "Error removing party member or join request: party member not found")
	ann.done(partyLeave(open))
	require.Equal(t, 1, all())
}
