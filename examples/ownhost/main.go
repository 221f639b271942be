// Command ownhost is a host with a transport and a storage of its own: its players connect over plain TCP and send one
// JSON envelope per line, and everything it keeps is in one file that it writes itself.
//
//	go run ./examples/ownhost
//
// README.md says how to play by hand.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7370", "`address` to listen on")
	data := flag.String("data", "ownhost.jsonl", "`file` to keep accounts and scores in")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the goodbyes
	if err := run(ctx, *addr, *data, slog.Default()); err != nil {
		fmt.Fprintln(os.Stderr, "ownhost:", err)
		os.Exit(1)
	}
}

// run is the whole program; it ends when ctx does.
func run(ctx context.Context, addr, data string, log *slog.Logger) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	h, err := newHost(ctx, data, log)
	if err != nil {
		_ = l.Close() // the first error is the one to tell
		return err
	}
	log.Info("listening", "addr", l.Addr().String(), "data", data)
	return h.serve(ctx, l)
}
