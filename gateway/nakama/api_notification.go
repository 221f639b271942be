package nakama

import (
	"errors"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/heroiclabs/nakama-common/rtapi"
	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
)

// maxNotifications is the largest page that clients may ask for.
const maxNotifications = 100

func (a *httpAPI) notifications(c *call) (proto.Message, error) {
	if a.c.Notifications == nil {
		return nil, notServed("Notifications")
	}
	q := c.params()
	limit, cursor := or(q.number("limit"), 1), or(q.text("cacheable_cursor"), "")
	if q.err != nil {
		return nil, q.err
	}
	if limit < 1 || limit > maxNotifications {
		return nil, &Error{InvalidArgument, "Invalid limit - limit must be between 1 and 100."}
	}
	page, err := a.c.Notifications.List(c.Context(), notification.ListRequest{User: c.who.User, Limit: limit, Cursor: cursor})
	switch {
	case errors.Is(err, notification.ErrCursor):
		return nil, &Error{InvalidArgument, "Malformed cursor was used."}
	case err != nil:
		return nil, &failure{Unavailable, "Error retrieving notifications.", err}
	}
	return &api.NotificationList{Notifications: notificationMessages(page.Notifications), CacheableCursor: page.Cursor}, nil
}

func (a *httpAPI) deleteNotifications(c *call) (proto.Message, error) {
	if a.c.Notifications == nil {
		return nil, notServed("Notifications")
	}
	q := c.params()
	list := q.list("ids")
	if q.err != nil {
		return nil, q.err
	}
	ids, ok := userIDs(list) // they have the form of a user's
	if !ok {
		return nil, &Error{InvalidArgument, "Invalid notification ID - make sure notification ID is a valid UUID."}
	}
	if err := a.c.Notifications.Delete(c.Context(), c.who.User, ids); err != nil {
		return nil, &failure{Unavailable, "Error while deleting notifications.", err}
	}
	return empty, nil
}

// Notify implements notification.Outbox: it pushes to every socket that the user has open on this node.
func (o *Outbox) Notify(user string, ns []notification.Notification) {
	var to []presence.Presence
	for _, s := range o.sessions.OfUser(user) {
		to = append(to, s.Presence())
	}
	o.tell(to, transport.Outgoing{}, &rtapi.Envelope{Message: &rtapi.Envelope_Notifications{
		Notifications: &rtapi.Notifications{Notifications: notificationMessages(ns)},
	}})
	o.flush(to)
}

func notificationMessages(ns []notification.Notification) []*api.Notification {
	out := make([]*api.Notification, len(ns))
	for i, n := range ns {
		out[i] = &api.Notification{
			Id: n.ID, Subject: n.Subject, Content: n.Content, Code: int32(n.Code), SenderId: n.Sender,
			CreateTime: seconds(n.Created), Persistent: n.Persistent,
		}
	}
	return out
}
