package nakama

import (
	"context"
	"errors"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/internal/hook"
)

// ErrDisabled is what a Before hook returns for a request that this host does not serve: the client is told
// "Requested resource was not found.", over HTTP with a 404; a socket is closed after it.
var ErrDisabled = errors.New("nakama: request is disabled")

// Hooks let a host see, change and refuse what clients ask for, and see their sockets come and go. A nil func is not
// called and costs nothing. What happens inside matches, parties and the matchmaker is told by the hooks of these.
//
// The funcs run on the goroutine of what they are told of, and hold it up: a request, for Data the reading of a socket.
// They may be called by many at once. A panic in Before refuses the request; one in another func is logged.
type Hooks struct {
	// Before is asked before a request is served, over HTTP once the caller is known and the body is read. It may change
	// the Message and, over HTTP, the Caller's Query. An error refuses: with the code of an *Error or Internal over HTTP,
	// with code 7 on a socket, and with its text on both. [Before] makes one for requests of one type.
	Before func(ctx context.Context, r *Request) error
	// After is told of each request that Before let pass, when it is answered: with the message of the answer, nil for
	// one that says no more than that it is done, or with why it failed, on a socket a *SocketError.
	// [After] makes one for requests of one type.
	After func(ctx context.Context, r *Request, out proto.Message, err error)
	// Data asks for match_data_send too, which is nearly all traffic and is passed on much faster if nobody looks at it.
	// Pings and pongs pass by always. Each socket then has a goroutine that reads: Socket.Poller is not used.
	Data bool
	// Event is told what clients report to POST /v2/event, marked as coming from outside.
	Event func(ctx context.Context, c Caller, e *api.Event)
	// Connected is told of a socket before its first message is read. An error closes the socket with its text.
	Connected func(ctx context.Context, c Caller) error
	// Disconnected is told of a socket that Connected let pass, once it has left everything, and why it ended.
	Disconnected func(ctx context.Context, c Caller, why error)
}

// With returns hooks that call those of h, then those of other. What one refuses the next is not asked about.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Before:       hook.InTurn(h.Before, other.Before),
		After:        hook.Both4(h.After, other.After),
		Data:         h.Data || other.Data,
		Event:        hook.Both3(h.Event, other.Event),
		Connected:    hook.InTurn(h.Connected, other.Connected),
		Disconnected: hook.Both3(h.Disconnected, other.Disconnected),
	}
}

// Request is one thing that a client asks for, as hooks see it. It is valid during the call of the hook.
type Request struct {
	// Name says what is asked for: the name of an envelope's message, such as "match_create", or the method and the path
	// of a route, such as "GET /v2/leaderboard/{id}".
	Name string
	// Caller is who asks. Its Presence is zero where a client shows a key and no session, as in a sign-in.
	Caller Caller
	// Message is that of the envelope, or what the body of an HTTP request holds; nil if the route reads no body. It is
	// changed in place. An RPC is an *api.Rpc either way.
	Message proto.Message

	path func(name string) string
}

// PathValue is what stands in the path of an HTTP request for a name in braces, "" if there is no such name.
func (r *Request) PathValue(name string) string {
	if r.path == nil {
		return ""
	}
	return r.path(name)
}

// Before makes a hook for [Hooks.Before] from one for requests whose Message is an M. All others pass.
func Before[M proto.Message](f func(ctx context.Context, r *Request, m M) error) func(context.Context, *Request) error {
	return func(ctx context.Context, r *Request) error {
		if m, ok := r.Message.(M); ok {
			return f(ctx, r, m)
		}
		return nil
	}
}

// After makes a hook for [Hooks.After] from one for requests whose Message is an M.
func After[M proto.Message](
	f func(ctx context.Context, r *Request, m M, out proto.Message, err error),
) func(context.Context, *Request, proto.Message, error) {
	return func(ctx context.Context, r *Request, out proto.Message, err error) {
		if m, ok := r.Message.(M); ok {
			f(ctx, r, m, out, err)
		}
	}
}

// before asks the host about a request. Its panic is a refusal: a check that fails must not let anybody in.
func (h *Handler) before(ctx context.Context, r *Request) (err error) {
	if h.c.Hooks.Before == nil {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			h.logPanic("before "+r.Name, v)
			err = &Error{Internal, "Internal server error."}
		}
	}()
	return h.c.Hooks.Before(ctx, r)
}

// after tells the host of a request.
func (h *Handler) after(ctx context.Context, r *Request, out proto.Message, err error) {
	if h.c.Hooks.After == nil {
		return
	}
	defer h.logged("after " + r.Name)
	h.c.Hooks.After(ctx, r, out, err)
}

// connected asks the host about a socket.
func (h *Handler) connected(ctx context.Context, c Caller) (err error) {
	if h.c.Hooks.Connected == nil {
		return nil
	}
	defer func() {
		if v := recover(); v != nil {
			h.logPanic("connected", v)
			err = &Error{Internal, "Internal server error."}
		}
	}()
	return h.c.Hooks.Connected(ctx, c)
}

// disconnected tells the host of the end of a socket.
func (h *Handler) disconnected(ctx context.Context, c Caller, why error) {
	if h.c.Hooks.Disconnected == nil {
		return
	}
	defer h.logged("disconnected")
	h.c.Hooks.Disconnected(ctx, c, why)
}

// logged keeps a panic of the host's code from ending the process. It is to be deferred.
func (h *Handler) logged(where string) {
	if v := recover(); v != nil {
		h.logPanic(where, v)
	}
}
