package ws

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"

	"github.com/shoal-go/shoal/transport"
)

// Opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	final      = 0x80
	compressed = 0x40 // RSV1, which the deflate extension uses
	reserved   = 0x70 // all of them
	control    = 0x8  // an opcode with this bit is a control frame's
	isMasked   = 0x80

	maxControl   = 125 // bytes of payload in a control frame
	maxHeader    = 14
	maxReason    = 123 // bytes a close frame holds beside its code
	noStatusCode = 1005
)

// errProtocol is a mistake of the client that leaves no way to tell where its next frame begins.
var errProtocol = errors.New("ws: protocol error")

// decoder makes messages of the bytes that a client sends. It allocates nothing for messages that are neither
// compressed nor in fragments.
type decoder struct {
	limit   int  // bytes of a message
	deflate bool // the extension was agreed on

	// A message that comes in fragments, or compressed; kind is 0 when there is none.
	kind     byte
	inflate  bool
	assembly *[]byte // its payload so far, or the last one, from messageBuffers
}

// incoming is what a frame gives: a whole message, or a control frame. A fragment that is not the last gives nothing.
type incoming struct {
	op      byte // 0: nothing
	payload []byte
}

// header is the head of a frame, with masking key.
type header struct {
	first byte
	size  int // of the payload
	key   uint32
	bytes int // of the head
}

// next takes the first frame off b, whose payload it unmasks where it lies, and returns how many bytes that are. 0
// means that the frame is not all there; a frame that is not allowed is refused as soon as its head is.
func (d *decoder) next(b []byte) (in incoming, n int, err error) {
	h, ok := parseHeader(b)
	if !ok {
		return incoming{}, 0, nil
	}
	if err := d.check(h); err != nil {
		return incoming{}, d.skip(h), err
	}
	n = h.bytes + h.size
	if len(b) < n {
		return incoming{}, 0, nil
	}
	payload := b[h.bytes:n:n]
	unmask(payload, h.key)
	in, err = d.accept(h, payload)
	return in, n, err
}

// parseHeader reports false when b does not hold all of it.
func parseHeader(b []byte) (h header, ok bool) {
	if len(b) < 2 {
		return header{}, false
	}
	h = header{first: b[0], bytes: 2}
	switch size := b[1] &^ isMasked; size {
	default:
		h.size = int(size)
	case 126:
		if h.bytes = 4; len(b) < h.bytes {
			return header{}, false
		}
		h.size = int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if h.bytes = 10; len(b) < h.bytes {
			return header{}, false
		}
		h.size = -1 // check refuses what no int holds
		if size := binary.BigEndian.Uint64(b[2:]); size <= math.MaxInt {
			h.size = int(size)
		}
	}
	if b[1]&isMasked == 0 { // there is no key to wait for, and check refuses it
		h.size = -1
		return h, true
	}
	if len(b) < h.bytes+4 {
		return header{}, false
	}
	h.key = binary.LittleEndian.Uint32(b[h.bytes:])
	h.bytes += 4
	return h, true
}

// check refuses what a client must not send, by the head alone.
func (d *decoder) check(h header) error {
	op := h.first & 0xf
	switch {
	case h.size < 0, h.first&reserved&^compressed != 0:
		return errProtocol
	case op&control != 0:
		if op > opPong || h.size > maxControl || h.first&final == 0 || h.first&compressed != 0 {
			return errProtocol
		}
		return nil
	case op > byte(transport.Binary), (op == opContinuation) != (d.kind != 0):
		return errProtocol
	case h.first&compressed != 0 && (!d.deflate || op == opContinuation):
		return errProtocol
	case d.kind != 0 && len(*d.assembly)+h.size > d.limit, h.size > d.limit:
		return transport.ErrTooBig
	}
	return nil
}

// skip returns the length of a frame that is refused. If it is of a message in fragments, that is forgotten.
func (d *decoder) skip(h header) int {
	if d.kind != 0 && h.first&(control|final) == final {
		d.kind = 0
	}
	return h.bytes + min(max(h.size, 0), math.MaxInt/2) // the sum fits
}

// accept deals with the payload of a frame that is allowed.
func (d *decoder) accept(h header, payload []byte) (incoming, error) {
	op := h.first & 0xf
	if op&control != 0 {
		return incoming{op, payload}, nil
	}
	whole := h.first&final != 0
	if op != opContinuation && whole && h.first&compressed == 0 { // as nearly always
		return d.message(op, payload)
	}
	if op != opContinuation {
		d.kind, d.inflate = op, h.first&compressed != 0
		d.assembly = messageBuffers.Get().(*[]byte)
		*d.assembly = (*d.assembly)[:0]
	}
	*d.assembly = append(*d.assembly, payload...)
	if !whole {
		return incoming{}, nil
	}
	op, d.kind = d.kind, 0
	if d.inflate {
		if err := d.decompress(); err != nil {
			return incoming{}, err
		}
	}
	return d.message(op, *d.assembly)
}

// message is a whole one.
func (d *decoder) message(op byte, payload []byte) (incoming, error) {
	if op == byte(transport.Text) && !utf8.Valid(payload) {
		return incoming{}, transport.ErrInvalidText
	}
	return incoming{op, payload}, nil
}

// decompress puts the message itself in the place of its compressed form.
func (d *decoder) decompress() error {
	plain := messageBuffers.Get().(*[]byte)
	var err error
	*plain, err = appendInflated((*plain)[:0], *d.assembly, d.limit)
	putMessage(d.assembly)
	d.assembly = plain
	return err
}

// release gives the buffer of the last message back, unless one is under way.
func (d *decoder) release() {
	if d.kind == 0 && d.assembly != nil {
		putMessage(d.assembly)
		d.assembly = nil
	}
}

// unmask is section 5.3, eight bytes at a time.
func unmask(b []byte, key uint32) {
	if key == 0 {
		return
	}
	wide := uint64(key)<<32 | uint64(key)
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(key >> (8 * (i & 3)))
	}
}

// closeError is what the payload of a client's close frame says. It fails for codes that must not be sent, and for
// reasons that are not UTF-8.
func closeError(payload []byte) (*transport.CloseError, error) {
	if len(payload) == 0 {
		return &transport.CloseError{Code: noStatusCode}, nil
	}
	if len(payload) == 1 || !utf8.Valid(payload[2:]) {
		return nil, errProtocol
	}
	code := int(binary.BigEndian.Uint16(payload))
	if !sendable(code) {
		return nil, errProtocol
	}
	return &transport.CloseError{Code: code, Reason: string(payload[2:])}, nil
}

func closeFrame(code int, reason string) []byte {
	if code == noStatusCode { // the answer to a close without a code
		return []byte{final | opClose, 0}
	}
	if !sendable(code) {
		code = transport.CloseNormal
	}
	for len(reason) > maxReason || !utf8.ValidString(reason) {
		reason = reason[:len(reason)-1]
	}
	b := []byte{final | opClose, byte(2 + len(reason))}
	b = binary.BigEndian.AppendUint16(b, uint16(code))
	return append(b, reason...)
}

// sendable tells whether RFC 6455 lets this code be sent.
func sendable(code int) bool {
	switch {
	case code >= 1000 && code <= 1014:
		return code != 1004 && code != noStatusCode && code != transport.CloseAbnormal
	}
	return code >= 3000 && code <= 4999
}
