package ws_test

import (
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// loopback returns a Conn and the bare other end of its TCP connection.
func loopback(t testing.TB, cfg ws.Config) (*ws.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	peer, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	server, err := l.Accept()
	require.NoError(t, err)
	conn, err := ws.Accept(&recorder{httptest.NewRecorder(), server}, handshake(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = peer.Close()
		_ = conn.Close(transport.CloseNormal, "")
	})
	return conn, peer
}

func payload(n int) *transport.Frame {
	return transport.NewFrame(transport.Binary, func(b []byte) []byte { return append(b, strings.Repeat("p", n)...) })
}

// BenchmarkWrite writes frames of 200 bytes with TryWrite, to a reader that takes all.
func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{1, 5, 10} {
		b.Run(fmt.Sprint(n, " frames"), func(b *testing.B) {
			conn, peer := loopback(b, ws.Config{})
			go func() { _, _ = io.Copy(io.Discard, peer) }()
			f := payload(200)
			defer f.Release()
			list := make([]*transport.Frame, n)
			for i := range list {
				list[i] = f
			}
			b.ReportAllocs()
			for b.Loop() {
				if sent, err := conn.TryWrite(list); err != nil {
					if err = conn.Write(list[sent:]); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/frame")
		})
	}
}

// BenchmarkBareWrite is what BenchmarkWrite cannot beat: the same bytes, ready, by net.Conn.
func BenchmarkBareWrite(b *testing.B) {
	for _, n := range []int{1, 5, 10} {
		b.Run(fmt.Sprint(n, " frames"), func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(b, err)
			defer func() { _ = l.Close() }()
			client, err := net.Dial("tcp", l.Addr().String())
			require.NoError(b, err)
			server, err := l.Accept()
			require.NoError(b, err)
			go func() { _, _ = io.Copy(io.Discard, client) }()
			defer func() { _, _ = server.Close(), client.Close() }()
			bytes := []byte(strings.Repeat("p", 204*n))
			for b.Loop() {
				if _, err := server.Write(bytes); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/frame")
		})
	}
}

// BenchmarkRead reads messages of 60 bytes, most of which are there when it comes.
func BenchmarkRead(b *testing.B) {
	conn, peer := loopback(b, ws.Config{})
	frame := masked(fin|2, strings.Repeat("p", 60))
	go func() {
		for {
			if _, err := peer.Write(frame); err != nil {
				return
			}
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := conn.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
