package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// server is a running host and the players a test has brought.
type server struct {
	addr    string
	stop    func() // ends the host and waits for it
	players []*player
}

// start runs a host until the test ends.
func start(t *testing.T, data string) *server {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h, err := newHost(t.Context(), data, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var result error
	done := make(chan struct{})
	go func() {
		defer close(done)
		result = h.serve(ctx, l)
	}()
	s := &server{addr: l.Addr().String(), stop: func() {
		cancel()
		<-done
	}}
	t.Cleanup(func() {
		s.close()
		require.NoError(t, result)
	})
	return s
}

// close lets all players go and ends the host.
func (s *server) close() {
	for _, p := range s.players {
		p.tcp.Close()
	}
	s.stop()
}

// dial connects a player who says nothing yet, and enter one who says hello.
func (s *server) dial() *player {
	p := dial(s.addr)
	s.players = append(s.players, p)
	return p
}

func (s *server) enter(name string) *player {
	p := enter(s.addr, name)
	s.players = append(s.players, p)
	return p
}

// player is a client. Its methods panic when the connection fails, so that an Example can use it too.
type player struct {
	tcp *net.TCPConn
	in  *bufio.Scanner
}

// dial connects without a word.
func dial(addr string) *player {
	tcp, err := net.Dial("tcp", addr)
	if err != nil {
		panic(err)
	}
	return &player{tcp.(*net.TCPConn), bufio.NewScanner(tcp)}
}

// enter connects and says hello.
func enter(addr, name string) *player {
	p := dial(addr)
	p.say(`{"id":"device-of-%s","name":"%s"}`, name, name)
	return p
}

func (p *player) say(format string, args ...any) {
	if _, err := fmt.Fprintf(p.tcp, format+"\n", args...); err != nil {
		panic(err)
	}
}

// envelope is what a test looks at of all that the server sends.
type envelope struct {
	CID   string `json:"cid"`
	Close *lastWord
	Error *struct{ Message string }
	RPC   *struct{ Payload string }
	Match *struct {
		MatchID   string `json:"match_id"`
		Presences []someone
	}
	Matched *struct {
		MatchID string `json:"match_id"`
	} `json:"matchmaker_matched"`
	Data *struct {
		Op       int64   `json:"op_code,string"`
		Presence someone `json:"presence"`
		Data     []byte
	} `json:"match_data"`
	Event *struct {
		MatchID string `json:"match_id"`
		Joins   []someone
		Leaves  []someone
	} `json:"match_presence_event"`
}

type someone struct{ Username string }

// hear returns the next envelope that is so.
func (p *player) hear(so func(envelope) bool) envelope {
	for p.in.Scan() {
		var e envelope
		if err := json.Unmarshal(p.in.Bytes(), &e); err != nil {
			panic(fmt.Sprintf("%v: %s", err, p.in.Bytes()))
		}
		if so(e) {
			return e
		}
	}
	panic(fmt.Sprintf("the connection ended: %v", p.in.Err()))
}

// call calls an RPC and returns its answer.
func (p *player) call(id string) string {
	p.say(`{"cid":"rpc","rpc":{"id":"%s"}}`, id)
	return p.hear(func(e envelope) bool { return e.RPC != nil }).RPC.Payload
}

// newMatch makes a match and returns its id.
func (p *player) newMatch() string {
	var made struct {
		ID string `json:"match_id"`
	}
	if err := json.Unmarshal([]byte(p.call("new_match")), &made); err != nil {
		panic(err)
	}
	return made.ID
}

// join joins a match and waits until it is in.
func (p *player) join(id string) envelope {
	p.say(`{"cid":"join","match_join":{"match_id":"%s"}}`, id)
	return p.hear(func(e envelope) bool { return e.CID == "join" })
}

// count says a number, and number waits for the next one.
func (p *player) count(id string, n int64) {
	p.say(`{"match_data_send":{"match_id":"%s","op_code":"%d"}}`, id, n)
}

func (p *player) number() (n int64, by string) {
	e := p.hear(func(e envelope) bool { return e.Data != nil })
	return e.Data.Op, e.Data.Presence.Username
}

// closed waits for the last line.
func (p *player) closed() lastWord {
	defer p.tcp.Close()
	return *p.hear(func(e envelope) bool { return e.Close != nil }).Close
}

func left(name string) func(envelope) bool {
	return func(e envelope) bool {
		return e.Event != nil && len(e.Event.Leaves) == 1 && e.Event.Leaves[0].Username == name
	}
}

func TestTwoCountToTen(t *testing.T) {
	data := newPath(t)
	s := start(t, data)
	ann, bob := s.enter("ann"), s.enter("bob")
	id := ann.newMatch()
	require.Empty(t, ann.join(id).Match.Presences)
	require.Equal(t, []someone{{"ann"}}, bob.join(id).Match.Presences)

	for n := int64(1); n <= goal; n++ {
		speaker, name := ann, "ann"
		if n%2 == 0 {
			speaker, name = bob, "bob"
		}
		speaker.count(id, n)
		for _, p := range []*player{ann, bob} {
			heard, by := p.number()
			require.Equal(t, n, heard)
			require.Equal(t, name, by)
		}
	}
	ann.hear(left("ann"))
	bob.hear(left("bob"))
	require.Equal(t, "Match not found", ann.join(id).Error.Message, "the match is over")
	require.JSONEq(t, `[{"rank":1,"name":"bob","wins":1}]`, ann.call("wins"))

	s.close()
	cid := start(t, data).enter("cid")
	require.JSONEq(t, `[{"rank":1,"name":"bob","wins":1}]`, cid.call("wins"), "scores survive a restart")
}

func TestWrongNumbersDoNotCount(t *testing.T) {
	s := start(t, newPath(t))
	ann, bob := s.enter("ann"), s.enter("bob")
	id := ann.newMatch()
	ann.join(id)
	bob.join(id)
	for _, wrong := range []int64{0, 2, -1, goal} {
		ann.count(id, wrong)
		n, by := ann.number()
		require.EqualValues(t, opNo, n, "%d", wrong)
		require.Empty(t, by)
	}
	ann.count(id, 1)
	n, _ := ann.number()
	require.EqualValues(t, 1, n)
	ann.count(id, 2)
	n, _ = ann.number()
	require.EqualValues(t, opNo, n, "nobody counts twice in a row")
	n, by := bob.number()
	require.EqualValues(t, 1, n, "the first thing the others hear is the first number that counts")
	require.Equal(t, "ann", by)
}

func TestMatchmakerMakesTheGame(t *testing.T) {
	s := start(t, newPath(t))
	ann, bob := s.enter("ann"), s.enter("bob")
	var ids []string
	for _, p := range []*player{ann, bob} {
		p.say(`{"matchmaker_add":{"min_count":2,"max_count":2,"query":"*"}}`)
	}
	for _, p := range []*player{ann, bob} {
		ids = append(ids, p.hear(func(e envelope) bool { return e.Matched != nil }).Matched.MatchID)
	}
	require.NotEmpty(t, ids[0])
	require.Equal(t, ids[0], ids[1])
	ann.join(ids[0])
	ann.count(ids[0], 1)
	n, _ := ann.number()
	require.EqualValues(t, 1, n)
}

func TestRelayedMatch(t *testing.T) {
	s := start(t, newPath(t))
	ann, bob := s.enter("ann"), s.enter("bob")
	ann.say(`{"match_create":{}}`)
	id := ann.hear(func(e envelope) bool { return e.Match != nil }).Match.MatchID
	bob.join(id)
	bob.say(`{"match_data_send":{"match_id":"%s","op_code":"7","data":"aGk="}}`, id)
	e := ann.hear(func(e envelope) bool { return e.Data != nil })
	require.EqualValues(t, 7, e.Data.Op)
	require.Equal(t, "hi", string(e.Data.Data))
	require.Equal(t, "bob", e.Data.Presence.Username)
}

// A player who goes, in good order or not, has left.
func TestGoneIsGone(t *testing.T) {
	s := start(t, newPath(t))
	ann := s.enter("ann")
	id := ann.newMatch()
	ann.join(id)
	for name, leave := range map[string]func(*player){
		"bob": func(p *player) { p.say(`{"close":{"code":1000}}`) },
		"cid": func(p *player) { p.tcp.Close() },
		"dan": func(p *player) { _ = p.tcp.SetLinger(0); p.tcp.Close() }, // a reset
	} {
		p := s.enter(name)
		p.join(id)
		leave(p)
		ann.hear(left(name))
		p.tcp.Close()
	}
}

func TestHello(t *testing.T) {
	s := start(t, newPath(t))
	s.enter("ann").call("wins")
	for name, c := range map[string]struct {
		line string
		want lastWord
	}{
		"an envelope":     {`{"ping":{}}`, lastWord{closeRefused, "Device ID is required."}},
		"no JSON":         {`hello`, lastWord{closeRefused, errHello.Error()}},
		"binary":          {`{"binary":"e30="}`, lastWord{closeRefused, errHello.Error()}},
		"a short id":      {`{"id":"short","name":"bob"}`, lastWord{closeRefused, "Device ID invalid, must be 10-128 bytes."}},
		"another's name":  {`{"id":"a new device","name":"ann"}`, lastWord{closeRefused, "Device ID invalid, no spaces or control characters allowed."}},
		"a taken name":    {`{"id":"a-new-device","name":"ann"}`, lastWord{closeRefused, "Username is already in use."}},
		"an endless line": {strings.Repeat("x", maxLine+1), lastWord{1009, "line too long"}},
		"gone at once":    {`{"close":{}}`, lastWord{closeRefused, "no hello"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.dial()
			p.say("%s", c.line)
			require.Equal(t, c.want, p.closed())
		})
	}
}

// Who comes back with the same id is the same user, whatever name is given.
func TestHelloAgain(t *testing.T) {
	s := start(t, newPath(t))
	ann := s.enter("ann")
	id := ann.newMatch()
	ann.join(id)
	again := s.dial()
	again.say(`{"id":"device-of-ann","name":"bob"}`)
	require.Equal(t, []someone{{"ann"}}, again.join(id).Match.Presences)
	ann.count(id, 1)
	ann.number()
	again.count(id, 2)
	again.number()
	n, _ := again.number()
	require.EqualValues(t, opNo, n, "nobody counts with two connections either")
}

func TestStopTellsEverybody(t *testing.T) {
	s := start(t, newPath(t))
	ann, silent := s.enter("ann"), s.dial()
	ann.join(ann.newMatch())
	go s.stop()
	ann.hear(left("ann"))
	require.Equal(t, lastWord{1001, "server shutting down"}, ann.closed())
	require.Equal(t, lastWord{closeRefused, "no hello in time"}, silent.closed())
}

func TestRunFails(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	require.Error(t, run(t.Context(), "127.0.0.1:-1", newPath(t), log), "no such port")
	require.Error(t, run(t.Context(), "127.0.0.1:0", t.TempDir(), log), "a directory to keep things in")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, run(over, "127.0.0.1:0", newPath(t), log))
}

// The host shows that transport and storage can be one's own, so it must not fall back on those that exist.
func TestImports(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			require.NotContains(t, path, "shoal/transport/", name)
			require.NotContains(t, path, "shoal/store/", name)
		}
	}
}
