//go:build race

package transport_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// These checks are on with the race detector only, as the poison is.

func TestReleasedFramesArePoisoned(t *testing.T) {
	f := text("secret")
	kept := f.Payload()
	f.Release()
	require.Equal(t, bytes.Repeat([]byte{0xDB}, 6), kept)
}

func TestCountingMistakesPanic(t *testing.T) {
	f := text("x")
	f.Release()
	require.Panics(t, f.Retain)
	g := text("y")
	g.Release()
	require.Panics(t, func() { g.Release(); g.Release() })
}
