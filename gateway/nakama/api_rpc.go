package nakama

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/auth"
)

// rpc calls a function of the host. id is as the client wrote it.
func (a *httpAPI) rpc(c *call, id string) (reply, error) {
	if c.Method != http.MethodGet && c.Method != http.MethodPost {
		return reply{}, errMethod
	}
	f, who, err := a.function(c, id)
	if err != nil {
		return reply{}, err
	}
	raw := c.query.Has("unwrap") // whatever its value
	payload, err := c.payload(raw)
	if err != nil {
		return reply{}, err
	}
	out, err := c.callRPC(f, who, &api.Rpc{Id: id, Payload: payload})
	if err != nil {
		return reply{}, err
	}
	if raw {
		return reply{http.StatusOK, safeType(c.Header), []byte(out)}, nil
	}
	return jsonReply(struct {
		Payload string `json:"payload"`
	}{out}), nil
}

// function finds the function that is called, and who calls it.
func (a *httpAPI) function(c *call, id string) (RPC, Caller, error) {
	who, err := a.functionCaller(c)
	if err != nil {
		return nil, who, err
	}
	if id == "" {
		return nil, who, &Error{InvalidArgument, "RPC ID must be set"}
	}
	f := a.c.RPC[strings.ToLower(id)]
	if f == nil {
		return nil, who, &Error{NotFound, "RPC function not found"}
	}
	return f, who, nil
}

// callRPC calls f as the hooks allow.
func (c *call) callRPC(f RPC, who Caller, in *api.Rpc) (string, error) {
	var payload string
	_, err := c.hooked(who, in, func() (proto.Message, error) {
		var err error
		if payload, err = f(c.Context(), who, in.Payload); err != nil {
			return nil, hostError(c.Context(), err)
		}
		return &api.Rpc{Id: in.Id, Payload: payload}, nil
	})
	return payload, err
}

// functionCaller says who calls a function: a server with the HTTP key, or a user with a session.
func (a *httpAPI) functionCaller(c *call) (Caller, error) {
	key, header := c.query.Get("http_key"), c.Header["Authorization"]
	c.query.Del("http_key")
	byKey := key != ""
	if !byKey && len(header) == 1 && strings.HasPrefix(header[0], "Basic ") {
		byKey = true
		key, _ = basicName(header[0])
	}
	switch {
	case byKey && sameKey(key, a.c.HTTPKey):
		return c.caller(auth.Claims{}), nil
	case byKey:
		return Caller{}, &Error{Unauthenticated, "HTTP key invalid"}
	case len(header) == 0:
		return Caller{}, &Error{Unauthenticated, "Auth token or HTTP key required"}
	}
	claims, err := a.session(header)
	return c.caller(claims), err
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

// safeType is the content type of an answer to a raw request: that of the request, if no browser would run it.
func safeType(request http.Header) string {
	switch t, _, _ := mime.ParseMediaType(request.Get("Content-Type")); t {
	case jsonType, "application/octet-stream":
		return t
	}
	return "text/plain"
}
