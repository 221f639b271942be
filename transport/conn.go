package transport

import (
	"errors"
	"fmt"
)

// Kind tells a text message (UTF-8) from a binary one. Its values are the WebSocket opcodes.
type Kind uint8

// The two kinds of message.
const (
	Text   Kind = 1
	Binary Kind = 2
)

// String returns "text" or "binary".
func (k Kind) String() string {
	switch k {
	case Text:
		return "text"
	case Binary:
		return "binary"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Close codes the library itself uses; they are those of RFC 6455. Hosts may use 1000 and 3000 to 4999.
const (
	CloseNormal        = 1000
	CloseGoingAway     = 1001
	CloseProtocolError = 1002
	CloseAbnormal      = 1006 // never sent: the connection broke
	CloseInvalidText   = 1007
	CloseTooBig        = 1009
)

var (
	// ErrClosed is returned by everything that needs what has been closed on this side.
	ErrClosed = errors.New("transport: closed")
	// ErrBlocked is returned by TryWriter when the peer cannot take everything now.
	ErrBlocked = errors.New("transport: write would block")
	// ErrTimeout is returned when the peer was silent, or took nothing, for too long; the connection is gone.
	ErrTimeout = errors.New("transport: timed out")
	// ErrTooBig is returned by Read when the peer sent a message above the limit of the Conn.
	ErrTooBig = errors.New("transport: message too big")
	// ErrInvalidText is returned by Read when the peer sent a text message that is not UTF-8.
	ErrInvalidText = errors.New("transport: text is not valid UTF-8")
)

// CloseError is what Read returns when the peer closed the connection, with the code and reason it gave. Code is
// 1005 when it gave none.
type CloseError struct {
	Code   int
	Reason string
}

// Error returns the code and the reason.
func (e *CloseError) Error() string {
	return fmt.Sprintf("transport: closed by the peer: %d %q", e.Code, e.Reason)
}

// Conn is one connection that carries whole messages, in order.
// One goroutine reads; one goroutine at a time writes; Close may be called at any time by anyone.
type Conn interface {
	// Read returns the next message. The payload is valid until the next call of Read; a waiting Read holds no buffer.
	// When the peer closed the error is a *CloseError; after Close on this side, and at once when Close is called
	// meanwhile, it is ErrClosed. After an error every Read fails: the reader then stops, and Close must be called to
	// free the connection.
	Read() (Kind, []byte, error)

	// Write sends the frames in order, each as one message. It blocks at most for the write wait of the Conn; an error
	// means that the connection is of no more use, but must still be closed. The frames belong to the caller:
	// Write does not touch them after it returned. With no frames it sends what TryWrite left behind.
	Write(frames []*Frame) error

	// Close tells the peer code and reason, waits a bounded time for it to acknowledge, and frees the connection;
	// the error tells only that the peer did not acknowledge. Calls after the first wait for it to finish and do
	// nothing else.
	Close(code int, reason string) error
}

// TryWriter is a Conn that can write without blocking. Sessions looks for it once, in Open.
type TryWriter interface {
	Conn

	// TryWrite is Write for a goroutine that must not wait. It takes the first n frames: those are sent, or the Conn
	// itself keeps what the peer did not take of the last of them. The error is nil only when everything was sent.
	// ErrBlocked means that Write must be called next, with frames[n:] (maybe none), by a goroutine that may wait.
	// Any other error is as for Write.
	TryWrite(frames []*Frame) (n int, err error)
}
