package nakama

import (
	"strings"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/rtapi"
)

// idKind is what an id of a match, as clients write it, stands for.
type idKind uint8

const (
	noMatch            idKind = iota // malformed
	relayedMatch                     // "<uuid>."
	authoritativeMatch               // "<uuid>.<node>"
)

const uuidLength = 36 // as text

func kindOf(id string) idKind {
	if len(id) <= uuidLength || id[uuidLength] != '.' || strings.IndexByte(id[uuidLength+1:], '.') >= 0 {
		return noMatch
	}
	if uuid.Validate(id[:uuidLength]) != nil {
		return noMatch
	}
	if len(id) == uuidLength+1 {
		return relayedMatch
	}
	return authoritativeMatch
}

// normal is an id as the server writes it, for clients that write the uuid in upper case.
func normal(id string) string {
	n := min(len(id), uuidLength)
	return strings.ToLower(id[:n]) + id[n:]
}

// sameMatch reports whether two ids that are none of noMatch name one match. The node is a hint only.
func sameMatch(a, b string) bool {
	a, _, _ = strings.Cut(a, ".")
	b, _, _ = strings.Cut(b, ".")
	return strings.EqualFold(a, b)
}

// touches is the match that a request is about.
func touches(e *rtapi.Envelope) string {
	switch m := e.Message.(type) {
	case *rtapi.Envelope_MatchCreate:
		return anyMatch
	case *rtapi.Envelope_MatchJoin:
		if id := m.MatchJoin.GetMatchId(); id != "" {
			return id
		}
		return anyMatch
	case *rtapi.Envelope_MatchLeave:
		return m.MatchLeave.MatchId
	}
	return ""
}
