//go:build !race

package transport

const poison = false // see poison_race.go
