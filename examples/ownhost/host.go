package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

const (
	// wins is the board of those who said ten.
	wins = "wins"
	// emptyFor is how long a match waits for players.
	emptyFor = time.Minute
	// helloWait is how long a player may take to say who it is.
	helloWait = 10 * time.Second
	// patience is that of connections.
	patience = 2 * time.Second
	// closeRefused is the code of the last line for who is not let in.
	closeRefused = 4000
)

// host is the running parts, in the order in which they depend on each other.
type host struct {
	store    *store
	users    *auth.Service
	boards   *leaderboard.Boards
	sessions *transport.Sessions
	matches  *match.Registry
	queue    *matchmaker.Matchmaker
	players  *nakama.Handler
	log      *slog.Logger
}

// newHost builds the parts on the store in the file data.
func newHost(ctx context.Context, data string, log *slog.Logger) (_ *host, err error) {
	h := &host{log: log}
	if h.store, err = openStore(data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = h.store.Close() // the first error is the one to tell
		}
	}()
	h.boards, err = leaderboard.Open(ctx, leaderboard.Config{Store: h.store, Keys: h.store, Logger: log})
	if err != nil {
		return nil, err
	}
	h.users, err = auth.Open(ctx, auth.Config{
		Accounts: h.store, Identities: h.store, Deletions: h.store, Revocations: h.store, Keys: h.store, Logger: log,
		Belongings: []func(context.Context, string) error{h.boards.DeleteOwner},
	})
	if err != nil {
		return nil, err
	}
	err = h.boards.Create(ctx, leaderboard.Board{ID: wins, Authoritative: true, Operator: leaderboard.Increment})
	if err != nil {
		return nil, err
	}
	h.sessions = transport.NewSessions(transport.Config{Logger: log})
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: h.sessions, Logger: log})
	if err != nil {
		return nil, err
	}
	if h.matches, err = match.New(match.Config{Outbox: out, Logger: log}); err != nil {
		return nil, err
	}
	match.Register(h.matches, "counting", counting{boards: h.boards, log: log})
	relays, err := relay.New(relay.Config{Outbox: out.Relay()})
	if err != nil {
		return nil, err
	}
	h.queue, err = matchmaker.New(matchmaker.Config{Outbox: out, Matched: h.matched, Logger: log})
	if err != nil {
		return nil, err
	}
	h.players, err = nakama.New(nakama.Config{
		Sessions: h.sessions, Auth: h.users, Matches: h.matches, Relays: relays, Matchmaker: h.queue, Boards: h.boards,
		RPC:       map[string]nakama.RPC{"new_match": h.newMatch, "wins": h.wins},
		ServerKey: "unused", // it is for sign-ins over HTTP, which this host does not serve
		Logger:    log,
	})
	return h, err
}

// matched makes the match for players that the matchmaker has brought together.
func (h *host) matched(ctx context.Context, _ matchmaker.Result) (string, error) {
	id, err := h.matches.Create(ctx, "counting", nil)
	return string(id), err
}

// newMatch is an RPC that makes a match for players who find each other by its id.
func (h *host) newMatch(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
	id, err := h.matches.Create(ctx, "counting", nil)
	if err != nil {
		return "", err
	}
	reply, err := json.Marshal(map[string]match.ID{"match_id": id})
	return string(reply), err
}

// win is a line of the list that the RPC wins returns.
type win struct {
	Rank int64  `json:"rank"`
	Name string `json:"name"`
	Wins int64  `json:"wins"`
}

// wins is an RPC that tells who has won most.
func (h *host) wins(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
	top, err := h.boards.List(ctx, leaderboard.ListRequest{Board: wins, Limit: 10})
	if err != nil {
		return "", err
	}
	list := []win{}
	for _, r := range top.Records {
		list = append(list, win{r.Rank, r.Username, r.Score})
	}
	reply, err := json.Marshal(list)
	return string(reply), err
}

// serve runs everything until ctx ends, and then stops it in the order opposite to the one it was built in: the
// queue, the matches, the sessions, the listener, the store.
func (h *host) serve(ctx context.Context, l net.Listener) error {
	var door, parts errgroup.Group
	door.Go(func() error { return h.accept(ctx, l) })
	parts.Go(func() error { return h.queue.Run(ctx) })
	parts.Go(func() error { return h.matches.Run(ctx) })
	err := parts.Wait()

	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
	defer cancel()
	err = errors.Join(err, h.sessions.Shutdown(end, transport.CloseGoingAway, "server shutting down"))
	err = errors.Join(err, l.Close(), door.Wait())
	return errors.Join(err, h.store.Close())
}

// accept lets players in until the listener is closed, and returns when all have gone.
func (h *host) accept(ctx context.Context, l net.Listener) error {
	var players sync.WaitGroup
	defer players.Wait()
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // such as too many open files: it may pass
			h.log.Warn("accept", "error", err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		players.Go(func() { h.play(ctx, newLineConn(conn.(*net.TCPConn), patience)) })
	}
}

// play serves one player until it goes, or the session is closed. The end of ctx does not end it: serve closes
// sessions only when the matches have said goodbye.
func (h *host) play(ctx context.Context, c *lineConn) {
	hello, err := h.greet(ctx, c)
	if err != nil {
		_ = c.Close(closeRefused, refusal(err)) // it goes in any case
		return
	}
	err = h.players.Serve(context.WithoutCancel(ctx), c, hello)
	h.log.Debug("player gone", "user", hello.User, "error", err)
}

// errHello is for a first line that is none.
var errHello = errors.New(`say first who you are: {"id":"a secret of yours","name":"ann"}`)

// greet reads the first line of a connection and signs its player in: who knows the id of an account has the account,
// and a new id makes a new one.
func (h *host) greet(ctx context.Context, c *lineConn) (nakama.Hello, error) {
	ctx, cancel := context.WithTimeout(ctx, helloWait)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = c.Close(closeRefused, "no hello in time") })()
	kind, line, err := c.Read()
	if err != nil {
		return nakama.Hello{}, err
	}
	var who struct{ ID, Name string }
	if kind != transport.Text || json.Unmarshal(line, &who) != nil {
		return nakama.Hello{}, errHello
	}
	s, err := h.users.SignInDevice(ctx, who.ID, auth.SignIn{Username: who.Name, Create: true})
	if err != nil {
		return nakama.Hello{}, err
	}
	return nakama.Hello{User: s.User, Username: s.Username, Addr: c.addr()}, nil
}

// refusal is what the player is told.
func refusal(err error) string {
	var refused *auth.Error
	switch {
	case errors.As(err, &refused):
		return refused.Text
	case errors.Is(err, errHello):
		return errHello.Error()
	}
	return "no hello"
}

// addr is where the client connects from.
func (c *lineConn) addr() netip.Addr {
	return c.tcp.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}
