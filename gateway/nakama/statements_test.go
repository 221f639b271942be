package nakama_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/transport"
)

// statement is a numbered statement about the reference server, which is checked over a network in both formats.
type statement func(t *testing.T, w *world, first, second transport.Kind)

// listed are the ids in the list of matches.
func (a *account) listed(query string) []string {
	a.w.t.Helper()
	var ids []string
	matches, _ := a.http("GET", "/v2/match?limit=100"+query, "").ok()["matches"].([]any)
	for _, m := range matches {
		ids = append(ids, m.(map[string]any)["match_id"].(string))
	}
	return ids
}

func TestRelayedStatements(t *testing.T) {
	for name, check := range map[string]statement{
		"R066": func(t *testing.T, w *world, first, _ transport.Kind) {
			ann := w.connect("ann", first)
			got := ann.ask(create("")).GetMatch()
			require.Regexp(t, `^[0-9a-f-]{36}\.$`, got.MatchId)
			require.EqualValues(t, 1, got.Size)
			require.Empty(t, got.Presences)
			require.Equal(t, "ann", got.Self.Username)
		},
		"R067": func(t *testing.T, w *world, first, second transport.Kind) {
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			require.Equal(t, "b84ed8ed-a7b1-502f-83f6-90132e68adef.", ann.ask(create("foo")).GetMatch().MatchId)
			again := bob.ask(create("foo")).GetMatch()
			require.EqualValues(t, 2, again.Size)
			require.Equal(t, "ann", names(again.Presences))
		},
		"R068": func(t *testing.T, w *world, first, second transport.Kind) {
			ann := w.connect("ann", first)
			const empty = "b84ed8ed-a7b1-502f-83f6-90132e68adef."
			ann.refused(join(empty), 4, "Match not found")
			token, err := w.users.MatchToken(empty, nil)
			require.NoError(t, err)
			require.Equal(t, empty, ann.ask(joinToken(token)).GetMatch().MatchId)
			require.Equal(t, "ann", names(w.connect("bob", second).ask(join(empty)).GetMatch().Presences))
		},
		"R069": relayedRecipients,
		"R071": func(t *testing.T, w *world, first, second transport.Kind) {
			ann, eve := w.connect("ann", first), w.connect("eve", second)
			id := ann.ask(create("")).GetMatch().MatchId
			ann.next()
			eve.send(data(id, 1, "from outside"))
			eve.nothing()
			require.Nil(t, eve.ask(leave(id)).Message)
			ann.nothing()
		},
		"R072": func(t *testing.T, w *world, first, second transport.Kind) {
			ann, bob, cid := w.connect("ann", first), w.connect("bob", second), w.newAccount("cid")
			id := ann.ask(create("")).GetMatch().MatchId
			ann.next()
			bob.ask(join(id))
			ann.next()
			ann.ask(leave(id))
			require.Equal(t, []string{id}, cid.listed(""))
			bob.next()
			require.Equal(t, "ann", names(bob.next().GetMatchPresenceEvent().Leaves))
			bob.ask(leave(id))
			require.Empty(t, cid.listed(""))
			ann.refused(join(id), 4, "Match not found")
		},
	} {
		t.Run(name, func(t *testing.T) { overTCP(t, nil, check) })
	}
	t.Run("R070", func(t *testing.T) { overTCP(t, nil, relayedNumbers) })
}

func relayedRecipients(t *testing.T, w *world, first, second transport.Kind) {
	players := []*client{w.connect("ann", first), w.connect("bob", second), w.connect("cid", first)}
	selves := make([]*rtapi.UserPresence, len(players))
	var id string
	for i, p := range players {
		in := p.ask(create("room")).GetMatch()
		id, selves[i] = in.MatchId, in.Self
		for _, other := range players[:i+1] {
			require.Equal(t, p.name, names(other.next().GetMatchPresenceEvent().Joins))
		}
	}
	ann, bob, cid := players[0], players[1], players[2]
	ann.send(data(id, 1, "to all"))
	for _, p := range []*client{bob, cid} {
		got := p.next().GetMatchData()
		require.Equal(t, "to all", string(got.Data))
		require.Equal(t, selves[0].SessionId, got.Presence.SessionId)
		require.Equal(t, selves[0].UserId, got.Presence.UserId)
		require.Equal(t, "ann", got.Presence.Username)
	}
	ann.send(data(id, 1, "to cid", selves[2]))
	require.Equal(t, "to cid", string(cid.next().GetMatchData().Data))
	ann.send(data(id, 1, "to ann and bob", selves[0], selves[1]))
	for _, p := range []*client{ann, bob} {
		require.Equal(t, "to ann and bob", string(p.next().GetMatchData().Data))
	}
	for _, p := range players {
		p.nothing()
	}
}

