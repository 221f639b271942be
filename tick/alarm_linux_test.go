package tick

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The runtime's poller sees the alarm ring: that is all it is for.
func TestAlarmIsSeenByThePoller(t *testing.T) {
	a := newAlarm()
	require.NotNil(t, a)
	defer a.close()
	for range 3 {
		a.set(time.Millisecond)
		n, err := a.file.Read(make([]byte, 8)) // parks in the poller
		require.NoError(t, err)
		require.Equal(t, 8, n)
	}
	a.set(never)
}

func TestWithoutAnAlarm(t *testing.T) {
	var a *alarm
	a.set(time.Second)
	a.close()
}
