package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/shoal-go/shoal/transport"
)

// The lines that are no text message begin like this. The gateway knows no messages of these names.
const (
	closeLine  = `{"close":`  // {"close":{"code":1000,"reason":"bye"}}, the last line of either side
	binaryLine = `{"binary":` // {"binary":"AP8="}, a binary message in base64
)

const (
	// maxLine is the longest line a client may send. A binary message of 4096 bytes fits.
	maxLine = 6 << 10
	// readBuffer is what an idle connection costs.
	readBuffer = 512
)

// lineConn is a transport.Conn over TCP: each message is one line. Text is sent as it is.
// One goroutine reads; one goroutine at a time writes; Close may be called at any time by anyone.
type lineConn struct {
	tcp *net.TCPConn
	// patience is how long a write may take, and how long Close waits for the client to close as well.
	patience time.Duration

	closed atomic.Bool // Close has begun
	once   sync.Once

	reading sync.Mutex // guards the following
	in      *bufio.Reader
	end     error // what every further Read returns

	writing sync.Mutex // guards the following
	lost    error      // what every further Write returns, for a line may have been cut
}

// newLineConn takes over tcp.
func newLineConn(tcp *net.TCPConn, patience time.Duration) *lineConn {
	// Players may be silent for hours, so it is the kernel that finds out who has lost power.
	keepAlive := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
	_ = tcp.SetKeepAliveConfig(keepAlive) // without it the dead are found by the next write
	return &lineConn{tcp: tcp, patience: patience, in: bufio.NewReaderSize(tcp, readBuffer)}
}

// Read implements transport.Conn.
func (c *lineConn) Read() (transport.Kind, []byte, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.closed.Load() {
		return 0, nil, transport.ErrClosed
	}
	if c.end != nil {
		return 0, nil, c.end
	}
	line, err := c.readLine()
	if c.closed.Load() { // it was Close that woke us
		return 0, nil, transport.ErrClosed
	}
	kind, message, err := decode(line, err)
	c.end = err
	return kind, message, err
}

// readLine collects a line. What a long one needs in memory is held only until the line is whole.
func (c *lineConn) readLine() ([]byte, error) {
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, transport.ErrTooBig
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, io.EOF):
			return nil, &transport.CloseError{Code: 1005} // gone without a last line
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// decode returns the message in a line, unless there is an error already.
func decode(line []byte, err error) (transport.Kind, []byte, error) {
	switch {
	case err != nil:
		return 0, nil, err
	case bytes.HasPrefix(line, []byte(closeLine)):
		end := lastLine{Close: lastWord{Code: 1005}}
		if err := json.Unmarshal(line, &end); err != nil {
			return 0, nil, fmt.Errorf("line: close: %w", err)
		}
		return 0, nil, &transport.CloseError{Code: end.Close.Code, Reason: end.Close.Reason}
	case bytes.HasPrefix(line, []byte(binaryLine)):
		var m struct{ Binary []byte }
		if err := json.Unmarshal(line, &m); err != nil {
			return 0, nil, fmt.Errorf("line: binary: %w", err)
		}
		return transport.Binary, m.Binary, nil
	case !utf8.Valid(line):
		return 0, nil, transport.ErrInvalidText
	}
	return transport.Text, line, nil
}

// Write implements transport.Conn. All frames leave in one write.
func (c *lineConn) Write(frames []*transport.Frame) error {
	var lines []byte
	for _, f := range frames {
		lines = appendLine(lines, f.Kind(), f.Payload())
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.closed.Load() {
		return transport.ErrClosed
	}
	return c.send(lines)
}

// appendLine writes a message as a line.
func appendLine(dst []byte, kind transport.Kind, message []byte) []byte {
	if kind == transport.Binary {
		dst = append(dst, binaryLine+`"`...)
		dst = base64.StdEncoding.AppendEncode(dst, message)
		return append(dst, "\"}\n"...)
	}
	from := len(dst)
	dst = append(dst, message...)
	for i := from; i < len(dst); i++ {
		if dst[i] == '\n' {
			dst[i] = ' ' // text is JSON, and there a line end is only white space
		}
	}
	return append(dst, '\n')
}

// send writes whole lines. The caller holds c.writing.
func (c *lineConn) send(lines []byte) error {
	if c.lost != nil {
		return c.lost
	}
	_ = c.tcp.SetWriteDeadline(time.Now().Add(c.patience)) // fails as the write will
	_, c.lost = c.tcp.Write(lines)
	if errors.Is(c.lost, os.ErrDeadlineExceeded) {
		c.lost = transport.ErrTimeout
	}
	return c.lost
}

// lastLine says why a side closes.
type lastLine struct {
	Close lastWord `json:"close"`
}

type lastWord struct {
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// Close implements transport.Conn. The client acknowledges by closing its side.
func (c *lineConn) Close(code int, reason string) (err error) {
	c.once.Do(func() {
		c.closed.Store(true)
		_ = c.tcp.SetReadDeadline(time.Now()) // wakes Read
		c.reading.Lock()
		defer c.reading.Unlock()
		switch { // the reader knows better, and has no way to say it
		case errors.Is(c.end, transport.ErrTooBig):
			code, reason = transport.CloseTooBig, "line too long"
		case errors.Is(c.end, transport.ErrInvalidText):
			code, reason = transport.CloseInvalidText, "not UTF-8"
		}
		err = errors.Join(c.farewell(lastWord{code, reason}), c.tcp.Close())
	})
	return err
}

// farewell sends the last line and waits for the client to close. A connection that is freed while it holds bytes
// nobody has read is reset, and a reset may overtake the last line: so what the client still sends is read.
func (c *lineConn) farewell(w lastWord) error {
	line, err := json.Marshal(lastLine{w})
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.send(append(line, '\n')); err != nil {
		return err
	}
	if err := c.tcp.CloseWrite(); err != nil {
		return err
	}
	_ = c.tcp.SetReadDeadline(time.Now().Add(c.patience)) // fails as the read will
	if _, err = io.Copy(io.Discard, c.tcp); errors.Is(err, os.ErrDeadlineExceeded) {
		return transport.ErrTimeout
	}
	return err
}
