package status

import (
	"slices"

	"github.com/shoal-go/shoal/presence"
)

// Enter lets a session begin. It follows its own user and stays hidden until Set. Entering twice changes nothing.
func (b *Board) Enter(who presence.Presence) {
	defer b.lock(who.User)()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mu.sessions[who.Session] == nil {
		b.mu.sessions[who.Session] = &session{who: who}
		b.made(who.User).followers.Join(who)
	}
}

// Set shows a session with a text, or with another text if it was shown, or hides it if text is nil. Those who follow
// its user are told; the session itself is one of them. To hide what is hidden changes nothing. accepted is called once
// if the call succeeds, before anybody is told: it is the place to queue the reply, and must neither block nor call the
// Board. It may be nil.
//
// The error Is ErrTooLong, or ErrNoSession if the session is not there, or not any more.
func (b *Board) Set(session string, text *string, accepted func()) error {
	if text != nil && len(*text) > MaxText {
		return ErrTooLong
	}
	s := b.session(session)
	if s == nil {
		return ErrNoSession
	}
	defer b.lock(s.who.User)()
	if b.session(session) != s { // it left before it was locked
		return ErrNoSession
	}
	if accepted != nil {
		accepted()
	}
	if text == nil {
		b.hide(s.who)
	} else {
		b.show(Presence{s.who, *text})
	}
	return nil
}

func (b *Board) show(p Presence) {
	u := b.made(p.User)
	i := u.index(p.Session)
	if i < 0 {
		u.shown = append(u.shown, p)
		b.tell(u, []Presence{p}, nil)
		return
	}
	before := u.shown[i]
	u.shown[i] = p
	b.tell(u, []Presence{p}, []Presence{before})
}

func (b *Board) hide(who presence.Presence) {
	u := b.user(who.User)
	if u == nil {
		return
	}
	if i := u.index(who.Session); i >= 0 {
		before := u.shown[i]
		u.shown = slices.Delete(u.shown, i, i+1)
		b.tell(u, nil, []Presence{before})
	}
	b.tidy(who.User)
}

func (b *Board) tell(u *user, now, before []Presence) {
	if to := u.followers.All(); len(to) > 0 {
		b.outbox.StatusPresence(to, now, before)
		b.outbox.Flush(to)
	}
}

// index returns the place of a session among those that are shown, or -1.
func (u *user) index(session string) int {
	return slices.IndexFunc(u.shown, func(p Presence) bool { return p.Session == session })
}

// Online reports whether a user is: whether a session of it shows itself.
func (b *Board) Online(user string) bool {
	defer b.lock(user)()
	u := b.user(user)
	return u != nil && len(u.shown) > 0
}

// LeaveAll ends a session: its connection is gone. It follows nobody any more, and if it was shown the others that
// follow its user are told. A session never comes back.
func (b *Board) LeaveAll(session string) {
	b.mu.Lock()
	s := b.mu.sessions[session]
	delete(b.mu.sessions, session)
	b.mu.Unlock()
	if s == nil {
		return
	}
	for id := range s.follows { // nobody else has s any more
		b.unfollow(session, id)
	}
	b.unfollow(session, s.who.User)
	defer b.lock(s.who.User)()
	b.hide(s.who)
}

func (b *Board) unfollow(session, id string) {
	defer b.lock(id)()
	if u := b.user(id); u != nil {
		u.followers.Leave(session)
	}
	b.tidy(id)
}
