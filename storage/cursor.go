package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// series is what a cursor is good for: the objects of one owner, or of everybody, in one collection.
type series struct {
	collection string
	owner      *string
}

const (
	cursorSum = 8 // bytes of the sum, in front of all
	// cursorText is the longest text that is looked at: a sum, a key, a zero byte and an owner.
	cursorText = (cursorSum + 4*maxName + 1 + maxOwner + 2) / 3 * 4
)

// encode writes a place as text. The text holds a sum of itself and of the series, so that a cursor of another list is
// told from one of this. There is no secret in the sum: whoever forges a cursor gets another part of a list that is
// its own to read, so the text is good for ever and needs no key.
func (s series) encode(p Place) string {
	body := append([]byte(p.Key), 0)
	body = append(body, p.Owner...)
	return base64.RawURLEncoding.EncodeToString(append(s.sum(body), body...))
}

// decode returns ErrCursor for every text that encode does not make for the same series.
func (s series) decode(text string) (Place, error) {
	if len(text) > cursorText {
		return Place{}, ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < cursorSum || strings.ContainsAny(text, "\r\n") { // which base64 passes over
		return Place{}, ErrCursor
	}
	sum, body := raw[:cursorSum], raw[cursorSum:]
	key, owner, ok := bytes.Cut(body, []byte{0})
	p := Place{string(key), string(owner)}
	if !ok || !bytes.Equal(sum, s.sum(body)) || !validName(p.Key) || !validOwner(p.Owner) {
		return Place{}, ErrCursor
	}
	return p, nil
}

func (s series) sum(body []byte) []byte {
	// The purpose keeps cursors of other lists out, the lengths keep the parts apart.
	head := []byte("storage objects\x00")
	head = binary.AppendUvarint(head, uint64(len(s.collection)))
	head = append(head, s.collection...)
	if s.owner == nil {
		head = append(head, 0)
	} else {
		head = append(head, 1)
		head = binary.AppendUvarint(head, uint64(len(*s.owner)))
		head = append(head, *s.owner...)
	}
	sum := sha256.Sum256(append(head, body...))
	return sum[:cursorSum]
}
