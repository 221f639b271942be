package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"

	"github.com/shoal-go/shoal/gateway/nakama"
)

// Main is the whole of a small example: it opens a host with the well-known key, has its game registered, says on stdout
// where it listens and where it can be watched, and serves until ctx ends. The game returns the functions that clients may call.
func Main(ctx context.Context, stdout io.Writer, addr string, c Config, game func(*Host) map[string]nakama.RPC) error {
	c.Gateway.ServerKey, c.Key = WellKnownKey, rand.Text()
	if err := CheckKey(WellKnownKey, addr, false); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	h, err := Open(ctx, c)
	if err != nil {
		_ = listener.Close() // the first error is the one to tell
		return err
	}
	handler, err := h.Gateway(game(h))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "http://%[1]s\nhttp://%[1]s/shoal/?key=%[2]s\n", listener.Addr(), c.Key)
	return h.Serve(ctx, listener, handler)
}
