package transport_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/transport"
)

// running counts goroutines, but not the one that waits for signals while fuzzing.
func running() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("\n\ngoroutine ")) - bytes.Count(stacks, []byte("os/signal.loop()"))
}

// TestMain fails when tests leave goroutines behind.
func TestMain(m *testing.M) {
	before := running()
	code := m.Run()
	for end := time.Now().Add(time.Minute); code == 0 && running() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			fmt.Printf("%d goroutines before, now\n%s\n", before, stacks[:runtime.Stack(stacks, true)])
			code = 1
		}
	}
	os.Exit(code)
}

func who(session string) presence.Presence {
	return presence.Presence{User: "user of " + session, Session: session, Username: session, Node: "n"}
}

// plainConn takes everything and forgets it.
type plainConn struct{}

func (*plainConn) Read() (transport.Kind, []byte, error) { return 0, nil, transport.ErrClosed }
func (*plainConn) Write([]*transport.Frame) error        { return nil }
func (*plainConn) Close(int, string) error               { return nil }

// tryConn takes everything at once and forgets it.
type tryConn struct{ plainConn }

func (*tryConn) TryWrite(frames []*transport.Frame) (int, error) { return len(frames), nil }

// recordConn notes what it is told: each write as one string, and who made it.
type recordConn struct {
	plainConn
	mu     sync.Mutex
	calls  []string
	take   int           // how many frames TryWrite takes; -1 is all
	keep   bool          // TryWrite keeps a part of the last frame it takes
	gate   chan struct{} // if not nil, Write waits for it
	broken error
}

func (c *recordConn) note(call string, frames []*transport.Frame) {
	for _, f := range frames {
		call += " " + string(f.Payload())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
}

func (c *recordConn) log() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.calls...)
}

func (c *recordConn) Write(frames []*transport.Frame) error {
	if c.gate != nil {
		<-c.gate
	}
	c.note("write", frames)
	return c.broken
}

func (c *recordConn) TryWrite(frames []*transport.Frame) (int, error) {
	if c.take < 0 || c.take >= len(frames) && !c.keep {
		c.note("try", frames)
		return len(frames), nil
	}
	n := min(c.take, len(frames))
	c.note("try", frames[:n])
	return n, transport.ErrBlocked
}

func (c *recordConn) Close(code int, reason string) error {
	c.note(fmt.Sprintf("close %d %s", code, reason), nil)
	return nil
}

// writeOnly hides that a Conn can try.
type writeOnly struct{ transport.Conn }