// relayedNumbers looks at the bytes where they are text.
func relayedNumbers(t *testing.T, w *world, first, second transport.Kind) {
	ann, bob := w.connect("ann", first), w.connect("bob", second)
	id := ann.ask(create("numbers")).GetMatch().MatchId
	ann.next()
	bob.ask(create("numbers"))
	bob.next()
	ann.next()
	for _, op := range []int64{0, 1, -1, 1<<53 + 1, 1<<63 - 1} {
		ann.send(data(id, op, "\x00hi\xff"))
		kind, b, err := bob.conn.Receive()
		require.NoError(t, err)
		require.Equal(t, second, kind)
		got := bob.parse(b).GetMatchData()
		require.Equal(t, op, got.OpCode)
		require.Equal(t, "\x00hi\xff", string(got.Data))
		if kind == transport.Binary {
			continue
		}
		var frame struct {
			Data map[string]any `json:"match_data"`
		}
		require.NoError(t, json.Unmarshal(b, &frame))
		require.Equal(t, "AGhp/w==", frame.Data["data"])
		if op == 0 {
			require.NotContains(t, frame.Data, "op_code")
		} else {
			require.Equal(t, fmt.Sprint(op), frame.Data["op_code"])
		}
	}
}

func TestProtocolStatements(t *testing.T) {
	for name, check := range map[string]statement{
		"R073": everyAnswerHasItsCID,
		"R076": frameLimit,
		"R079": func(t *testing.T, w *world, first, _ transport.Kind) {
			ann := w.connect("ann", first)
			require.NotNil(t, ann.ask(ping()).GetPong())
			ann.refused(callRPC("", ""), 3, "RPC ID must be set")
			ann.refused(callRPC("unknown", ""), 6, "RPC function not found")
			ann.refused(callRPC("fail", ""), 7, "no luck")
		},
		"H082": func(t *testing.T, w *world, first, _ transport.Kind) {
			ann := w.connect("ann", first)
			got := ann.ask(callRPC("Echo", "hi")).GetRpc()
			require.Equal(t, "Echo", got.Id)
			require.Equal(t, "hi", got.Payload)
			ann.refused(callRPC("unknown", ""), 6, "RPC function not found")
			ann.refused(callRPC("fail", ""), 7, "no luck")
		},
		"R082": func(t *testing.T, w *world, first, second transport.Kind) {
			ann, bob := w.connect("ann", first), w.connect("bob", second)
			id := ann.ask(create("")).GetMatch().MatchId
			ann.next()
			require.Equal(t, "ann", names(bob.ask(join(id)).GetMatch().Presences))
			bob.next()
			require.Equal(t, "bob", names(ann.next().GetMatchPresenceEvent().Joins))
			ann.send(data(id, 1, "from ann"))
			require.Equal(t, "from ann", string(bob.next().GetMatchData().Data))
			bob.send(data(id, 2, "from bob"))
			require.Equal(t, "from bob", string(ann.next().GetMatchData().Data))
		},
	} {
		t.Run(name, func(t *testing.T) {
			overTCP(t, func(_ *world, c *nakama.Config) {
				c.RPC = map[string]nakama.RPC{
					"echo": func(_ context.Context, _ nakama.Caller, payload string) (string, error) { return payload, nil },
					"fail": func(context.Context, nakama.Caller, string) (string, error) { return "", fmt.Errorf("no luck") },
				}
			}, check)
		})
	}
	t.Run("R074", unknownKeys)
	t.Run("R075", wrongFrameType)
	t.Run("R077_differs", slowReader)
	t.Run("R078", whoMayConnect)
	t.Run("R080", func(t *testing.T) { inBothFormats(t, pings) })
	t.Run("R083", func(t *testing.T) { inBothFormats(t, expiryClosesNothing) })
}

