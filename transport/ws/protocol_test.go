package ws_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

func TestMistakesOfClients(t *testing.T) {
	unmasked := []byte{fin | opText, 2, 'h', 'i'}
	for name, c := range map[string]struct {
		sent []byte
		code int
	}{
		"not masked":                       {unmasked, 1002},
		"reserved bit":                     {masked(fin|rsv1|opText, "x"), 1002},
		"unknown opcode":                   {masked(fin|3, "x"), 1002},
		"continuation of nothing":          {masked(fin|opContinue, "x"), 1002},
		"message within a message":         {append(masked(opText, "a"), masked(fin|opText, "b")...), 1002},
		"fragmented ping":                  {masked(opPing, "x"), 1002},
		"large ping":                       {masked(fin|opPing, string(make([]byte, 200))), 1002},
		"close code that must not be sent": {masked(fin|opClose, "\x03\xed"), 1002},
		"close code of one byte":           {masked(fin|opClose, "\x03"), 1002},
		"text that is not UTF-8":           {masked(fin|opText, "\xc0\x80"), 1007},
		"message too big":                  {masked(fin|opText, string(make([]byte, 4097))), 1009},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, peer := pair(t, ws.Config{})
				in := frames(peer)
				go func() { _, _ = peer.Write(c.sent) }()
				_, err := drain(conn)
				require.Error(t, err)
				f := <-in
				require.Equal(t, byte(fin|opClose), f.first)
				require.Equal(t, c.code, int(binary.BigEndian.Uint16([]byte(f.payload))))
				_ = conn.Close(4000, "the first close counts")
				_, more := <-in
				require.False(t, more)
				_ = peer.Close()
			})
		})
	}
}

func TestFragments(t *testing.T) {
	conn, peer := pair(t, ws.Config{})
	go func() {
		_, _ = peer.Write(masked(opText, "one "))
		_, _ = peer.Write(masked(fin|opPong, "between"))
		_, _ = peer.Write(masked(opContinue, ""))
		_, _ = peer.Write(masked(fin|opContinue, "message"))
		_, _ = peer.Write(masked(fin|opClose, ""))
		_, _ = io.Copy(io.Discard, peer)
	}()
	_, data, err := conn.Read()
	require.NoError(t, err)
	require.Equal(t, "one message", string(data))
	_, _, err = conn.Read()
	var end *transport.CloseError
	require.ErrorAs(t, err, &end)
	require.Equal(t, 1005, end.Code, "no code given")
	require.NoError(t, conn.Close(transport.CloseNormal, ""))
}

func TestBrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := pair(t, ws.Config{})
		_ = peer.Close()
		_, err := drain(conn)
		require.Error(t, err)
		require.NotErrorIs(t, err, transport.ErrClosed, "it was not this side that closed")
		f := transport.NewFrame(transport.Text, func(b []byte) []byte { return b })
		defer f.Release()
		require.Error(t, conn.Write([]*transport.Frame{f}))
		begin := time.Now()
		require.NoError(t, conn.Close(transport.CloseNormal, ""))
		require.Zero(t, time.Since(begin))
	})
}

// FuzzRead feeds what a client may send. Whatever it is, reading ends with an error and closing with a free connection.
func FuzzRead(f *testing.F) {
	f.Add(masked(fin|opText, "hello"))
	f.Add(masked(fin|opText, string(make([]byte, 5000))))
	f.Add(append(masked(opText, "he"), masked(fin|opContinue, "llo")...))
	f.Add(append(masked(fin|opPing, "?"), masked(fin|opClose, "\x03\xe8bye")...))
	f.Add([]byte{fin | rsv1 | opText, 0x80 | 5, 0, 0, 0, 0, 0xca, 0x48, 0xcd, 0xc9, 0xc9})
	f.Add([]byte{fin | opText, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0})
	l, err := net.Listen("unix", f.TempDir()+"/s")
	require.NoError(f, err)
	defer func() { _ = l.Close() }()
	f.Fuzz(func(t *testing.T, b []byte) {
		peer, err := net.Dial("unix", l.Addr().String())
		require.NoError(t, err)
		server, err := l.Accept()
		require.NoError(t, err)
		conn, err := ws.Accept(&recorder{httptest.NewRecorder(), server}, handshake(), ws.Config{Compression: true, CloseAckWait: time.Millisecond})
		require.NoError(t, err)
		got := make(chan []byte, 1)
		go func() {
			_, _ = peer.Write(b)
			_ = peer.(*net.UnixConn).CloseWrite()
			all, _ := io.ReadAll(peer)
			got <- all
		}()
		_, err = drain(conn)
		require.Error(t, err)
		_ = conn.Close(transport.CloseNormal, "")
		require.LessOrEqual(t, len(<-got), 1000+2*len(b), "only answers to control frames")
		_ = peer.Close()
	})
}

// Pings that come together are all answered, in one write: a client that sends nothing else must not cost more than others.
func TestPingsThatComeTogether(t *testing.T) {
	conn, peer := pair(t, ws.Config{CloseAckWait: time.Millisecond})
	go func() { _, _ = drain(conn) }()
	var pings, want []byte
	for _, s := range []string{"a", "", "b"} {
		pings = append(pings, masked(fin|opPing, s)...)
		want = append(append(want, fin|opPong, byte(len(s))), s...)
	}
	_, err := peer.Write(pings)
	require.NoError(t, err)
	got := make([]byte, 100)
	n, err := peer.Read(got)
	require.NoError(t, err)
	require.Equal(t, want, got[:n])
	require.NoError(t, peer.Close())
	require.NoError(t, conn.Close(transport.CloseNormal, ""))
}
