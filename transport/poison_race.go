//go:build race

package transport

// poison makes Release overwrite what it takes back, so that a reader that kept a buffer shows, and makes a frame
// released once too often panic. It is on in builds with the race detector only.
const poison = true