// everyAnswerHasItsCID sends one of each request. Some succeed and some fail; each is answered, once.
func everyAnswerHasItsCID(t *testing.T, w *world, first, _ transport.Kind) {
	ann := w.connect("ann", first)
	id := ann.ask(create("")).GetMatch().MatchId
	require.Empty(t, ann.next().Cid, "what is pushed has none")
	party := ann.ask(partyCreate(2, true)).GetParty()
	require.Empty(t, ann.next().Cid)
	for _, e := range []*rtapi.Envelope{
		ping(), callRPC("echo", ""), join(id), leave(id), follow(nil), unfollow(),
		partyJoin(party.PartyId), partyAccept(party.PartyId, party.Self), partyRemove(party.PartyId, party.Self),
		partyRequests(party.PartyId), partyQueue(party.PartyId, 2, 2, "*"), partyUnqueue(party.PartyId, "none"),
		partyData(party.PartyId, 1, ""), partyLeave(party.PartyId), partyClose(party.PartyId),
		partyUpdate(party.PartyId, "", true, false), partyPromote(party.PartyId, party.Self),
		{Message: &rtapi.Envelope_MatchmakerAdd{MatchmakerAdd: &rtapi.MatchmakerAdd{}}},
		{Message: &rtapi.Envelope_MatchmakerRemove{MatchmakerRemove: &rtapi.MatchmakerRemove{}}},
		{Message: &rtapi.Envelope_ChannelJoin{ChannelJoin: &rtapi.ChannelJoin{}}},
	} {
		ann.ask(e) // looks at the cid
	}
	for _, e := range []*rtapi.Envelope{data(id, 1, ""), {Message: &rtapi.Envelope_Pong{Pong: &rtapi.Pong{}}}} {
		e.Cid = "never answered"
		ann.send(e)
	}
	ann.nothing()
	e := ping()
	ann.send(e) // without a cid the reply has none
	require.Empty(t, ann.next().Cid)
}

// frameLimit sends a ping of exactly as many bytes as a frame may have, and one of one more.
func frameLimit(t *testing.T, w *world, first, _ transport.Kind) {
	ann := w.connect("ann", first)
	overhead := len(ann.encoded(withCID(ping(), strings.Repeat("x", 3000)))) - 3000
	cid := strings.Repeat("x", 4096-overhead)
	ann.send(withCID(ping(), cid))
	require.Equal(t, cid, ann.next().Cid)
	ann.send(withCID(ping(), cid+"x"))
	_, _, err := ann.conn.Receive()
	var closed *transport.CloseError
	require.ErrorAs(t, err, &closed)
	require.Equal(t, 1009, closed.Code)
}

func withCID(e *rtapi.Envelope, cid string) *rtapi.Envelope {
	e.Cid = cid
	return e
}

func unknownKeys(t *testing.T) {
	for _, text := range []string{`{"cid":"1","nonsense":{}}`, `{"ping":{"nonsense":1}}`, `{"match_join":{"x":1}}`, `[]`, ``} {
		t.Run(text, func(t *testing.T) {
			overTCPInJSON(t, func(t *testing.T, ann *client) {
				require.NoError(t, ann.conn.Send(transport.Text, []byte(text)))
				require.Empty(t, ann.closed(transport.CloseNormal, "received malformed payload"))
			})
		})
	}
	t.Run("camelCase", func(t *testing.T) {
		overTCPInJSON(t, func(t *testing.T, ann *client) {
			require.NoError(t, ann.conn.Send(transport.Text, []byte(`{"cid":"1","matchCreate":{}}`)))
			id := ann.next().GetMatch().GetMatchId()
			require.NotEmpty(t, id)
			ann.next()
			leaving := fmt.Sprintf(`{"cid":"2","matchLeave":{"matchId":%q}}`, id)
			require.NoError(t, ann.conn.Send(transport.Text, []byte(leaving)))
			require.Equal(t, "2", ann.next().Cid)
		})
	})
}

// overTCPInJSON runs a test with one client.
func overTCPInJSON(t *testing.T, f func(t *testing.T, ann *client)) {
	t.Helper()
	w := newWorld(t, nil).listen()
	f(t, w.connect("ann", transport.Text))
}

func wrongFrameType(t *testing.T) {
	for name, kinds := range map[string][2]transport.Kind{
		"json":     {transport.Text, transport.Binary},
		"protobuf": {transport.Binary, transport.Text},
	} {
		t.Run(name, func(t *testing.T) {
			ann := newWorld(t, nil).listen().connect("ann", kinds[0])
			ann.nothing()
			require.NoError(t, ann.conn.Send(kinds[1], []byte(`{"ping":{}}`)))
			_, _, err := ann.conn.Receive()
			require.Equal(t, &transport.CloseError{
				Code: transport.CloseNormal, Reason: "received unexpected WebSocket message type",
			}, err)
		})
	}
}

