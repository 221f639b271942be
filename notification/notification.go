package notification

import (
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxSubject = 255 // characters
	maxUser    = 128 // bytes
)

// systemID is how the client protocol names the sender of what no user has sent.
const systemID = "00000000-0000-0000-0000-000000000000"

// Codes that clients know, and which only the library sends.
const (
	CodeSingleSocket = -7 // another socket of the user takes the place of this one
	CodeBanned       = -8 // the account was banned
)

// Notification is something that a user is told.
type Notification struct {
	ID         string    // a UUID; Send makes it
	User       string    // who is told, a user id of 1 to 128 bytes
	Subject    string    // 1 to 255 characters
	Content    string    // text of a JSON object; "" means "{}"
	Code       int       // what kind it is: above 0, or -2000 to -1000; the host says what it means
	Sender     string    // user id; "" and the all-zero UUID are the system, which is returned as ""
	Persistent bool      // kept until it is deleted
	Created    time.Time // UTC, second precision; Send sets it
	// Seq orders the persistent ones of a user: a later one has a greater Seq. The store sets it; else it is 0.
	Seq int64
}

// checked returns a notification in the form in which it is kept, but for what Send adds.
func (n Notification) checked() (Notification, error) {
	if n.Sender == systemID {
		n.Sender = ""
	}
	if n.Content == "" {
		n.Content = "{}"
	}
	switch {
	case !validUser(n.User) || n.Sender != "" && !validUser(n.Sender):
		return Notification{}, ErrUser
	case n.Subject == "" || utf8.RuneCountInString(n.Subject) > maxSubject || !isText(n.Subject):
		return Notification{}, ErrSubject
	case !validContent(n.Content):
		return Notification{}, ErrContent
	case !validCode(n.Code):
		return Notification{}, ErrCode
	}
	return n, nil
}

func validUser(id string) bool { return id != "" && len(id) <= maxUser && isText(id) }

func validContent(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && utf8.ValidString(text) && json.Valid([]byte(text))
}

// validCode allows what clients read as a 32-bit number and do not take for one of the library's.
func validCode(code int) bool {
	return 0 < code && code <= math.MaxInt32 || -2000 <= code && code <= -1000
}

// isText refuses what not every store can keep.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
