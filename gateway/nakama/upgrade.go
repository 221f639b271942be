package nakama

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// Hello is who a connection belongs to, as the host knows it when it hands the connection to [Handler.Serve].
type Hello struct {
	User     string // user id. Required
	Username string
	Vars     map[string]string // of the session; may be nil
	Expires  time.Time         // of the session's token; zero if it has none
	Addr     netip.Addr        // where the client connects from; the zero Addr if unknown
	// Kind is what the client speaks: transport.Text is JSON (also the zero value), transport.Binary protobuf.
	Kind transport.Kind
	// Online shows the session to those who follow the user, with an empty status. False: it is hidden until it asks.
	Online bool
	// Family is the sign-in that the session comes from; a logout of it closes the connection. "" belongs to none.
	Family string

	token string // checked again once the session is open, so that a logout in between is not missed
}

// upgrade answers GET /ws.
func (h *Handler) upgrade(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	if r.ProtoMajor != 1 {
		http.Error(w, "WebSockets need HTTP/1.1", http.StatusHTTPVersionNotSupported)
		return
	}
	hello := Hello{Addr: h.addr(r)}
	switch r.URL.Query().Get("format") {
	case "", "json":
		hello.Kind = transport.Text
	case "protobuf":
		hello.Kind = transport.Binary
	default:
		http.Error(w, "Invalid format parameter", http.StatusBadRequest)
		return
	}
	hello.Online, _ = strconv.ParseBool(r.URL.Query().Get("status")) // what is no bool is false
	hello.token = socketToken(r)
	claims, err := h.c.Auth.Verify(hello.token)
	if err != nil {
		http.Error(w, "Missing or invalid token", http.StatusUnauthorized)
		return
	}
	hello.User, hello.Username, hello.Family = claims.User, claims.Username, claims.Family
	hello.Vars, hello.Expires = claims.Vars, claims.Expires
	conn, err := ws.Accept(w, r, h.c.Socket)
	if err != nil {
		return // answered
	}
	// The request's context ends with this function. A goroutine of its own, for the stack of this one has grown on its
	// way here, and a host's hook may take its time.
	go h.open(context.Background(), conn, hello, func(error) {})
}

// socketToken is the session token of an upgrade request. A header, if there is one, is the only place it may be.
func socketToken(r *http.Request) string {
	if header := r.Header.Get("Authorization"); header != "" {
		if token, ok := strings.CutPrefix(header, "Bearer "); ok {
			return token
		}
		return ""
	}
	return r.URL.Query().Get("token")
}

// Serve plays one session on conn until the connection or ctx ends, and closes conn. It is what /ws uses; a host that
// brings players in another way calls it with a connection of its own. The error says how the connection ended; a
// client that goes away in good order is one too.
func (h *Handler) Serve(ctx context.Context, conn transport.Conn, hello Hello) error {
	end := make(chan error, 1)
	h.open(ctx, conn, hello, func(err error) { end <- err })
	return <-end
}

// open begins a session, which goes on by itself; ended is called when it is over.
func (h *Handler) open(ctx context.Context, conn transport.Conn, hello Hello, ended func(error)) {
	if hello.Kind == 0 {
		hello.Kind = transport.Text
	}
	p := presence.Presence{User: hello.User, Session: uuid.NewString(), Username: hello.Username, Node: h.c.Node}
	s, err := h.c.Sessions.Open(p, hello.Kind, conn)
	if err != nil {
		_ = conn.Close(transport.CloseGoingAway, "server shutting down") // it goes in any case
		ended(err)
		return
	}
	h.families.Store(p.Session, hello.Family)
	if hello.token != "" && !h.stillGood(hello.token) {
		s.Close(transport.CloseNormal, "server-side session disconnect")
		h.families.Delete(p.Session)
		ended(errLoggedOut)
		return
	}
	hello.token = ""
	stop := context.AfterFunc(ctx, func() { s.Close(transport.CloseGoingAway, "server shutting down") })
	newPlayer(ctx, h, s, hello).play(conn, func(err error) {
		stop()
		h.families.Delete(p.Session)
		ended(err)
	})
}

// errLoggedOut is the end of a connection whose session was logged out while it was opened.
var errLoggedOut = errors.New("nakama: session was logged out")

// disconnect closes the sockets of sessions that have ended.
func (h *Handler) disconnect(e auth.Ending) {
	for _, s := range h.c.Sessions.OfUser(e.User) {
		if of, _ := h.families.Load(s.Presence().Session); e.Family != "" && of != e.Family {
			continue
		}
		if e.Banned {
			pushNotice(s, codeBanned, "banned")
		}
		s.Close(transport.CloseNormal, "server-side session disconnect")
	}
}

// stillGood reports whether a token was not logged out meanwhile.
func (h *Handler) stillGood(token string) bool {
	_, err := h.c.Auth.Verify(token)
	return err == nil
}
