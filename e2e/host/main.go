// Command host is the host of the README, in a module of its own: it needs nothing but Shoal.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/tick"
	"github.com/shoal-go/shoal/transport"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	serve(ctx, must(net.Listen("tcp", "127.0.0.1:7350")))
}

// serve runs the game server until ctx ends.
func serve(ctx context.Context, l net.Listener) {
	// Built from the bottom up: what a part needs is there when it is made.
	db := memory.New()
	boards := must(leaderboard.Open(ctx, leaderboard.Config{Store: db, Keys: db}))
	users := must(auth.Open(ctx, auth.Config{
		Accounts: db, Identities: db, Deletions: db, Revocations: db, Keys: db,
		Belongings: []func(context.Context, string) error{boards.DeleteOwner}, // go with a deleted account
	}))
	sessions := transport.NewSessions(transport.Config{})
	out := must(nakama.NewOutbox(nakama.OutboxConfig{Sessions: sessions, Tokens: users}))
	matches := must(match.New(match.Config{Outbox: out, Grace: 3 * time.Second}))
	match.Register(matches, "echo", echo{})
	relays := must(relay.New(relay.Config{Outbox: out.Relay()}))
	queue := must(matchmaker.New(matchmaker.Config{Outbox: out}))
	game := must(nakama.New(nakama.Config{
		Sessions: sessions, Auth: users, Matches: matches, Relays: relays, Matchmaker: queue, Boards: boards,
		ServerKey: "defaultkey", // clients have it, so it is no secret; choose your own
		RPC: map[string]nakama.RPC{"new_match": func(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
			id, err := matches.Create(ctx, "echo", nil)
			return string(id), err
		}},
	}))
	server := nakama.NewServer(l.Addr().String(), game, nil)

	var running sync.WaitGroup
	running.Go(func() { check(users.Run(ctx)) })
	running.Go(func() { check(queue.Run(ctx)) })
	running.Go(func() { check(matches.Run(ctx)) })
	go func() { check(server.Serve(l)) }()
	running.Wait() // until ctx ends, and the matches have said goodbye

	// Stopped from the top down.
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	check(sessions.Shutdown(end, transport.CloseGoingAway, "server shutting down"))
	if server.Shutdown(end) != nil { // someone is still in the middle of a request
		check(server.Close())
	}
}

// echo is a match that says to all what any of its players says.
type echo struct{ match.NopHandler[struct{}] }

func (echo) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: match.PerSecond(10), EmptyAfter: time.Minute}, nil
}

func (echo) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *struct{}, in []match.Message) error {
	for _, m := range in {
		if err := d.Broadcast(match.Outgoing{Op: m.Op, Data: m.Data, From: m.From}); err != nil {
			return err
		}
	}
	return nil
}

// must returns v. A server that cannot start has nothing better to do than to say why.
func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
