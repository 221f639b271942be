package notification

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
)

const (
	cursorSum  = 8 // bytes of the sum, in front of the Seq
	cursorSize = cursorSum + 8
)

// encodeCursor writes a Seq as text. The text holds a sum of itself and of the user, so that mistakes are noticed.
// There is no secret in it: whoever forges a cursor gets another part of its own list, so that the text needs no key
// and clients may keep it for ever.
func encodeCursor(user string, seq int64) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(seq))
	return base64.RawURLEncoding.EncodeToString(append(sumCursor(user, body), body...))
}

// decodeCursor returns ErrCursor for every text that encodeCursor does not make for the same user.
func decodeCursor(user, text string) (int64, error) {
	if len(text) != base64.RawURLEncoding.EncodedLen(cursorSize) || strings.ContainsAny(text, "\r\n") {
		return 0, ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return 0, ErrCursor
	}
	sum, body := raw[:cursorSum], raw[cursorSum:]
	seq := binary.BigEndian.Uint64(body)
	if seq > math.MaxInt64 || !bytes.Equal(sum, sumCursor(user, body)) {
		return 0, ErrCursor
	}
	return int64(seq), nil
}

func sumCursor(user string, body []byte) []byte {
	sum := sha256.Sum256(append([]byte("notifications\x00"+user+"\x00"), body...))
	return sum[:cursorSum]
}
