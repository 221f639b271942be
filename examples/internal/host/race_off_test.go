//go:build !race

package host

// lives is how often the servers are killed.
const lives = 50
