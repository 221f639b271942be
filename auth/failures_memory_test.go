package auth

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// An attacker with a million addresses and names fills the tables and not the memory.
func TestFailuresAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &newFailures(3, 3, time.Minute).accounts
		for i := range 100 {
			require.NoError(t, c.add(fmt.Sprint("old ", i)))
		}
		time.Sleep(time.Minute)
		for i := range maxCounted + 100 {
			if err := c.add(fmt.Sprint("new ", i)); err != nil || len(c.counts) > maxCounted { // require is slow
				t.Fatal(i, len(c.counts), err)
			}
		}
		require.NotContains(t, c.counts, "old 0", "who is over goes first")
		require.Len(t, c.counts, maxCounted)
	})
}
