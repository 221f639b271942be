//go:build !race

package transport_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
)

// The race detector makes pools forget at random, so these run without it.

func TestAllocations(t *testing.T) {
	t.Run("NewFrame", func(t *testing.T) {
		for _, size := range []int{0, 200, 3000, 30_000} {
			payload := strings.Repeat("p", size)
			require.Zero(t, testing.AllocsPerRun(1000, func() {
				transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, payload...) }).Release()
			}), size)
		}
	})
	frame := text("x")
	defer frame.Release()
	for name, c := range map[string]transport.Conn{"a Conn that can try": &tryConn{}, "a Conn that cannot": &plainConn{}} {
		t.Run("Queue and Flush on "+name, func(t *testing.T) {
			s, err := transport.NewSessions(transport.Config{}).Open(who("a"), transport.Text, c)
			require.NoError(t, err)
			require.Less(t, testing.AllocsPerRun(1000, func() {
				for range 10 {
					s.Queue(frame, transport.Outgoing{Unreliable: true})
				}
				s.Flush()
			}), 0.1)
			s.Close(transport.CloseNormal, "")
			<-s.Done()
		})
	}
	t.Run("Get", func(t *testing.T) {
		r := transport.NewSessions(transport.Config{})
		s, err := r.Open(who("a"), transport.Text, &tryConn{})
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = r.Get("a") }))
		s.Close(transport.CloseNormal, "")
		<-s.Done()
	})
}
