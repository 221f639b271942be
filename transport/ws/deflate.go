package ws

import (
	"compress/flate"
	"encoding/binary"
	"sync"

	"github.com/shoal-go/shoal/transport"
)

// deflateMin is the smallest payload that is compressed: below it there is little to gain.
const deflateMin = 512

// deflaters hold compressors with their output. One is some hundred kilobytes; there are as many as
// goroutines compress at the same time.
var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.w, _ = flate.NewWriter(d, flate.BestSpeed) // fails for unknown levels only
	return d
}}

type deflater struct {
	w   *flate.Writer
	out []byte
}

// Write implements io.Writer for the compressor.
func (d *deflater) Write(p []byte) (int, error) {
	d.out = append(d.out, p...)
	return len(p), nil
}

// appendDeflated appends f as a compressed WebSocket frame (RFC 7692). We compress, and not coder's writer, because
// that splits frames over several writes, between which our other frames could get.
func appendDeflated(dst []byte, f *transport.Frame) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out = d.out[:0]
	d.w.Reset(d)
	_, _ = d.w.Write(f.Payload()) // our Write never fails
	_ = d.w.Flush()
	payload := d.out[:len(d.out)-4] // without the empty block that Flush ends with: section 7.2.1
	const finalCompressed = 0x80 | 0x40
	dst = append(dst, finalCompressed|byte(f.Kind()))
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
	return append(dst, payload...)
}
