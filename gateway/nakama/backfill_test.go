package nakama_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
	"github.com/shoal-go/shoal/transport"
)

// reserve is how a host lets its matchmaker reserve: the players of a group have 30 seconds to come.
func (w *world) reserve(ctx context.Context, matchID string, users []presence.Presence) error {
	return w.matches.Reserve(ctx, match.ID(matchID), users, 30*time.Second)
}

// duo is a game for two that asks for another player when one leaves.
type duo struct {
	match.NopHandler[struct{}]
	ask func(match.ID, []presence.Presence)
}

func (duo) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: match.PerSecond(10), Capacity: 2}, nil
}

func (duo) Loop(context.Context, *match.Dispatcher, tick.Tick, *struct{}, []match.Message) error {
	return nil
}

func (g duo) Leave(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, _ []match.Departure) error {
	g.ask(d.ID(), slices.Clone(d.Members()))
	return nil
}

// A match that runs is filled up: who is found has a seat that nobody else can take.
func TestARunningMatchIsFilledUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filled := make(chan error, 1)
		w := newWorld(t, func(w *world, g *nakama.Config) {
			withQueue(matchmaker.Config{Reserve: w.reserve})(w, g)
			match.Register(w.matches, "duo", match.Handler[struct{}](duo{ask: func(id match.ID, roster []presence.Presence) {
				go func() { // it waits, and a callback must not
					filled <- w.queue.Backfill(t.Context(), matchmaker.BackfillRequest{
						MatchID: string(id), Roster: roster, Players: 1, Query: "+mode:duo", StringProps: map[string]string{"mode": "duo"},
					})
				}()
			}}))
		})
		defer w.run()()
		made, err := w.matches.Create(t.Context(), "duo", match.Params{})
		require.NoError(t, err)
		id := string(made)
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Text)
		require.NotNil(t, ann.ask(join(id)).GetMatch())
		require.Equal(t, "ann", names(ann.next().GetMatchPresenceEvent().GetJoins()))
		require.NotNil(t, bob.ask(join(id)).GetMatch())
		require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().GetJoins()))
		require.Equal(t, "bob", names(bob.next().GetMatchPresenceEvent().GetJoins()))
		bob.ask(leave(id))
		require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().GetLeaves()))

		cid, dan := w.connect("cid", transport.Binary), w.connect("dan", transport.Text)
		cid.ticket(inMode("duo", "*"))
		time.Sleep(runs)
		require.NoError(t, <-filled)
		m := cid.next().GetMatchmakerMatched()
		require.Equal(t, id, m.GetMatchId())
		require.Len(t, m.Users, 1, "ann has been told long ago")
		dan.refused(join(id), 5, "Match is full")
		require.Equal(t, "ann", names(cid.ask(join(id)).GetMatch().GetPresences()))
		require.Equal(t, "cid", names(ann.next().GetMatchPresenceEvent().GetJoins()))
		require.Zero(t, w.queue.Stats().Tickets)
	})
}
