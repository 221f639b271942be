package transport_test

import (
	"encoding/binary"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
)

func TestFrameBytes(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 127, 253, 254, 255, 256, 1023, 4092, 4096, 65535, 65536, 65540, 1 << 20} {
		payload := strings.Repeat("p", size)
		for range 2 { // the second time from the pool
			f := text(payload)
			require.Equal(t, payload, string(f.Payload()))
			require.Equal(t, transport.Text, f.Kind())

			b := f.WebSocket()
			require.Equal(t, byte(0x81), b[0], "final fragment of a text message")
			length, header := int(b[1]), 2
			switch b[1] {
			case 126:
				length, header = int(binary.BigEndian.Uint16(b[2:])), 4
				require.Greater(t, length, 125, "the shortest header that fits")
			case 127:
				length, header = int(binary.BigEndian.Uint64(b[2:])), 10
				require.Greater(t, length, 65535)
			}
			require.Equal(t, size, length)
			require.Equal(t, payload, string(b[header:]))
			f.Release()
		}
	}
	f := transport.NewFrame(transport.Binary, func(b []byte) []byte { return b })
	require.Equal(t, []byte{0x82, 0}, f.WebSocket())
	f.Release()
}

func TestFrameReferences(t *testing.T) {
	f := text("shared")
	var all sync.WaitGroup
	for range 50 {
		f.Retain()
		all.Go(func() {
			if string(f.Payload()) != "shared" {
				t.Error("the payload changed while there was a reference")
			}
			f.Release()
			other := text("others")
			defer other.Release()
			if string(other.Payload()) != "others" {
				t.Error("two frames share memory")
			}
		})
	}
	all.Wait()
	require.Equal(t, "shared", string(f.Payload()))
	f.Release()
}

func TestKind(t *testing.T) {
	require.Equal(t, "text binary kind(9)", transport.Text.String()+" "+transport.Binary.String()+" "+transport.Kind(9).String())
}
