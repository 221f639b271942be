package wire

import (
	"encoding/base64"
	"strconv"

	"github.com/shoal-go/shoal/presence"
)

// The functions here write valid UTF-8 only; who calls them sees to that.

func jsonMatchData(dst []byte, matchID string, sender presence.Presence, op int64, data []byte, reliable bool) []byte {
	dst = append(dst, `{"match_data":{`...)
	dst = jsonString(dst, `"match_id":`, matchID)
	if !nobody(sender) {
		dst = jsonPresence(jsonKey(dst, `"presence":`), sender)
	}
	if op != 0 {
		dst = append(jsonKey(dst, `"op_code":`), '"')
		dst = append(strconv.AppendInt(dst, op, 10), '"')
	}
	if len(data) > 0 {
		dst = append(jsonKey(dst, `"data":`), '"')
		dst = append(base64.StdEncoding.AppendEncode(dst, data), '"')
	}
	if reliable {
		dst = append(jsonKey(dst, `"reliable":`), "true"...)
	}
	return append(dst, "}}"...)
}

func jsonMatchPresence(dst []byte, matchID string, joins, leaves []presence.Presence) []byte {
	dst = append(dst, `{"match_presence_event":{`...)
	dst = jsonString(dst, `"match_id":`, matchID)
	dst = jsonPresences(dst, `"joins":`, joins)
	dst = jsonPresences(dst, `"leaves":`, leaves)
	return append(dst, "}}"...)
}

func jsonPong(dst []byte, cid string) []byte {
	return append(jsonKey(jsonEnvelope(dst, cid), `"pong":`), "{}}"...)
}

func jsonError(dst []byte, cid string, code int32, message string) []byte {
	dst = append(jsonKey(jsonEnvelope(dst, cid), `"error":`), '{')
	if code != 0 {
		dst = strconv.AppendInt(jsonKey(dst, `"code":`), int64(code), 10)
	}
	return append(jsonString(dst, `"message":`, message), "}}"...)
}

// jsonEnvelope opens an envelope.
func jsonEnvelope(dst []byte, cid string) []byte {
	return jsonString(append(dst, '{'), `"cid":`, cid)
}

func jsonPresences(dst []byte, key string, list []presence.Presence) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(jsonKey(dst, key), '[')
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonPresence(dst, validPresence(p))
	}
	return append(dst, ']')
}

func jsonPresence(dst []byte, p presence.Presence) []byte {
	dst = append(dst, '{')
	dst = jsonString(dst, `"user_id":`, p.User)
	dst = jsonString(dst, `"session_id":`, p.Session)
	dst = jsonString(dst, `"username":`, p.Username)
	return append(dst, '}')
}

// jsonKey appends the key, with quotes and colon, of the next member of the object that dst ends in.
func jsonKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(dst, key...)
}

// jsonString appends a string member, unless s is empty.
func jsonString(dst []byte, key, s string) []byte {
	if s == "" {
		return dst
	}
	dst = append(jsonKey(dst, key), '"')
	from := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			dst = jsonEscape(append(dst, s[from:i]...), c)
			from = i + 1
		}
	}
	return append(append(dst, s[from:]...), '"')
}

func jsonEscape(dst []byte, c byte) []byte {
	if c >= ' ' {
		return append(dst, '\\', c)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// nobody reports whether p names nobody.
func nobody(p presence.Presence) bool {
	return p.User == "" && p.Session == "" && p.Username == ""
}
