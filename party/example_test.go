package party_test

import (
	"fmt"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/presence"
)

// console is an Outbox that shows some of what it should deliver.
type console struct{}

func (console) PartyEvent(_ party.ID, to []presence.Presence, e party.Event) {
	for _, p := range to {
		switch e := e.(type) {
		case party.Asked:
			fmt.Printf("%s hears that %s asks to join\n", p.Username, e.Who.Username)
		case party.Welcome:
			fmt.Printf("%s is in, with %d others\n", p.Username, e.Size-1)
		case party.Leader:
			fmt.Printf("%s sees that %s leads\n", p.Username, e.Who.Username)
		case party.Data:
			fmt.Printf("%s gets %q from %s\n", p.Username, e.Data, e.From.Username)
		}
	}
}

func (console) Flush(party.ID, []presence.Presence) {}

func ExampleParties() {
	parties, err := party.New(party.Config{Outbox: console{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ann := presence.Presence{User: "1", Session: "a", Username: "ann"}
	bob := presence.Presence{User: "2", Session: "b", Username: "bob"}

	id, err := parties.Create(party.CreateRequest{Who: ann, MaxSize: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := parties.Join(party.JoinRequest{ID: id, Who: bob}); err != nil {
		fmt.Println(err)
	}
	if err := parties.Accept(party.Call{ID: id, Session: ann.Session}, bob); err != nil {
		fmt.Println(err)
	}
	if err := parties.Send(party.Call{ID: id, Session: bob.Session}, 1, []byte("hello")); err != nil {
		fmt.Println(err)
	}
	parties.LeaveAll(ann.Session) // her connection broke

	// Output:
	// ann hears that bob asks to join
	// bob is in, with 1 others
	// ann gets "hello" from bob
	// bob sees that bob leads
}
