package skill_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/matchmaker/skill"
)

// The vectors are those of the npm package openskill; testdata/vectors.mjs makes them.
func TestRatingsAreThoseOfTheModel(t *testing.T) {
	var games []struct {
		Teams, After [][]skill.Rating
		Places       []int
	}
	text, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &games))
	require.NotEmpty(t, games)
	for n, g := range games {
		after, err := skill.Rate(g.Teams, g.Places)
		require.NoError(t, err)
		for i := range g.After {
			require.Len(t, after[i], len(g.After[i]))
			for p, want := range g.After[i] {
				require.InDelta(t, want.Mu, after[i][p].Mu, 1e-9, "game %d", n)
				require.InDelta(t, want.Sigma, after[i][p].Sigma, 1e-9, "game %d", n)
			}
		}
	}
}

func TestRate(t *testing.T) {
	ann, bob := skill.New(), skill.New()
	after, err := skill.Rate([][]skill.Rating{{ann}, {bob}}, []int{1, 2})
	require.NoError(t, err)
	require.Greater(t, after[0][0].Mu, ann.Mu)
	require.Less(t, after[1][0].Mu, bob.Mu)
	require.Less(t, after[0][0].Sigma, ann.Sigma, "a game tells something")
	require.Equal(t, skill.New(), ann, "the ratings before are left alone")

	after, err = skill.Rate([][]skill.Rating{{{Mu: 5000, Sigma: 1}}, {{Mu: -5000, Sigma: 1}}}, []int{2, 1})
	require.NoError(t, err)
	require.False(t, math.IsNaN(after[0][0].Mu) || math.IsNaN(after[1][0].Mu), "nothing overflows")

	one := []skill.Rating{ann}
	for _, wrong := range []struct {
		teams  [][]skill.Rating
		places []int
	}{
		{nil, nil},
		{[][]skill.Rating{one}, []int{1}},
		{[][]skill.Rating{one, one}, []int{1}},
		{[][]skill.Rating{one, {}}, []int{1, 2}},
		{[][]skill.Rating{one, {{Mu: math.NaN(), Sigma: 1}}}, []int{1, 2}},
		{[][]skill.Rating{one, {{Mu: 1}}}, []int{1, 2}},
	} {
		_, err := skill.Rate(wrong.teams, wrong.places)
		require.ErrorIs(t, err, skill.ErrTeams)
	}
}

func TestEvenness(t *testing.T) {
	sure := func(mu float64) skill.Rating { return skill.Rating{Mu: mu, Sigma: 1} }
	require.Equal(t, skill.Evenness(sure(20), sure(30)), skill.Evenness(sure(30), sure(20)))
	require.Greater(t, skill.Evenness(sure(25), sure(26)), skill.Evenness(sure(25), sure(30)))
	require.Greater(t, skill.Evenness(sure(25), sure(25)), skill.Evenness(sure(25), skill.New()))
	require.LessOrEqual(t, skill.Evenness(sure(25), sure(25)), 1.0)
	require.Zero(t, skill.Evenness(sure(math.NaN()), sure(25)))
	require.InDelta(t, 0, skill.New().Ordinal(), 1e-9)
}

func ExampleRate() {
	ann, bob := skill.New(), skill.New()
	after, err := skill.Rate([][]skill.Rating{{ann}, {bob}}, []int{1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("ann %.2f ± %.2f, bob %.2f ± %.2f\n", after[0][0].Mu, after[0][0].Sigma, after[1][0].Mu, after[1][0].Sigma)

	// Output:
	// ann 27.64 ± 8.07, bob 22.36 ± 8.07
}
