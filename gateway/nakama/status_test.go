package nakama_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/status"
	"github.com/shoal-go/shoal/stream"
	"github.com/shoal-go/shoal/transport"
)

func presenceOf(i int) presence.Presence {
	return presence.Presence{User: ownerID(i), Session: fmt.Sprint(i), Username: fmt.Sprint("user", i)}
}

func follow(ids []string, usernames ...string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_StatusFollow{
		StatusFollow: &rtapi.StatusFollow{UserIds: ids, Usernames: usernames},
	}}
}

func unfollow(ids ...string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_StatusUnfollow{StatusUnfollow: &rtapi.StatusUnfollow{UserIds: ids}}}
}

// statusUpdate hides the session if there is no text.
func statusUpdate(text ...string) *rtapi.Envelope {
	m := &rtapi.StatusUpdate{}
	if len(text) > 0 {
		m.Status = wrapperspb.String(text[0])
	}
	return &rtapi.Envelope{Message: &rtapi.Envelope_StatusUpdate{StatusUpdate: m}}
}

// statuses are the users of presences with what they say of themselves.
func statuses(ps []*rtapi.UserPresence) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Username+":"+p.GetStatus().GetValue())
		if p.Status == nil {
			out = append(out, "without a status")
		}
	}
	return strings.Join(out, ",")
}

func online(h *nakama.Hello) { h.Online = true }

// as makes a session one of an account.
func (a *account) as(h *nakama.Hello) { h.User = a.id }

func TestStatus(t *testing.T) {
	t.Run("R100", func(t *testing.T) {
		inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
			w := newWorld(t, nil)
			defer w.run()()
			ann := w.connect("ann", first, online)
			event := ann.next().GetStatusPresenceEvent()
			require.Equal(t, "ann:", statuses(event.Joins), "online, with nothing to say")
			require.Empty(t, event.Leaves)
			phone := w.connect("ann", second)
			phone.done(statusUpdate("on the way"))
			for _, c := range []*client{ann, phone} {
				require.Equal(t, "ann:on the way", statuses(c.next().GetStatusPresenceEvent().Joins), "everybody follows itself")
			}
			ann.done(statusUpdate("fishing"))
			for _, c := range []*client{ann, phone} {
				event := c.next().GetStatusPresenceEvent()
				require.Equal(t, "ann:fishing", statuses(event.Joins))
				require.Equal(t, "ann:", statuses(event.Leaves))
			}
			ann.done(statusUpdate())
			for _, c := range []*client{ann, phone} {
				event := c.next().GetStatusPresenceEvent()
				require.Empty(t, event.Joins)
				require.Equal(t, "ann:fishing", statuses(event.Leaves))
			}
			ann.done(statusUpdate())
			ann.nothing() // hidden is hidden
			ann.done(statusUpdate(strings.Repeat("x", 2048)))
			ann.next()
			ann.refused(statusUpdate(strings.Repeat("x", 2049)), 3, "Status must be 2048 characters or less")
		})
	})
}

func TestFollow(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, nil)
		defer w.run()()
		accounts := map[string]*account{"ann": w.newAccount("ann"), "bob": w.newAccount("bob"), "cid": w.newAccount("cid")}
		ann := w.connect("ann", first, accounts["ann"].as)
		bob := w.connect("bob", second, accounts["bob"].as, online)
		bob.next()
		require.Empty(t, ann.ask(follow(nil)).GetStatus().GetPresences())
		got := ann.ask(follow([]string{strings.ToUpper(accounts["bob"].id), userID("eve"), accounts["ann"].id}, accounts["cid"].name, "nobody"))
		require.Equal(t, "bob:", statuses(got.GetStatus().Presences), "those who are online")

		bob.done(statusUpdate("here"))
		event := ann.next().GetStatusPresenceEvent()
		require.Equal(t, "bob:here", statuses(event.Joins))
		require.Equal(t, "bob:", statuses(event.Leaves))
		require.Equal(t, true, accounts["ann"].http("GET", "/v2/user?ids="+accounts["bob"].id, "").ok()["users"].([]any)[0].(map[string]any)["online"])
		cid := w.connect("cid", first, accounts["cid"].as, online)
		require.Equal(t, "cid:", statuses(ann.next().GetStatusPresenceEvent().Joins))
		cid.conn.Cut()
		require.Equal(t, "cid:", statuses(ann.next().GetStatusPresenceEvent().Leaves))
		synctest.Wait()
		user := accounts["cid"].http("GET", "/v2/account", "").ok()["user"].(map[string]any)
		require.NotContains(t, user, "online")

		ann.done(unfollow(strings.ToUpper(accounts["bob"].id), accounts["ann"].id, userID("eve")))
		bob.next()
		bob.done(statusUpdate("there"))
		ann.nothing()
		ann.done(statusUpdate("still here"))
		require.Equal(t, "ann:still here", statuses(ann.next().GetStatusPresenceEvent().Joins), "oneself cannot be unfollowed")

		ann.refused(follow([]string{"bob"}), 3, "Invalid user identifier")
		ann.refused(follow(nil, ""), 3, "Invalid username")
		ann.refused(unfollow("bob"), 3, "Invalid user identifier")
	})
}

