// Package host is what the servers of the examples have in common: every domain of Shoal over one store, behind the
// Nakama gateway. A server of your own can be shorter, see the README of the project; this one is all of it.
package host

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/status"
	"github.com/shoal-go/shoal/storage"
	"github.com/shoal-go/shoal/stream"
	"github.com/shoal-go/shoal/transport"
)

// Config says what the host is made of.
type Config struct {
	DB       string        // "sqlite:PATH", "postgres://HOST/DATABASE" or "memory:"
	Auth     auth.Config   // but its ports, which are filled in
	Gateway  nakama.Config // but its domains, which are filled in
	Interval time.Duration // of the matchmaker
	// Kind, if not "", is of the matches that are made for groups of the matchmaker, with the Result as Params, and with
	// their seats reserved.
	Kind string
	// Matched is the matchmaker's, if there is no Kind; nil means relayed matches.
	Matched  func(context.Context, matchmaker.Result) (string, error)
	Grace    time.Duration // that matches get when the server stops
	Patience time.Duration // that connections get then, to end well; 0 means 5 s
	Boards   []leaderboard.Board
	// Key, if not "", opens the dashboard at /shoal/, and /metrics, to who has it; see [dashboard.Config].
	Key string
	Log *slog.Logger
}

// Host is the running parts, in the order in which they depend on each other.
type Host struct {
	Users         *auth.Service
	Boards        *leaderboard.Boards
	Objects       *storage.Objects
	Sessions      *transport.Sessions
	Notifications *notification.Notifications
	Matches       *match.Registry
	Relays        *relay.Hub
	Queue         *matchmaker.Matchmaker
	Parties       *party.Parties
	Statuses      *status.Board
	Streams       *stream.Streams

	c        Config
	windows  *windows     // nil without a Key
	close    func() error // of the store
	stopping atomic.Bool
}

// Open opens the store and builds everything over it.
func Open(ctx context.Context, c Config) (*Host, error) {
	store, closeStore, err := openStore(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	h, err := over(ctx, c, store)
	if err != nil {
		_ = closeStore() // the first error is the one to tell
		return nil, err
	}
	h.close = closeStore
	return h, nil
}

// over builds everything over a store.
func over(ctx context.Context, c Config, store store) (_ *Host, err error) {
	h := &Host{c: c, close: func() error { return nil }}
	if c.Key != "" {
		if h.windows, err = openWindows(c.Key, c.Log); err != nil {
			return nil, err
		}
	}
	boards, sessions := leaderboard.Config{Store: store, Keys: store, Logger: c.Log}, transport.Config{Logger: c.Log}
	if h.windows != nil {
		boards.Hooks, sessions.Hooks = h.windows.metrics.Leaderboard(), h.windows.metrics.Transport()
	}
	h.Boards, err = leaderboard.Open(ctx, boards)
	if err != nil {
		return nil, err
	}
	for _, b := range c.Boards {
		if err := h.Boards.Create(ctx, b); err != nil {
			return nil, err
		}
	}
	if h.Users, err = h.openUsers(ctx, store); err != nil {
		return nil, err
	}
	if h.Objects, err = storage.New(storage.Config{Store: store}); err != nil {
		return nil, err
	}
	h.Sessions = transport.NewSessions(sessions)
	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: h.Sessions, Tokens: h.Users, Logger: c.Log})
	if err != nil {
		return nil, err
	}
	if h.Notifications, err = notification.New(notification.Config{Store: store, Outbox: out}); err != nil {
		return nil, err
	}
	return h, h.openPlay(out, store)
}

func (h *Host) openUsers(ctx context.Context, store store) (*auth.Service, error) {
	c := h.c.Auth
	c.Accounts, c.Identities, c.Deletions = store, store, store
	c.Revocations, c.Rotations, c.Keys = store, store, store
	c.Belongings = []func(context.Context, string) error{
		h.Boards.DeleteOwner, store.DeleteObjectsOf, store.DeleteNotificationsOf,
	}
	if h.windows != nil {
		c.Hooks = c.Hooks.With(h.windows.metrics.Auth())
	}
	c.Logger = h.c.Log
	return auth.Open(ctx, c)
}

