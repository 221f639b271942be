//go:build race

package host

// lives is how often the servers are killed: they take their time to start under the race detector.
const lives = 5
