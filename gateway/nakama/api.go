package nakama

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
)

// httpAPI is the HTTP API: everything of a Handler but the socket. It keeps nothing between two requests.
type httpAPI struct {
	*Handler
	router router
}

// call is one request to an endpoint.
type call struct {
	*http.Request
	h        *Handler
	route    route
	who      auth.Claims // whose session it is; zero where the route asks for none
	query    url.Values  // that of the URL; hooks may change it
	queryErr error       // what is wrong with it

	decoded proto.Message // what the body holds, if the call came with gRPC
}

func (h *Handler) newCall(r *http.Request) *call {
	c := &call{Request: r, h: h}
	if c.query, c.queryErr = url.ParseQuery(r.URL.RawQuery); c.queryErr != nil {
		c.queryErr = &Error{InvalidArgument, c.queryErr.Error()}
	}
	return c
}

func (h *Handler) newAPI() http.Handler {
	a := &httpAPI{Handler: h}
	a.router = newRouter(slices.Concat(a.routes(), a.providerRoutes()))
	return a
}

// routes are all that the protocol has, but for /, RPCs and those of providers. One without an endpoint is answered as
// not served.
func (a *httpAPI) routes() []route {
	return []route{
		{"GET /healthcheck", anybody, bare(a.healthcheck)},
		{"GET /readyz", anybody, bare(a.ready)},

		{"POST /v2/account/authenticate/email", withServerKey, with(a.signInEmail)},
		{"POST /v2/account/authenticate/device", withServerKey, with(a.signInDevice)},
		{"POST /v2/account/authenticate/custom", withServerKey, with(a.signInCustom)},
		{"POST /v2/account/session/refresh", withServerKey, with(a.refresh)},
		{"POST /v2/session/logout", withSession, with(a.logout)},

		{"GET /v2/account", withSession, bare(a.account)},
		{"PUT /v2/account", withSession, with(a.updateAccount)},
		{"DELETE /v2/account", withSession, bare(a.deleteAccount)},
		{"GET /v2/user", withSession, bare(a.users)},

		{"POST /v2/account/link/custom", withSession, with(a.linkCustom)},
		{"POST /v2/account/link/device", withSession, with(a.linkDevice)},
		{"POST /v2/account/link/email", withSession, with(a.linkEmail)},
		{"POST /v2/account/unlink/custom", withSession, with(a.unlinkCustom)},
		{"POST /v2/account/unlink/device", withSession, with(a.unlinkDevice)},
		{"POST /v2/account/unlink/email", withSession, with(a.unlinkEmail)},

		{"GET /v2/leaderboard/{id}", withSession, a.boardRecords(&leaderboards)},
		{"POST /v2/leaderboard/{id}", withSession, with(a.writeBoardRecord)},
		{"DELETE /v2/leaderboard/{id}", withSession, a.deleteRecord(&leaderboards)},
		{"GET /v2/leaderboard/{id}/owner/{owner}", withSession, a.recordsAround(&leaderboards)},
		{"GET /v2/tournament", withSession, bare(a.tournaments)},
		{"GET /v2/tournament/{id}", withSession, a.boardRecords(&tournaments)},
		{"PUT|POST /v2/tournament/{id}", withSession, with(a.writeTournamentRecord)},
		{"DELETE /v2/tournament/{id}", withSession, a.deleteRecord(&tournaments)},
		{"POST /v2/tournament/{id}/join", withSession, bare(a.joinTournament)},
		{"GET /v2/tournament/{id}/owner/{owner}", withSession, a.recordsAround(&tournaments)},

		{"GET /v2/match", withSession, bare(a.matches)},
		{"GET /v2/matchmaker/stats", withSession, bare(a.matchmakerStats)},
		{"GET /v2/party", withSession, bare(a.parties)},

		{"POST /v2/storage", withSession, with(a.readObjects)},
		{"PUT /v2/storage", withSession, with(a.writeObjects)},
		{"PUT /v2/storage/delete", withSession, with(a.deleteObjects)},
		{"GET /v2/storage/{collection}", withSession, bare(a.listObjects)},
		{"GET /v2/storage/{collection}/{user}", withSession, bare(a.listObjects)},
		{"GET /v2/notification", withSession, bare(a.notifications)},
		{"DELETE /v2/notification", withSession, bare(a.deleteNotifications)},
		{"POST /v2/event", withSession, with(a.event)},

		// Not served yet.
		{path: "GET|POST|DELETE /v2/friend"},
		{path: "GET /v2/friend/friends"},
		{path: "POST /v2/friend/block|facebook|steam"},
		{path: "GET|POST /v2/group"},
		{path: "PUT|DELETE /v2/group/{id}"},
		{path: "POST /v2/group/{id}/add|ban|demote|join|kick|leave|promote"},
		{path: "GET /v2/group/{id}/user"},
		{path: "GET /v2/user/{id}/group"},
		{path: "GET /v2/channel/{id}"},
		{path: "POST /v2/iap/purchase/apple|facebookinstant|google|huawei|samsung"},
		{path: "POST /v2/iap/subscription"},
		{path: "POST /v2/iap/subscription/apple|google"},
		{path: "GET /v2/iap/subscription/{id}"},
	}
}

