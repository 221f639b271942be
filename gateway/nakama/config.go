package nakama

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// Config configures a [Handler]. Sessions, Auth and ServerKey are required. What serves a domain may be nil: its
// routes then answer 501 with code 12, its socket messages an error.
type Config struct {
	Sessions      *transport.Sessions
	Auth          Auth
	Matches       Matches
	Relays        Relays
	Matchmaker    Matchmaker
	Boards        Boards
	Objects       Objects
	Notifications Notifications
	Parties       Parties
	Statuses      Statuses
	Streams       Streams

	// RPC are the host's functions by id, in lower case.
	RPC map[string]RPC

	// Ready says whether the host can serve players, for a load balancer that asks GET /readyz: an error makes that a 503.
	// It is called for each probe. nil means always. (GET /healthcheck only says that the process answers.)
	Ready func(ctx context.Context) error

	// Hooks see, change and refuse what clients ask for. The zero value does nothing.
	Hooks Hooks

	// Mux has the host's own HTTP routes, on the same port: it is asked for what the gateway itself does not serve, which
	// may be a path of the protocol, or "GET /{$}". CORS and MaxBody hold for its routes, Timeout and Hooks do not; they
	// learn who calls from [Handler.Caller]. nil means that there are none.
	Mux *http.ServeMux

	// ServerKey is what clients present to sign in; it is no secret, for every client has it.
	ServerKey string
	// HTTPKey lets servers call RPCs without a session. "" means that nobody can.
	HTTPKey string
	// Node is the node of presences made here. "" means "shoal".
	Node string
	// TrustedProxies are the networks of the reverse proxies before this server. From them, and from nobody else, it
	// takes the client's address in X-Forwarded-For, by which failed sign-ins are limited, and an X-Request-Id.
	TrustedProxies []netip.Prefix
	// Origins are the hosts whose web pages may use the API and the socket, as patterns of path.Match with or without
	// a scheme, such as "https://*.example.com". nil means any: no cookie goes with a request, only what a page knows.
	Origins []string
	// Socket configures the WebSockets of /ws. Its Origins are those above unless they are set; without a Poller it gets
	// one, unless there are Hooks for Data.
	Socket ws.Config
	// MaxBody bounds the body of an HTTP request, in bytes, also once decompressed. 0 means 262144.
	MaxBody int64
	// Timeout bounds the work for one HTTP request, and the time that a request on a socket may wait for a
	// match. 0 means 10 s.
	Timeout time.Duration
	// Pending bounds the requests of one socket that wait for the one before; when there are more the socket is
	// not read from. 0 means 64.
	Pending int
	// Watch lets clients watch authoritative matches that allow it: a match_join with the metadata "shoal.watch",
	// whatever its value, makes a spectator. false: such a join is one like any other.
	Watch bool
	// WatchDelay is how much later than the players spectators receive everything. 0 means at once: a spectator who
	// tells a player what it sees is a cheat where players must not see it all.
	WatchDelay time.Duration
	// SingleSocket lets a user have one socket: a new one closes those before, which are told why.
	SingleSocket bool
	// SingleMatch lets a session be in one match: who joins one leaves those before. It needs SingleSocket.
	SingleMatch bool
	// SingleParty lets a session be in one party: who joins one leaves those before. It needs SingleSocket.
	SingleParty bool
	// Logger gets what goes wrong. nil drops it.
	Logger *slog.Logger
}

// RPC is a function of the host that clients call by id, over HTTP or a socket. An *Error says what the caller sees;
// of any other error it sees the text, with code Internal.
type RPC func(ctx context.Context, c Caller, payload string) (string, error)

// Caller is who calls an [RPC].
type Caller struct {
	// Presence is zero for a server that presented the HTTP key; over HTTP its Session is "".
	Presence presence.Presence
	Vars     map[string]string // of the session; may be nil
	Expires  time.Time         // of the session's token
	Addr     netip.Addr        // where the call comes from; the zero Addr if unknown
	Header   http.Header       // HTTP only
	Query    url.Values        // HTTP only, without http_key
}
