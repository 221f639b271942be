package shoal_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The host of the README is a part of a program that CI builds outside of the workspace: here it is held to that.
func TestTheReadmeShowsTheHostThatIsTested(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("e2e/host/main.go")
	require.NoError(t, err)
	_, host, found := strings.Cut(string(program), "// serve runs")
	require.True(t, found)
	host, _, found = strings.Cut(host, "\n}\n")
	require.True(t, found)
	require.Contains(t, string(readme), "// serve runs"+host+"\n}\n")
}
