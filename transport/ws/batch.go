package ws

import (
	"sync"

	"github.com/shoal-go/shoal/transport"
)

// batchBytes is how much goes into one write. Small frames are copied together, because a copy of some kilobytes costs
// far less than a write, and no more than a vectored write; a frame of this size or more is written from where it lies.
const batchBytes = 16 << 10

var batchBuffers = sync.Pool{New: func() any { b := make([]byte, 0, batchBytes); return &b }}

// batch turns frames into as few byte slices as is sensible.
type batch struct {
	frames  []*transport.Frame
	deflate bool
	buf     *[]byte // taken when needed
}

func newBatch(deflate bool, frames []*transport.Frame) batch {
	return batch{frames: frames, deflate: deflate}
}

// next returns the bytes for the next write, valid until the next call, and how many frames are in it; nil at the end.
func (b *batch) next() (out []byte, n int) {
	if len(b.frames) == 0 {
		return nil, 0
	}
	if !b.compress(b.frames[0]) && (len(b.frames) == 1 || len(b.frames[0].WebSocket()) >= batchBytes) {
		out, b.frames = b.frames[0].WebSocket(), b.frames[1:]
		return out, 1
	}
	if b.buf == nil {
		b.buf = batchBuffers.Get().(*[]byte)
	}
	out = (*b.buf)[:0]
	for n < len(b.frames) {
		f := b.frames[n]
		if n > 0 && len(out)+len(f.WebSocket()) > batchBytes {
			break
		}
		out = b.append(out, f)
		n++
	}
	b.frames = b.frames[n:]
	*b.buf = out[:0]
	return out, n
}

func (b *batch) append(out []byte, f *transport.Frame) []byte {
	if b.compress(f) {
		return appendDeflated(out, f)
	}
	return append(out, f.WebSocket()...)
}

func (b *batch) compress(f *transport.Frame) bool {
	return b.deflate && len(f.Payload()) >= deflateMin
}

func (b *batch) free() {
	if b.buf != nil && cap(*b.buf) <= 4*batchBytes {
		batchBuffers.Put(b.buf)
	}
}