// ServeHTTP implements http.Handler.
func (a *httpAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = a.identified(w, r)
	if isGRPC(r) {
		a.grpc(w, r)
		return
	}
	if answered := a.cors(w, r); answered {
		return
	}
	if clean := cleanPath(r.URL.Path); clean != r.URL.Path {
		target := *r.URL
		target.Path, target.RawPath = clean, ""
		w.Header().Set("Location", target.RequestURI())
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, a.c.MaxBody)
	if a.own(r) {
		a.c.Mux.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		w.WriteHeader(http.StatusOK)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), a.c.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	out, err := a.answer(a.newCall(r))
	if err != nil {
		out = a.refusal(w, r, err)
	}
	out.send(w, r)
}

// own reports whether a request is for a route of the host's own.
func (a *httpAPI) own(r *http.Request) bool {
	if a.c.Mux == nil {
		return false
	}
	if _, isRPC := rpcID(r.URL.Path); isRPC || a.router.serves(r.URL.Path) {
		return false
	}
	_, pattern := a.c.Mux.Handler(r)
	return pattern != ""
}

// cleanPath is p without empty segments and dots. A slash at its end stays, for that is another path.
func cleanPath(p string) string {
	if !strings.HasPrefix(p, "/") {
		return p // no path at all: answered as such
	}
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// answer does what the call asks for.
func (a *httpAPI) answer(c *call) (out reply, err error) {
	defer a.guard(c.Request, &err)
	if id, ok := rpcID(c.URL.Path); ok {
		return a.rpc(c, id)
	}
	m, err := a.message(c)
	if err != nil {
		return reply{}, err
	}
	return messageReply(m)
}

// guard is deferred: a panic on the way to an answer is one call's failure and not the process's.
func (a *httpAPI) guard(r *http.Request, err *error) {
	if v := recover(); v != nil {
		a.logPanic(r.Method+" "+r.URL.Path, v)
		*err = &Error{Internal, "Internal server error."}
	}
}

// message is the answer of a route.
func (a *httpAPI) message(c *call) (_ proto.Message, err error) {
	if c.route, err = a.router.find(c.Request); err != nil {
		return nil, err
	}
	if c.route.serve == nil {
		return nil, &Error{Unimplemented, c.Method + " " + c.URL.Path + " is not served here"}
	}
	// Who may not call learns nothing from the body, and cannot make the server decode one.
	if c.who, err = a.admit(c.route.access, c.Request); err != nil {
		return nil, err
	}
	return c.route.serve.answer(c)
}

const rpcPath = "/v2/rpc/"

// rpcID is the id of a function as it stands in a path. It may have slashes.
func rpcID(path string) (id string, ok bool) { return strings.CutPrefix(path, rpcPath) }

// healthcheck says that the process answers.
func (a *httpAPI) healthcheck(*call) (proto.Message, error) { return empty, nil }

// ready says whether the host is ready to serve players. It is no part of the protocol.
func (a *httpAPI) ready(c *call) (proto.Message, error) {
	if a.c.Ready == nil {
		return empty, nil
	}
	if err := a.c.Ready(c.Context()); err != nil {
		a.log.WarnContext(c.Context(), "not ready", "error", err)
		return nil, &Error{Unavailable, "Not ready."}
	}
	return empty, nil
}

// event passes on what a client reports.
func (a *httpAPI) event(c *call, e *api.Event) (proto.Message, error) {
	if a.c.Hooks.Event != nil {
		e.External = true
		a.c.Hooks.Event(c.Context(), c.caller(c.who), e)
	}
	return empty, nil
}

// empty is the answer of what has nothing to say: {}.
var empty = new(api.Session)

// notServed is for a domain that the host has not given.
func notServed(what string) error {
	return &Error{Unimplemented, what + " are not served here"}
}
