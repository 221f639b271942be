// Command session is a server whose matches run outside of it: each starts a process that is the game, and hands its
// players over. How players connect, and how a game talks to its match, is said at the type session.
//
//	go run ./examples/session
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
)

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "session:", err)
		os.Exit(1)
	}
}

// start runs the server, or a game if the server wants one.
func start() error {
	addr := flag.String("addr", "127.0.0.1:7350", "`address` to listen on, on this machine only")
	db := flag.String("db", "sqlite:session.db", "where to keep accounts: sqlite:`PATH` or memory:")
	players := flag.Int("players", 2, "how many play")
	asGame := flag.Bool("game", false, "be a game process; the server starts them")
	flag.Parse()
	if *asGame {
		return playGame(os.Stdin, os.Stdout, *players)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := []string{self, "-game", "-players", strconv.Itoa(*players)}
	return run(ctx, os.Stdout, *addr, *db, time.Second, session{program: program, players: *players})
}

// run serves until ctx ends. Players are matched at each interval.
func run(ctx context.Context, stdout io.Writer, addr, db string, interval time.Duration, game session) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := host.Config{DB: db, Interval: interval, Kind: "session", Log: log}
	return host.Main(ctx, stdout, addr, c, func(h *host.Host) map[string]nakama.RPC {
		game.matches = h.Matches
		match.Register(h.Matches, "session", game)
		return nil
	})
}
