// Command fishgame is the server of the Fish Game: sign-in, matchmaking, relayed and authoritative matches, and the
// board of wins, for the game's own client or any other that speaks the protocol of Nakama.
//
//	go run ./examples/fishgame
//
// Open http://127.0.0.1:7350 in a browser to play. README.md explains how it works.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/examples/internal/host"
	"github.com/shoal-go/shoal/gateway/nakama"
)

// options are the command line.
type options struct {
	addr    string
	db      string
	watch   string // key of the dashboard
	auth    auth.Config
	gateway nakama.Config
	level   slog.Level
	dev     bool

	wins      int
	botsAfter time.Duration
	countdown time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the goodbyes
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "fishgame:", err)
		os.Exit(1)
	}
}

// run is the whole program; it ends when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	made := o.watch == ""
	if made {
		o.watch = rand.Text()
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: o.level}))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	server, handler, err := newServer(ctx, o, log)
	if err != nil {
		_ = listener.Close() // the first error is the one to tell
		return err
	}
	url := "http://" + listener.Addr().String()
	watch := url + "/shoal/ with the key that you chose"
	if made {
		watch = url + "/shoal/?key=" + o.watch
	}
	fmt.Fprintf(stdout, `Fish Game server on %[1]s

  Play:                    open %[1]s in a browser, or in two
  Watch it:                open %[3]s
  Point your game at it:   host and port as above, server key %[2]q
  Keep its data elsewhere: -db sqlite:PATH, -db postgres://HOST/DATABASE, or -db memory:
  Stop it:                 Ctrl-C

`, url, o.gateway.ServerKey, watch)
	return server.Serve(ctx, listener, handler)
}

// parse reads the command line and refuses what would be unsafe.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("fishgame", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:7350", "`address` to listen on")
	flags.StringVar(&o.db, "db", "sqlite:fishgame.db", "where to keep accounts and scores: sqlite:`PATH`, postgres://USER@HOST/DATABASE or memory:")
	flags.StringVar(&o.gateway.ServerKey, "key", host.WellKnownKey, "server key that game clients present")
	flags.StringVar(&o.gateway.HTTPKey, "http-key", "", "key with which other servers call RPCs; empty: none can")
	flags.DurationVar(&o.auth.TokenTTL, "token-ttl", time.Minute, "how long a session token is good")
	flags.DurationVar(&o.auth.RefreshTTL, "refresh-ttl", 30*24*time.Hour, "how long a refresh token is good")
	flags.DurationVar(&o.auth.FamilyTTL, "session-ttl", 30*24*time.Hour, "how long a sign-in can be refreshed in all")
	flags.BoolVar(&o.auth.Rotate, "rotate-refresh", false, "a refresh token is good for one refresh")
	flags.BoolVar(&o.auth.SingleSession, "single-session", false, "a sign-in ends the user's earlier ones")
	flags.Func("origins", "`hosts` whose web pages may use the server, comma-separated; without it any", o.setOrigins)
	flags.Func("trusted-proxies", "`networks` of reverse proxies to believe, comma-separated", o.setProxies)
	flags.StringVar(&o.watch, "dashboard-key", "", "`key` of the dashboard at /shoal/ and of /metrics, 16 characters or more; empty: a new one, which is printed")
	flags.TextVar(&o.level, "log", slog.LevelInfo, "log `level`: debug, info, warn or error")
	flags.IntVar(&o.wins, "wins", 5, "`rounds` that win a match")
	flags.DurationVar(&o.botsAfter, "bots-after", 5*time.Second, "how long players wait for others before bots fill the places; 0: when asked to")
	flags.DurationVar(&o.countdown, "countdown", 2*time.Second, "how long the fish wait before a round")
	flags.DurationVar(&o.gateway.WatchDelay, "watch-delay", 2*time.Second, "how much later than the players spectators see a match")
	flags.BoolVar(&o.dev, "dev", false, "development: allow the well-known server key on any address")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.wins < 1 || min(o.botsAfter, o.countdown, o.gateway.WatchDelay) < 0 {
		return o, errors.New("-wins must be at least 1, and no duration negative")
	}
	return o, host.CheckKey(o.gateway.ServerKey, o.addr, o.dev)
}

func (o *options) setOrigins(list string) error {
	o.gateway.Origins = []string{} // an empty list is none, not any
	for origin := range strings.SplitSeq(list, ",") {
		if origin = strings.TrimSpace(origin); origin != "" {
			o.gateway.Origins = append(o.gateway.Origins, origin)
		}
	}
	return nil
}

func (o *options) setProxies(list string) error {
	for text := range strings.SplitSeq(list, ",") {
		network, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		o.gateway.TrustedProxies = append(o.gateway.TrustedProxies, network)
	}
	return nil
}
