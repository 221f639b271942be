package leaderboard

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
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
	body := make([]byte, 0, cursorHead+len(at.entry.Owner))
	direction := byte(0)
	if at.back {
		direction = 1
	}
	body = append(body, direction)
	body = binary.BigEndian.AppendUint64(body, uint64(at.entry.Score))
	body = binary.BigEndian.AppendUint64(body, uint64(at.entry.Subscore))
	body = binary.BigEndian.AppendUint64(body, uint64(at.rank))
	return c.seal(recordsOf(board, period), append(body, at.entry.Owner...))
}

// decode returns ErrCursor for every text that encode has not made for the same board and period.
func (c cursors) decode(board string, period time.Time, text string) (cursor, error) {
	body, err := c.open(recordsOf(board, period), text)
	if err != nil || len(body) < cursorHead {
		return cursor{}, ErrCursor
	}
	return cursor{back: body[0] == 1, rank: int64(binary.BigEndian.Uint64(body[17:])), entry: Standing{
		Score:    int64(binary.BigEndian.Uint64(body[1:])),
		Subscore: int64(binary.BigEndian.Uint64(body[9:])),
		Owner:    string(body[cursorHead:]),
	}}, nil
}

// recordsOf is the list that a cursor of records is for. The length keeps the board's id apart from what follows.
func recordsOf(board string, period time.Time) []byte {
	end := int64(0)
	if !period.IsZero() {
		end = period.Unix()
	}
	list := append([]byte("leaderboard records\x00"), byte(len(board)))
	return binary.BigEndian.AppendUint64(append(list, board...), uint64(end))
}

// seal makes the text of a cursor, good for one list only.
func (c cursors) seal(list, body []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(c.sum(list, body), body...))
}

// open is the reverse of seal. The error is ErrCursor.
func (c cursors) open(list []byte, text string) (body []byte, err error) {
	if len(text) > cursorText || strings.ContainsAny(text, "\r\n") { // which base64 would pass over
		return nil, ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < cursorSum {
		return nil, ErrCursor
	}
	if sum, body := raw[:cursorSum], raw[cursorSum:]; hmac.Equal(sum, c.sum(list, body)) {
		return body, nil
	}
	return nil, ErrCursor
}

func (c cursors) sum(list, body []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(list)
	mac.Write(body)
	return mac.Sum(nil)[:cursorSum]
}
