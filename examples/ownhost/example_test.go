package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
)

// Two players count to ten, each over a plain TCP connection.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	dir, err := os.MkdirTemp("", "ownhost")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	h, err := newHost(ctx, filepath.Join(dir, "data.jsonl"), slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	stopped := make(chan error)
	go func() { stopped <- h.serve(ctx, l) }()

	ann, bob := enter(l.Addr().String(), "ann"), enter(l.Addr().String(), "bob")
	id := ann.newMatch()
	ann.join(id)
	bob.join(id)
	for n := int64(1); n <= goal; n += 2 {
		ann.count(id, n)
		fmt.Println(bob.number())
		bob.count(id, n+1)
		fmt.Println(bob.number())
	}
	fmt.Println("wins:", bob.call("wins"))

	ann.tcp.Close()
	bob.tcp.Close()
	stop()
	fmt.Println("stopped:", <-stopped)
	// Output:
	// 1 ann
	// 2 bob
	// 3 ann
	// 4 bob
	// 5 ann
	// 6 bob
	// 7 ann
	// 8 bob
	// 9 ann
	// 10 bob
	// wins: [{"rank":1,"name":"bob","wins":1}]
	// stopped: <nil>
}
