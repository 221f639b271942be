package storage

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxName  = 128 // characters of a collection or key
	maxOwner = 128 // bytes
)

// systemID is how the client protocol names the owner of what belongs to no user.
const systemID = "00000000-0000-0000-0000-000000000000"

// ID names an object.
type ID struct {
	Collection string // 1 to 128 characters
	Key        string // 1 to 128 characters
	Owner      string // user id, up to 128 bytes; "" and the all-zero UUID are the system, which is returned as ""
}

// Access says who may read or write an object besides the host.
type Access int

// Who has access. The numbers are those of the client protocol.
const (
	HostOnly  Access = iota // nobody
	Owner                   // its owner
	Everybody               // every user; for reading only
)

// Absent as the Version of a [Put] means that there must be no such object yet.
const Absent = "*"

// Object is a stored document. Times are UTC with microsecond precision.
type Object struct {
	ID
	Value   string // text of a JSON object, byte for byte as it was written
	Version string // of Value
	Readers Access
	Writers Access // HostOnly or Owner
	Created time.Time
	Updated time.Time // when a write last changed something
}

// Put is an object to be written.
type Put struct {
	ID
	Value   string // text of a JSON object
	Version string // that the stored object must have; [Absent] if there must be none; "" if it does not matter
	Readers Access // zero: the host only
	Writers Access // zero: the host only
}

// Removal is an object to be deleted.
type Removal struct {
	ID
	Version string // that the stored object must have; "" if it does not matter
}

// Version returns the version of an object with this value: its MD5 in lower-case hex.
func Version(value string) string {
	sum := md5.Sum([]byte(value))
	return hex.EncodeToString(sum[:])
}

// readableBy tells whether a user may read the object.
func (o *Object) readableBy(user string) bool {
	return o.Readers >= Everybody || o.Readers >= Owner && o.Owner == user
}

// checked returns an id in the form in which it is stored.
func (id ID) checked() (ID, error) {
	if id.Owner == systemID {
		id.Owner = ""
	}
	switch {
	case id.Collection == "" || id.Key == "":
		return ID{}, ErrMissing
	case !validName(id.Collection) || !validName(id.Key):
		return ID{}, ErrName
	case !validOwner(id.Owner):
		return ID{}, ErrOwner
	}
	return id, nil
}

// checked returns a put in the form in which it is stored.
func (p Put) checked() (Put, error) {
	var err error
	p.ID, err = p.ID.checked()
	switch {
	case p.Value == "":
		return Put{}, ErrMissing
	case err != nil:
		return Put{}, err
	case p.Readers < HostOnly || p.Readers > Everybody:
		return Put{}, ErrReaders
	case p.Writers < HostOnly || p.Writers > Owner:
		return Put{}, ErrWriters
	case !validValue(p.Value):
		return Put{}, ErrValue
	}
	return p, nil
}

func validValue(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && utf8.ValidString(text) && json.Valid([]byte(text))
}

func validName(s string) bool { return utf8.RuneCountInString(s) <= maxName && isText(s) }

func validOwner(s string) bool { return len(s) <= maxOwner && isText(s) }

// isText refuses what not every store can keep.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
