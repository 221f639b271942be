package transport

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// Frame is one encoded message, ready to be written to any number of connections.
// Its bytes never change after NewFrame, so any number of goroutines may read it; it is reference-counted, and after
// the last Release its memory is used again, so nobody may look at it then.
//
// A Frame also holds its message as one unfragmented, unmasked WebSocket frame of a server (RFC 6455, section 5.2).
// Package transport knows that much about WebSockets because the header must lie in front of the payload in memory
// for one write to take both, and because every recipient gets the same header: it is built here once, not per
// recipient. Other transports use Payload.
type Frame struct {
	bytes  []byte // header and payload, back to back
	header uint8  // length of the header
	class  int8   // the pool it returns to; -1 for none
	kind   Kind
	refs   atomic.Int32
}

const (
	maxHeader  = 10
	maxPooled  = 64 << 10 // larger buffers are left to the garbage collector
	poisonByte = 0xDB
)

// classes are the sizes of pooled buffers. An array of pools instead of one keeps small messages from
// pinning large buffers while they wait in a queue.
var (
	classes   = [...]int{256, 1 << 10, 4 << 10, 16 << 10, maxPooled}
	pools     [len(classes)]sync.Pool
	scratches = sync.Pool{New: func() any { return &scratch{make([]byte, maxHeader, 4<<10)} }}
)

type scratch struct{ b []byte }

// NewFrame makes a frame whose payload is what encode appends to dst; dst is not empty, and encode returns it
// extended, as append does. The caller owns the one reference, and releases it.
// In steady state nothing is allocated for messages up to 64 KiB.
//
// The message is encoded into a scratch buffer and copied into one of the right size: the size is not known before,
// and a copy of a few hundred bytes costs less than growing, or than keeping large buffers in every queue.
func NewFrame(kind Kind, encode func(dst []byte) []byte) *Frame {
	s := scratches.Get().(*scratch)
	out := encode(s.b)
	f := pack(kind, out)
	if cap(out) <= maxPooled {
		s.b = out[:maxHeader]
	}
	scratches.Put(s)
	return f
}

// pack makes the frame for the payload behind the first maxHeader bytes of b. It copies b, unless b is too large for
// a pool; the frame then keeps it.
func pack(kind Kind, b []byte) *Frame {
	size := len(b) - maxHeader
	header := headerLen(size)
	class := classOf(header + size)
	var f *Frame
	if class < 0 {
		f = &Frame{bytes: b[maxHeader-header:]}
	} else {
		f = blank(class, header+size)
		copy(f.bytes[header:], b[maxHeader:])
	}
	f.kind, f.class, f.header = kind, int8(class), uint8(header)
	putHeader(f.bytes[:header], kind, size)
	f.refs.Store(1)
	return f
}

func blank(class, size int) *Frame {
	f, _ := pools[class].Get().(*Frame)
	if f == nil {
		f = &Frame{bytes: make([]byte, classes[class])}
	}
	f.bytes = f.bytes[:size]
	return f
}

func classOf(size int) int {
	for i, c := range classes {
		if size <= c {
			return i
		}
	}
	return -1
}

func headerLen(size int) int {
	switch {
	case size < 126:
		return 2
	case size < 1<<16:
		return 4
	}
	return maxHeader
}

func putHeader(b []byte, kind Kind, size int) {
	b[0] = 0x80 | byte(kind) // final fragment
	switch len(b) {
	case 2:
		b[1] = byte(size)
	case 4:
		b[1] = 126
		binary.BigEndian.PutUint16(b[2:], uint16(size))
	default:
		b[1] = 127
		binary.BigEndian.PutUint64(b[2:], uint64(size))
	}
}

// Kind tells whether the message is text or binary.
func (f *Frame) Kind() Kind { return f.kind }

// Payload returns the encoded message. It must not be changed, nor used after the caller's Release.
func (f *Frame) Payload() []byte { return f.bytes[f.header:] }

// WebSocket returns the message as one WebSocket frame, header and payload. The rules of Payload hold.
func (f *Frame) WebSocket() []byte { return f.bytes }

// Retain adds a reference. Only one who holds a reference may call it.
func (f *Frame) Retain() {
	if n := f.refs.Add(1); poison && n <= 1 {
		panic("transport: frame retained after its last release")
	}
}

// Release gives one reference back. The last one frees the frame.
func (f *Frame) Release() {
	switch n := f.refs.Add(-1); {
	case n > 0:
	case n < 0:
		if poison {
			panic("transport: frame released too often")
		}
	default:
		f.free()
	}
}

func (f *Frame) free() {
	if poison {
		all := f.bytes[:cap(f.bytes)]
		for i := range all {
			all[i] = poisonByte
		}
	}
	if f.class >= 0 {
		pools[f.class].Put(f)
	}
}
