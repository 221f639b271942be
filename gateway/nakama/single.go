package nakama

import (
	"time"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/transport"
)

// Codes of the notifications that tell a session why it is closed.
const (
	codeSingleSocket = -7 // another one of the same user has replaced it
	codeBanned       = -8
)

// pushNotice sends a notification that is kept nowhere.
func pushNotice(to *transport.Session, code int32, subject string) {
	push(to, notice(code, subject, "{}"))
}

// notice is a notification that is kept nowhere; its content is JSON.
func notice(code int32, subject, content string) *rtapi.Envelope {
	return &rtapi.Envelope{Message: &rtapi.Envelope_Notifications{Notifications: &rtapi.Notifications{
		Notifications: []*api.Notification{{
			Id: uuid.NewString(), Subject: subject, Content: content, Code: code, CreateTime: seconds(time.Now()),
		}},
	}}}
}

// replaceOlder closes the sessions that the user of s opened before it. So of several that open at once one stays.
func (h *Handler) replaceOlder(s *transport.Session) {
	for _, other := range h.c.Sessions.OfUser(s.Presence().User) {
		if other == s {
			return
		}
		pushNotice(other, codeSingleSocket, "single_socket")
		other.Close(transport.CloseNormal, "server-side session disconnect")
	}
}

// joined notes that the session is in a match, and takes it out of all others if it may be in one only.
func (p *player) joined(id string) {
	p.in(id)
	if !p.h.c.SingleMatch {
		return
	}
	for _, other := range p.matchesBut(id) {
		p.leaveMatch(other, match.Left)
	}
}

// matchesBut returns the matches that the session is in, or was, without one.
func (p *player) matchesBut(id string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var others []string
	for other := range p.matches {
		if !sameMatch(other, id) {
			others = append(others, other)
		}
	}
	return others
}

// leaveMatch leaves a match of either kind. Leaving one that the player is not in does nothing.
func (p *player) leaveMatch(id string, why match.Reason) {
	switch kindOf(id) {
	case relayedMatch:
		if id, err := relay.ParseID(id); err == nil && p.h.c.Relays != nil {
			_ = p.h.c.Relays.Leave(id, p.who.Session) // not a member, or gone
		}
	case authoritativeMatch:
		if p.h.c.Matches != nil {
			_ = p.h.c.Matches.Leave(match.ID(id), p.who.Session, why) // not a member, or gone
		}
	}
	p.out(id)
}
