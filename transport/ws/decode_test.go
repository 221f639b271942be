package ws

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/transport"
)

// decodeAll feeds b in pieces, and writes down what it gives.
func decodeAll(b []byte, piece int) (list []string) {
	d := decoder{limit: 1000, deflate: true}
	var have []byte
	for {
		in, n, err := d.next(have)
		if err != nil {
			return append(list, err.Error())
		}
		if in.op != 0 {
			list = append(list, fmt.Sprintf("%x %x", in.op, in.payload))
		}
		d.release()
		have = have[n:]
		if n > 0 {
			continue
		}
		if len(b) == 0 {
			return list
		}
		next := min(piece, len(b))
		have = append(bytes.Clone(have), b[:next]...)
		b = b[next:]
	}
}

// FuzzDecoder: how the bytes come in makes no difference, and no message is larger than the limit.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x81\x85\x01\x02\x03\x04hello\x89\x80\x00\x00\x00\x00"), uint8(3))
	f.Add([]byte("\x01\x82abcdhe\x80\x83abcdllo\x88\x82\x00\x00\x00\x00\x03\xe8"), uint8(1))
	f.Add([]byte("\xc1\x85\x00\x00\x00\x00\xca\x48\xcd\xc9\xc9"), uint8(7))
	f.Add([]byte("\x82\xfe\x03\xe9\x00\x00\x00\x00"), uint8(2))
	f.Add([]byte("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		whole := decodeAll(bytes.Clone(b), len(b)+1)
		require.Equal(t, whole, decodeAll(bytes.Clone(b), int(piece)+1))
		for _, m := range whole {
			require.LessOrEqual(t, len(m), max(2+2*1000, len(errProtocol.Error())+100))
		}
	})
}

func TestUnmask(t *testing.T) {
	const key = 0x04030201
	for n := range 40 {
		got, want := make([]byte, n), make([]byte, n)
		for i := range want {
			want[i] = byte(i&3 + 1)
		}
		unmask(got, key)
		require.Equal(t, want, got)
	}
}

func TestInflateBomb(t *testing.T) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	require.NoError(t, err)
	_, _ = w.Write(make([]byte, 100_000))
	require.NoError(t, w.Flush())
	bomb := binary.BigEndian.AppendUint16([]byte{0xc2, 0x80 | 126}, uint16(packed.Len()))
	bomb = append(append(bomb, 0, 0, 0, 0), packed.Bytes()...)
	d := decoder{limit: 1000, deflate: true}
	_, n, err := d.next(bomb)
	require.ErrorIs(t, err, transport.ErrTooBig)
	require.Equal(t, len(bomb), n, "what follows can be read")
	require.Less(t, cap(*d.assembly), 10_000)
}
