package party

import (
	"strings"

	"github.com/google/uuid"
)

// ID names a party: a UUID in lower case, a dot, and the node where the party was made.
type ID string

const uuidLength = len("b84ed8ed-a7b1-502f-83f6-90132e68adef")

// ParseID reads an id that a client sent; upper case in the UUID becomes lower case. The error is ErrInvalidID.
func ParseID(text string) (ID, error) {
	body, node, _ := strings.Cut(text, ".")
	if len(body) != uuidLength || node == "" || strings.Contains(node, ".") { // uuid.Parse takes other forms too
		return "", ErrInvalidID
	}
	u, err := uuid.Parse(body)
	if err != nil {
		return "", ErrInvalidID
	}
	return ID(u.String() + "." + node), nil
}
