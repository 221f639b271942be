//go:build !unix

package ws

import "net"

// raw is never there: TryWrite then never writes, so the session's writer does.
type raw struct{}

func openRaw(net.Conn) *raw { return nil }

func (*raw) try([]byte) (int, error) { return 0, nil }

func (*raw) await(*input) error { return nil }
