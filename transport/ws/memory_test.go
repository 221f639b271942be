//go:build unix && !race

package ws_test

import (
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// TestIdleMemory opens connections that do nothing, each with its reader and its session, and looks at what is held for
// one. The clients are bare descriptors, which hold nothing in this process.
func TestIdleMemory(t *testing.T) {
	const warmup, conns, limit = 500, 1000, 9 << 10
	sessions := transport.NewSessions(transport.Config{})
	s := newServer(t, ws.Config{PingPeriod: time.Hour, PongWait: 2 * time.Hour, CloseAckWait: time.Millisecond}, false)
	before := 0
	for i := range warmup + conns {
		if i == warmup { // code, pools and tables are in place
			before = held()
		}
		conn := s.dialBare(t)
		session, err := sessions.Open(named(i), transport.Text, conn)
		require.NoError(t, err)
		go func() {
			for {
				if _, _, err := conn.Read(); err != nil {
					session.Close(transport.CloseNormal, "")
					return
				}
			}
		}()
	}
	each := (held() - before) / conns
	t.Logf("%d bytes per idle connection", each)
	require.Less(t, each, limit)
	require.NoError(t, sessions.Shutdown(t.Context(), transport.CloseGoingAway, ""))
}

// held is what the runtime holds: the heap that is in use, and the stacks.
func held() int {
	runtime.GC()
	runtime.GC() // pools let go of what they have the second time
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// dialBare connects a client that is a descriptor and no more.
func (s *server) dialBare(t *testing.T) *ws.Conn {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	addr := s.Listener.Addr().(*net.TCPAddr)
	require.NoError(t, syscall.Connect(fd, &syscall.SockaddrInet4{Port: addr.Port, Addr: [4]byte(addr.IP.To4())}))
	const hello = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	_, err = syscall.Write(fd, []byte(hello))
	require.NoError(t, err)
	return <-s.conns
}
