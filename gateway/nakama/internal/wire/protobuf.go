package wire

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/shoal-go/shoal/presence"
)

// Field numbers of the protocol, by message.
const (
	envelopeCID                = 1
	envelopeError              = 11
	envelopeMatchData          = 14
	envelopeMatchDataSend      = 15
	envelopeMatchPresenceEvent = 18
	envelopePing               = 32
	envelopePong               = 33

	sendMatchID  = 1
	sendOp       = 2
	sendData     = 3
	sendReliable = 5

	dataMatchID  = 1
	dataPresence = 2
	dataOp       = 3
	dataData     = 4
	dataReliable = 5

	eventMatchID = 1
	eventJoins   = 2
	eventLeaves  = 3

	presenceUser     = 1
	presenceSession  = 2
	presenceUsername = 3

	errorCode    = 1
	errorMessage = 2
)

// decodeProtobuf reads match_data_send and ping in their plain forms, and reports whether b was one.
func decodeProtobuf(b []byte, in *Inbound) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || typ != protowire.BytesType {
			return false
		}
		v, m := protowire.ConsumeBytes(b[n:])
		if m < 0 {
			return false
		}
		b = b[n+m:]
		switch {
		case num == envelopeCID && utf8.Valid(v):
			in.CID = v
		case num == envelopePing && in.Kind == Missing && len(v) == 0:
			in.Kind = Ping
		case num == envelopeMatchDataSend && in.Kind == Missing && decodeMatchData(v, in):
			in.Kind = MatchDataSend
		default:
			return false
		}
	}
	return in.Kind != Missing
}

func decodeMatchData(b []byte, in *Inbound) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		switch typ {
		case protowire.BytesType:
			v, n := protowire.ConsumeBytes(b)
			if n < 0 || !in.setBytes(num, v) {
				return false
			}
			b = b[n:]
		case protowire.VarintType:
			v, n := protowire.ConsumeVarint(b)
			if n < 0 || !in.setVarint(num, v) {
				return false
			}
			b = b[n:]
		default:
			return false
		}
	}
	return true
}

func (in *Inbound) setBytes(num protowire.Number, v []byte) bool {
	switch {
	case num == sendMatchID && utf8.Valid(v):
		in.MatchID = v
	case num == sendData:
		in.Data = v
	default:
		return false
	}
	return true
}

func (in *Inbound) setVarint(num protowire.Number, v uint64) bool {
	switch num {
	case sendOp:
		in.Op = int64(v)
	case sendReliable:
		in.Reliable = protowire.DecodeBool(v)
	default:
		return false
	}
	return true
}

func protoMatchData(dst []byte, matchID string, sender presence.Presence, op int64, data []byte, reliable bool) []byte {
	size := sizeText(len(matchID)) + sizeText(len(data)) + sizeVarint(uint64(op))
	from := -1
	if !nobody(sender) {
		from = sizePresence(sender)
		size += 1 + protowire.SizeBytes(from)
	}
	if reliable {
		size += 2
	}
	dst = protoMessage(dst, envelopeMatchData, size)
	dst = protoString(dst, dataMatchID, matchID)
	if from >= 0 {
		dst = protoPresence(dst, dataPresence, sender, from)
	}
	dst = protoVarint(dst, dataOp, uint64(op))
	if len(data) > 0 {
		dst = append(protoMessage(dst, dataData, len(data)), data...)
	}
	return protoVarint(dst, dataReliable, protowire.EncodeBool(reliable))
}

func protoMatchPresence(dst []byte, matchID string, joins, leaves []presence.Presence) []byte {
	dst = protoMessage(dst, envelopeMatchPresenceEvent, sizeText(len(matchID))+sizePresences(joins)+sizePresences(leaves))
	dst = protoString(dst, eventMatchID, matchID)
	dst = protoPresences(dst, eventJoins, joins)
	return protoPresences(dst, eventLeaves, leaves)
}

func protoPong(dst []byte, cid string) []byte {
	return protoMessage(protoString(dst, envelopeCID, cid), envelopePong, 0)
}

func protoError(dst []byte, cid string, code int32, message string) []byte {
	dst = protoString(dst, envelopeCID, cid)
	dst = protoMessage(dst, envelopeError, sizeVarint(uint64(code))+sizeText(len(message)))
	dst = protoVarint(dst, errorCode, uint64(code))
	return protoString(dst, errorMessage, message)
}

func protoPresences(dst []byte, num protowire.Number, list []presence.Presence) []byte {
	for _, p := range list {
		p = validPresence(p)
		dst = protoPresence(dst, num, p, sizePresence(p))
	}
	return dst
}

func protoPresence(dst []byte, num protowire.Number, p presence.Presence, size int) []byte {
	dst = protoMessage(dst, num, size)
	dst = protoString(dst, presenceUser, p.User)
	dst = protoString(dst, presenceSession, p.Session)
	return protoString(dst, presenceUsername, p.Username)
}

// protoMessage appends the head of a field that is size bytes long.
func protoMessage(dst []byte, num protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, num, protowire.BytesType), uint64(size))
}

func protoString(dst []byte, num protowire.Number, s string) []byte {
	if s == "" {
		return dst
	}
	return append(protoMessage(dst, num, len(s)), s...)
}

func protoVarint(dst []byte, num protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, num, protowire.VarintType), v)
}

// The sizes of fields with numbers below 16, whose tag is one byte; a zero value takes no space.

func sizePresences(list []presence.Presence) (size int) {
	for _, p := range list {
		size += 1 + protowire.SizeBytes(sizePresence(validPresence(p)))
	}
	return size
}

func sizePresence(p presence.Presence) int {
	return sizeText(len(p.User)) + sizeText(len(p.Session)) + sizeText(len(p.Username))
}

func sizeText(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + protowire.SizeBytes(n)
}

func sizeVarint(v uint64) int {
	if v == 0 {
		return 0
	}
	return 1 + protowire.SizeVarint(v)
}
