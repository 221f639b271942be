package nakama

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/heroiclabs/nakama-common/rtapi"

	"github.com/shoal-go/shoal/status"
)

// statusFollow follows users by their ids and names. Those that do not exist are left out.
func (p *player) statusFollow(cid string, m *rtapi.StatusFollow) {
	if p.h.c.Statuses == nil {
		p.unserved(cid, "StatusFollow")
		return
	}
	for _, id := range m.UserIds {
		if uuid.Validate(id) != nil {
			p.fail(cid, codeBadInput, "Invalid user identifier")
			return
		}
	}
	if slices.Contains(m.Usernames, "") {
		p.fail(cid, codeBadInput, "Invalid username")
		return
	}
	users, err := p.existing(m.UserIds, m.Usernames)
	if err != nil {
		p.h.log.Error("users to follow not found", "error", err)
		p.fail(cid, codeRuntime, "Could not check users")
		return
	}
	err = p.h.c.Statuses.Follow(p.who.Session, users, func(shown []status.Presence) {
		p.reply(cid, &rtapi.Envelope{Message: &rtapi.Envelope_Status{
			Status: &rtapi.Status{Presences: statusPresences(shown)},
		}})
	})
	switch {
	case err == nil:
	case errors.Is(err, status.ErrTooMany):
		p.fail(cid, codeBadInput, "Too many users followed")
	default:
		p.fail(cid, codeRuntime, "Could not check users")
	}
}

// existing returns the ids of the users that there are.
func (p *player) existing(ids, usernames []string) ([]string, error) {
	if len(ids)+len(usernames) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.h.c.Timeout)
	defer cancel()
	accounts, err := p.h.c.Auth.Users(ctx, ids, usernames, nil)
	if err != nil {
		return nil, err
	}
	users := make([]string, len(accounts))
	for i, a := range accounts {
		users[i] = a.ID
	}
	return users, nil
}

func (p *player) statusUnfollow(cid string, m *rtapi.StatusUnfollow) {
	if p.h.c.Statuses == nil {
		p.unserved(cid, "StatusUnfollow")
		return
	}
	users := make([]string, len(m.UserIds))
	for i, id := range m.UserIds {
		u, err := uuid.Parse(id)
		if err != nil {
			p.fail(cid, codeBadInput, "Invalid user identifier")
			return
		}
		users[i] = u.String()
	}
	p.h.c.Statuses.Unfollow(p.who.Session, users)
	p.ack(cid)
}

// statusUpdate shows the session with a status, or hides it if there is none.
func (p *player) statusUpdate(cid string, m *rtapi.StatusUpdate) {
	if p.h.c.Statuses == nil {
		p.unserved(cid, "StatusUpdate")
		return
	}
	err := p.h.c.Statuses.Set(p.who.Session, given(m.Status), func() { p.ack(cid) })
	switch {
	case err == nil:
	case errors.Is(err, status.ErrTooLong):
		p.fail(cid, codeBadInput, "Status must be 2048 characters or less")
	default:
		p.fail(cid, codeRuntime, "Error tracking status update")
	}
}
