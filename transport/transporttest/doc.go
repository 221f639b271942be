// Package transporttest holds the contract of transport.Conn as tests, for everybody who brings a Conn of their own:
//
//	func TestContract(t *testing.T) {
//		transporttest.Conn(t, func(t *testing.T, wait time.Duration) (transport.Conn, transporttest.Client) {
//			… connect a client to a server that waits for it so long, and return both ends
//		})
//	}
//
// Each case has a name and a why; the why is printed when the case fails. The package needs nothing but the
// standard library and Shoal.
package transporttest
