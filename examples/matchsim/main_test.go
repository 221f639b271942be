package main

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func evening(t *testing.T) (s scenario) {
	text, err := os.ReadFile("evening.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &s))
	return s
}

func TestAnEvening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play := func(change func(*scenario)) *report {
			s := evening(t)
			change(&s)
			r, err := s.play(t.Context())
			require.NoError(t, err)
			return r
		}
		asWritten := play(func(*scenario) {})
		strict := play(func(s *scenario) { s.Policy = s.Policy[:1] })
		require.Greater(t, len(asWritten.all.waits), 400)
		require.Greater(t, strict.all.expired, asWritten.all.expired, "who never takes more waits in vain")
		require.Greater(t, share(asWritten.all.spreads, 99), share(strict.all.spreads, 99), "but has more even matches")
		require.LessOrEqual(t, share(strict.all.spreads, 100), 50.0)

		var out strings.Builder
		asWritten.print(&out)
		for _, word := range []string{"asia", "eu", "us", "all", "fairness", "#"} {
			require.Contains(t, out.String(), word)
		}
	})
}

func TestAScenarioIsChecked(t *testing.T) {
	s := evening(t)
	s.Speed = 0
	_, err := s.play(t.Context())
	require.Error(t, err)
	require.Error(t, run(t.Context(), nil))
	require.ErrorIs(t, run(t.Context(), []string{"-h"}), flag.ErrHelp)
	require.Error(t, run(t.Context(), []string{"none.json"}))
}
