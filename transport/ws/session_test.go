package ws_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

func numberedFrame(i int) *transport.Frame {
	return transport.NewFrame(transport.Binary, func(b []byte) []byte {
		return append(binary.BigEndian.AppendUint64(b, uint64(i)), strings.Repeat("-", 4000)...)
	})
}

// TestSlowClient is a whole life over a real socket: the client stops reading, the kernel's buffers fill, the queue
// fills, the session ends. When the client reads again in time it finds every frame that was accepted, once and in
// order, and the reason.
func TestSlowClient(t *testing.T) {
	for name, c := range map[string]struct {
		tls    bool
		poller *ws.Poller
	}{"tcp": {}, "polled": {poller: ws.NewPoller()}, "tls": {tls: true}} {
		t.Run(name, func(t *testing.T) {
			conn, client := newServer(t, with(patient, c.poller), c.tls).connect(t, 0)
			s, err := transport.NewSessions(transport.Config{QueueMessages: 64}).Open(named(1), transport.Binary, conn)
			require.NoError(t, err)
			go func() { _, _ = drain(conn) }()
			sent := 0
			for code := 0; code == 0; code, _ = s.Reason() {
				f := numberedFrame(sent)
				s.Queue(f, transport.Outgoing{})
				f.Release()
				if sent++; sent%10 == 0 {
					s.Flush()
				}
			}
			for i := range sent - 1 {
				_, data, err := client.Receive()
				require.NoError(t, err)
				require.Equal(t, uint64(i), binary.BigEndian.Uint64(data))
			}
			requireClosed(t, client, transport.CloseNormal, "session outgoing queue full")
			<-s.Done()
			require.Equal(t, transport.Drops{Unsent: 1}, s.Drops(), "the frame that found no room")
		})
	}
}

// TestFinalMessage: what is queued right before a close arrives.
func TestFinalMessage(t *testing.T) { both(t, finalMessageTest) }

func finalMessageTest(t *testing.T, poller *ws.Poller) {
	conn, client := newServer(t, with(patient, poller), false).connect(t, 0)
	s, err := transport.NewSessions(transport.Config{}).Open(named(1), transport.Binary, conn)
	require.NoError(t, err)
	go func() { _, _ = drain(conn) }()
	f := numberedFrame(7)
	defer f.Release()
	s.Queue(f, transport.Outgoing{})
	s.Close(transport.CloseNormal, "server-side session disconnect")
	_, data, err := client.Receive()
	require.NoError(t, err)
	require.Equal(t, uint64(7), binary.BigEndian.Uint64(data))
	requireClosed(t, client, transport.CloseNormal, "server-side session disconnect")
	<-s.Done()
	require.Zero(t, s.Drops())
}
