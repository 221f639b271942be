package nakama

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"sync"
	"time"

	"github.com/shoal-go/shoal/transport/ws"
)

// Handler answers everything a game client asks: the HTTP API below /v2/, /healthcheck, / (an empty 200 for health
// checks) and the realtime socket at /ws; over HTTP/2 also gRPC calls of the same API. It is safe for concurrent use.
type Handler struct {
	c   Config
	log *slog.Logger
	api http.Handler

	hooked bool // the host wants to know of requests

	families sync.Map // session id to the family of its token, of open sockets
}

// New makes a Handler. The error says what is missing or wrong in the Config.
func New(c Config) (*Handler, error) {
	switch {
	case c.Sessions == nil:
		return nil, errors.New("nakama: Config.Sessions is required")
	case c.Auth == nil:
		return nil, errors.New("nakama: Config.Auth is required")
	case c.ServerKey == "":
		return nil, errors.New("nakama: Config.ServerKey is required")
	}
	if (c.SingleMatch || c.SingleParty) && !c.SingleSocket {
		return nil, errors.New("nakama: Config.SingleMatch and SingleParty need SingleSocket")
	}
	if c.WatchDelay < 0 {
		return nil, errors.New("nakama: Config.WatchDelay is negative")
	}
	if err := c.Socket.Check(); err != nil {
		return nil, fmt.Errorf("nakama: Config.Socket: %w", err)
	}
	for _, pattern := range c.Origins {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("nakama: Config.Origins: %q: %w", pattern, err)
		}
	}
	if c.Socket.Origins == nil {
		c.Socket.Origins = c.Origins
	}
	if c.Node == "" {
		c.Node = "shoal"
	}
	if c.MaxBody == 0 {
		c.MaxBody = 256 << 10
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Pending == 0 {
		c.Pending = 64
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Hooks.Data:
		c.Socket.Poller = nil // a hook may hold up the reading of its socket, and of no other
	case c.Socket.Poller == nil:
		c.Socket.Poller = ws.NewPoller()
	}
	h := &Handler{c: c, log: c.Logger, hooked: c.Hooks.Before != nil || c.Hooks.After != nil}
	h.api = h.newAPI()
	c.Auth.Watch(h.disconnect)
	return h, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ws" {
		h.upgrade(w, r)
		return
	}
	h.api.ServeHTTP(w, r)
}

// logPanic reports a panic in the host's code that was kept from ending the process.
func (h *Handler) logPanic(where string, v any) {
	h.log.Error("panic", "where", where, "panic", v, "stack", string(debug.Stack()))
}

// NewServer returns a server for h at addr with limits that keep slow and greedy clients from holding on to it, and with
// HTTP/2 for gRPC, also without TLS. What the server itself has to say goes to log; nil drops it. The caller may change
// all of it before it starts the server.
func NewServer(addr string, h http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	protocols := new(http.Protocols) // HTTP/2 is for gRPC
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Protocols:         protocols,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		Addr:              addr,
		Handler:           h,
		ReadTimeout:       10 * time.Second,
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    5 << 10,
	}
}
