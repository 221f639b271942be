package nakama

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/presence"
)

// endpoint is what answers the calls of a route. [bare] and [with] make one.
type endpoint struct {
	body  func() proto.Message // an empty message of the type that the body holds; nil: the body is not read
	serve func(c *call, in proto.Message) (proto.Message, error)
}

// bare is an endpoint to which the path and the query say all. What it returns is the message of a 200 response, or an
// error that clientError understands.
func bare(f func(c *call) (proto.Message, error)) *endpoint {
	return &endpoint{serve: func(c *call, _ proto.Message) (proto.Message, error) { return f(c) }}
}

// with is an endpoint whose calls have a message in their bodies.
func with[M any, P message[M]](f func(c *call, in P) (proto.Message, error)) *endpoint {
	return &endpoint{
		body:  func() proto.Message { return P(new(M)) },
		serve: func(c *call, in proto.Message) (proto.Message, error) { return f(c, in.(P)) },
	}
}

// answer reads the body of a call and serves it.
func (e *endpoint) answer(c *call) (proto.Message, error) {
	var in proto.Message
	switch {
	case e.body == nil:
	case c.decoded != nil:
		in = c.decoded
	default:
		in = e.body()
		if err := c.decode(in); err != nil {
			return nil, err
		}
	}
	return c.hooked(c.caller(c.who), in, func() (proto.Message, error) { return e.serve(c, in) })
}

// caller is who calls, as hooks and functions of the host see it.
func (c *call) caller(who auth.Claims) Caller {
	out := Caller{Vars: who.Vars, Expires: who.Expires, Addr: c.h.addr(c.Request), Header: c.Header, Query: c.query}
	if who.User != "" {
		out.Presence = presence.Presence{User: who.User, Username: who.Username, Node: c.h.c.Node}
	}
	return out
}

// hooked serves a call, if the host has nothing against it.
func (c *call) hooked(who Caller, in proto.Message, serve func() (proto.Message, error)) (proto.Message, error) {
	if !c.h.hooked {
		return serve()
	}
	r := &Request{Name: c.name(), Caller: who, Message: in, path: c.PathValue}
	if err := c.h.before(c.Context(), r); err != nil {
		return nil, hostError(c.Context(), err)
	}
	out, err := serve()
	c.h.after(c.Context(), r, out, err)
	return out, err
}

// hostError is what the caller sees of an error that the host's code returned.
func hostError(ctx context.Context, err error) error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return err
	case ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded):
		return &Error{DeadlineExceeded, "context deadline exceeded"}
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	case errors.Is(err, ErrDisabled):
		return &Error{NotFound, "Requested resource was not found."}
	}
	return &Error{Internal, err.Error()}
}
