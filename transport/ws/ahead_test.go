package ws_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// These tests are about messages that come in pieces, or together, on real sockets.

// hello asks for a WebSocket.
const hello = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

func requireText(t *testing.T, conn *ws.Conn, want string) {
	t.Helper()
	kind, data, err := conn.Read()
	require.NoError(t, err)
	require.Equal(t, transport.Text, kind)
	require.Equal(t, want, string(data))
}

func TestEarlyClient(t *testing.T) { both(t, earlyClientTest) }

func earlyClientTest(t *testing.T, poller *ws.Poller) {
	s := newServer(t, with(patient, poller), false)
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	_, err = c.Write(append([]byte(hello), masked(fin|opText, "did not wait")...))
	require.NoError(t, err)
	conn := <-s.conns
	requireText(t, conn, "did not wait")
	_, err = c.Write(masked(fin|opText, "second"))
	require.NoError(t, err)
	requireText(t, conn, "second")
	_ = c.Close()
	_ = conn.Close(transport.CloseNormal, "")
}

// There are clients that look for these letters in the answer, although those of headers mean the same in either case.
func TestAcceptIsSpelledAsInTheStandard(t *testing.T) {
	s := newServer(t, ws.Config{}, false)
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	_, err = io.WriteString(c, hello)
	require.NoError(t, err)
	conn := <-s.conns
	require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Minute)))

	var lines []string
	for answer := bufio.NewScanner(c); answer.Scan() && answer.Text() != ""; {
		lines = append(lines, answer.Text())
	}
	require.Equal(t, "HTTP/1.1 101 Switching Protocols", lines[0])
	require.Contains(t, lines, "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=")
	require.Contains(t, lines, "Upgrade: websocket")
	require.Contains(t, lines, "Connection: Upgrade")
	_ = c.Close()
	_ = conn.Close(transport.CloseNormal, "")
}

func TestReadAhead(t *testing.T) { both(t, readAheadTest) }

func readAheadTest(t *testing.T, poller *ws.Poller) {
	long := string(make([]byte, 10_000))
	for name, c := range map[string]struct {
		writes [][]byte
		want   []string
	}{
		"several messages at once": {[][]byte{append(masked(fin|opText, "a"), masked(fin|opText, "b")...)}, []string{"a", "b"}},
		"pongs around":             {[][]byte{masked(fin|opPong, ""), append(masked(fin|opPong, "x"), masked(fin|opText, "a")...), masked(fin|opPong, "y"), masked(fin|opText, "b")}, []string{"a", "b"}},
		"pong in pieces":           {[][]byte{{fin | opPong}, {0x80 | 2, 0, 0}, {0, 0, 'o'}, {'k'}, masked(fin|opText, "a")}, []string{"a"}},
		"pong that ends a read":    {[][]byte{append(masked(fin|opText, "a"), fin|opPong), {0x80, 0, 0, 0, 0}, masked(fin|opText, "b")}, []string{"a", "b"}},
		"longer than the buffer":   {[][]byte{masked(fin|opText, long), masked(fin|opText, "b")}, []string{long, "b"}},
		"byte by byte":             {split(masked(fin|opText, "slow")), []string{"slow"}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, peer := loopback(t, ws.Config{MaxMessageBytes: 20_000, Poller: poller, CloseAckWait: time.Minute})
			require.NoError(t, peer.(*net.TCPConn).SetNoDelay(true))
			go func() {
				for _, b := range c.writes {
					_, _ = peer.Write(b)
				}
			}()
			for _, want := range c.want {
				requireText(t, conn, want)
			}
			_, err := peer.Write(masked(fin|opClose, "\x0f\xa0bye"))
			require.NoError(t, err)
			_, _, err = conn.Read()
			var end *transport.CloseError
			require.ErrorAs(t, err, &end)
			require.Equal(t, transport.CloseError{Code: 4000, Reason: "bye"}, *end)
			require.NoError(t, conn.Close(transport.CloseNormal, "not this one"))
			answer, err := io.ReadAll(peer)
			require.NoError(t, err)
			require.Equal(t, "\x88\x05\x0f\xa0bye", string(answer), "the client's own close, and nothing else")
		})
	}
}

func split(b []byte) (list [][]byte) {
	for i := range b {
		list = append(list, b[i:i+1])
	}
	return list
}

func TestUnmaskedPongIsAMistake(t *testing.T) { both(t, unmaskedPongIsAMistakeTest) }

func unmaskedPongIsAMistakeTest(t *testing.T, poller *ws.Poller) {
	conn, peer := loopback(t, with(patient, poller))
	_, err := peer.Write([]byte{fin | opPong, 0})
	require.NoError(t, err)
	_, _, err = conn.Read()
	require.Error(t, err)
	answer := make([]byte, 4)
	_, err = io.ReadFull(peer, answer)
	require.NoError(t, err)
	require.Equal(t, "\x88\x10\x03\xea", string(answer), "1002")
	require.NoError(t, peer.Close())
}

func TestVanishedClient(t *testing.T) {
	conn, peer := loopback(t, patient)
	require.NoError(t, peer.(*net.TCPConn).SetLinger(0)) // a reset
	reading := make(chan error, 1)
	go func() {
		_, _, err := conn.Read()
		reading <- err
	}()
	require.NoError(t, peer.Close())
	err := <-reading
	require.Error(t, err)
	require.NotErrorIs(t, err, transport.ErrClosed)
	require.NoError(t, conn.Close(transport.CloseNormal, ""), "at once: there is nobody to wait for")
}
