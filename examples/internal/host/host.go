// Package host is what the servers of the examples have in common: every domain of Shoal over one store, behind the
// Nakama gateway. A server of your own can be shorter, see the README of the project; this one is all of it.
package host

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
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

// Config says what the host is made of.
type Config struct {
	DB       string // "sqlite:PATH" or "memory:"
	Key      string // server key
	HTTPKey  string // "" means that no other server may call RPCs
	TokenTTL time.Duration
	Interval time.Duration // of the matchmaker
	Grace    time.Duration // that matches get when the server stops
	Boards   []leaderboard.Board
	Log      *slog.Logger
}

// Host is the running parts, in the order in which they depend on each other.
type Host struct {
	Users    *auth.Service
	Boards   *leaderboard.Boards
	Sessions *transport.Sessions
	Matches  *match.Registry
	Relays   *relay.Hub
	Queue    *matchmaker.Matchmaker

	c     Config
	close func() error // of the store
}

// Open opens the store and builds everything over it.
func Open(ctx context.Context, c Config) (_ *Host, err error) {
	h := &Host{c: c}
	store, closeStore, err := openStore(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	h.close = closeStore
	defer func() {
		if err != nil {
			_ = h.close() // the first error is the one to tell
		}
	}()
	h.Users, err = auth.Open(ctx, auth.Config{
		Accounts: store, Identities: store, Revocations: store, Keys: store, TokenTTL: c.TokenTTL, Logger: c.Log,
	})
	if err != nil {
		return nil, err
	}
	h.Boards, err = leaderboard.Open(ctx, leaderboard.Config{Definitions: store, Records: store, Logger: c.Log})
	if err != nil {
		return nil, err
	}
	for _, b := range c.Boards {
		if err := h.Boards.Create(ctx, b); err != nil {
			return nil, err
		}
	}
	h.Sessions = transport.NewSessions(transport.Config{Logger: c.Log})
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: h.Sessions, Tokens: h.Users, Logger: c.Log})
	if err != nil {
		return nil, err
	}
	if h.Matches, err = match.New(match.Config{Outbox: out, Grace: c.Grace, Logger: c.Log}); err != nil {
		return nil, err
	}
	if h.Relays, err = relay.New(relay.Config{Outbox: out.Relay()}); err != nil {
		return nil, err
	}
	h.Queue, err = matchmaker.New(matchmaker.Config{Outbox: out, Interval: c.Interval, Logger: c.Log})
	return h, err
}

// Gateway lets game clients at the host, and at these functions.
func (h *Host) Gateway(rpc map[string]nakama.RPC) (*nakama.Handler, error) {
	return nakama.New(nakama.Config{
		Sessions: h.Sessions, Auth: h.Users, Matches: h.Matches, Relays: h.Relays, Matchmaker: h.Queue,
		Boards: h.Boards, RPC: rpc, ServerKey: h.c.Key, HTTPKey: h.c.HTTPKey, Logger: h.c.Log,
	})
}

// Serve runs everything until ctx ends, and then stops it in the order opposite to the one it was built in: the
// queue, the matches (which may say goodbye for the Grace), the sessions, the listener, the store.
func (h *Host) Serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := nakama.NewServer(l.Addr().String(), handler)
	var parts, listener errgroup.Group
	listener.Go(func() error {
		defer stop() // without a listener the rest is of no use
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	parts.Go(func() error { return h.Queue.Run(ctx) })
	parts.Go(func() error { return h.Matches.Run(ctx) })
	err := parts.Wait()

	const patience = 5 * time.Second
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return errors.Join(err,
		h.Sessions.Shutdown(end, transport.CloseGoingAway, "server shutting down"),
		server.Shutdown(end), listener.Wait(), h.close())
}
