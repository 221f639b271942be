package query_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/query"
)

func TestSyntaxErrors(t *testing.T) {
	tests := []struct {
		query string
		want  string
	}{
		{`+`, `query: at 0: nothing after the +`},
		{`-`, `query: at 0: nothing after the -`},
		{`f:x - `, `query: at 4: nothing after the -`},
		{`++f:x`, `query: at 1: a term cannot begin with +`},
		{`+-f:x`, `query: at 1: a term cannot begin with -`},
		{`- -f:x`, `query: at 2: a term cannot begin with -`},
		{`:`, `query: at 0: a term cannot begin with :`},
		{`:abc`, `query: at 0: a term cannot begin with :`},
		{`f:x >5`, `query: at 4: a term cannot begin with >`},
		{`<f:5`, `query: at 0: a term cannot begin with <`},
		{`=f:x`, `query: at 0: a term cannot begin with =`},
		{`"f":x`, `query: at 3: a closing quote needs a space after it`},

		{`f:`, `query: at 1: no value after the colon`},
		{`f: `, `query: at 1: no value after the colon`},
		{`f::`, `query: at 2: a value that begins with : needs a backslash or quotes`},
		{`f:=x`, `query: at 2: a value that begins with = needs a backslash or quotes`},
		{`f:+x`, `query: at 2: a value that begins with + needs a backslash or quotes`},
		{`f:+60`, `query: at 2: a value that begins with + needs a backslash or quotes`},
		{`f:-`, `query: at 2: a value that begins with - and is not a number needs a backslash or quotes`},
		{`f:-x`, `query: at 2: a value that begins with - and is not a number needs a backslash or quotes`},
		{`f:--3`, `query: at 2: a value that begins with - and is not a number needs a backslash or quotes`},
		{`f:-60-`, `query: at 2: a value that begins with - and is not a number needs a backslash or quotes`},
		{`f:a:b`, `query: at 3: a colon in a value needs a backslash (\:) or quotes around the value`},
		{`f: g:x`, `query: at 4: a colon in a value needs a backslash (\:) or quotes around the value`},
		{`f:x\`, `query: at 3: nothing after the backslash`},
		{`\`, `query: at 0: nothing after the backslash`},

		{`f:>`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>=abc`, `query: at 4: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>60f`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>6e1`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>.5`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>+5`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:<>5`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>T`, `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},
		{`f:>1` + strings.Repeat("0", 400), `query: at 3: a comparison needs a number such as 60 or -1.5, or a date in quotes`},

		{`"`, `query: at 0: unclosed quote`},
		{`g:x f:"abc`, `query: at 6: unclosed quote`},
		{`f:"abc\"`, `query: at 2: unclosed quote`},
		{`f:"abc\`, `query: at 2: unclosed quote`},
		{`f:"a"b`, `query: at 5: a closing quote needs a space after it`},

		{`f:/(/`, "query: at 2: error parsing regexp: missing closing ): `(`"},
		{`f:/a)(b/`, "query: at 2: error parsing regexp: unexpected ): `a)(b`"},
		{`f:/(?=a)/`, "query: at 2: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},

		{`f:abc^x`, `query: at 5: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:abc^-1`, `query: at 5: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:abc^1e3`, `query: at 5: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:abc^1000001`, `query: at 5: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:abc^2^2`, `query: at 5: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f^2:x`, `query: at 1: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:"abc"^x`, `query: at 7: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:/abc/^x`, `query: at 7: a boost is a number from 0 to 1000000; a plain ^ is written \^`},
		{`f:abc~3`, `query: at 5: a fuzzy term ends with ~, ~1 or ~2; a plain ~ is written \~`},
		{`f:abc~1.5`, `query: at 5: a fuzzy term ends with ~, ~1 or ~2; a plain ~ is written \~`},
		{`f:abc~x`, `query: at 5: a fuzzy term ends with ~, ~1 or ~2; a plain ~ is written \~`},
		{`f~1:x`, `query: at 1: a fuzzy term ends with ~, ~1 or ~2; a plain ~ is written \~`},
		{`f:60~1`, `query: at 4: a number cannot be fuzzy`},
		{`f:>"2024-02-30"`, `query: at 3: a date is written as in 2026-01-31T00:00:00Z`},
		{`f:<= "x`, `query: at 5: unclosed quote`},
		{`f:<="yesterday"`, `query: at 4: a date is written as in 2026-01-31T00:00:00Z`},
		{`^2`, `query: at 0: a term cannot begin with ^`},
		{`~`, `query: at 0: a term cannot begin with ~`},
		{`f:^2`, `query: at 2: a value that begins with ^ needs a backslash or quotes`},
		{`f:~2`, `query: at 2: a value that begins with ~ needs a backslash or quotes`},
		{"f:a\xffb", `query: at 3: not valid UTF-8`},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			q, err := query.Parse(tt.query, query.Options{})
			assert.Nil(t, q)
			require.EqualError(t, err, tt.want)
			var syntax *query.SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.Equal(t, tt.query, syntax.Query)
			assert.LessOrEqual(t, syntax.Pos, len(tt.query))
		})
	}
}

func TestTheReplacementCharacterIsValid(t *testing.T) {
	_, ok := parse(t, "f:\uFFFD").Match(texts("\uFFFD"))
	assert.True(t, ok)
}

func TestAHugeNumberIsAText(t *testing.T) {
	huge := strings.Repeat("9", 400)
	_, ok := parse(t, "f:"+huge).Match(texts(huge))
	assert.True(t, ok)
}

func TestLengthIsBounded(t *testing.T) {
	longest := "f:" + strings.Repeat("a", query.MaxLength-2)
	_, ok := parse(t, longest).Match(texts(longest[2:]))
	assert.True(t, ok)

	_, err := query.Parse(longest+"a", query.Options{})
	require.EqualError(t, err, "query: at 4096: longer than 4096 bytes")
}

func TestClausesAreBounded(t *testing.T) {
	most := strings.Repeat("f:a ", query.MaxClauses)
	assert.Len(t, parse(t, most).Clauses(), query.MaxClauses)

	_, err := query.Parse(most+"f:a", query.Options{})
	require.EqualError(t, err, "query: at 1024: more than 256 terms")
}

func TestRegexpsAreBounded(t *testing.T) {
	uuid := `f:/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/`
	tests := []struct {
		name, query string
		ok          bool
	}{
		{"ten UUIDs", strings.Repeat(uuid+" ", 10), true},
		{"a repetition", `f:/(ab){100}/`, true},
		{"any length", `f:/a{3,}b*c+d?/`, true},
		{"a long repetition", `f:/(abc){900}/`, false},
		{"a long optional repetition", `f:/(abc){1,900}/`, false},
		{"a long minimum", `f:/(abc){900,}/`, false},
		{"nested repetitions", `f:/((((ab){9}){9}){9})/`, false},
		{"a long literal", `f:/` + strings.Repeat("a", 2000) + `/`, false},
		{"many tables", `f:/` + strings.Repeat(`\pL`, 300) + `/`, false},
		{"many small ones", strings.Repeat(`f:/a{99}/ `, 20), false},
		{"too many for package regexp itself", `f:/((a{100}){100}){100}/`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := query.Parse(tt.query, query.Options{})
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "re")
			assert.ErrorAs(t, err, new(*query.SyntaxError))
		})
	}
}
