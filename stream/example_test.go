package stream_test

import (
	"fmt"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/stream"
)

// console is an Outbox that shows what it should deliver.
type console struct{}

func (console) StreamData(k stream.Key, to []presence.Presence, m stream.Message) {
	for _, p := range to {
		fmt.Printf("%s gets %q from %s\n", p.Username, m.Data, k.Label)
	}
}

func (console) StreamPresence(_ stream.Key, to []presence.Presence, joined, left []stream.Member) {
	for _, p := range to {
		for _, who := range joined {
			fmt.Printf("%s sees %s come\n", p.Username, who.Username)
		}
		for _, who := range left {
			fmt.Printf("%s sees %s go\n", p.Username, who.Username)
		}
	}
}

func (console) Flush(stream.Key, []presence.Presence) {}

func ExampleStreams() {
	streams, err := stream.New(stream.Config{Outbox: console{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ann := presence.Presence{User: "1", Session: "a", Username: "ann"}
	bob := presence.Presence{User: "2", Session: "b", Username: "bob"}
	streams.Enter(ann)
	streams.Enter(bob)

	news := stream.Key{Mode: 100, Label: "news"}
	if _, err := streams.Join(news, ann.Session, stream.As{}); err != nil {
		fmt.Println(err)
	}
	if _, err := streams.Join(news, bob.Session, stream.As{Hidden: true}); err != nil {
		fmt.Println(err)
	}
	if err := streams.Send(news, stream.Message{Data: "hello", To: []string{"b"}}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(streams.Count(news), "listen")
	streams.LeaveAll(ann.Session) // her connection broke

	// Output:
	// ann sees ann come
	// bob gets "hello" from news
	// 2 listen
	// bob sees ann go
}
