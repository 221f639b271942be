package notification

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Config says what [New] works with.
type Config struct {
	// Store keeps the persistent ones. Required.
	Store Store
	// Outbox pushes to the sockets of users. nil pushes nothing: clients then see only what they list.
	Outbox Outbox
}

// Notifications are those of all users, over the store that keeps them. It is safe for concurrent use and keeps nothing
// in memory.
type Notifications struct {
	store Store
	out   Outbox
}

// New makes Notifications. The error says what is missing in the Config.
func New(c Config) (*Notifications, error) {
	if c.Store == nil {
		return nil, errors.New("notification: Config.Store is required")
	}
	return &Notifications{c.Store, c.Outbox}, nil
}

// Send sends notifications for the host, to one user or many: it stores those that are persistent, all or none, and then
// pushes each to the sockets of its user. It returns them as they were sent, in the order given. The fields ID,
// Created and Seq are Send's to fill. The errors are [ErrUser], [ErrSubject], [ErrContent], [ErrCode] and those of the
// store; with one of them nothing was pushed.
func (s *Notifications) Send(ctx context.Context, ns []Notification) ([]Notification, error) {
	now := time.Now().UTC().Truncate(time.Second) // so that every store returns it as it was
	sent := make([]Notification, len(ns))
	var keep []Notification
	for i, n := range ns {
		n, err := n.checked()
		if err != nil {
			return nil, err
		}
		n.ID, n.Created, n.Seq = uuid.NewString(), now, 0
		if sent[i] = n; n.Persistent {
			keep = append(keep, n)
		}
	}
	if len(keep) > 0 {
		kept, err := s.store.AddNotifications(ctx, keep)
		if err != nil {
			return nil, fmt.Errorf("notification: store: %w", err)
		}
		for i := range sent {
			if sent[i].Persistent {
				sent[i], kept = kept[0], kept[1:]
			}
		}
	}
	s.push(sent)
	return sent, nil
}

// push hands each user's notifications to the outbox, the users in the order in which they first come.
func (s *Notifications) push(sent []Notification) {
	if s.out == nil {
		return
	}
	var users []string
	of := make(map[string][]Notification)
	for _, n := range sent {
		if of[n.User] == nil {
			users = append(users, n.User)
		}
		of[n.User] = append(of[n.User], n)
	}
	for _, user := range users {
		s.out.Notify(user, of[user])
	}
}

// How many notifications a page has if nobody says, and may have.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// ListRequest asks for the notifications that are kept for a user.
type ListRequest struct {
	User   string
	Limit  int    // at most so many, up to 1000; 0 means 100
	Cursor string // from a Page of this user: only newer ones than that page has; "" begins with the oldest
}

// Page is a part of the notifications of a user, the oldest first.
type Page struct {
	Notifications []Notification
	// Cursor asks for those after this page, now or later. It is never "" and good for ever.
	Cursor string
}

// List returns a page. The errors are [ErrUser], [ErrLimit], [ErrCursor] and those of the store.
func (s *Notifications) List(ctx context.Context, q ListRequest) (Page, error) {
	switch {
	case !validUser(q.User):
		return Page{}, ErrUser
	case q.Limit < 0 || q.Limit > maxLimit:
		return Page{}, ErrLimit
	}
	q.Limit = cmp.Or(q.Limit, defaultLimit)
	var last int64
	if q.Cursor != "" {
		var err error
		if last, err = decodeCursor(q.User, q.Cursor); err != nil {
			return Page{}, err
		}
	}
	found, err := s.store.ListNotifications(ctx, q.User, last, q.Limit)
	if err != nil {
		return Page{}, fmt.Errorf("notification: list: %w", err)
	}
	if len(found) > 0 {
		last = found[len(found)-1].Seq
	}
	return Page{Notifications: found, Cursor: encodeCursor(q.User, last)}, nil
}

// Delete removes notifications of a user. Ids that are none of this user's are passed over. The errors are [ErrUser]
// and those of the store.
func (s *Notifications) Delete(ctx context.Context, user string, ids []string) error {
	if !validUser(user) {
		return ErrUser
	}
	if len(ids) == 0 {
		return nil
	}
	if err := s.store.DeleteNotifications(ctx, user, ids); err != nil {
		return fmt.Errorf("notification: delete: %w", err)
	}
	return nil
}
