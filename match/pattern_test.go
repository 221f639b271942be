package match_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
)

// Patterns are tested on the words of a field where it has few, and else on each match: the answer is the same.
func TestPatternQueries(t *testing.T) {
	for _, words := range []int{0, 2000} {
		t.Run(fmt.Sprint(words, " other words"), func(t *testing.T) {
			w := newWorld(t, relabel(), match.Config{})
			names := make(map[match.ID]string)
			create := func(name string) {
				id, err := w.Create(t.Context(), "m", fmt.Sprintf(`{"name":%q,"kind":"it"}`, name))
				require.NoError(t, err)
				names[id] = name
			}
			for i := range words {
				id, err := w.Create(t.Context(), "m", fmt.Sprintf(`{"name":"%d"}`, i))
				require.NoError(t, err)
				names[id] = ""
			}
			for _, name := range []string{"shoal", "shoel", "shore", "reef"} {
				create(name)
			}
			for query, want := range map[string][]string{
				"+label.name:sho*":                        {"shore", "shoel", "shoal"},
				"label.name:sho?l":                        {"shoel", "shoal"},
				"+label.kind:it -label.name:sh*":          {"reef"},
				"+label.kind:it -label.name:/.*e.*/":      {"shoal"},
				"label.name:/sh.*l/":                      {"shoel", "shoal"},
				"label.name:re* label.name:shoal":         {"reef", "shoal"},
				"+label.name:shoal~1":                     {"shoal", "shoel"}, // the nearest first, then the newest
				"label.name:shoal~1":                      {"shoal", "shoel"},
				"+label.kind:it label.name:shoal~1":       {"shoal", "shoel", "reef", "shore"},
				"+label.kind:it -label.name:shoal~1":      {"reef", "shore"},
				"+label.name:s* +label.name:*e*":          {"shore", "shoel"},
				"+label.kind:it -label.name:sh* reef":     {"reef"},
				"+label.name:nothing* label.name:s*":      nil,
				"+label.kind:it +label.other:* label.x:y": nil,
			} {
				var got []string
				for _, id := range find(t, w.Registry, query, 0) {
					got = append(got, names[id])
				}
				require.Equal(t, want, got, query)
			}
		})
	}
}

// Dates are compared to the nanosecond, though the index knows them less well.
func TestDateQueries(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	at := make(map[match.ID]string)
	for _, time := range []string{"59.999999999", "60", "60.000000001"} {
		date := "2026-01-31T00:00:" + time + "Z"
		if time[0] == '6' {
			date = "2026-01-31T00:01:0" + time[1:] + "Z"
		}
		id, err := w.Create(t.Context(), "m", fmt.Sprintf(`{"from":%q}`, date))
		require.NoError(t, err)
		at[id] = time
	}
	const minute = `"2026-01-31T00:01:00Z"`
	for query, want := range map[string][]string{
		"+label.from:>" + minute:                   {"60.000000001"},
		"+label.from:>=" + minute:                  {"60.000000001", "60"},
		"+label.from:<" + minute:                   {"59.999999999"},
		"+label.from:<=" + minute:                  {"60", "59.999999999"},
		"* -label.from:>" + minute:                 {"60", "59.999999999"},
		"* -label.from:>=" + minute:                {"59.999999999"},
		"* -label.from:<" + minute:                 {"60.000000001", "60"},
		"* -label.from:<=" + minute:                {"60.000000001"},
		"label.from:<" + minute + " label.x:1":     {"59.999999999"},
		"label.from:<=" + minute + " -label.x:1":   {"60", "59.999999999"},
		"+label.from:>=" + minute + " -label.x:<1": {"60.000000001", "60"},
	} {
		var got []string
		for _, id := range find(t, w.Registry, query, 0) {
			got = append(got, at[id])
		}
		require.Equal(t, want, got, query)
	}
}