// brokenUsers is an Auth whose accounts cannot be read.
type brokenUsers struct{ nakama.Auth }

func (brokenUsers) Users(context.Context, []string, []string, []string) ([]auth.Account, error) {
	return nil, errors.New("secret of the server")
}

func TestFollowFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(w *world, c *nakama.Config) {
			out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: w.sessions})
			require.NoError(t, err)
			c.Statuses, err = status.New(status.Config{Outbox: out.Status(), MaxFollowed: 1})
			require.NoError(t, err)
		})
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		ann.refused(follow([]string{w.newAccount("bob").id, w.newAccount("cid").id}), 3, "Too many users followed")
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ *world, c *nakama.Config) { c.Auth = brokenUsers{c.Auth} })
		defer w.run()()
		ann := w.connect("ann", transport.Text)
		ann.refused(follow([]string{userID("bob")}), 0, "Could not check users")
		ann.done(unfollow(userID("bob")))
	})
}

func TestStreams(t *testing.T) {
	news := stream.Key{Mode: 100, Subject: userID("news"), Subcontext: userID("sports"), Label: "fishing"}
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, func(w *world, c *nakama.Config) {
			c.RPC = map[string]nakama.RPC{"listen": func(_ context.Context, who nakama.Caller, payload string) (string, error) {
				_, err := w.streams.Join(news, who.Presence.Session, stream.As{Hidden: payload == "hidden", Status: payload})
				return "", err
			}}
		})
		defer w.run()()
		ann, bob := w.connect("ann", first), w.connect("bob", second)
		named := func(s *rtapi.Stream) {
			t.Helper()
			got := stream.Key{Mode: s.Mode, Subject: s.Subject, Subcontext: s.Subcontext, Label: s.Label}
			require.Equal(t, news, got)
		}
		listen := func(c *client, payload string) { // the event comes while the function still runs
			t.Helper()
			c.send(&rtapi.Envelope{Message: &rtapi.Envelope_Rpc{Rpc: &api.Rpc{Id: "listen", Payload: payload}}})
		}
		listen(ann, "")
		event := ann.next().GetStreamPresenceEvent()
		named(event.Stream)
		require.Equal(t, "ann", names(event.Joins))
		require.Nil(t, event.Joins[0].Status)
		require.NotNil(t, ann.next().GetRpc())
		listen(bob, "hidden")
		require.NotNil(t, bob.next().GetRpc())
		ann.nothing() // who hides is not seen

		require.NoError(t, w.streams.Send(news, stream.Message{Data: "a bite"}))
		for _, c := range []*client{ann, bob} {
			got := c.next().GetStreamData()
			named(got.Stream)
			require.Equal(t, "a bite", got.Data)
			require.True(t, got.Reliable)
			require.Nil(t, got.Sender)
		}
		members := w.streams.List(news, true)
		require.Len(t, members, 2)
		require.NoError(t, w.streams.Send(news, stream.Message{
			From: members[0].Presence, Data: "for you", Unreliable: true, To: []string{members[1].Session},
		}))
		got := bob.next().GetStreamData()
		require.Equal(t, "ann", got.Sender.Username)
		require.False(t, got.Reliable)
		require.NoError(t, w.streams.Update(news, members[1].Session, stream.As{Persistence: true, Status: "here"}))
		event = ann.next().GetStreamPresenceEvent()
		require.Equal(t, "bob:here", statuses(event.Joins))
		require.True(t, event.Joins[0].Persistence)
		bob.conn.Cut()
		require.Equal(t, "bob", names(ann.next().GetStreamPresenceEvent().Leaves))
		require.Equal(t, 1, w.streams.Count(news))
	})
}
