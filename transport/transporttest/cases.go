package transporttest

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/shoal-go/shoal/transport"
)

var cases = []contract{
	{"up", "messages arrive at the server whole, in order, with their kind", up},
	{"down", "frames of several Writes arrive in order, with their kind", down},
	{"batch", "the frames of one Write are separate messages: they only travel together", batch},
	{"empty", "a message of no bytes is a message", empty},
	{"large", "large frames, and small ones around them, arrive whole and in order", large},
	{"not kept", "the caller may use the memory of frames again once Write has returned", notKept},
	{"payload", "the payload of Read is the reader's until its next Read, whatever arrives meanwhile", payload},
	{"close from server", "the client learns the code and the reason, after everything that was written before", closeFromServer},
	{"close wakes reader", "a reader must not hang when the server closes, and it must know that it was the server", closeWakesReader},
	{"close from client", "the reader learns the code and the reason the client gave, after all it sent; and again if it asks again", closeFromClient},
	{"close twice", "sessions, gateways and shutdowns close without knowing of each other", closeTwice},
	{"close of the silent", "a client that does not acknowledge must not hold the connection for ever", closeOfTheSilent},
	{"close during write", "a kick does not wait for the kicked client to read", closeDuringWrite},
	{"write after close", "nothing is sent after the close", writeAfterClose},
	{"slow reader", "Write to a client that does not read ends with an error, in bounded time", slowReader},
	{"try", "TryWrite to an idle client sends everything, or says what is left to Write", try},
	{"try slow reader", "TryWrite never blocks, and what it took arrives once and in order when the client reads again", trySlowReader},
}

func up(server transport.Conn, client Client) error {
	sent := []message{{transport.Text, "one"}, {transport.Binary, "\x00\xff"}, {transport.Text, strings.Repeat("x", 4096)}, {transport.Text, "last"}}
	sending := start(func() error {
		for _, m := range sent {
			if err := client.Send(m.kind, []byte(m.data)); err != nil {
				return err
			}
		}
		return nil
	})
	for i, want := range sent {
		got, err := read(server)
		if err != nil {
			return fmt.Errorf("message %d: Read: %w", i, err)
		}
		if got != want {
			return fmt.Errorf("message %d: Read returned %v, want %v", i, got, want)
		}
	}
	return wait("Send", sending)
}

func read(server transport.Conn) (m message, err error) {
	err = within("Read", func() error {
		kind, data, err := server.Read()
		m = message{kind, string(data)}
		return err
	})
	return m, err
}

func down(server transport.Conn, client Client) error {
	var all []message
	for i := range 20 {
		m := message{transport.Text, fmt.Sprint("message ", i)}
		if i%3 == 0 {
			m.kind = transport.Binary
		}
		if err := write(server, m); err != nil {
			return err
		}
		all = append(all, m)
	}
	return receive(client, all...)
}

func batch(server transport.Conn, client Client) error {
	list := numbered(40)
	if err := write(server, list...); err != nil {
		return err
	}
	return receive(client, list...)
}

func numbered(n int) []message {
	list := make([]message, n)
	for i := range list {
		list[i] = message{transport.Binary, fmt.Sprint("frame ", i)}
	}
	return list
}

func empty(server transport.Conn, client Client) error {
	list := []message{{transport.Text, ""}, {transport.Binary, ""}, {transport.Text, "."}}
	if err := write(server, list...); err != nil {
		return err
	}
	if err := receive(client, list...); err != nil {
		return err
	}
	if err := within("Send", func() error { return client.Send(transport.Binary, nil) }); err != nil {
		return err
	}
	got, err := read(server)
	if err == nil && got != (message{transport.Binary, ""}) {
		err = fmt.Errorf("Read returned %v, want an empty binary message", got)
	}
	return err
}

func large(server transport.Conn, client Client) error {
	var list []message
	// The sizes lie around those where the WebSocket header grows, and where a buffer may end.
	for _, size := range []int{125, 126, 127, 4095, 4096, 4097, 1<<14 - 4, 1 << 14, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 18, 3} {
		list = append(list, message{transport.Text, strings.Repeat("abcdefg", size/7+1)[:size]})
	}
	writing := start(func() error { return write(server, list...) })
	if err := receive(client, list...); err != nil {
		return err
	}
	return wait("Write", writing)
}

