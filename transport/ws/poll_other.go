//go:build !linux

package ws

import "net"

// Poller waits for many sockets at once. Outside Linux there is none yet: connections are read as without it.
type Poller struct{}

// NewPoller returns a Poller.
func NewPoller() *Poller { return new(Poller) }

func (*Poller) take(net.Conn, *Conn) *descriptor { return nil }

// descriptor is never made.
type descriptor struct{ net.Conn }

func (*descriptor) try([]byte) (int, error) { return 0, nil }

func (*descriptor) read([]byte) (int, error) { return 0, nil }

func (*descriptor) listen(bool) {}
