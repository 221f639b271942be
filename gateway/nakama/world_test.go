package nakama_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heroiclabs/nakama-common/rtapi"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/status"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/stream"
	"github.com/shoal-go/shoal/transport"
)

// world is a whole server, without a network.
type world struct {
	t        *testing.T
	users    *auth.Service
	sessions *transport.Sessions
	matches  *match.Registry
	relays   *relay.Hub
	queue    *matchmaker.Matchmaker
	boards   *leaderboard.Boards
	objects  *storage.Objects
	notes    *notification.Notifications
	parties  *party.Parties
	statuses *status.Board
	streams  *stream.Streams
	h        *nakama.Handler
	server   *httptest.Server // nil: there is no network
	dialer   http.Transport
	sockets  []*socket
	onPing   func(context.Context, []byte) bool // whether sockets answer pings; nil means yes
}

// newWorld builds a server whose parts run until the test ends. change may alter the gateway's configuration.
func newWorld(t *testing.T, change func(*world, *nakama.Config)) *world {
	t.Helper()
	w := &world{t: t}
	w.dialer.DisableCompression, w.dialer.DisableKeepAlives = true, true
	st := memory.New()
	var err error
	w.boards, err = leaderboard.Open(t.Context(), leaderboard.Config{Store: st})
	require.NoError(t, err)
	w.users, err = auth.Open(t.Context(), auth.Config{
		Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st, BcryptCost: bcrypt.MinCost,
		Belongings: []func(context.Context, string) error{
			w.boards.DeleteOwner, st.DeleteObjectsOf, st.DeleteNotificationsOf,
		},
	})
	require.NoError(t, err)
	w.sessions = transport.NewSessions(transport.Config{})
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: w.sessions, Tokens: w.users})
	require.NoError(t, err)
	w.matches, err = match.New(match.Config{Outbox: out})
	require.NoError(t, err)
	w.relays, err = relay.New(relay.Config{Outbox: out.Relay()})
	require.NoError(t, err)
	w.queue, err = matchmaker.New(matchmaker.Config{Outbox: out})
	require.NoError(t, err)
	w.objects, err = storage.New(storage.Config{Store: st})
	require.NoError(t, err)
	w.notes, err = notification.New(notification.Config{Store: st, Outbox: out})
	require.NoError(t, err)
	w.parties, err = party.New(party.Config{Outbox: out.Party(), Queue: nakama.PartyQueue(w.queue)})
	require.NoError(t, err)
	w.statuses, err = status.New(status.Config{Outbox: out.Status()})
	require.NoError(t, err)
	w.streams, err = stream.New(stream.Config{Outbox: out.Stream()})
	require.NoError(t, err)
	c := nakama.Config{
		Sessions: w.sessions, Auth: madeUp{w.users}, Matches: w.matches, Relays: w.relays, Matchmaker: w.queue,
		Boards: w.boards, Objects: w.objects, Notifications: w.notes,
		Parties: w.parties, Statuses: w.statuses, Streams: w.streams, ServerKey: "defaultkey",
	}
	if change != nil {
		change(w, &c)
	}
	w.h, err = nakama.New(c)
	require.NoError(t, err)
	return w
}

// run runs the parts inside a bubble, and stops them when the returned func is called.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 2)
	go func() { done <- w.matches.Run(ctx) }()
	go func() { done <- w.queue.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(w.t, <-done)
		require.NoError(w.t, <-done)
		require.NoError(w.t, w.sessions.Shutdown(w.t.Context(), transport.CloseGoingAway, "bye"))
		for _, s := range w.sockets {
			s.Cut()
		}
		if w.server != nil {
			require.NoError(w.t, w.server.Config.Close())
		}
		synctest.Wait()
	}
}

// client is a player with a connection.
type client struct {
	t    *testing.T
	name string
	kind transport.Kind
	conn *socket
	cid  int
}

// connect opens a socket for a user, on a network in memory unless the world listens on another. change may alter what
// the server is told of the session.
func (w *world) connect(name string, kind transport.Kind, change ...func(*nakama.Hello)) *client {
	w.t.Helper()
	if w.server == nil {
		w.inMemory()
	}
	hello := nakama.Hello{User: userID(name), Username: name, Kind: kind, Vars: map[string]string{"of": name}}
	for _, f := range change {
		f(&hello)
	}
	query := url.Values{"token": {tokenFor(hello)}, "status": {strconv.FormatBool(hello.Online)}}
	if kind == transport.Binary {
		query.Set("format", "protobuf")
	}
	conn, _, err := w.dial(query, nil)
	require.NoError(w.t, err)
	return &client{t: w.t, name: name, kind: kind, conn: conn}
}

