package transporttest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shoal-go/shoal/transport"
)

// Client is the other end of the Conn under test, as the cases need it.
// One goroutine sends while another receives.
type Client interface {
	// Send sends one message.
	Send(kind transport.Kind, payload []byte) error

	// Receive waits for the next message. When the server closed it acknowledges that, and returns a
	// *transport.CloseError with the code and reason that arrived. It must not read ahead by more than the transport
	// does by itself: a Client that nobody calls Receive on is a client that does not read.
	Receive() (transport.Kind, []byte, error)

	// Close closes from the client's side.
	Close(code int, reason string) error
}

// Opener connects a new client and server. The Conn should accept messages of 4096 bytes. wait is how long it should wait
// for a client that does not read, or does not acknowledge a close: short in the cases that are about such a client, and in
// all others so long that no machine is too slow for it. When a case is over the Conn is closed; that the client is cut off
// then is up to a t.Cleanup of the Opener.
type Opener func(t *testing.T, wait time.Duration) (transport.Conn, Client)

// Conn checks that the connections of open keep the contract of transport.Conn, and of transport.TryWriter if they
// are one.
func Conn(t *testing.T, open Opener) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var closing sync.WaitGroup
			t.Cleanup(closing.Wait)
			server, client := open(t, c.wait())
			t.Cleanup(func() { closing.Go(func() { _ = server.Close(transport.CloseNormal, "") }) })
			if err := c.run(server, client); err != nil {
				t.Errorf("%v\nwhy: %s", err, c.why)
			}
		})
	}
}

// one case: run returns what was wrong.
type contract struct {
	name, why string
	run       func(transport.Conn, Client) error
}

const (
	// patience is how long a step may take that the contract bounds, or expects to happen at once.
	patience = time.Minute

	shortWait = 200 * time.Millisecond
)

// wait is the time that the Conn gives its client.
func (c contract) wait() time.Duration {
	switch c.name {
	case "close of the silent", "close during write", "slow reader":
		return shortWait
	}
	return patience
}

// within runs f and returns its error, or one that says that what did not return.
func within(what string, f func() error) error {
	select {
	case err := <-start(f):
		return err
	case <-time.After(patience):
		return fmt.Errorf("%s did not return within %v", what, patience)
	}
}

// start runs f beside the case.
func start(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// wait is the second half of within, for what was started before.
func wait(what string, done <-chan error) error {
	return within(what, func() error { return <-done })
}

type message struct {
	kind transport.Kind
	data string
}

func (m message) String() string {
	if len(m.data) > 40 {
		return fmt.Sprintf("%v %.40q… (%d bytes)", m.kind, m.data, len(m.data))
	}
	return fmt.Sprintf("%v %q", m.kind, m.data)
}

// frames makes one frame for each message; free releases them.
func frames(list ...message) (made []*transport.Frame, free func()) {
	for _, m := range list {
		made = append(made, transport.NewFrame(m.kind, func(b []byte) []byte { return append(b, m.data...) }))
	}
	return made, func() {
		for _, f := range made {
			f.Release()
		}
	}
}

// write writes the messages with one Write.
func write(server transport.Conn, list ...message) error {
	made, free := frames(list...)
	defer free()
	return within("Write", func() error { return server.Write(made) })
}

// receive reports the first difference between what the client gets and want.
func receive(client Client, want ...message) error {
	return within("Receive", func() error {
		for i, w := range want {
			kind, data, err := client.Receive()
			if err != nil {
				return fmt.Errorf("message %d: the client got the error %w", i, err)
			}
			if got := (message{kind, string(data)}); got != w {
				return fmt.Errorf("message %d: the client got %v, want %v", i, got, w)
			}
		}
		return nil
	})
}

// receiveClose reports whether the next thing the client gets is a close with this code and reason.
func receiveClose(client Client, code int, reason string) error {
	return within("Receive", func() error {
		_, data, err := client.Receive()
		return wantClose("the client's Receive", data, err, code, reason)
	})
}

func wantClose(who string, data []byte, err error, code int, reason string) error {
	var end *transport.CloseError
	switch {
	case err == nil:
		return fmt.Errorf("%s returned the message %.40q, want a close", who, data)
	case !errors.As(err, &end):
		return fmt.Errorf("%s returned the error %w, want a *transport.CloseError", who, err)
	case end.Code != code || end.Reason != reason:
		return fmt.Errorf("%s returned close %d %q, want %d %q", who, end.Code, end.Reason, code, reason)
	}
	return nil
}
