// Command duel is a card game of two with quick turns: an active turn-based match. How players connect is said at the
// type duel.
//
//	go run ./examples/duel
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	addr := flag.String("addr", "127.0.0.1:7350", "`address` to listen on, on this machine only")
	db := flag.String("db", "sqlite:duel.db", "where to keep accounts: sqlite:`PATH` or memory:")
	turn := flag.Duration("turn", 10*time.Second, "how long a player may take for a card")
	flag.Parse()
	if err := run(ctx, os.Stdout, *addr, *db, time.Second, duel{turn: *turn}); err != nil {
		fmt.Fprintln(os.Stderr, "duel:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. Players are matched at each interval.
func run(ctx context.Context, stdout io.Writer, addr, db string, interval time.Duration, game duel) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := host.Config{DB: db, Interval: interval, Kind: "duel", Grace: 10 * time.Second, Log: log}
	return host.Main(ctx, stdout, addr, c, func(h *host.Host) map[string]nakama.RPC {
		match.Register(h.Matches, "duel", game)
		return nil
	})
}
