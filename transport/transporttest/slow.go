package transporttest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/shoal-go/shoal/transport"
)

// manyBytes is more than the buffers between server and client hold, those of a kernel included.
const manyBytes = 64 << 20

// block is one message of the cases with slow readers: its own number, and bytes that no compression makes smaller.
func block(i int) message {
	return message{transport.Binary, fmt.Sprintf("%08d", i) + noise}
}

var noise = func() string {
	b := make([]byte, 64<<10)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return string(b)
}()

// fill writes until an error comes.
func fill(server transport.Conn) error {
	for i := range manyBytes >> 16 {
		if err := write(server, block(i)); err != nil {
			return err
		}
	}
	return nil
}

func slowReader(server transport.Conn, _ Client) error {
	if err := within("filling", func() error { return fill(server) }); err == nil {
		return fmt.Errorf("Write took %d bytes for a client that does not read", manyBytes)
	}
	return within("Close", func() error { _ = server.Close(transport.CloseNormal, ""); return nil })
}

func closeDuringWrite(server transport.Conn, _ Client) error {
	writing := start(func() error { return fill(server) })
	_ = within("Close", func() error { return server.Close(transport.CloseNormal, "kicked") })
	if err := wait("Write", writing); err == nil {
		return errors.New("Write went on after Close")
	}
	return nil
}

func try(server transport.Conn, client Client) error {
	w, ok := server.(transport.TryWriter)
	if !ok {
		return nil
	}
	var all []message
	for range 5 {
		list := numbered(5)
		if err := tryThenWrite(w, list); err != nil {
			return err
		}
		all = append(all, list...)
	}
	return receive(client, all...)
}

// tryThenWrite sends a batch as a session does.
func tryThenWrite(w transport.TryWriter, list []message) error {
	made, free := frames(list...)
	defer free()
	n, err := tryWrite(w, made)
	if errors.Is(err, transport.ErrBlocked) {
		return within("Write", func() error { return w.Write(made[n:]) })
	}
	return err
}

// tryWrite is TryWrite with the rules checked that hold for every call.
func tryWrite(w transport.TryWriter, made []*transport.Frame) (n int, err error) {
	hung := within("TryWrite", func() error {
		n, err = w.TryWrite(made)
		return nil
	})
	switch {
	case hung != nil:
		return 0, hung
	case n < 0 || n > len(made):
		return 0, fmt.Errorf("TryWrite of %d frames returned %d", len(made), n)
	case err == nil && n < len(made):
		return 0, fmt.Errorf("TryWrite returned %d of %d frames, and no error", n, len(made))
	}
	return n, err
}

func trySlowReader(server transport.Conn, client Client) error {
	w, ok := server.(transport.TryWriter)
	if !ok {
		return nil
	}
	for sent := 0; sent < manyBytes>>16; {
		list := []message{block(sent), block(sent + 1), block(sent + 2)}
		made, free := frames(list...)
		n, err := tryWrite(w, made)
		if err == nil {
			free()
			sent += len(list)
			continue
		}
		if !errors.Is(err, transport.ErrBlocked) {
			free()
			return fmt.Errorf("TryWrite to a client that does not read returned %w, want ErrBlocked", err)
		}
		for _, f := range made[:n] {
			f.Release() // what was taken is the Conn's business now
		}
		reading := start(func() error { return receiveBlocks(client, sent+len(list)) })
		err = within("Write", func() error { return w.Write(made[n:]) })
		for _, f := range made[n:] {
			f.Release()
		}
		if err != nil {
			return fmt.Errorf("Write after ErrBlocked: %w", err)
		}
		return wait("Receive", reading)
	}
	return fmt.Errorf("TryWrite took %d bytes for a client that does not read", manyBytes)
}

func receiveBlocks(client Client, n int) error {
	for i := range n {
		if err := receive(client, block(i)); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
	}
	return nil
}
