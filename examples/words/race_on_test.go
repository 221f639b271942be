//go:build race

package main

// lives is how often the server is killed: it takes its time to start under the race detector.
const lives = 5
