// Command bench is the server that load tools measure: the same host, gateway and transport as the Fish Game, with
// matches that do as little as a match can.
//
//	go run ./examples/bench -db memory:
//
// tools/nkload measures it; its README.md says how.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
)

type options struct {
	addr, db, key string
	watch         string // key of the dashboard
	tokenTTL      time.Duration
	pprof         bool
	dev           bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the goodbyes
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:7350", "`address` to listen on")
	flags.StringVar(&o.db, "db", "sqlite:bench.db", "where to keep accounts and scores: sqlite:`PATH` or memory:")
	flags.StringVar(&o.key, "key", host.WellKnownKey, "server key that clients present")
	flags.DurationVar(&o.tokenTTL, "token-ttl", time.Hour, "how long a session token is good")
	flags.StringVar(&o.watch, "dashboard-key", "", "`key` of the dashboard at /shoal/ and of /metrics; empty: neither is there")
	flags.BoolVar(&o.pprof, "pprof", false, "serve profiles below /debug/pprof/")
	flags.BoolVar(&o.dev, "dev", false, "development: allow the well-known server key on any address")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := host.CheckKey(o.key, o.addr, o.dev); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	h, handler, err := newServer(ctx, o)
	if err != nil {
		_ = listener.Close() // the first error is the one to tell
		return err
	}
	fmt.Printf("bench listens on http://%s\n", listener.Addr())
	return h.Serve(ctx, listener, handler)
}

func newServer(ctx context.Context, o options) (*host.Host, http.Handler, error) {
	h, err := host.Open(ctx, host.Config{
		DB: o.db, Auth: auth.Config{TokenTTL: o.tokenTTL}, Gateway: nakama.Config{ServerKey: o.key}, Interval: time.Second,
		Key: o.watch,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Boards: []leaderboard.Board{
			{ID: "bench", Sort: leaderboard.Descending, Operator: leaderboard.Best},
			{ID: "fish_game_wins", Sort: leaderboard.Descending, Operator: leaderboard.Increment},
		},
	})
	if err != nil {
		return nil, nil, err
	}
	late := new(lateness)
	match.Register(h.Matches, "bench", bench{late: late})
	gateway, err := h.Gateway(map[string]nakama.RPC{
		"create_bench_match": createMatch(h.Matches), "list_bench": listMatches(h.Matches),
		"bench_lateness": late.rpc,
	})
	if err != nil || !o.pprof {
		return h, gateway, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", gateway)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return h, mux, nil
}
