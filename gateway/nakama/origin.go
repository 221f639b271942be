package nakama

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// addr is the address of the client that a request comes from, as far as it can be known: what trusted proxies say, else
// the other end of the connection.
func (h *Handler) addr(r *http.Request) netip.Addr {
	addr := peerAddr(r)
	if !h.trusted(addr) {
		return addr
	}
	// Each proxy adds whom it talks to at the end: what comes before the last one that is no proxy of ours is hearsay.
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for _, hop := range slices.Backward(hops) {
		said, ok := parseHop(strings.TrimSpace(hop))
		if !ok {
			return addr
		}
		if addr = said; !h.trusted(addr) {
			return addr
		}
	}
	return addr
}

// parseHop reads an address with or without a port.
func parseHop(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		with, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = with.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

func (h *Handler) trusted(addr netip.Addr) bool {
	return slices.ContainsFunc(h.c.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// peerAddr is the other end of the connection.
func peerAddr(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, _ := netip.ParseAddr(host)
	return addr.Unmap().WithZone("")
}

// allowed tells whether pages of an origin may use the server.
func (h *Handler) allowed(origin string) bool {
	if h.c.Origins == nil {
		return true
	}
	u, err := url.Parse(strings.ToLower(origin))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(h.c.Origins, func(pattern string) bool {
		of := u.Host
		if strings.Contains(pattern, "://") {
			of = u.Scheme + "://" + u.Host
		}
		ok, err := path.Match(strings.ToLower(pattern), of)
		return ok && err == nil
	})
}

// requestIDHeader carries the id of a request, in both directions.
const requestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// RequestID returns the id of the HTTP request that a hook or an RPC works for; "" if it is for none. It is in the
// response's X-Request-Id and in what the gateway logs about the request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// identified gives a request an id: the one that a trusted proxy gave it, or a new one.
func (h *Handler) identified(w http.ResponseWriter, r *http.Request) *http.Request {
	id := r.Header.Get(requestIDHeader)
	if !h.trusted(peerAddr(r)) || !plainID(id) {
		id = uuid.NewString()
	}
	w.Header().Set(requestIDHeader, id)
	return r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
}

// plainID tells whether an id can be put into a log as it is.
func plainID(id string) bool {
	return len(id) > 0 && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_.", r)
	})
}
