package transport_test

import (
	"context"
	"fmt"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
)

func Example() {
	sessions := transport.NewSessions(transport.Config{})
	var clients []*transport.PipeClient
	for _, name := range []string{"ann", "bob"} {
		server, client := transport.Pipe(transport.PipeConfig{})
		if _, err := sessions.Open(presence.Presence{User: name, Session: name}, transport.Text, server); err != nil {
			fmt.Println(err)
		}
		clients = append(clients, client)
	}

	// One message for all, encoded once.
	f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, "the match begins"...) })
	for s := range sessions.All() {
		s.Queue(f, transport.Outgoing{})
		s.Flush()
	}
	f.Release()

	go func() { _ = sessions.Shutdown(context.Background(), transport.CloseGoingAway, "server stops") }()
	for _, c := range clients {
		_, data, _ := c.Receive()
		_, _, end := c.Receive()
		fmt.Printf("%s, then %v\n", data, end)
	}
	// Output:
	// the match begins, then transport: closed by the peer: 1001 "server stops"
	// the match begins, then transport: closed by the peer: 1001 "server stops"
}

func ExampleOutgoing() {
	server, client := transport.Pipe(transport.PipeConfig{})
	s, _ := transport.NewSessions(transport.Config{}).Open(presence.Presence{Session: "1"}, transport.Text, server)
	send := func(text string, o transport.Outgoing) {
		f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, text...) })
		s.Queue(f, o)
		f.Release()
	}
	const position, score = 1, 2
	send("position 10", transport.Outgoing{Replace: position})
	send("score 3", transport.Outgoing{Replace: score})
	send("position 11", transport.Outgoing{Replace: position})
	s.Flush()
	s.Close(transport.CloseNormal, "")
	for {
		_, data, err := client.Receive()
		if err != nil {
			break
		}
		fmt.Println(string(data))
	}
	<-s.Done()
	fmt.Printf("%+v\n", s.Drops())
	// Output:
	// score 3
	// position 11
	// {Unreliable:0 Superseded:1 Unsent:0}
}
