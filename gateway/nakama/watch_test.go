package nakama_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/transport"
)

// watching is a room that can be watched.
func watching(delay time.Duration) func(*world, *nakama.Config) {
	return func(w *world, c *nakama.Config) {
		withRoom(w, c)
		match.Register(w.matches, "private", match.Handler[struct{}](private{}))
		c.Watch, c.WatchDelay = true, delay
	}
}

// private is a room that nobody may watch.
type private struct{ room }

func (p private) Init(ctx context.Context, q match.Params) (struct{}, match.Settings, error) {
	s, set, err := p.room.Init(ctx, q)
	set.Spectators = -1
	return s, set, err
}

func watch(id string) *rtapi.Envelope {
	e := join(id)
	e.GetMatchJoin().Metadata = map[string]string{"shoal.watch": ""}
	return e
}

func TestWatch(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, watching(0))
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		made, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		id := string(made)
		ann.ask(join(id))
		ann.next()
		ann.next()

		in := bob.ask(watch(id)).GetMatch()
		require.Equal(t, id, in.MatchId)
		require.True(t, in.Authoritative)
		require.Equal(t, `{"mode":"room"}`, in.Label.Value)
		require.Equal(t, "ann", names(in.Presences))
		require.EqualValues(t, 1, in.Size)
		require.Equal(t, "bob", in.Self.Username)
		require.Equal(t, "ann", names(bob.ask(watch(id)).GetMatch().Presences), "again")

		bob.send(data(id, 1, "from a spectator"))
		bob.nothing() // it has been handled
		ann.send(data(id, 1, "hi"))
		for _, c := range []*client{ann, bob} {
			got := c.next().GetMatchData()
			require.Equal(t, "hi", string(got.Data), "nobody hears a spectator, who hears all")
			require.Equal(t, "ann", got.Presence.Username)
		}

		require.Nil(t, bob.ask(leave(id)).Message)
		ann.send(data(id, 1, "alone?"))
		ann.next()
		bob.nothing()
		ann.nothing()

		bob.ask(watch(id))
		require.Equal(t, "ann", names(bob.ask(join(id)).GetMatch().Presences), "a spectator takes a seat")
		for _, c := range []*client{ann, bob} {
			require.Equal(t, "bob", names(c.next().GetMatchPresenceEvent().Joins))
		}
	})
}

func TestWatchersAreToldOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, watching(0))
		defer w.run()()
		bob, cid := w.connect("bob", transport.Text), w.connect("cid", transport.Text)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		bob.ask(watch(string(id)))
		session := cid.ask(watch(string(id))).GetMatch().Self.SessionId
		cid.conn.Cut()
		synctest.Wait()
		require.ErrorIs(t, w.matches.Leave(id, session, match.Left), match.ErrNotMember)
		require.NoError(t, w.matches.End(t.Context(), id, 0))
		require.Equal(t, "bob", names(bob.next().GetMatchPresenceEvent().Leaves))
	})
}

func TestWatchWithADelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay = 30 * time.Second
		w := newWorld(t, watching(delay))
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Binary)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		bob.ask(watch(string(id)))
		began := time.Now()
		ann.ask(join(string(id)))
		ann.next()
		ann.next()
		require.NoError(t, w.matches.End(t.Context(), id, 0))
		bob.nothing()
		require.Equal(t, "ann", names(bob.next().GetMatchPresenceEvent().Joins))
		require.Equal(t, delay, time.Since(began))
		require.Equal(t, "welcome ann", string(bob.next().GetMatchData().Data))
		require.Equal(t, "bob", names(bob.next().GetMatchPresenceEvent().Leaves))
	})
}

func TestWatchMayBeRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, watching(0))
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		id, err := w.matches.Create(t.Context(), "private", nil)
		require.NoError(t, err)
		ann.refused(watch(string(id)), 5, "Match cannot be watched")
		require.NotNil(t, ann.ask(join(string(id))).GetMatch())
	})
}

// Without the setting the metadata is the handler's, as all other is.
func TestWatchIsASetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		require.NotNil(t, ann.ask(watch(string(id))).GetMatch())
		info, err := w.matches.Get(id)
		require.NoError(t, err)
		require.Equal(t, 1, info.Size)
	})
}
