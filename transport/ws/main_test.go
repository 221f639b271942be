package ws_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"
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
	http.DefaultClient.CloseIdleConnections()
	for end := time.Now().Add(time.Minute); code == 0 && running() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			fmt.Printf("%d goroutines before, now\n%s\n", before, stacks[:runtime.Stack(stacks, true)])
			code = 1
		}
	}
	os.Exit(code)
}
