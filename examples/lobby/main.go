// Command lobby is a server without a game: players meet in lobbies, talk and give each other things. It shows what a host
// does with streams, notifications and functions of its own, and is what the end-to-end tests of these talk to.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	addr := flag.String("addr", "127.0.0.1:7350", "address to listen on, on this machine only")
	db := flag.String("db", "memory:", "where to keep accounts and notifications: sqlite:`PATH` or memory:")
	ttl := flag.Duration("token-ttl", time.Minute, "how long a session token is good")
	flag.Parse()
	if err := run(ctx, *addr, *db, *ttl); err != nil {
		fmt.Fprintln(os.Stderr, "lobby:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr, db string, ttl time.Duration) error {
	if err := host.CheckKey(host.WellKnownKey, addr, false); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	h, err := host.Open(ctx, host.Config{
		DB: db, Auth: auth.Config{TokenTTL: ttl}, Gateway: nakama.Config{
			ServerKey: host.WellKnownKey, HTTPKey: "servers only", Hooks: hooks(), Mux: mux,
		},
		Boards: boards(),
		Log:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	l := lobby{h}
	l.addRoutes(mux)
	game, err := h.Gateway(l.functions())
	if err != nil {
		return err
	}
	fmt.Printf("lobby on http://%s, server key %q\n", listener.Addr(), host.WellKnownKey)
	return h.Serve(ctx, listener, game)
}
