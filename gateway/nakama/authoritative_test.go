package nakama_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
	"github.com/shoal-go/shoal/transport"
)

var authCreate = auth.SignIn{Create: true}

// room is a match that refuses by metadata, echoes, and does what it is told by op code.
type room struct{ match.NopHandler[struct{}] }

func (room) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: 100 * time.Millisecond, Label: `{"mode":"room"}`, Capacity: 2}, nil
}

func (room) JoinAttempt(_ context.Context, _ *match.Dispatcher, _ tick.Tick, _ *struct{}, who match.Joiner) error {
	if _, ok := who.Meta["slow"]; ok {
		time.Sleep(time.Second)
	}
	switch reason, ok := who.Meta["refuse"]; {
	case ok && reason == "internal":
		return errors.New("secret of the server")
	case ok:
		return match.Reject(reason)
	}
	return nil
}

func (room) Join(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, who []presence.Presence) error {
	return d.Broadcast(match.Outgoing{Op: 7, Data: []byte("welcome " + who[0].Username)})
}

func (room) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, in []match.Message) error {
	for _, m := range in {
		switch m.Op {
		case 13:
			return match.ErrEnd
		case 14:
			if err := d.Kick(m.From); err != nil {
				return err
			}
		default:
			if err := d.Broadcast(match.Outgoing{Op: m.Op, Data: m.Data, From: m.From, Unreliable: m.Unreliable}); err != nil {
				return err
			}
		}
	}
	return nil
}

func withRoom(w *world, _ *nakama.Config) {
	match.Register(w.matches, "room", match.Handler[struct{}](room{}))
}

func TestAuthoritativeMatch(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		made, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		id := string(made)

		in := ann.ask(join(id)).GetMatch()
		require.Equal(t, id, in.MatchId)
		require.True(t, in.Authoritative)
		require.Equal(t, `{"mode":"room"}`, in.Label.Value)
		require.Zero(t, in.Size)
		require.Empty(t, in.Presences)
		require.Equal(t, "ann", in.Self.Username)
		require.Equal(t, "ann", names(ann.next().GetMatchPresenceEvent().Joins), "its own join comes after the reply")
		welcome := ann.next().GetMatchData()
		require.Equal(t, "welcome ann", string(welcome.Data), "and data after that")
		require.Nil(t, welcome.Presence, "from the match itself")
		require.True(t, welcome.Reliable)

		require.Equal(t, "ann", names(bob.ask(join(id)).GetMatch().Presences))
		for _, c := range []*client{ann, bob} {
			require.Equal(t, "bob", names(c.next().GetMatchPresenceEvent().Joins))
			require.Equal(t, "welcome bob", string(c.next().GetMatchData().Data))
		}
		again := bob.ask(join(id)).GetMatch()
		require.EqualValues(t, 2, again.Size, "a second join lists oneself")

		cid := w.connect("cid", first)
		cid.refused(join(id), 5, "Match is full")

		for i := range 10 {
			ann.send(data(id, 1, fmt.Sprint(i)))
		}
		for i := range 10 {
			for _, c := range []*client{ann, bob} {
				got := c.next().GetMatchData()
				require.Equal(t, fmt.Sprint(i), string(got.Data))
				require.Equal(t, "ann", got.Presence.Username)
			}
		}
		cid.send(data(id, 1, "from outside"))
		cid.nothing()

		require.Nil(t, ann.ask(leave(id)).Message)
		require.Equal(t, "ann", names(bob.next().GetMatchPresenceEvent().Leaves))
		ann.nothing()
		bob.send(data(id, 13, ""))
		require.Equal(t, "bob", names(bob.next().GetMatchPresenceEvent().Leaves), "the end of a match is one's own leave")
		bob.refused(join(id), 4, "Match not found")
		bob.ask(leave(id))
	})
}

func TestJoinRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		refuse := func(reason string) *rtapi.Envelope {
			e := join(string(id))
			e.GetMatchJoin().Metadata = map[string]string{"refuse": reason}
			return e
		}
		ann.refused(refuse("full up"), 5, "full up")
		ann.refused(refuse(""), 5, "Match join rejected")
		ann.refused(refuse("internal"), 5, "Match join rejected")
	})
}

func TestKickedPlayersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		ann.ask(join(string(id)))
		ann.next()
		ann.next()
		ann.send(data(string(id), 14, ""))
		require.Equal(t, "ann", names(ann.next().GetMatchPresenceEvent().Leaves))
	})
}

// Data sent right behind a join must find the player in the match, however long the join takes; a ping passes by.
func TestDataWaitsBehindItsJoin(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, _ transport.Kind) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann := w.connect("ann", first)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		slow := join(string(id))
		slow.GetMatchJoin().Metadata = map[string]string{"slow": ""}
		ann.send(slow)
		ann.send(data(string(id), 1, "early"))
		ann.send(ping())
		require.NotNil(t, ann.next().GetPong())
		require.NotNil(t, ann.next().GetMatch())
		require.NotNil(t, ann.next().GetMatchPresenceEvent())
		require.Equal(t, "welcome ann", string(ann.next().GetMatchData().Data))
		require.Equal(t, "early", string(ann.next().GetMatchData().Data))
	})
}

func TestDisconnectLeavesMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Text)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		for _, c := range []*client{ann, bob} {
			c.ask(join(string(id)))
		}
		bob.conn.Cut()
		for {
			if e := ann.next().GetMatchPresenceEvent(); e != nil && len(e.Leaves) > 0 {
				require.Equal(t, "bob", names(e.Leaves))
				return
			}
		}
	})
}

func TestSocketRPC(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, _ transport.Kind) {
		block := make(chan struct{})
		w := newWorld(t, func(_ *world, c *nakama.Config) {
			c.RPC = map[string]nakama.RPC{
				"echo": func(_ context.Context, c nakama.Caller, payload string) (string, error) {
					return c.Presence.Username + c.Vars["of"] + payload, nil
				},
				"fail":  func(context.Context, nakama.Caller, string) (string, error) { return "", errors.New("no luck") },
				"panic": func(context.Context, nakama.Caller, string) (string, error) { panic("oh no") },
				"block": func(ctx context.Context, _ nakama.Caller, _ string) (string, error) { <-block; return "", nil },
			}
		})
		defer w.run()()
		ann := w.connect("ann", first)
		rpc := func(id, payload string) *rtapi.Envelope {
			return &rtapi.Envelope{Message: &rtapi.Envelope_Rpc{Rpc: &api.Rpc{Id: id, Payload: payload}}}
		}
		got := ann.ask(rpc("Echo", "!")).GetRpc()
		require.Equal(t, "Echo", got.Id)
		require.Equal(t, "annann!", got.Payload)
		ann.refused(rpc("", ""), 3, "RPC ID must be set")
		ann.refused(rpc("unknown", ""), 6, "RPC function not found")
		ann.refused(rpc("fail", ""), 7, "no luck")
		ann.refused(rpc("panic", ""), 7, `RPC function "panic" failed`)
		ann.send(rpc("block", ""))
		ann.nothing() // a ping passes by
		close(block)
		require.NotNil(t, ann.next().GetRpc())
	})
}

func TestWhatIsNoRequest(t *testing.T) {
	for name, c := range map[string]struct {
		kind   transport.Kind
		text   string
		code   int32 // of the error before the end; -1: none
		error  string
		reason string
	}{
		"not JSON":        {transport.Text, `{`, -1, "", "received malformed payload"},
		"unknown key":     {transport.Text, `{"nonsense":{}}`, -1, "", "received malformed payload"},
		"binary frame":    {transport.Binary, "\x0a\x01\x31", -1, "", "received unexpected WebSocket message type"},
		"no message":      {transport.Text, `{"cid":"1"}`, 2, "Missing message.", "error processing message"},
		"server's own":    {transport.Text, `{"cid":"1","match":{}}`, 1, "Unrecognized message.", "error processing message"},
		"server's own, 2": {transport.Text, `{"cid":"1","notifications":{}}`, 1, "Unrecognized message.", "error processing message"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				defer w.run()()
				ann := w.connect("ann", transport.Text)
				require.NoError(t, ann.conn.Send(c.kind, []byte(c.text)))
				last := ann.closed(transport.CloseNormal, c.reason)
				if c.code < 0 {
					require.Empty(t, last)
					return
				}
				require.Len(t, last, 1, "the error arrives before the end")
				require.Equal(t, c.code, last[0].GetError().Code)
				require.Equal(t, c.error, last[0].GetError().Message)
			})
		})
	}
}

func TestWhatIsNotServedYetIsAnErrorAndNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ *world, c *nakama.Config) {
			c.Matchmaker, c.Relays, c.Parties, c.Statuses, c.Streams = nil, nil, nil, nil, nil
		})
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		ann.refused(partyJoin(unknownParty), 0, "PartyJoin is not served here")
		ann.refused(follow(nil, ""), 0, "StatusFollow is not served here")
		ann.refused(unfollow(), 0, "StatusUnfollow is not served here")
		ann.refused(&rtapi.Envelope{Message: &rtapi.Envelope_StatusUpdate{StatusUpdate: &rtapi.StatusUpdate{}}}, 0, "StatusUpdate is not served here")
		ann.refused(&rtapi.Envelope{Message: &rtapi.Envelope_MatchmakerAdd{MatchmakerAdd: &rtapi.MatchmakerAdd{}}}, 0, "MatchmakerAdd is not served here")
		ann.refused(create(""), 0, "MatchCreate is not served here")
		ann.send(&rtapi.Envelope{Cid: "1", Message: &rtapi.Envelope_Pong{Pong: &rtapi.Pong{}}})
		ann.nothing()
	})
}
