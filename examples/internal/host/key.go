package host

import (
	"fmt"
	"net"
	"net/netip"
)

// WellKnownKey is the server key that game clients have built in.
const WellKnownKey = "defaultkey"

// CheckKey refuses the well-known key on an address that others can reach, unless dev says that it does not matter.
// The error names the flags of the examples.
func CheckKey(key, addr string, dev bool) error {
	if key != WellKnownKey || dev || loopback(addr) {
		return nil
	}
	return fmt.Errorf("everybody knows the server key %q: choose another with -key, or allow it on %s with -dev", key, addr)
}

// loopback reports whether an address can be reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
