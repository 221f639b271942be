//go:build !unix

package ws

import "sync"

// openRaw leaves raw nil: TryWrite then never writes, so the session's writer does, and await never waits.
func (s *socket) openRaw() {}

var fetchBuffers sync.Pool // stays empty
