package ws

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who begins to wait when the socket has just been closed would not be woken any more.
func TestWaitingForAClosedSocket(t *testing.T) {
	d := &descriptor{fd: -1, until: time.Now().Add(time.Hour)}
	require.ErrorIs(t, d.waitWritable(), net.ErrClosed)
}
