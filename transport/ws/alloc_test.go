//go:build !race

package ws_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/ws"
)

// The race detector makes pools forget at random, so these run without it.

func TestAllocations(t *testing.T) {
	t.Run("read", func(t *testing.T) {
		conn, peer := loopback(t, ws.Config{})
		for _, size := range []int{10, 200, 4000} {
			frame := masked(fin|opText, strings.Repeat("p", size))
			require.Less(t, testing.AllocsPerRun(500, func() {
				_, _ = peer.Write(frame)
				if _, data, err := conn.Read(); err != nil || len(data) != size {
					t.Fatal(len(data), err)
				}
			}), 0.1, size)
		}
	})
	t.Run("write", func(t *testing.T) {
		conn, peer := loopback(t, ws.Config{})
		small, large := payload(200), payload(20<<10)
		defer small.Release()
		defer large.Release()
		for _, list := range [][]*transport.Frame{{small}, {small, small, small}, {small, large, small}} {
			size := 0
			for _, f := range list {
				size += len(f.WebSocket())
			}
			in := make([]byte, size)
			require.Less(t, testing.AllocsPerRun(500, func() {
				if n, err := conn.TryWrite(list); err != nil || n != len(list) {
					t.Fatal(n, err)
				}
				_, _ = io.ReadFull(peer, in)
			}), 0.1)
		}
	})
}
