//go:build !race

package main

// lives is how often the server is killed.
const lives = 50
