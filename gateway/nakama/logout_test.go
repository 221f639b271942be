package nakama_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

// A logout closes the sockets of the sign-in that it ends, and no others.
func TestLogoutClosesSockets(t *testing.T) {
	for name, c := range map[string]struct {
		body  func(s auth.Session) string
		other bool // the other sign-in's socket is closed too
	}{
		"with the token":         {func(s auth.Session) string { return `{"token":"` + s.Token + `"}` }, false},
		"with the refresh token": {func(s auth.Session) string { return `{"refresh_token":"` + s.RefreshToken + `"}` }, false},
		"of everything":          {func(auth.Session) string { return `{}` }, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil)
				sessions, sockets := make([]auth.Session, 2), make([]*transport.PipeClient, 2)
				for i := range sessions {
					var err error
					sessions[i], err = w.users.SignInDevice(t.Context(), "the-same-device", authCreate)
					require.NoError(t, err)
					claims, err := w.users.Verify(sessions[i].Token)
					require.NoError(t, err)
					var server transport.Conn
					server, sockets[i] = transport.Pipe(transport.PipeConfig{})
					hello := nakama.Hello{User: claims.User, Username: claims.Username, Family: claims.Family}
					go func() { _ = w.h.Serve(t.Context(), server, hello) }()
				}
				synctest.Wait()
				(&account{w: w, token: sessions[0].Token}).http("POST", "/v2/session/logout", c.body(sessions[0])).nothing()
				_, _, err := sockets[0].Receive()
				var closed *transport.CloseError
				require.ErrorAs(t, err, &closed)
				require.Equal(t, "server-side session disconnect", closed.Reason)
				if c.other {
					_, _, err = sockets[1].Receive()
					require.ErrorAs(t, err, &closed)
					return
				}
				synctest.Wait()
				require.Equal(t, 1, w.sessions.Len())
				sockets[1].Cut()
			})
		})
	}
}

// Clients may write the uuid of a match in upper case.
func TestMatchIDsInUpperCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withRoom)
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Text)
		id, err := w.matches.Create(t.Context(), "room", nil)
		require.NoError(t, err)
		shouted := upper(string(id))
		require.Equal(t, string(id), ann.ask(join(shouted)).GetMatch().MatchId)
		ann.next()
		ann.next()
		ann.send(data(shouted, 1, "hey"))
		require.Equal(t, "hey", string(ann.next().GetMatchData().Data))
		require.Nil(t, ann.ask(leave(shouted)).Message)

		relayed := ann.ask(create("")).GetMatch().MatchId
		ann.next()
		bob.ask(join(upper(relayed)))
		bob.next()
		ann.next()
		bob.send(data(upper(relayed), 1, "hey"))
		require.Equal(t, "hey", string(ann.next().GetMatchData().Data))
	})
}

// A client that does not call its data reliable still wants it to arrive, and the flag as it was.
func TestRelayedDataIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.run()()
		ann, bob := w.connect("ann", transport.Text), w.connect("bob", transport.Text)
		id := ann.ask(create("")).GetMatch().MatchId
		ann.next()
		bob.ask(join(id))
		bob.next()
		ann.next()
		slow := w.sessions.OfUser(userID("bob"))[0]
		for range 1000 { // more than the queue and the pipe hold
			ann.send(data(id, 1, "x"))
		}
		time.Sleep(time.Minute)
		require.Zero(t, slow.Drops().Unreliable)
		require.NotZero(t, slow.Drops().Unsent, "a reader that is too slow is disconnected instead")
	})
}

// upper writes the uuid of an id in upper case.
func upper(id string) string { return strings.ToUpper(id[:36]) + id[36:] }
