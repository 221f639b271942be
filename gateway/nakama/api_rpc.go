package nakama

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/shoal-go/shoal/presence"
)

// rpc calls a function of the host. id is as the client wrote it.
func (a *httpAPI) rpc(c *call, id string) (reply, error) {
	if c.Method != http.MethodGet && c.Method != http.MethodPost {
		return reply{}, errMethod
	}
	who, err := a.caller(c)
	if err != nil {
		return reply{}, err
	}
	if id == "" {
		return reply{}, &Error{InvalidArgument, "RPC ID must be set"}
	}
	f := a.c.RPC[strings.ToLower(id)]
	if f == nil {
		return reply{}, &Error{NotFound, "RPC function not found"}
	}
	raw := who.Query.Has("unwrap") // whatever its value
	payload, err := c.payload(raw)
	if err != nil {
		return reply{}, err
	}
	out, err := f(c.Context(), who, payload)
	if err != nil {
		return reply{}, rpcError(c.Context(), err)
	}
	if raw {
		return reply{http.StatusOK, safeType(c.Header), []byte(out)}, nil
	}
	return jsonReply(struct {
		Payload string `json:"payload"`
	}{out}), nil
}

// caller says who calls a function: a server with the HTTP key, or a user with a session.
func (a *httpAPI) caller(c *call) (Caller, error) {
	q := c.URL.Query()
	key, header := q.Get("http_key"), c.Header["Authorization"]
	q.Del("http_key")
	who := Caller{Addr: peerAddr(c.Request), Header: c.Header, Query: q}
	byKey := key != ""
	if !byKey && len(header) == 1 && strings.HasPrefix(header[0], "Basic ") {
		byKey = true
		key, _ = basicName(header[0])
	}
	switch {
	case byKey && sameKey(key, a.c.HTTPKey):
		return who, nil
	case byKey:
		return who, &Error{Unauthenticated, "HTTP key invalid"}
	case len(header) == 0:
		return who, &Error{Unauthenticated, "Auth token or HTTP key required"}
	}
	claims, err := a.session(header)
	if err != nil {
		return who, err
	}
	who.Presence = presence.Presence{User: claims.User, Username: claims.Username, Node: a.c.Node}
	who.Vars, who.Expires = claims.Vars, claims.Expires
	return who, nil
}

// payload is what the function gets: the body itself, or the string that it holds in JSON. A GET has none.
func (c *call) payload(raw bool) (string, error) {
	if c.Method == http.MethodGet {
		return "", nil
	}
	b, err := c.body()
	if err != nil || raw || len(b) == 0 {
		return string(b), err
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return "", &Error{InvalidArgument, "json: cannot unmarshal object into Go value of type string"}
	}
	return s, nil
}

// rpcError is what the caller sees of an error that a function of the host returned.
func rpcError(ctx context.Context, err error) error {
	var own *Error
	if errors.As(err, &own) || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	return &Error{Internal, err.Error()}
}

// safeType is the content type of an answer to a raw request: that of the request, if no browser would run it.
func safeType(request http.Header) string {
	switch t, _, _ := mime.ParseMediaType(request.Get("Content-Type")); t {
	case jsonType, "application/octet-stream":
		return t
	}
	return "text/plain"
}
