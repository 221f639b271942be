// Command words is a word game of two that goes on for days: a passive turn-based match, which is stored while nobody
// plays. How players connect is said at the type words.
//
//	go run ./examples/words
package main

import (
	"context"
	"encoding/json"
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
	db := flag.String("db", "sqlite:words.db", "where to keep accounts and games: sqlite:`PATH` or memory:")
	turn := flag.Duration("turn", 3*24*time.Hour, "how long a player may take for a word")
	flag.Parse()
	if err := run(ctx, os.Stdout, *addr, *db, words{turn: *turn, length: 20}); err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, stdout io.Writer, addr, db string, game words) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return host.Main(ctx, stdout, addr, host.Config{DB: db, Log: log}, func(h *host.Host) map[string]nakama.RPC {
		match.Register(h.Matches, "words", game)
		return map[string]nakama.RPC{"new_game": newGame(h.Matches)}
	})
}

// newGame is a function that opens a game and returns its id.
func newGame(matches *match.Registry) nakama.RPC {
	return func(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
		id, err := matches.Create(ctx, "words", nil)
		if err != nil {
			return "", &nakama.Error{Code: nakama.Unavailable, Message: "no new games at the moment"}
		}
		reply, err := json.Marshal(map[string]match.ID{"match_id": id})
		return string(reply), err
	}
}
