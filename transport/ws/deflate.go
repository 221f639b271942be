package ws

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
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

// appendDeflated appends f as a compressed WebSocket frame (RFC 7692).
func appendDeflated(dst []byte, f *transport.Frame) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out = d.out[:0]
	d.w.Reset(d)
	_, _ = d.w.Write(f.Payload()) // our Write never fails
	_ = d.w.Flush()
	payload := d.out[:len(d.out)-4] // without the empty block that Flush ends with: section 7.2.1
	dst = append(dst, final|compressed|byte(f.Kind()))
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

// inflaters hold decompressors; one is some forty kilobytes.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// deflateTail is the end that the sender of a message leaves out, and a final empty block, so that the decompressor
// comes to an end: section 7.2.2.
const deflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// appendInflated decompresses a message. It returns transport.ErrTooBig as soon as there are more than limit bytes.
func appendInflated(dst, b []byte, limit int) ([]byte, error) {
	r := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(r)
	_ = r.(flate.Resetter).Reset(io.MultiReader(bytes.NewReader(b), strings.NewReader(deflateTail)), nil)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > limit:
			return dst, transport.ErrTooBig
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, fmt.Errorf("%w: %w", errProtocol, err)
		}
	}
}
