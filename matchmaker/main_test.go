package matchmaker_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// No goroutine may be left when all tests are done. Those that are about to end get the time to do so.
func TestMain(m *testing.M) {
	code := m.Run()
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > 1 && time.Now().Before(end); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); code == 0 && n > 1 {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		fmt.Fprintf(os.Stderr, "%d goroutines are left:\n%s\n", n-1, stacks)
		code = 1
	}
	os.Exit(code)
}
