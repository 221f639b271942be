package ws

import "sync"

const (
	inputBuffer   = 4 << 10
	maxPooled     = 64 << 10
	waitingBuffer = 512
)

// Buffers of what has been read and not yet handed on, and of messages that had to be put together.
var (
	inputBuffers   = sync.Pool{New: func() any { b := make([]byte, inputBuffer); return &b }}
	messageBuffers = sync.Pool{New: func() any { b := make([]byte, 0, inputBuffer); return &b }}
)

func putMessage(b *[]byte) {
	if cap(*b) <= maxPooled {
		messageBuffers.Put(b)
	}
}

// input is the bytes that came in and are not used yet. It holds a buffer only while there are any.
type input struct {
	buf      *[]byte
	from, to int
}

func (in *input) bytes() []byte {
	if in.buf == nil {
		return nil
	}
	return (*in.buf)[in.from:in.to]
}

func (in *input) skip(n int) { in.from += n }

// room is where the next bytes belong, never empty; after that, filled says how many came.
func (in *input) room() []byte {
	if in.buf == nil {
		in.buf = inputBuffers.Get().(*[]byte)
	}
	if in.from > 0 {
		in.to = copy(*in.buf, (*in.buf)[in.from:in.to])
		in.from = 0
	}
	if in.to == len(*in.buf) { // a frame larger than the buffer: the decoder has agreed to its size
		*in.buf = append(*in.buf, make([]byte, len(*in.buf))...)
	}
	return (*in.buf)[in.to:]
}

// waitingRoom is room for a read that waits, with a small buffer that stays.
func (in *input) waitingRoom() []byte {
	if in.buf == nil {
		b := make([]byte, waitingBuffer)
		in.buf = &b
	}
	return in.room()
}

func (in *input) filled(n int) { in.to += n }

// keep copies b into the input, which is empty.
func (in *input) keep(b []byte) {
	for len(b) > 0 {
		n := copy(in.room(), b)
		in.filled(n)
		b = b[n:]
	}
}

// release gives the buffer back if nothing is in it.
func (in *input) release() {
	if in.buf == nil || in.from < in.to {
		return
	}
	switch n := len(*in.buf); {
	case n == waitingBuffer:
		in.from, in.to = 0, 0
		return
	case n >= inputBuffer && n <= maxPooled:
		inputBuffers.Put(in.buf)
	}
	*in = input{}
}
