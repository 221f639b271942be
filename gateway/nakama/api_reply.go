package nakama

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const jsonType = "application/json"

// reply is a whole response. It is never so large that it would have to be written in parts.
type reply struct {
	status      int
	contentType string
	body        []byte
}

// messageReply is a 200 with a message in JSON as clients expect it: names as in the protocol's definition, 64-bit
// numbers as text, enums as numbers, and nothing that is zero.
func messageReply(m proto.Message) (reply, error) {
	b, err := protojson.MarshalOptions{UseProtoNames: true, UseEnumNumbers: true}.Marshal(m)
	if err != nil { // only for text that is no UTF-8
		return reply{}, &failure{Internal, "Error encoding response.", err}
	}
	return reply{http.StatusOK, jsonType, b}, nil
}

// jsonReply is a 200 with v in JSON. v has only fields that can be encoded.
func jsonReply(v any) reply {
	b, _ := json.Marshal(v)
	return reply{http.StatusOK, jsonType, b}
}

// send writes the response, compressed if the client likes that.
func (p reply) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store, no-cache, must-revalidate")
	h.Set("Content-Type", p.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	body := p.body
	if encoding := wantedEncoding(r.Header); encoding != "" {
		body = compressed(encoding, body)
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.status)
	_, _ = w.Write(body) // the client is gone
}

// seconds is a time as responses have it, nil for none.
func seconds(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return &timestamppb.Timestamp{Seconds: t.Unix()}
}
