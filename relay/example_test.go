package relay_test

import (
	"fmt"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
)

// console is an Outbox that shows what it should deliver.
type console struct{}

func (console) RelayData(_ relay.ID, to []presence.Presence, m relay.Message) {
	for _, p := range to {
		fmt.Printf("%s gets %q from %s\n", p.Username, m.Data, m.From.Username)
	}
}

func (console) RelayPresence(_ relay.ID, to, joined, left []presence.Presence) {
	for _, p := range to {
		for _, who := range joined {
			fmt.Printf("%s sees %s come\n", p.Username, who.Username)
		}
		for _, who := range left {
			fmt.Printf("%s sees %s go\n", p.Username, who.Username)
		}
	}
}

func (console) Flush(relay.ID, []presence.Presence) {}

func ExampleHub() {
	hub, err := relay.New(relay.Config{Outbox: console{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ann := presence.Presence{User: "1", Session: "a", Username: "ann"}
	bob := presence.Presence{User: "2", Session: "b", Username: "bob"}

	id, err := hub.Create(relay.CreateRequest{Name: "foo", Who: ann})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ann created", id)

	err = hub.Join(relay.JoinRequest{ID: id, Who: bob, Accepted: func(j relay.Joined) {
		fmt.Println("bob is in, with", j.Members[0].Username)
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err = hub.Send(id, relay.Message{From: bob, Op: 1, Data: []byte("hello")}, nil); err != nil {
		fmt.Println(err)
	}
	hub.LeaveAll(bob.Session) // his connection broke

	// Output:
	// ann sees ann come
	// ann created b84ed8ed-a7b1-502f-83f6-90132e68adef.
	// bob is in, with ann
	// ann sees bob come
	// bob sees bob come
	// ann gets "hello" from bob
	// ann sees bob go
}
