package blugetest

import (
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/query"
)

// quirk is a difference that we want; the documentation of package query has it in words.
type quirk struct {
	name     string
	trigger  *regexp.Regexp // the texts that may have it, which FuzzText leaves out; nil if only the scores differ
	examples []example
}

// example shows both sides of a quirk. Scores are those on quirkLabels; nil is an error.
type example struct {
	query        string
	theirs, ours result
}

var quirkLabels = []string{
	`{"a":"x","n":5,"d":"2024-02-01"}`,
	`{"a":["y","yy"],"n":[5,"5"],"q":"two words"}`,
	`{"a":"a*b","q":"/"}`,
}

var quirks = []quirk{
	{"boosts of texts are squared", nil, []example{
		{`label.a:x^3`, result{0: 9}, result{0: 3}},
		{`label.n:>4^3`, result{0: 3, 1: 3}, result{0: 3, 1: 3}},
	}},
	{"boosts of date ranges are ignored", nil, []example{
		{`label.d:>"2024-01-01T00:00:00Z"^3`, result{0: 1}, result{0: 3}},
	}},
	{"boosts of any form", regexp.MustCompile(`\^`), []example{
		{`label.a:x^-1`, result{0: 1}, nil},
		{`label.a:x^1e1`, result{0: 100}, nil},
		{`label.a:x^10000000`, result{0: 1e14}, nil},
		{`label.a:x~1^2`, nil, result{0: 2, 1: 0}},
	}},
	{"each element of an array scores", nil, []example{
		{`label.a:y*`, result{1: 2}, result{1: 1}},
		{`label.n:5`, result{0: 1, 1: 2}, result{0: 1, 1: 1}},
	}},
	{"what a query of minus terms leaves scores", nil, []example{
		{`-label.a:x`, result{1: 1, 2: 1}, result{1: 0, 2: 0}},
	}},
	{"a fuzzy term may take points away", nil, []example{
		{`label.a:zz~2`, result{0: -1, 1: -1}, result{0: 0, 1: 0}},
	}},
	{"distances of any form", regexp.MustCompile(`~`), []example{
		{`label.a:x~0.5`, result{0: 1}, nil},
		{`label.a:x~3`, nil, nil},
		{`label.n:5~1`, nil, nil},
	}},
	{"patterns see how numbers and dates are coded", regexp.MustCompile(`[*?]`), []example{
		{`label.n:/.*/`, result{0: 14, 1: 15}, result{1: 1}},
		{`label.n:????*`, result{0: 11, 1: 11}, result{}},
	}},
	{"dates are numbers, coded in another way", regexp.MustCompile(`"|label\.(n\.)?d`), []example{
		{`label.d:>0`, result{0: 1}, result{}},
		{`label.n:>"1970-01-01T00:00:00Z"`, result{0: 1, 1: 1}, result{}},
	}},
	{"quoted texts are never found", regexp.MustCompile(`"`), []example{
		{`label.q:"two words"`, result{}, result{1: 1}},
		{`label.a:"x"y`, result{}, nil},
	}},
	{"a star among others is nothing", regexp.MustCompile(`(^|[ +-])\*`), []example{
		{`label.a:x *`, result{0: 1}, result{0: 2, 1: 1, 2: 1}},
		{`-*`, result{0: 1, 1: 1, 2: 1}, result{}},
	}},
	{"dates are no texts", regexp.MustCompile(`\d{4}-\d\d-\d\d`), []example{
		{`label.d:2024-02-01`, result{}, result{0: 1}},
		{`label.d:2024*`, result{}, result{0: 1}},
		{`label.d:>"2024-01-01"`, nil, result{0: 1}},
	}},
	{"escapes do not stop wildcards and expressions, and a backslash at the end is dropped", regexp.MustCompile(`\\([*?/\\]|$)`), []example{
		{`label.a:a\*b`, result{2: 1}, result{2: 1}},
		{`label.a:\*`, result{0: 1, 1: 2, 2: 1}, result{}},
		{`label.a:x\`, result{0: 1}, nil},
	}},
	{"some expressions are errors", regexp.MustCompile(`/`), []example{
		{`label.a:/^x$/`, nil, result{0: 1}},
		{`label.q:/`, nil, result{2: 1}},
		{`label.a:/(/`, nil, nil},
	}},
	{"a field cannot be a number", regexp.MustCompile(`(^|[ +-])[\pN.]+ *:`), []example{
		{`5:x`, nil, result{}},
	}},
	{"spaces of other kinds", regexp.MustCompile(`[\pZ\s\x{85}]*[^\PZ ]|[\s\x{85}]*[\t\n\v\f\r\x{85}]|^ +$`), []example{
		{"label.a:x\t+label.n:5", nil, result{0: 2, 1: 1}},
		{` `, nil, result{0: 0, 1: 0, 2: 0}},
	}},
}

func TestQuirks(t *testing.T) {
	c := newCorpus(t, quirkLabels...)
	for _, q := range quirks {
		t.Run(q.name, func(t *testing.T) {
			for _, e := range q.examples {
				theirs, _ := c.theirs(e.query)
				require.Equal(t, e.theirs, theirs, "theirs: %s", e.query)
				ours, _ := c.ours(e.query)
				require.Equal(t, e.ours, ours, "ours: %s", e.query)
			}
		})
	}
}

// hasQuirk reports whether the two may differ in what they find.
func hasQuirk(text string) bool {
	if !utf8.ValidString(text) || len(text) > query.MaxLength || text == "" {
		return true
	}
	return slices.ContainsFunc(quirks, func(q quirk) bool { return q.trigger != nil && q.trigger.MatchString(text) }) && text != "*"
}
