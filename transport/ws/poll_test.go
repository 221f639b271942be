package ws_test

import (
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// inbox collects what a Conn hands over.
type inbox struct {
	mu   sync.Mutex
	got  []string
	stop map[string]bool // messages that are enough for now
	err  chan error
}

func receive(conn *ws.Conn, stop ...string) *inbox {
	b := &inbox{stop: map[string]bool{}, err: make(chan error, 2)}
	for _, s := range stop {
		b.stop[s] = true
	}
	conn.Receive(b.take)
	return b
}

func (b *inbox) take(_ transport.Kind, payload []byte, err error) bool {
	if err != nil {
		b.err <- err
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, string(payload))
	return !b.stop[string(payload)]
}

func (b *inbox) requireMessages(t *testing.T, want ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.got) >= len(want)
	}, time.Minute, time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Equal(t, want, b.got)
}

func skipWithoutPoller(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no poller here")
	}
}

func send(t *testing.T, peer net.Conn, list ...string) {
	t.Helper()
	var b []byte
	for _, s := range list {
		b = append(b, masked(fin|opText, s)...)
	}
	_, err := peer.Write(b)
	require.NoError(t, err)
}

func TestReceive(t *testing.T) {
	skipWithoutPoller(t)
	t.Run("messages, then the end, once", func(t *testing.T) {
		conn, peer := loopback(t, ws.Config{Poller: ws.NewPoller()})
		send(t, peer, "before")
		b := receive(conn)
		send(t, peer, "a", strings.Repeat("b", 3000), "c")
		b.requireMessages(t, "before", "a", strings.Repeat("b", 3000), "c")
		require.NoError(t, peer.Close())
		require.Error(t, <-b.err)
		require.NoError(t, conn.Close(transport.CloseNormal, ""))
		require.Empty(t, b.err)
	})
	t.Run("what came with the message that was enough waits for Resume", func(t *testing.T) {
		conn, peer := loopback(t, ws.Config{Poller: ws.NewPoller()})
		b := receive(conn, "enough")
		send(t, peer, "a", "enough", "b", "enough", "c")
		b.requireMessages(t, "a", "enough")
		conn.Resume()
		b.requireMessages(t, "a", "enough", "b", "enough")
		send(t, peer, "d")
		conn.Resume()
		b.requireMessages(t, "a", "enough", "b", "enough", "c", "d")
	})
	t.Run("Close on this side", func(t *testing.T) {
		conn, peer := loopback(t, ws.Config{Poller: ws.NewPoller(), CloseAckWait: time.Millisecond})
		b := receive(conn, "enough")
		send(t, peer, "enough", "more")
		b.requireMessages(t, "enough")
		require.ErrorIs(t, conn.Close(4000, "bye"), transport.ErrTimeout)
		require.ErrorIs(t, <-b.err, transport.ErrClosed)
		b.requireMessages(t, "enough")
	})
	t.Run("silent client", func(t *testing.T) {
		conn, _ := loopback(t, ws.Config{Poller: ws.NewPoller(), PingPeriod: 10 * time.Millisecond, PongWait: 30 * time.Millisecond})
		b := receive(conn)
		require.ErrorIs(t, <-b.err, transport.ErrTimeout)
	})
	t.Run("a Poller without connections comes to an end, and begins again", func(t *testing.T) {
		poller := ws.NewPoller()
		for range 3 {
			conn, peer := loopback(t, ws.Config{Poller: poller})
			b := receive(conn)
			send(t, peer, "a")
			b.requireMessages(t, "a")
			require.NoError(t, peer.Close())
			require.Error(t, <-b.err)
			require.NoError(t, conn.Close(transport.CloseNormal, ""))
		}
	})
}

// Many connections send, stop and go at the same time; each one's messages arrive once and in order.
func TestManyReceivers(t *testing.T) {
	skipWithoutPoller(t)
	const conns, messages = 40, 200
	poller := ws.NewPoller()
	var wg sync.WaitGroup
	for range conns {
		conn, peer := loopback(t, ws.Config{Poller: poller})
		next := byte(0)
		done := make(chan struct{})
		conn.Receive(func(_ transport.Kind, payload []byte, err error) bool {
			if err != nil {
				close(done)
				return false
			}
			if len(payload) != 1 || payload[0] != next {
				t.Errorf("got % x, want %x", payload, next)
			}
			next++
			if next%50 == 0 {
				go conn.Resume()
				return false
			}
			return true
		})
		wg.Go(func() {
			for i := range messages {
				_, err := peer.Write(masked(fin|2, string([]byte{byte(i)})))
				if err != nil {
					t.Error(err)
				}
			}
			_ = peer.(*net.TCPConn).CloseWrite()
			<-done
			if next != messages {
				t.Errorf("%d messages", next)
			}
			_ = conn.Close(transport.CloseNormal, "")
		})
	}
	wg.Wait()
}
