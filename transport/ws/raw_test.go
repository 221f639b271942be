package ws_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// Frames as a client sends them. The masking key is zero, which masks nothing.
const (
	fin, rsv1                                   = 0x80, 0x40
	opContinue, opText, opClose, opPing, opPong = 0, 1, 8, 9, 10
)

func masked(first byte, payload string) []byte {
	b := []byte{first}
	if len(payload) < 126 {
		b = append(b, 0x80|byte(len(payload)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// pair returns a Conn and the bare other end of its network connection, which lies in memory.
func pair(t testing.TB, cfg ws.Config) (*ws.Conn, net.Conn) {
	t.Helper()
	server, peer := net.Pipe()
	conn, err := ws.Accept(&recorder{httptest.NewRecorder(), server}, handshake(), cfg)
	require.NoError(t, err)
	return conn, peer
}

func handshake() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/ws", nil)
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
		r.Header.Set(k, v)
	}
	return r
}

type recorder struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return r.conn, bufio.NewReadWriter(bufio.NewReader(r.conn), bufio.NewWriter(r.conn)), nil
}

// frame is one frame of the server; its payloads are short here.
type frame struct {
	first   byte
	payload string
}

// frames reads what the server sends, until the connection ends.
func frames(peer net.Conn) <-chan frame {
	out := make(chan frame, 1000)
	go func() {
		defer close(out)
		for {
			head := make([]byte, 2)
			if _, err := io.ReadFull(peer, head); err != nil {
				return
			}
			payload := make([]byte, head[1])
			if _, err := io.ReadFull(peer, payload); err != nil {
				return
			}
			out <- frame{head[0], string(payload)}
		}
	}()
	return out
}

func closing(code int, reason string) frame {
	return frame{fin | opClose, string(binary.BigEndian.AppendUint16(nil, uint16(code))) + reason}
}

// drain reads until an error comes, and returns it with the time it took.
func drain(conn *ws.Conn) (time.Duration, error) {
	begin := time.Now()
	for {
		if _, _, err := conn.Read(); err != nil {
			return time.Since(begin), err
		}
	}
}

func TestLiveness(t *testing.T) {
	// Each peer gets the server's frames, and lives until stop is closed.
	for name, c := range map[string]struct {
		peer func(peer net.Conn, in <-chan frame, stop <-chan struct{})
		cut  time.Duration // 0: never
	}{
		"answers pings": {func(peer net.Conn, in <-chan frame, stop <-chan struct{}) {
			for f := range in {
				if f.first == fin|opPing {
					_, _ = peer.Write(masked(fin|opPong, f.payload))
				}
			}
		}, 0},
		"only sends messages": {every(24*time.Second, masked(fin|opText, "still here")), 0},
		"only sends pongs":    {every(24*time.Second, masked(fin|opPong, "")), 0},
		"only sends pings":    {every(24*time.Second, masked(fin|opPing, "")), 0},
		"says nothing":        {func(net.Conn, <-chan frame, <-chan struct{}) {}, 25 * time.Second},
		"stops answering": {func(peer net.Conn, in <-chan frame, stop <-chan struct{}) {
			for range 3 {
				<-in
				_, _ = peer.Write(masked(fin|opPong, ""))
			}
		}, 3*15*time.Second + 25*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, peer := pair(t, ws.Config{})
				stop := make(chan struct{})
				go c.peer(peer, frames(peer), stop)
				if c.cut > 0 {
					took, err := drain(conn)
					require.ErrorIs(t, err, transport.ErrTimeout)
					require.Equal(t, c.cut, took)
				} else {
					time.AfterFunc(time.Hour, func() { _ = peer.Close() })
					took, err := drain(conn)
					require.NotErrorIs(t, err, transport.ErrTimeout)
					require.Equal(t, time.Hour, took)
				}
				close(stop)
				begin := time.Now()
				require.NoError(t, conn.Close(transport.CloseNormal, ""))
				require.Zero(t, time.Since(begin), "there is nobody to wait for")
			})
		})
	}
}

func every(d time.Duration, b []byte) func(net.Conn, <-chan frame, <-chan struct{}) {
	return func(peer net.Conn, _ <-chan frame, stop <-chan struct{}) {
		for {
			select {
			case <-time.After(d):
				_, _ = peer.Write(b)
			case <-stop:
				return
			}
		}
	}
}