func notKept(server transport.Conn, client Client) error {
	var want []message
	for round := range 10 {
		list := []message{
			{transport.Text, strings.Repeat(fmt.Sprint(round), 100)},
			{transport.Text, strings.Repeat(fmt.Sprint(round), 3000)},
		}
		made, _ := frames(list...) // released one by one, before the client reads
		if err := within("Write", func() error { return server.Write(made) }); err != nil {
			return err
		}
		for i, f := range made {
			if p := f.Payload(); string(p) != list[i].data {
				return fmt.Errorf("Write changed the payload of frame %d to %.40q", i, p)
			}
			made[i] = nil
			f.Release()
		}
		want = append(want, list...)
	}
	return receive(client, want...)
}

func payload(server transport.Conn, client Client) error {
	first := strings.Repeat("first ", 100)
	for _, s := range []string{first, strings.Repeat("second", 100)} {
		if err := within("Send", func() error { return client.Send(transport.Text, []byte(s)) }); err != nil {
			return err
		}
	}
	var data []byte
	err := within("Read", func() (err error) {
		_, data, err = server.Read()
		return err
	})
	if err != nil {
		return err
	}
	if err := write(server, message{transport.Text, "between"}); err != nil {
		return err
	}
	if err := receive(client, message{transport.Text, "between"}); err != nil {
		return err
	}
	if string(data) != first {
		return fmt.Errorf("the payload became %.40q before the next Read", data)
	}
	_, err = read(server)
	return err
}

func closeFromServer(server transport.Conn, client Client) error {
	list := numbered(10)
	if err := write(server, list...); err != nil {
		return err
	}
	closing := start(func() error { return server.Close(4001, "that was all") })
	if err := receive(client, list...); err != nil {
		return err
	}
	if err := receiveClose(client, 4001, "that was all"); err != nil {
		return err
	}
	if err := wait("Close", closing); err != nil {
		return fmt.Errorf("Close, which the client acknowledged, returned %w", err)
	}
	return nil
}

func closeWakesReader(server transport.Conn, client Client) error {
	reading := start(func() error {
		_, _, err := server.Read()
		return err
	})
	acking := start(func() error { return receiveClose(client, transport.CloseGoingAway, "bye") })
	_ = within("Close", func() error { return server.Close(transport.CloseGoingAway, "bye") })
	if err := wait("Read", reading); !errors.Is(err, transport.ErrClosed) {
		return fmt.Errorf("Read returned %v when the server closed, want ErrClosed", err)
	}
	if _, err := read(server); !errors.Is(err, transport.ErrClosed) {
		return fmt.Errorf("the next Read returned %v, want ErrClosed", err)
	}
	return wait("Receive", acking)
}

func closeFromClient(server transport.Conn, client Client) error {
	closing := start(func() error {
		if err := client.Send(transport.Text, []byte("before")); err != nil {
			return err
		}
		return client.Close(4002, "done here")
	})
	if got, err := read(server); err != nil || got.data != "before" {
		return fmt.Errorf("Read returned %v, %v, want what was sent before the close", got, err)
	}
	for range 2 {
		err := within("Read", func() error {
			_, data, err := server.Read()
			return wantClose("Read", data, err, 4002, "done here")
		})
		if err != nil {
			return err
		}
	}
	if err := wait("the client's Close", closing); err != nil {
		return fmt.Errorf("the client's Close returned %w", err)
	}
	_ = within("Close", func() error { return server.Close(transport.CloseNormal, "") })
	return nil
}

func closeTwice(server transport.Conn, client Client) error {
	acking := start(func() error {
		_, _, err := client.Receive()
		return err
	})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { _ = server.Close(transport.CloseNormal, "same") })
	}
	if err := within("Close", func() error { all.Wait(); return server.Close(4003, "other") }); err != nil {
		return fmt.Errorf("Close of a closed connection returned %w", err)
	}
	return wantClose("the client's Receive", nil, wait("Receive", acking), transport.CloseNormal, "same")
}

func closeOfTheSilent(server transport.Conn, _ Client) error {
	_ = within("Close", func() error { return server.Close(transport.CloseNormal, "anyone?") })
	// The second Close returns once the first has freed the connection.
	return within("Close", func() error { return server.Close(transport.CloseNormal, "") })
}

func writeAfterClose(server transport.Conn, client Client) error {
	acking := start(func() error { return receiveClose(client, transport.CloseNormal, "") })
	_ = within("Close", func() error { return server.Close(transport.CloseNormal, "") })
	if err := write(server, message{transport.Text, "late"}); err == nil {
		return errors.New("Write after Close returned no error")
	}
	if w, ok := server.(transport.TryWriter); ok {
		made, free := frames(message{transport.Text, "late"})
		defer free()
		if _, err := w.TryWrite(made); err == nil {
			return errors.New("TryWrite after Close returned no error")
		}
	}
	return wait("Receive", acking)
}
