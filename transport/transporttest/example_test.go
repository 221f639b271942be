package transporttest_test

import (
	"errors"
	"fmt"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/transporttest"
)

// What the cases need of the other end of a connection: it sends, it receives, and it tells how the server closed.
func ExampleClient() {
	server, end := transport.Pipe(transport.PipeConfig{})
	var client transporttest.Client = end // yours talks the protocol of your transport

	go func() {
		_, data, _ := server.Read()
		f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(append(b, "echo of "...), data...) })
		defer f.Release()
		_ = server.Write([]*transport.Frame{f})
		_ = server.Close(transport.CloseGoingAway, "server stops")
	}()

	_ = client.Send(transport.Text, []byte("hello"))
	kind, data, _ := client.Receive()
	fmt.Printf("%v %s\n", kind, data)

	_, _, err := client.Receive()
	if end, closed := errors.AsType[*transport.CloseError](err); closed {
		fmt.Println(end.Code, end.Reason)
	}
	// Output:
	// text echo of hello
	// 1001 server stops
}