// The time the server takes for a message is not the client's.
func TestBusyServerCutsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := pair(t, ws.Config{})
		in := frames(peer)
		go func() {
			_, _ = peer.Write(masked(fin|opText, "first"))
			_, _ = peer.Write(masked(fin|opText, "second"))
		}()
		requireText(t, conn, "first")
		time.Sleep(61 * time.Second)
		requireText(t, conn, "second")
		require.Len(t, in, 4, "pings go on")
		took, err := drain(conn)
		require.ErrorIs(t, err, transport.ErrTimeout)
		require.LessOrEqual(t, took, 25*time.Second)
		_ = conn.Close(transport.CloseNormal, "")
		_ = peer.Close()
	})
}

func TestPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := pair(t, ws.Config{PingPeriod: 10 * time.Second, PongWait: time.Minute})
		in := frames(peer)
		go func() { _, _ = drain(conn) }()
		begin := time.Now()
		for i := range 5 {
			require.Equal(t, frame{fin | opPing, ""}, <-in)
			require.Equal(t, time.Duration(i+1)*10*time.Second, time.Since(begin))
		}
		_, err := peer.Write(masked(fin|opPing, "marco"))
		require.NoError(t, err)
		require.Equal(t, frame{fin | opPong, "marco"}, <-in)
		_ = peer.Close()
		_ = conn.Close(transport.CloseNormal, "")
	})
}

func TestPingWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := pair(t, ws.Config{WriteWait: 18 * time.Second})
		defer func() { _ = peer.Close() }()
		go func() { _, _ = drain(conn) }()
		f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, "hi"...) })
		defer f.Release()
		time.Sleep(time.Second)
		go func() { _ = conn.Write([]*transport.Frame{f}) }() // nobody reads, until 17 s
		time.Sleep(16 * time.Second)
		in := frames(peer)
		begin := time.Now()
		require.Equal(t, frame{fin | opText, "hi"}, <-in)
		require.Equal(t, frame{fin | opPing, ""}, <-in, "the ping that was due at 15 s comes once there is room")
		require.Less(t, time.Since(begin), 2*time.Second)
		_ = peer.Close()
		_ = conn.Close(transport.CloseNormal, "")
	})
}

func TestCloseIsBounded(t *testing.T) {
	t.Run("no answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := pair(t, ws.Config{})
			in := frames(peer)
			begin := time.Now()
			require.ErrorIs(t, conn.Close(4000, "bye"), transport.ErrTimeout)
			require.Equal(t, 2*time.Second, time.Since(begin))
			require.Equal(t, closing(4000, "bye"), <-in)
			_, more := <-in
			require.False(t, more, "and then the connection is freed")
			_ = peer.Close()
		})
	})
	t.Run("client that does not read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := pair(t, ws.Config{})
			begin := time.Now()
			require.NoError(t, conn.Close(4000, "bye"))
			require.Equal(t, 5*time.Second, time.Since(begin))
			_ = peer.Close()
		})
	})
	t.Run("client that reads late gets the write wait to answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := pair(t, ws.Config{})
			f := transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, "hi"...) })
			defer f.Release()
			late := make(chan (<-chan frame), 1)
			time.AfterFunc(4*time.Second, func() { late <- frames(peer) })
			require.NoError(t, conn.Write([]*transport.Frame{f}))
			begin := time.Now()
			require.ErrorIs(t, conn.Close(4000, "bye"), transport.ErrTimeout)
			require.Equal(t, 5*time.Second, time.Since(begin))
			in := <-late
			require.Equal(t, frame{fin | opText, "hi"}, <-in)
			require.Equal(t, closing(4000, "bye"), <-in)
			_ = peer.Close()
		})
	})
	t.Run("data meanwhile is skipped", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			conn, peer := pair(t, ws.Config{})
			in := frames(peer)
			reading := make(chan error, 1)
			go func() { _, err := drain(conn); reading <- err }()
			_, err := peer.Write(masked(opText, "first half, ")) // not the final fragment
			require.NoError(t, err)
			synctest.Wait()
			done := make(chan error, 1)
			go func() { done <- conn.Close(4000, "bye") }()
			require.ErrorIs(t, <-reading, transport.ErrClosed)
			require.Equal(t, closing(4000, "bye"), <-in)
			for _, b := range [][]byte{masked(fin|opContinue, "second half"), masked(fin|opText, "more"), masked(fin|opPing, "?"), masked(fin|opClose, "\x0f\xa0")} {
				_, err := peer.Write(b)
				require.NoError(t, err)
			}
			require.NoError(t, <-done)
			_, more := <-in
			require.False(t, more, "nothing follows the close frame, not even a pong")
			_ = peer.Close()
		})
	})
}

func named(i int) presence.Presence {
	return presence.Presence{User: fmt.Sprint("user ", i), Session: fmt.Sprint("session ", i)}
}