// openPlay builds what players do with each other, of which nothing but matches with a Snapshotter is stored.
func (h *Host) openPlay(out *nakama.Outbox, store match.Snapshots) (err error) {
	matches := match.Config{Outbox: out, Snapshots: store, Grace: h.c.Grace, Logger: h.c.Log}
	relays := relay.Config{Outbox: out.Relay()}
	queue := matchmaker.Config{Outbox: out, Interval: h.c.Interval, Matched: h.c.Matched, Logger: h.c.Log}
	parties := party.Config{Outbox: out.Party()}
	if h.windows != nil {
		matches.Hooks, relays.Hooks = h.windows.match(), h.windows.metrics.Relay()
		queue.Hooks, parties.Hooks = h.windows.metrics.Matchmaker(), h.windows.metrics.Party()
	}
	if h.Matches, err = match.New(matches); err != nil {
		return err
	}
	if h.Relays, err = relay.New(relays); err != nil {
		return err
	}
	if h.c.Kind != "" {
		queue.Reserve = func(ctx context.Context, id string, users []presence.Presence) error {
			return h.Matches.Reserve(ctx, match.ID(id), users, 30*time.Second) // to join in
		}
		queue.Matched = func(ctx context.Context, r matchmaker.Result) (string, error) {
			id, err := h.Matches.Create(ctx, h.c.Kind, r)
			return string(id), err
		}
	}
	if h.Queue, err = matchmaker.New(queue); err != nil {
		return err
	}
	parties.Queue = nakama.PartyQueue(h.Queue)
	if h.Parties, err = party.New(parties); err != nil {
		return err
	}
	if h.Statuses, err = status.New(status.Config{Outbox: out.Status()}); err != nil {
		return err
	}
	h.Streams, err = stream.New(stream.Config{Outbox: out.Stream()})
	return err
}

// Gateway lets game clients at the host, and at these functions.
func (h *Host) Gateway(rpc map[string]nakama.RPC) (*nakama.Handler, error) {
	c := h.c.Gateway
	c.Sessions, c.Auth, c.Matches, c.Relays, c.Matchmaker = h.Sessions, h.Users, h.Matches, h.Relays, h.Queue
	c.Boards, c.Objects, c.Notifications = h.Boards, h.Objects, h.Notifications
	c.Parties, c.Statuses, c.Streams = h.Parties, h.Statuses, h.Streams
	c.RPC, c.Logger, c.Ready = rpc, h.c.Log, h.ready
	if h.windows != nil {
		c.Hooks = c.Hooks.With(h.windows.gateway())
	}
	return nakama.New(c)
}

// ready fails once the host is stopping, and while the store does not answer.
func (h *Host) ready(ctx context.Context) error {
	if h.stopping.Load() {
		return errors.New("stopping")
	}
	_, err := h.Users.Users(ctx, nil, []string{"nobody"}, nil)
	return err
}

// Serve runs everything until ctx ends, and then stops it in the order opposite to the one it was built in: the
// queue, the matches (which may say goodbye for the Grace), the sessions, the listener, the store.
func (h *Host) Serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	if err := h.Matches.Resume(ctx); err != nil {
		return errors.Join(err, l.Close(), h.close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, func() { h.stopping.Store(true) })()
	if h.windows != nil {
		handler = h.mount(handler)
	}
	server := nakama.NewServer(l.Addr().String(), handler, h.c.Log)
	if h.windows != nil {
		server.RegisterOnShutdown(h.windows.dashboard.Close)
	}
	var parts, listener errgroup.Group
	listener.Go(func() error {
		defer stop() // without a listener the rest is of no use
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	parts.Go(func() error { return h.Users.Run(ctx) })
	parts.Go(func() error { return h.Boards.Run(ctx) })
	parts.Go(func() error { return h.Queue.Run(ctx) })
	parts.Go(func() error { return h.Matches.Run(ctx) })
	err := parts.Wait()

	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(h.c.Patience, 5*time.Second))
	defer cancel()
	err = errors.Join(err, h.Sessions.Shutdown(end, transport.CloseGoingAway, "server shutting down"))
	if server.Shutdown(end) != nil {
		_ = server.Close() // who is still in the middle of a request is cut off: that is no failure of the server
	}
	return errors.Join(err, listener.Wait(), h.close())
}
