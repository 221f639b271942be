package notification_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shoal-go/shoal/notification"
)

// What a player is told while away is there when it comes back.
func Example() {
	ctx := context.Background()
	notifications, err := notification.New(notification.Config{
		Store:  new(fakeStore),  // in a server: that of store/memory, store/sqlite or your own
		Outbox: new(fakeOutbox), // in a server: the Outbox of gateway/nakama
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = notifications.Send(ctx, []notification.Notification{
		{User: "ann", Subject: "You won", Content: `{"coins": 50}`, Code: 1, Persistent: true},
		{User: "ann", Subject: "A new season begins", Code: 2, Persistent: true},
	})
	if err != nil {
		log.Fatal(err)
	}

	q := notification.ListRequest{User: "ann", Limit: 10}
	for range 2 {
		page, err := notifications.List(ctx, q)
		if err != nil {
			log.Fatal(err)
		}
		for _, n := range page.Notifications {
			fmt.Println(n.Code, n.Subject, n.Content)
		}
		fmt.Println(len(page.Notifications), "new")
		q.Cursor = page.Cursor // a client keeps it
	}
	// Output:
	// 1 You won {"coins": 50}
	// 2 A new season begins {}
	// 2 new
	// 0 new
}
