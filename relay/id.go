package relay

import (
	"strings"

	"github.com/google/uuid"
)

// ID names a relayed match: a UUID in lower case and a dot, after which the id of an authoritative match has its node.
type ID string

const uuidLength = len("b84ed8ed-a7b1-502f-83f6-90132e68adef")

// NewID makes a random id. The match does not exist before somebody joins it with JoinRequest.Create.
func NewID() ID { return newID(uuid.New()) }

// NamedID is the id of the match with a name: always the same one, a UUID of version 5 in the DNS namespace.
func NamedID(name string) ID { return newID(uuid.NewSHA1(uuid.NameSpaceDNS, []byte(name))) }

// ParseID reads an id that a client sent; upper case becomes lower case. The error is ErrInvalidID.
func ParseID(text string) (ID, error) {
	body, ok := strings.CutSuffix(text, ".")
	if !ok || len(body) != uuidLength { // uuid.Parse takes other forms too
		return "", ErrInvalidID
	}
	u, err := uuid.Parse(body)
	if err != nil {
		return "", ErrInvalidID
	}
	return newID(u), nil
}

func newID(u uuid.UUID) ID { return ID(u.String() + ".") }
