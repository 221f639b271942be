package status

import "slices"

// Follow makes a session be told of users, whom the caller knows to exist. The session's own user is left out, for it is
// followed already. accepted is called once if the call succeeds, with all sessions of the users that show themselves,
// before anything later is told of them: it is the place to queue the reply, and must neither block nor call the Board.
// The slice is the callee's. It may be nil.
//
// The error Is ErrTooMany, and nothing has changed then, or ErrNoSession if the session is not there, or not any more.
func (b *Board) Follow(session string, users []string, accepted func([]Presence)) error {
	defer b.lock(users...)()
	s, users, err := b.note(session, users)
	if err != nil {
		return err
	}
	var shown []Presence
	for _, id := range users {
		u := b.made(id)
		u.followers.Join(s.who) // again changes nothing
		shown = append(shown, u.shown...)
	}
	if accepted != nil {
		accepted(shown)
	}
	return nil
}

// note remembers what a session follows, for LeaveAll, and returns the users without its own, each once. The locks of the
// users are held.
func (b *Board) note(id string, users []string) (*session, []string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.mu.sessions[id]
	if s == nil {
		return nil, nil, ErrNoSession
	}
	users = slices.Clone(users)
	seen, added := make(map[string]bool, len(users)), 0
	users = slices.DeleteFunc(users, func(u string) bool {
		if u == s.who.User || seen[u] {
			return true
		}
		seen[u] = true
		if _, already := s.follows[u]; !already {
			added++
		}
		return false
	})
	if len(s.follows)+added > b.maxFollowed {
		return nil, nil, ErrTooMany
	}
	if s.follows == nil {
		s.follows = make(map[string]struct{})
	}
	for _, u := range users {
		s.follows[u] = struct{}{}
	}
	return s, users, nil
}

// Unfollow ends what Follow began. A session always follows its own user; users that it does not follow are passed over.
func (b *Board) Unfollow(session string, users []string) {
	defer b.lock(users...)()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.mu.sessions[session]
	if s == nil {
		return
	}
	for _, id := range users {
		if _, ok := s.follows[id]; !ok {
			continue
		}
		delete(s.follows, id)
		b.user(id).followers.Leave(session)
		b.tidy(id)
	}
}
