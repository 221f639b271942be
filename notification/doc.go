// Package notification tells players what happened, now or when they come back.
//
// Make [Notifications] with [New] over a store and an outbox, and send:
//
//	notifications, err := notification.New(notification.Config{Store: store, Outbox: out})
//	sent, err := notifications.Send(ctx, []notification.Notification{{
//		User: winner, Subject: "You won", Content: `{"coins": 50}`, Code: 1, Persistent: true,
//	}})
//
// Every notification is pushed to the sockets that its user has open. A persistent one is kept besides, until it is
// deleted: a client lists it, oldest first, and remembers the cursor of the page to ask for newer ones later.
package notification
