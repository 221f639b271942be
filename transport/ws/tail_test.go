//go:build unix

package ws_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// stuff sends numbered frames until the socket takes no more, and returns how many it took.
func stuff(t *testing.T, conn *ws.Conn) (sent int) {
	t.Helper()
	for {
		f := numberedFrame(sent)
		n, err := conn.TryWrite([]*transport.Frame{f})
		f.Release()
		sent += n
		if err != nil {
			require.ErrorIs(t, err, transport.ErrBlocked)
			return sent
		}
	}
}

// requireNumbered reads the frames 0 to n-1 from the wire.
func requireNumbered(t *testing.T, peer net.Conn, n int) {
	t.Helper()
	in := make([]byte, 4+4008)
	for i := range n {
		_, err := io.ReadFull(peer, in)
		require.NoError(t, err)
		require.Equal(t, []byte{0x82, 126}, in[:2])
		require.Equal(t, uint64(i), binary.BigEndian.Uint64(in[4:]))
	}
}

// What a client did not take goes before anything else, whoever writes next.
func TestTailGoesFirst(t *testing.T) { both(t, tailGoesFirstTest) }

func tailGoesFirstTest(t *testing.T, poller *ws.Poller) {
	f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, "next"...) })
	defer f.Release()
	next := []*transport.Frame{f}

	for name, write := range map[string]func(t *testing.T, conn *ws.Conn, peer net.Conn) error{
		"Write": func(_ *testing.T, conn *ws.Conn, _ net.Conn) error { return conn.Write(next) },
		"TryWrite": func(_ *testing.T, conn *ws.Conn, _ net.Conn) error {
			for end := time.Now().Add(time.Minute); time.Now().Before(end); runtime.Gosched() {
				if n, err := conn.TryWrite(next); !errors.Is(err, transport.ErrBlocked) || n > 0 {
					return err
				}
			}
			return errors.New("the client reads, but TryWrite stays blocked")
		},
		"a pong": func(t *testing.T, conn *ws.Conn, peer net.Conn) error {
			_, err := peer.Write(append(masked(fin|opPing, "next"), masked(fin|opText, "")...))
			require.NoError(t, err)
			_, _, err = conn.Read()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			conn, peer := loopback(t, with(patient, poller))
			sent := stuff(t, conn)
			n, err := conn.TryWrite(next)
			require.Zero(t, n)
			require.ErrorIs(t, err, transport.ErrBlocked)

			writing := make(chan error, 1)
			go func() { writing <- write(t, conn, peer) }()
			requireNumbered(t, peer, sent)
			last := make([]byte, 6)
			_, err = io.ReadFull(peer, last)
			require.NoError(t, err)
			require.Equal(t, "next", string(last[2:]))
			require.NoError(t, <-writing)
		})
	}
}

// A client that is slow gets its ping all the same, once it has read.
func TestPingAfterTail(t *testing.T) { both(t, pingAfterTailTest) }

func pingAfterTailTest(t *testing.T, poller *ws.Poller) {
	conn, peer := loopback(t, ws.Config{PingPeriod: 50 * time.Millisecond, Poller: poller})
	sent := stuff(t, conn)
	go func() { _, _ = drain(conn) }()
	in := make([]byte, 4+4008)
	for frames := 0; ; {
		_, err := io.ReadFull(peer, in[:2])
		require.NoError(t, err)
		if in[0] == fin|opPing {
			if frames == sent {
				return
			}
			continue
		}
		_, err = io.ReadFull(peer, in[2:])
		require.NoError(t, err)
		require.Equal(t, uint64(frames), binary.BigEndian.Uint64(in[4:]))
		frames++
	}
}
