package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/presence"
)

// All Append functions append one envelope to dst and return it extended, as append does. They keep nothing of what
// they are given, may be called concurrently, and allocate only when dst has no room. Zero values are left out, as the
// protocol has it. Bytes that are not UTF-8 are replaced by U+FFFD in every text.

// AppendMatchData appends match_data. A zero sender is left out: the server itself speaks.
func AppendMatchData(
	f Format, dst []byte, matchID string, sender presence.Presence, op int64, data []byte, reliable bool,
) []byte {
	matchID, sender = valid(matchID), validPresence(sender)
	if f == Protobuf {
		return protoMatchData(dst, matchID, sender, op, data, reliable)
	}
	return jsonMatchData(dst, matchID, sender, op, data, reliable)
}

// AppendMatchPresence appends match_presence_event.
func AppendMatchPresence(f Format, dst []byte, matchID string, joins, leaves []presence.Presence) []byte {
	if f == Protobuf {
		return protoMatchPresence(dst, valid(matchID), joins, leaves)
	}
	return jsonMatchPresence(dst, valid(matchID), joins, leaves)
}

// AppendAck appends the reply that has nothing to say but the cid of its request, if that had one.
func AppendAck(f Format, dst []byte, cid string) []byte {
	if f == Protobuf {
		return protoString(dst, envelopeCID, valid(cid))
	}
	return append(jsonEnvelope(dst, valid(cid)), '}')
}

// AppendPong appends the reply to a ping; cid is [Inbound.CID].
func AppendPong(f Format, dst, cid []byte) []byte {
	id := valid(string(cid)) // stays on the stack up to 32 bytes, far more than clients send
	if f == Protobuf {
		return protoPong(dst, id)
	}
	return jsonPong(dst, id)
}

// AppendError appends the error envelope for the request with the given cid.
func AppendError(f Format, dst []byte, cid string, code int32, message string) []byte {
	if f == Protobuf {
		return protoError(dst, valid(cid), code, valid(message))
	}
	return jsonError(dst, valid(cid), code, valid(message))
}

// AppendEnvelope appends any envelope. Unlike the others it allocates. The error says that e holds text that is not
// UTF-8; dst then comes back as it was.
func AppendEnvelope(f Format, dst []byte, e *rtapi.Envelope) ([]byte, error) {
	var out []byte
	var err error
	if f == Protobuf {
		out, err = proto.MarshalOptions{}.MarshalAppend(dst, e)
	} else {
		out, err = protojson.MarshalOptions{UseProtoNames: true, UseEnumNumbers: true}.MarshalAppend(dst, e)
	}
	if err != nil {
		return dst, fmt.Errorf("wire: %w", err)
	}
	return out, nil
}

// valid returns s with what is not UTF-8 replaced: one bad name must not make clients refuse everybody's message.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func validPresence(p presence.Presence) presence.Presence {
	return presence.Presence{User: valid(p.User), Session: valid(p.Session), Username: valid(p.Username)}
}
