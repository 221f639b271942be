package wire

import (
	"fmt"

	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Format is how envelopes are written; a client chooses it when it connects.
type Format uint8

// The two formats. JSON travels in text messages, Protobuf in binary ones.
const (
	JSON Format = iota
	Protobuf
)

// Kind says what an [Inbound] holds.
type Kind uint8

// Kinds.
const (
	Missing       Kind = iota // an envelope without a message
	MatchDataSend             // data for a match
	Ping                      // a heartbeat, to be answered with a pong
	Other                     // any other message, see Inbound.Envelope
)

// Inbound is one decoded envelope. Its zero value is ready for [Decode]; using it again saves allocations.
// It belongs to one goroutine. The byte slices are valid until the next Decode into it, and only while the decoded
// payload is left as it was.
type Inbound struct {
	Kind Kind
	CID  []byte // correlation id, empty without one; not set for Other

	// Of MatchDataSend.
	MatchID  []byte
	Op       int64
	Data     []byte
	Reliable bool
	Sessions []string // session ids of the presences to deliver to; empty means everyone

	// Envelope is the message of kind Other, with its correlation id; nil otherwise. It may be kept.
	Envelope *rtapi.Envelope

	buf []byte // for decoded base64
}

// Decode reads the one envelope in b into in. JSON is read as the protocol's clients write it: keys in snake_case or
// lowerCamelCase, 64-bit integers as numbers or strings, base64 in either alphabet with or without padding. An error
// means that b is no envelope, among others because it has a key that the protocol does not know; in is then empty.
// Decode does not keep b, but in may point into it. It may be called concurrently for different Inbounds.
func Decode(f Format, b []byte, in *Inbound) error {
	in.reset()
	hand, library := decodeJSON, protojson.Unmarshal
	if f == Protobuf {
		hand, library = decodeProtobuf, unmarshalProtobuf
	}
	if hand(b, in) {
		return nil
	}
	in.reset()
	e := &rtapi.Envelope{}
	if err := library(b, e); err != nil {
		return fmt.Errorf("wire: %w", err)
	}
	in.take(e)
	return nil
}

// unmarshalProtobuf drops fields the protocol does not know, as the format asks of a reader.
func unmarshalProtobuf(b []byte, m proto.Message) error {
	return proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, m)
}

func (in *Inbound) reset() { *in = Inbound{buf: in.buf[:0]} }

// take fills in from an envelope the library decoded.
func (in *Inbound) take(e *rtapi.Envelope) {
	switch m := e.Message.(type) {
	case nil:
		in.Kind = Missing
	case *rtapi.Envelope_Ping:
		in.Kind = Ping
	case *rtapi.Envelope_MatchDataSend:
		in.takeMatchData(m.MatchDataSend)
	default:
		in.Kind, in.Envelope = Other, e
		return
	}
	in.CID = []byte(e.Cid)
}

func (in *Inbound) takeMatchData(m *rtapi.MatchDataSend) {
	in.Kind = MatchDataSend
	in.MatchID, in.Op, in.Data, in.Reliable = []byte(m.MatchId), m.OpCode, m.Data, m.Reliable
	for _, p := range m.Presences {
		in.Sessions = append(in.Sessions, p.SessionId)
	}
}
