package leaderboard

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// cursor is a point between two entries of a board. It holds scores instead of a place, so that no entry is shown
// twice or left out when others come and go between two pages.
type cursor struct {
	back  bool // the page ends before the entry, instead of beginning after it
	entry Standing
	rank  int64 // of the entry, when the cursor was made; 0: not known
}

const (
	cursorHead = 1 + 8 + 8 + 8 // direction, score, subscore, rank; the owner follows
	cursorSum  = 16            // bytes of the signature, in front of all
	// cursorText is the longest text that is looked at.
	cursorText = (cursorSum + cursorHead + maxID + 2) / 3 * 4
)

// cursors writes cursors as text and reads them back. The text is signed together with the board and the period, so
// what a client sends back is one this process, or one with the same key, has made for this list.
type cursors struct{ key []byte }

func (c cursors) encode(board string, period time.Time, at cursor) string {
	text := make([]byte, cursorSum, cursorSum+cursorHead+len(at.entry.Owner))
	direction := byte(0)
	if at.back {
		direction = 1
	}
	text = append(text, direction)
	text = binary.BigEndian.AppendUint64(text, uint64(at.entry.Score))
	text = binary.BigEndian.AppendUint64(text, uint64(at.entry.Subscore))
	text = binary.BigEndian.AppendUint64(text, uint64(at.rank))
	text = append(text, at.entry.Owner...)
	copy(text, c.sum(board, period, text[cursorSum:]))
	return base64.RawURLEncoding.EncodeToString(text)
}

// decode returns ErrCursor for every text that encode has not made for the same board and period.
func (c cursors) decode(board string, period time.Time, text string) (cursor, error) {
	if len(text) > cursorText {
		return cursor{}, ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < cursorSum+cursorHead {
		return cursor{}, ErrCursor
	}
	sum, body := raw[:cursorSum], raw[cursorSum:]
	if !hmac.Equal(sum, c.sum(board, period, body)) {
		return cursor{}, ErrCursor
	}
	return cursor{back: body[0] == 1, rank: int64(binary.BigEndian.Uint64(body[17:])), entry: Standing{
		Score:    int64(binary.BigEndian.Uint64(body[1:])),
		Subscore: int64(binary.BigEndian.Uint64(body[9:])),
		Owner:    string(body[cursorHead:]),
	}}, nil
}

func (c cursors) sum(board string, period time.Time, body []byte) []byte {
	end := int64(0)
	if !period.IsZero() {
		end = period.Unix()
	}
	mac := hmac.New(sha256.New, c.key)
	// The purpose keeps cursors of other lists out that are signed with the same key, the length keeps the board's
	// id apart from what follows.
	head := append([]byte("leaderboard records\x00"), byte(len(board)))
	head = append(head, board...)
	head = binary.BigEndian.AppendUint64(head, uint64(end))
	mac.Write(head)
	mac.Write(body)
	return mac.Sum(nil)[:cursorSum]
}