// userID makes a UUID that tells the name.
func userID(name string) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", len(name), []byte(fmt.Sprintf("%-6.6s", name)))
}

// send sends an envelope without waiting for an answer.
func (c *client) send(e *rtapi.Envelope) {
	c.t.Helper()
	require.NoError(c.t, c.conn.Send(c.kind, c.encoded(e)))
}

// encoded is an envelope in the client's format.
func (c *client) encoded(e *rtapi.Envelope) []byte {
	b, err := proto.Marshal(e)
	if c.kind == transport.Text {
		b, err = protojson.MarshalOptions{UseProtoNames: true}.Marshal(e)
	}
	if err != nil {
		panic(err) // for text that is no UTF-8
	}
	return b
}

// ask sends a request with a cid, and returns the next message, which must be its answer.
func (c *client) ask(e *rtapi.Envelope) *rtapi.Envelope {
	c.t.Helper()
	c.cid++
	e.Cid = fmt.Sprint(c.cid)
	c.send(e)
	got := c.next()
	require.Equal(c.t, e.Cid, got.Cid, "%s: the answer comes before everything else", c.name)
	return got
}

// next is the next message.
func (c *client) next() *rtapi.Envelope {
	c.t.Helper()
	kind, b, err := c.conn.Receive()
	require.NoError(c.t, err, c.name)
	require.Equal(c.t, c.kind, kind)
	return c.parse(b)
}

// parse reads an envelope in the client's format.
func (c *client) parse(b []byte) *rtapi.Envelope {
	c.t.Helper()
	e, read := &rtapi.Envelope{}, proto.Unmarshal
	if c.kind == transport.Text {
		read = protojson.Unmarshal
	}
	require.NoError(c.t, read(b, e), "%s: %s", c.name, b)
	return e
}

// nothing checks that no message comes before an answer that can only come later.
func (c *client) nothing() {
	c.t.Helper()
	e := c.ask(ping())
	require.NotNil(c.t, e.GetPong(), "%v", e)
}

// refused asks and wants an error.
func (c *client) refused(e *rtapi.Envelope, code int32, text string) {
	c.t.Helper()
	got := c.ask(e)
	require.NotNil(c.t, got.GetError(), "%v", got)
	require.Equal(c.t, code, got.GetError().Code)
	require.Equal(c.t, text, got.GetError().Message)
}

// closed reads the messages that are left and checks how the connection then ends.
func (c *client) closed(code int, reason string) []*rtapi.Envelope {
	c.t.Helper()
	var last []*rtapi.Envelope
	for {
		kind, b, err := c.conn.Receive()
		var closed *transport.CloseError
		if err != nil {
			require.ErrorAs(c.t, err, &closed)
			require.Equal(c.t, code, closed.Code)
			require.Equal(c.t, reason, closed.Reason)
			return last
		}
		require.Equal(c.t, c.kind, kind)
		last = append(last, c.parse(b))
	}
}

// names are the users of presences, in order.
func names(ps []*rtapi.UserPresence) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Username)
	}
	return strings.Join(out, ",")
}

func ping() *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_Ping{Ping: &rtapi.Ping{}}}
}

func create(name string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_MatchCreate{MatchCreate: &rtapi.MatchCreate{Name: name}}}
}

func join(id string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_MatchJoin{
		MatchJoin: &rtapi.MatchJoin{Id: &rtapi.MatchJoin_MatchId{MatchId: id}},
	}}
}

func joinToken(token string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_MatchJoin{
		MatchJoin: &rtapi.MatchJoin{Id: &rtapi.MatchJoin_Token{Token: token}},
	}}
}

func leave(id string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_MatchLeave{MatchLeave: &rtapi.MatchLeave{MatchId: id}}}
}

func data(id string, op int64, text string, to ...*rtapi.UserPresence) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_MatchDataSend{
		MatchDataSend: &rtapi.MatchDataSend{MatchId: id, OpCode: op, Data: []byte(text), Presences: to},
	}}
}

// formats are what two clients may speak.
var formats = map[string][2]transport.Kind{
	"json":     {transport.Text, transport.Text},
	"protobuf": {transport.Binary, transport.Binary},
	"mixed":    {transport.Text, transport.Binary},
}

// inBothFormats runs a test in a bubble, once with clients that speak JSON, once protobuf, once one of each.
func inBothFormats(t *testing.T, f func(t *testing.T, first, second transport.Kind)) {
	for name, kinds := range formats {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, kinds[0], kinds[1]) })
		})
	}
}
