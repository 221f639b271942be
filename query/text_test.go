package query_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/query"
)

func TestATermIsWrittenAsItWasRead(t *testing.T) {
	for _, text := range []string{
		"+mode:duel", "-mode:duel", "mode:two\\ words", `mode:"two words"`, "skill:>60", "skill:>=-1.5", "skill:<60", "+skill:<=60",
		"level:60", "map:de_*", "map:/de_[a-z]+/", "map:*", "*", "mode:duel^2.5", "mode:duel~2",
		`day:>"2026-01-31T00:00:00Z"`, `day:<="2026-01-31T00:00:00Z"`, "a\\:b:c",
	} {
		q, err := query.Parse(text, query.Options{})
		require.NoError(t, err)
		require.Len(t, q.Clauses(), 1)
		require.Equal(t, text, q.Clauses()[0].String())
	}
}