// slowReader finds its socket closed with a reason that arrives; the others are not held up.
func slowReader(t *testing.T) {
	inBothFormats(t, func(t *testing.T, first, second transport.Kind) {
		w := newWorld(t, nil)
		defer w.run()()
		ann, bob, slow := w.connect("ann", first), w.connect("bob", second), w.connect("slow", second)
		id := ann.ask(create("flood")).GetMatch().MatchId
		ann.next()
		for _, c := range []*client{bob, slow} {
			c.ask(create("flood"))
		}
		const frames = 2000
		for i := range frames {
			ann.send(data(id, int64(i+1), "x"))
			got := bob.next().GetMatchData()
			for got == nil { // the events of the joins
				got = bob.next().GetMatchData()
			}
			require.EqualValues(t, i+1, got.OpCode)
		}
		var err error
		for n := 0; err == nil; n++ {
			require.Less(t, n, frames, "it is closed before it has all")
			_, _, err = slow.conn.Receive()
		}
		require.Equal(t, &transport.CloseError{Code: transport.CloseNormal, Reason: "session outgoing queue full"}, err)
	})
}

func whoMayConnect(t *testing.T) {
	w := newWorld(t, nil).listen()
	token := w.newAccount("ann").token
	const unauthorized, bad = "Missing or invalid token", "Invalid format parameter"
	for name, c := range map[string]struct {
		query  url.Values
		header string
		status int
		text   string
	}{
		"no token":                      {url.Values{}, "", http.StatusUnauthorized, unauthorized},
		"bad token":                     {url.Values{"token": {"x"}}, "", http.StatusUnauthorized, unauthorized},
		"bad header hides the query":    {url.Values{"token": {token}}, "Bearer x", http.StatusUnauthorized, unauthorized},
		"format":                        {url.Values{"token": {token}, "format": {"xml"}}, "", http.StatusBadRequest, bad},
		"the format is looked at first": {url.Values{"format": {"xml"}}, "", http.StatusBadRequest, bad},
		"query":                         {url.Values{"token": {token}}, "", http.StatusSwitchingProtocols, ""},
		"header without a scheme":       {url.Values{}, token, http.StatusUnauthorized, unauthorized},
		"header with a small letter":    {url.Values{"token": {token}}, "bearer " + token, http.StatusUnauthorized, unauthorized},
		"header":                        {url.Values{}, "Bearer " + token, http.StatusSwitchingProtocols, ""},
		"json":                          {url.Values{"token": {token}, "format": {"json"}}, "", http.StatusSwitchingProtocols, ""},
		"protobuf":                      {url.Values{"token": {token}, "format": {"protobuf"}}, "", http.StatusSwitchingProtocols, ""},
		"unknown status":                {url.Values{"token": {token}, "status": {"maybe"}}, "", http.StatusSwitchingProtocols, ""},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			if c.header != "" {
				header.Set("Authorization", c.header)
			}
			s, resp, err := w.dial(c.query, header)
			require.Equal(t, c.status, resp.StatusCode)
			if c.text == "" {
				require.NoError(t, err)
				s.Cut()
				return
			}
			require.Error(t, err)
			b := make([]byte, 100)
			n, _ := resp.Body.Read(b)
			require.Equal(t, c.text+"\n", string(b[:n]))
		})
	}
}

// pings come every 15 s. Who does not answer is cut after 25 s, unless it says something itself; who answers is not.
func pings(t *testing.T, first, second transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	start := time.Now()
	answers := w.connect("answers", second)
	w.onPing = func(context.Context, []byte) bool { return false }
	talks := w.connect("talks", first)
	pinged := make(chan time.Duration, 2)
	w.onPing = func(context.Context, []byte) bool {
		pinged <- time.Since(start)
		return false
	}
	mute := w.connect("mute", first)
	for range 2 {
		time.Sleep(10 * time.Second)
		talks.nothing()
	}
	_, _, err := mute.conn.Receive()
	require.Error(t, err)
	require.InDelta(t, 25, time.Since(start).Seconds(), 1)
	require.InDelta(t, 15, (<-pinged).Seconds(), 1)
	synctest.Wait()
	require.Equal(t, 2, w.sessions.Len(), "the others are there")
	for range 6 {
		time.Sleep(15 * time.Second)
		talks.nothing()
	}
	answers.nothing()
}

// expiryClosesNothing outlives the token on a socket that was opened with it.
func expiryClosesNothing(t *testing.T, first, _ transport.Kind) {
	w := newWorld(t, nil)
	defer w.run()()
	w.inMemory()
	token := w.newAccount("ann").token
	query := url.Values{"token": {token}}
	if first == transport.Binary {
		query.Set("format", "protobuf")
	}
	conn, _, err := w.dial(query, nil)
	require.NoError(t, err)
	ann := &client{t: t, name: "ann", kind: first, conn: conn}
	time.Sleep(2 * time.Minute)
	_, err = w.users.Verify(token)
	require.ErrorIs(t, err, auth.ErrToken)
	ann.nothing()
	_, resp, err := w.dial(query, nil)
	require.Error(t, err)
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}
