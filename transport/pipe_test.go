package transport_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
	"github.com/shoal-go/shoal/transport/transporttest"
)

func TestPipeContract(t *testing.T) {
	transporttest.Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, transporttest.Client) {
		server, client := transport.Pipe(transport.PipeConfig{WriteWait: wait, CloseAckWait: wait})
		t.Cleanup(client.Cut)
		return server, client
	})
}

func TestPipeWaits(t *testing.T) {
	frame := text("x")
	defer frame.Release()

	t.Run("write", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, client := transport.Pipe(transport.PipeConfig{Window: 2})
			begin := time.Now()
			require.ErrorIs(t, server.Write([]*transport.Frame{frame, frame, frame}), transport.ErrTimeout)
			require.Equal(t, 5*time.Second, time.Since(begin), "the default write wait")
			for range 2 {
				_, _, err := client.Receive()
				require.NoError(t, err, "what was taken before arrives")
			}
			_, _, err := client.Receive()
			require.ErrorIs(t, err, transport.ErrClosed)
		})
	})
	t.Run("close", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, _ := transport.Pipe(transport.PipeConfig{})
			begin := time.Now()
			require.ErrorIs(t, server.Close(1000, ""), transport.ErrTimeout)
			require.Equal(t, 2*time.Second, time.Since(begin), "the default wait for the acknowledgement")
		})
	})
	t.Run("close of one that does not read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, _ := transport.Pipe(transport.PipeConfig{Window: 1})
			require.NoError(t, server.Write([]*transport.Frame{frame}))
			begin := time.Now()
			require.ErrorIs(t, server.Close(1000, ""), transport.ErrTimeout)
			require.Equal(t, 5*time.Second, time.Since(begin))
		})
	})
}

func TestPipeCut(t *testing.T) {
	server, client := transport.Pipe(transport.PipeConfig{})
	client.Cut()
	_, _, err := server.Read()
	require.ErrorIs(t, err, transport.ErrClosed)
	frame := text("x")
	defer frame.Release()
	require.ErrorIs(t, server.Write([]*transport.Frame{frame}), transport.ErrClosed)
	require.ErrorIs(t, client.Send(transport.Text, nil), transport.ErrClosed)
	_, _, err = client.Receive()
	require.ErrorIs(t, err, transport.ErrClosed)
	require.NoError(t, server.Close(1000, ""))
}

func text(s string) *transport.Frame {
	return transport.NewFrame(transport.Text, func(b []byte) []byte { return append(b, s...) })
}
