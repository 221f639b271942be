package blugetest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Queries of the whole language find the same documents on both sides, with the same scores.
func FuzzGenerated(f *testing.F) {
	for seed := range uint64(1000) {
		f.Add(seed)
	}
	plain, arrays := newCorpus(f, plainLabels...), newCorpus(f, arrayLabels...)
	f.Fuzz(func(t *testing.T, seed uint64) {
		q := generator{rand.New(rand.NewPCG(seed, 0))}.query()
		for _, c := range []*corpus{plain, arrays} {
			theirs, err := c.theirs(q.theirs)
			require.NoError(t, err, q.theirs)
			ours, err := c.ours(q.ours)
			require.NoError(t, err, q.ours)
			require.Equal(t, places(theirs), places(ours), "%s and %s", q.theirs, q.ours)
			if c == plain && !q.vague {
				for i := range theirs {
					require.InDelta(t, max(theirs[i], 0), ours[i], 1e-9, "%s and %s: document %d", q.theirs, q.ours, i)
				}
			}
		}
	})
}

// Any text is a query on both sides or on neither, and finds the same, unless it has one of the quirks.
func FuzzText(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(generator{rand.New(rand.NewPCG(seed, 1))}.query().theirs)
	}
	for _, q := range quirks {
		for _, e := range q.examples {
			f.Add(e.query)
		}
	}
	for _, text := range []string{`+`, `label.a:`, `::`, `label.a:=x`, `(label.a:ffa)`, `!label.a:ffa`, `+-label.a:ffa`, `+ label.a:ffa`, `60`, `:60`} {
		f.Add(text)
	}
	c := newCorpus(f, slices.Concat(plainLabels, arrayLabels)...)
	f.Fuzz(func(t *testing.T, text string) {
		if hasQuirk(text) {
			return
		}
		theirs, theirErr := c.theirs(text)
		ours, err := c.ours(text)
		require.Equal(t, theirErr == nil, err == nil, "%q: theirs %v, ours %v", text, theirErr, err)
		require.Equal(t, places(theirs), places(ours), "%q", text)
	})
}

func places(r result) []int { return slices.Sorted(maps.Keys(r)) }
