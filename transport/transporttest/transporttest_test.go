package transporttest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
)

func pipe(t *testing.T, wait time.Duration) (transport.TryWriter, *transport.PipeClient) {
	server, client := transport.Pipe(transport.PipeConfig{WriteWait: wait, CloseAckWait: wait})
	t.Cleanup(client.Cut)
	return server, client
}

func TestConn(t *testing.T) {
	t.Run("with TryWrite", func(t *testing.T) {
		Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, Client) { return pipe(t, wait) })
	})
	t.Run("without", func(t *testing.T) {
		Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, Client) {
			server, client := pipe(t, wait)
			return struct{ transport.Conn }{server}, client
		})
	})
}

func TestEveryCaseSaysWhy(t *testing.T) {
	names := map[string]bool{}
	for _, c := range cases {
		require.NotEmpty(t, c.why, c.name)
		require.False(t, names[c.name], "two cases named %q", c.name)
		names[c.name] = true
	}
}

// broken is a good connection with one method made bad.
type broken struct {
	transport.TryWriter
	read  func() (transport.Kind, []byte, error)
	write func([]*transport.Frame) error
	try   func([]*transport.Frame) (int, error)
	close func(int, string) error
}

func (b broken) Read() (transport.Kind, []byte, error) {
	if b.read != nil {
		return b.read()
	}
	return b.TryWriter.Read()
}

func (b broken) Write(frames []*transport.Frame) error {
	if b.write != nil {
		return b.write(frames)
	}
	return b.TryWriter.Write(frames)
}

func (b broken) TryWrite(frames []*transport.Frame) (int, error) {
	if b.try != nil {
		return b.try(frames)
	}
	return b.TryWriter.TryWrite(frames)
}

func (b broken) Close(code int, reason string) error {
	if b.close != nil {
		return b.close(code, reason)
	}
	return b.TryWriter.Close(code, reason)
}

// TestCasesFindMistakes breaks a connection in many ways, and has the cases that are meant for it notice.
func TestCasesFindMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		sabotage func(good transport.TryWriter) broken
		cases    []string
	}{
		"frames of a batch in the wrong order": {func(good transport.TryWriter) broken {
			return broken{write: func(frames []*transport.Frame) error {
				frames = slices.Clone(frames)
				slices.Reverse(frames)
				return good.Write(frames)
			}}
		}, []string{"batch", "empty"}},
		"frames of a batch as one message": {func(good transport.TryWriter) broken {
			return broken{write: func(frames []*transport.Frame) error {
				var all []byte
				for _, f := range frames {
					all = append(all, f.Payload()...)
				}
				f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, all...) })
				defer f.Release()
				return good.Write([]*transport.Frame{f})
			}}
		}, []string{"batch", "down"}},
		"the kind is lost": {func(good transport.TryWriter) broken {
			return broken{read: func() (transport.Kind, []byte, error) {
				_, data, err := good.Read()
				return transport.Text, data, err
			}}
		}, []string{"up", "empty"}},
		"frames are kept": {func(good transport.TryWriter) broken {
			var kept []*transport.Frame
			return broken{
				write: func(frames []*transport.Frame) error {
					list := append(kept, frames...)
					if len(list) < 20 {
						kept = list
						return nil
					}
					kept = nil
					return good.Write(list)
				},
			}
		}, []string{"not kept"}},
		"one buffer for all payloads": {func(good transport.TryWriter) broken {
			buf := make([]byte, 5000)
			ahead := make(chan int, 2)
			var start sync.Once
			return broken{read: func() (transport.Kind, []byte, error) {
				start.Do(func() { // reads on while the reader still looks at the first message
					for range 2 {
						_, data, _ := good.Read()
						ahead <- copy(buf, data)
					}
				})
				return transport.Text, buf[:<-ahead], nil
			}}
		}, []string{"payload"}},
		"code and reason are lost": {func(good transport.TryWriter) broken {
			return broken{close: func(int, string) error { return good.Close(transport.CloseNormal, "closed") }}
		}, []string{"close from server", "close wakes reader", "close twice", "write after close"}},
		"the client's close is no close": {func(good transport.TryWriter) broken {
			return broken{read: func() (transport.Kind, []byte, error) {
				kind, data, err := good.Read()
				if err != nil {
					err = errors.New("EOF")
				}
				return kind, data, err
			}}
		}, []string{"close from client", "close wakes reader"}},
		"writes go on after the close": {func(transport.TryWriter) broken {
			return broken{write: func([]*transport.Frame) error { return nil }}
		}, []string{"write after close", "slow reader", "close during write"}},
		"TryWrite forgets what it cannot send": {func(good transport.TryWriter) broken {
			return broken{try: func(frames []*transport.Frame) (int, error) {
				_, err := good.TryWrite(frames)
				if errors.Is(err, transport.ErrBlocked) {
					return len(frames), err
				}
				return len(frames), err
			}}
		}, []string{"try slow reader"}},
		"TryWrite gives up without a word": {func(transport.TryWriter) broken {
			return broken{try: func([]*transport.Frame) (int, error) { return 0, nil }}
		}, []string{"try", "try slow reader"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, contract := range cases {
				if !slices.Contains(c.cases, contract.name) {
					continue
				}
				synctest.Test(t, func(t *testing.T) { // waiting for what never comes takes no time
					good, client := pipe(t, contract.wait())
					bad := c.sabotage(good)
					bad.TryWriter = good
					require.Error(t, contract.run(bad, client), contract.name)
					_ = good.Close(transport.CloseNormal, "")
					client.Cut()
				})
			}
		})
	}
}
