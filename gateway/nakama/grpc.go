package nakama

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/heroiclabs/nakama-common/api"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The clients for Java and, outside of browsers, for Dart call the API with gRPC. Each call is one message there and one
// back, so that an HTTP/2 server needs no more for it than to put five bytes in front of a message and two headers after.

const (
	grpcType    = "application/grpc"
	grpcService = "/nakama.api.Nakama/"
)

// isGRPC reports whether a request is a call with gRPC.
func isGRPC(r *http.Request) bool {
	t, _, _ := strings.Cut(r.Header.Get("Content-Type"), "+")
	return r.ProtoMajor == 2 && t == grpcType && r.Method == http.MethodPost
}

// grpc answers a call with gRPC by the route that is the same.
func (a *httpAPI) grpc(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), a.c.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	out, err := a.grpcAnswer(r)
	h := w.Header()
	h.Set("Content-Type", grpcType)
	if err != nil {
		told := a.told(r, err)
		h.Set("Grpc-Status", strconv.Itoa(int(told.Code)))
		h.Set("Grpc-Message", percentEncoded(told.Message))
		return
	}
	if _, err := w.Write(out); err != nil {
		return // the client is gone
	}
	_ = http.NewResponseController(w).Flush() // else there would be a Content-Length, and no trailers
	h.Set(http.TrailerPrefix+"Grpc-Status", "0")
}

// grpcAnswer returns the answer to a call, framed.
func (a *httpAPI) grpcAnswer(r *http.Request) (framed []byte, err error) {
	defer a.guard(r, &err)
	name, _ := strings.CutPrefix(r.URL.Path, grpcService)
	var out proto.Message
	if name == "RpcFunc" {
		out, err = a.grpcFunction(r)
	} else {
		out, err = a.grpcRoute(r, name)
	}
	if err != nil {
		return nil, err
	}
	framed, err = proto.MarshalOptions{}.MarshalAppend(make([]byte, 5), out)
	if err != nil { // only for text that is no UTF-8
		return nil, &failure{Internal, "Error encoding response.", err}
	}
	binary.BigEndian.PutUint32(framed[1:], uint32(len(framed)-5))
	return framed, nil
}

// grpcRoute serves a method by its route.
func (a *httpAPI) grpcRoute(r *http.Request, name string) (proto.Message, error) {
	m, ok := grpcMethods[name]
	if !ok {
		return nil, &Error{Unimplemented, "unknown method " + name + " for service nakama.api.Nakama"}
	}
	in := m.request.ProtoReflect().New()
	if err := a.grpcRead(r, in.Interface()); err != nil {
		return nil, err
	}
	method, path, _ := strings.Cut(m.route, " ")
	body := in.Interface()
	query := make(url.Values)
	if m.body != "*" {
		if m.body != "" {
			body = in.Mutable(field(in, m.body)).Message().Interface()
			in.Clear(field(in, m.body))
		}
		for _, f := range segments(path) {
			if f, ok := strings.CutPrefix(f, "{"); ok {
				f = strings.TrimSuffix(f, "}")
				path = strings.Replace(path, "{"+f+"}", in.Get(field(in, f)).String(), 1)
				in.Clear(field(in, f))
			}
		}
		query = queryOf(in)
	}
	r = r.Clone(r.Context())
	r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query.Encode()}
	c := a.newCall(r)
	c.decoded = body
	return a.message(c)
}

// grpcFunction calls a function of the host.
func (a *httpAPI) grpcFunction(r *http.Request) (proto.Message, error) {
	in := new(api.Rpc)
	if err := a.grpcRead(r, in); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL = &url.URL{Path: rpcPath + in.Id}
	c := a.newCall(r)
	if in.HttpKey != "" {
		c.query.Set("http_key", in.HttpKey)
	}
	f, who, err := a.function(c, in.Id)
	if err != nil {
		return nil, err
	}
	out, err := c.callRPC(f, who, &api.Rpc{Id: in.Id, Payload: in.Payload})
	return &api.Rpc{Id: in.Id, Payload: out}, err
}

// grpcRead reads the one message of a call.
func (a *httpAPI) grpcRead(r *http.Request, m proto.Message) error {
	var head [5]byte
	if _, err := io.ReadFull(r.Body, head[:]); err != nil {
		return &Error{InvalidArgument, "Request body cannot be read."}
	}
	size := binary.BigEndian.Uint32(head[1:])
	switch {
	case head[0] != 0:
		return &Error{Unimplemented, "grpc: messages are not decompressed here"}
	case int64(size) > a.c.MaxBody:
		return &Error{ResourceExhausted, fmt.Sprintf("grpc: received message larger than max (%d vs. %d)", size, a.c.MaxBody)}
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r.Body, b); err != nil {
		return &Error{InvalidArgument, "Request body cannot be read."}
	}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(b, m); err != nil {
		return &Error{InvalidArgument, "Request body is no message."}
	}
	return nil
}

// percentEncoded is a text as it stands in a header of gRPC: printable ASCII, with a % before what is not.
func percentEncoded(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func field(m protoreflect.Message, name string) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByName(protoreflect.Name(name))
}

// queryOf is the query that says what the fields of a message say.
func queryOf(m protoreflect.Message) url.Values {
	q := make(url.Values)
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		name := string(f.Name())
		switch {
		case f.IsList():
			for i := range v.List().Len() {
				q.Add(name, v.List().Get(i).String())
			}
		case f.Message() != nil: // a wrapper: a number, a truth or a text that may be absent
			q.Set(name, v.Message().Get(field(v.Message(), "value")).String())
		default:
			q.Set(name, v.String())
		}
		return true
	})
	return q
}
