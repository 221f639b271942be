package status_test

import (
	"fmt"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/status"
)

// console is an Outbox that shows what it should deliver.
type console struct{}

func (console) StatusPresence(to []presence.Presence, now, before []status.Presence) {
	for _, p := range to {
		for _, gone := range before {
			fmt.Printf("%s no longer sees %s %q\n", p.Username, gone.Username, gone.Text)
		}
		for _, who := range now {
			fmt.Printf("%s sees %s %q\n", p.Username, who.Username, who.Text)
		}
	}
}

func (console) Flush([]presence.Presence) {}

func ExampleBoard() {
	board, err := status.New(status.Config{Outbox: console{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ann := presence.Presence{User: "1", Session: "a", Username: "ann"}
	bob := presence.Presence{User: "2", Session: "b", Username: "bob"}
	board.Enter(ann)
	board.Enter(bob)

	err = board.Follow(ann.Session, []string{bob.User}, func(shown []status.Presence) {
		fmt.Println(len(shown), "are online")
	})
	if err != nil {
		fmt.Println(err)
	}
	text := "fishing"
	if err := board.Set(bob.Session, &text, nil); err != nil {
		fmt.Println(err)
	}
	board.LeaveAll(bob.Session) // his connection broke

	// Output:
	// 0 are online
	// bob sees bob "fishing"
	// ann sees bob "fishing"
	// ann no longer sees bob "fishing"
}
