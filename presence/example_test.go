package presence_test

import (
	"fmt"

	"github.com/shoal-go/shoal/presence"
)

// One user with two connections has two presences.
func ExamplePresence() {
	phone := presence.Presence{User: "u1", Session: "s1", Username: "ann", Node: "shoal"}
	desktop := presence.Presence{User: "u1", Session: "s2", Username: "ann", Node: "shoal"}
	fmt.Println(phone == desktop, phone.User == desktop.User)
	// Output: false true
}
