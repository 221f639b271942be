package ws_test

import (
	"net"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// flood writes to a client that does not read until that fails.
func flood(t *testing.T, conn *ws.Conn) {
	t.Helper()
	f := transport.NewFrame(transport.Binary, func(dst []byte) []byte { return append(dst, make([]byte, 1<<20)...) })
	defer f.Release()
	for range 100 {
		if err := conn.Write([]*transport.Frame{f}); err != nil {
			require.ErrorIs(t, err, transport.ErrTimeout)
			return
		}
	}
	t.Fatal("the client took it all")
}

// A write that fails is the end for the receiver too, and not only when the client has been silent for long enough.
func TestAFailedWriteEndsReceiving(t *testing.T) {
	cfg := ws.Config{Poller: ws.NewPoller(), WriteWait: 10 * time.Millisecond, PongWait: time.Hour}
	t.Run("while receiving", func(t *testing.T) {
		conn, _ := loopback(t, cfg)
		b := receive(conn)
		flood(t, conn)
		require.ErrorIs(t, <-b.err, transport.ErrTimeout)
	})
	t.Run("while on has enough", func(t *testing.T) {
		conn, peer := loopback(t, cfg)
		b := receive(conn, "enough")
		send(t, peer, "enough")
		b.requireMessages(t, "enough")
		flood(t, conn)
		require.ErrorIs(t, <-b.err, transport.ErrTimeout)
		conn.Resume()
		require.NoError(t, conn.Close(transport.CloseNormal, ""))
		require.Empty(t, b.err, "the end comes once")
	})
	t.Run("before Receive", func(t *testing.T) {
		conn, _ := loopback(t, cfg)
		flood(t, conn)
		require.ErrorIs(t, <-receive(conn).err, transport.ErrTimeout)
	})
}

// exhaust leaves the process so many file descriptors.
func exhaust(t *testing.T, left int) (restore func()) {
	t.Helper()
	var was syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 256, Max: was.Max}))
	var files []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			require.ErrorIs(t, err, syscall.EMFILE)
			break
		}
		files = append(files, f)
	}
	for _, f := range files[:left] {
		_ = f.Close()
	}
	return func() {
		for _, f := range files[left:] {
			_ = f.Close()
		}
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was))
	}
}

// tcp is the two ends of a connection.
func tcp(t *testing.T) (server, peer net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	peer, err = net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = peer.Close() })
	server, err = l.Accept()
	require.NoError(t, err)
	return server, peer
}

func TestNoFileDescriptorLeft(t *testing.T) {
	cfg := ws.Config{Poller: ws.NewPoller(), CloseAckWait: time.Millisecond}
	accept := func(server net.Conn) *ws.Conn {
		conn, err := ws.Accept(&recorder{httptest.NewRecorder(), server}, handshake(), cfg)
		require.NoError(t, err)
		return conn
	}
	t.Run("for the connection: it is read as without a Poller", func(t *testing.T) {
		server, peer := tcp(t)
		restore := exhaust(t, 0)
		conn := accept(server)
		restore()
		require.False(t, conn.CanReceive())
		send(t, peer, "hello")
		_, payload, err := conn.Read()
		require.NoError(t, err)
		require.Equal(t, "hello", string(payload))
		require.ErrorIs(t, conn.Close(transport.CloseNormal, ""), transport.ErrTimeout)
	})
	t.Run("for the Poller: the connection ends, the next one does not", func(t *testing.T) {
		server, peer := tcp(t)
		restore := exhaust(t, 1)
		conn := accept(server)
		b := receive(conn)
		err := <-b.err
		restore()
		require.ErrorIs(t, err, syscall.EMFILE)
		require.NoError(t, conn.Close(transport.CloseNormal, ""))
		_ = peer.Close()

		server, peer = tcp(t)
		conn = accept(server)
		b = receive(conn)
		send(t, peer, "hello")
		b.requireMessages(t, "hello")
		require.NoError(t, peer.Close())
		require.Error(t, <-b.err)
		require.NoError(t, conn.Close(transport.CloseNormal, ""))
	})
}
