package query_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/query"
)

// parse compiles a query that has to be right.
func parse(t testing.TB, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text, query.Options{})
	require.NoError(t, err, "query %q", text)
	return q
}

// texts is a document with these texts in field f.
func texts(values ...string) query.Doc {
	d := query.Doc{}
	for _, v := range values {
		d.Add("f", query.Text(v))
	}
	return d
}

func numbers(values ...float64) query.Doc {
	d := query.Doc{}
	for _, v := range values {
		d.Add("f", query.Number(v))
	}
	return d
}

func bools(values ...bool) query.Doc {
	d := query.Doc{}
	for _, v := range values {
		d.Add("f", query.Bool(v))
	}
	return d
}

func TestOneTerm(t *testing.T) {
	tests := []struct {
		name, query string
		yes, no     []query.Doc
	}{
		{
			"a text is the whole value, in its case", `f:abc`,
			[]query.Doc{texts("abc"), texts("x", "abc")},
			[]query.Doc{texts("Abc"), texts("abcd"), texts("ab"), texts("abc def"), numbers(1), {}},
		},
		{
			"a number is a number or a text", `f:60`,
			[]query.Doc{numbers(60), texts("60")},
			[]query.Doc{numbers(6), texts("60.0"), texts("060")},
		},
		{
			"a number may be written with a fraction", `f:60.0`,
			[]query.Doc{numbers(60), texts("60.0")},
			[]query.Doc{texts("60"), numbers(60.5)},
		},
		{"a number may end with its point", `f:60.`, []query.Doc{numbers(60), texts("60.")}, []query.Doc{texts("60")}},
		{"a number may have leading zeros", `f:060`, []query.Doc{numbers(60), texts("060")}, []query.Doc{texts("60")}},
		{
			"a number may be negative", `f:-3`,
			[]query.Doc{numbers(-3), texts("-3")},
			[]query.Doc{numbers(3), texts("3")},
		},
		{"an escaped minus makes a text", `f:\-3`, []query.Doc{texts("-3")}, []query.Doc{numbers(-3)}},
		{"zero has no sign", `f:-0`, []query.Doc{numbers(0), texts("-0")}, []query.Doc{texts("0")}},
		{"an exponent makes a text", `f:6e1`, []query.Doc{texts("6e1")}, []query.Doc{numbers(60)}},
		{"a leading point makes a text", `f:.5`, []query.Doc{texts(".5")}, []query.Doc{numbers(.5)}},
		{"hexadecimal is a text", `f:0x3c`, []query.Doc{texts("0x3c")}, []query.Doc{numbers(60)}},
		{"underscores make a text", `f:6_0`, []query.Doc{texts("6_0")}, []query.Doc{numbers(60)}},
		{"two points make a text", `f:1.2.3`, []query.Doc{texts("1.2.3")}, []query.Doc{numbers(1.2)}},
		{"infinity is a text", `f:Inf`, []query.Doc{texts("Inf")}, []query.Doc{numbers(math.Inf(1))}},

		{"above", `f:>50`, []query.Doc{numbers(50.1), numbers(1, 60)}, []query.Doc{numbers(50), texts("60"), bools(true), {}}},
		{"at least", `f:>=50`, []query.Doc{numbers(50), numbers(60)}, []query.Doc{numbers(40), texts("50")}},
		{"below", `f:<50`, []query.Doc{numbers(49.9), numbers(-1)}, []query.Doc{numbers(50), texts("4")}},
		{"at most", `f:<=-1.5`, []query.Doc{numbers(-1.5), numbers(-2)}, []query.Doc{numbers(-1.4), numbers(0), texts("")}},
		{"a comparison may have a space", `f:>= 50`, []query.Doc{numbers(50)}, []query.Doc{numbers(1)}},
		{"not a number compares with nothing", `f:<5`, nil, []query.Doc{numbers(math.NaN())}},
		{"an escaped comparison is a text", `f:\>5`, []query.Doc{texts(">5")}, []query.Doc{numbers(6)}},
		{"a later comparison sign is a text", `f:5>`, []query.Doc{texts("5>")}, []query.Doc{numbers(6)}},

		{"true is T", `f:T`, []query.Doc{bools(true), texts("T")}, []query.Doc{bools(false), texts("true")}},
		{"false is F", `f:F`, []query.Doc{bools(false), texts("F")}, []query.Doc{bools(true)}},
		{"the word true is a text", `f:true`, []query.Doc{texts("true")}, []query.Doc{bools(true)}},

		{
			"a star is any run of characters", `f:a*`,
			[]query.Doc{texts("a"), texts("abc"), texts("a b")},
			[]query.Doc{texts("ba"), texts("A"), numbers(1)},
		},
		{
			"a question mark is one character", `f:a?`,
			[]query.Doc{texts("ab"), texts("aé")},
			[]query.Doc{texts("a"), texts("abc")},
		},
		{"wildcards mix", `f:*b?d*`, []query.Doc{texts("bcd"), texts("abbcdd")}, []query.Doc{texts("bd"), texts("acd")}},
		{"wildcards take no numbers", `f:6*`, []query.Doc{texts("60")}, []query.Doc{numbers(60)}},
		{"wildcards take booleans by letter", `f:?`, []query.Doc{bools(true), texts("x")}, []query.Doc{texts(""), numbers(1)}},
		{
			"a lone star is any value", `f:*`,
			[]query.Doc{texts(""), numbers(0), bools(false)},
			[]query.Doc{{}, {"g": {query.Text("x")}}},
		},
		{"so are two", `f:**`, []query.Doc{numbers(math.NaN())}, []query.Doc{{}}},
		{"an escaped star is a star", `f:a\*`, []query.Doc{texts("a*")}, []query.Doc{texts("ab"), texts(`a\*`)}},
		{"an escaped star among wildcards", `f:\**`, []query.Doc{texts("*"), texts("*x")}, []query.Doc{texts("x")}},
		{"an escaped question mark", `f:what\?`, []query.Doc{texts("what?")}, []query.Doc{texts("whats")}},

		{
			"a regular expression matches whole texts", `f:/us-.*/`,
			[]query.Doc{texts("us-east"), texts("us-")},
			[]query.Doc{texts("us"), texts("xus-east"), numbers(1)},
		},
		{"not parts of them", `f:/us/`, []query.Doc{texts("us")}, []query.Doc{texts("us-east"), texts("bus")}},
		{"alternatives too", `f:/us|abc/`, []query.Doc{texts("us"), texts("abc")}, []query.Doc{texts("usx"), texts("xabc")}},
		{"lines too", `f:/(?m)^a$/`, []query.Doc{texts("a")}, []query.Doc{texts("a\nb")}},
		{"ignoring case", `f:/(?i)us/`, []query.Doc{texts("US"), texts("uS")}, []query.Doc{texts("u")}},
		{"booleans by letter", `f:/T|F/`, []query.Doc{bools(true)}, []query.Doc{numbers(1)}},
		{"an empty expression", `f://`, []query.Doc{texts("")}, []query.Doc{texts("x"), {}}},
		{"with an escaped space", `f:/a\ b/`, []query.Doc{texts("a b")}, []query.Doc{texts("a"), texts("ab")}},
		{"with a class", `f:/a\sb/`, []query.Doc{texts("a b")}, []query.Doc{texts(`a\sb`)}},
		{"with slashes", `f:/x/y/`, []query.Doc{texts("x/y")}, []query.Doc{texts("x")}},
		{"with escaped slashes", `f:/\/x\//`, []query.Doc{texts("/x/")}, []query.Doc{texts("x")}},
		{"with a plain colon", `f:/a:b/`, []query.Doc{texts("a:b")}, []query.Doc{texts("a")}},
		{"with an escaped colon", `f:/a\:b/`, []query.Doc{texts("a:b")}, []query.Doc{texts("a")}},
		{"with its own anchors", `f:/^us.*$/`, []query.Doc{texts("us-east")}, []query.Doc{texts("bus")}},
		{"with a plain negated class", `f:/[^x]bc/`, []query.Doc{texts("abc")}, []query.Doc{texts("xbc")}},
		{"with an escaped negated class", `f:/[\^x]bc/`, []query.Doc{texts("abc")}, []query.Doc{texts("xbc")}},
		{"an escaped plus is still an operator", `f:/a\+/`, []query.Doc{texts("aa")}, []query.Doc{texts("a+")}},
		{"a twice escaped plus is a plus", `f:/a\\+/`, []query.Doc{texts("a+")}, []query.Doc{texts("aa")}},
		{"an open literal span", `f:/\Qa.b/`, []query.Doc{texts("a.b")}, []query.Doc{texts("axb")}},
		{"without a closing slash it is a text", `f:/x`, []query.Doc{texts("/x")}, []query.Doc{texts("x")}},
		{"as a path is", `f:/maps/dust`, []query.Doc{texts("/maps/dust")}, []query.Doc{texts("maps")}},
		{"a single slash is a text", `f:/`, []query.Doc{texts("/")}, []query.Doc{texts("")}},
		{"an escaped closing slash is a text", `f:/x\/`, []query.Doc{texts("/x/")}, []query.Doc{texts("x")}},
		{"an escaped opening slash is a text", `f:\/x/`, []query.Doc{texts("/x/")}, []query.Doc{texts("x")}},

		{
			"quotes hold the exact text", `f:"two words"`,
			[]query.Doc{texts("two words")},
			[]query.Doc{texts("two"), texts("words"), texts("two  words")},
		},
		{"quotes make numbers texts", `f:"60"`, []query.Doc{texts("60")}, []query.Doc{numbers(60)}},
		{"quotes make booleans texts", `f:"T"`, []query.Doc{texts("T")}, []query.Doc{bools(true)}},
		{"quotes make wildcards texts", `f:"a*"`, []query.Doc{texts("a*")}, []query.Doc{texts("ab")}},
		{"quotes make all signs texts", `f:"+-:^~ />="`, []query.Doc{texts("+-:^~ />=")}, nil},
		{"quotes hold quotes", `f:"say \"hi\" \\o/"`, []query.Doc{texts(`say "hi" \o/`)}, nil},
		{"quotes hold nothing", `f:""`, []query.Doc{texts("")}, []query.Doc{{}, texts("x")}},
		{"quotes inside a value are themselves", `f:say\ "hi"`, []query.Doc{texts(`say "hi"`)}, nil},

		{"an escaped space", `f:a\ b`, []query.Doc{texts("a b")}, []query.Doc{texts("a"), texts("b")}},
		{"an escaped colon", `f:a\:b`, []query.Doc{texts("a:b")}, []query.Doc{texts("a")}},
		{"an escaped backslash", `f:a\\b`, []query.Doc{texts(`a\b`)}, []query.Doc{texts(`a\\b`)}},
		{
			"all that can be escaped", `f:\+\-\=\&\|\>\<\!\(\)\{\}\[\]\^\"\~\*\?\:\\\/`,
			[]query.Doc{texts(`+-=&|><!(){}[]^"~*?:\/`)},
			nil,
		},
		{"other backslashes stay", `f:a\z\é`, []query.Doc{texts(`a\z\é`)}, []query.Doc{texts("azé")}},
		{"all letters are letters", `f:é`, []query.Doc{texts("é")}, []query.Doc{texts("e")}},
		{"a space after the colon", `f: abc`, []query.Doc{texts("abc")}, []query.Doc{texts("x")}},
		{"a space before the colon", `f :abc`, []query.Doc{texts("abc")}, []query.Doc{texts("x")}},
		{"operators of other languages are letters", `f:(a&&b)!`, []query.Doc{texts("(a&&b)!")}, nil},
		{"dates are texts", `f:2024-02-01`, []query.Doc{texts("2024-02-01")}, []query.Doc{numbers(2024)}},

		{"a word without a field is nowhere", `abc`, nil, []query.Doc{texts("abc"), {"": {query.Text("abc")}}, {}}},
		{"nor is a quoted one", `"abc"`, nil, []query.Doc{texts("abc"), {}}},
		{"nor an expression", `/(/`, nil, []query.Doc{texts("(")}},
		{"nor an escaped star", `\*`, nil, []query.Doc{texts("*"), {}}},
		{"nor a field in parentheses", `(f:abc)`, nil, []query.Doc{texts("abc")}},
		{"nor a field with a mark", `!f:abc`, nil, []query.Doc{texts("abc"), {}}},
		{"fields have no wildcards", `*:abc`, []query.Doc{{"*": {query.Text("abc")}}}, []query.Doc{texts("abc")}},
		{"fields have dots", `f.g:abc`, []query.Doc{{"f.g": {query.Text("abc")}}}, []query.Doc{texts("abc")}},
		{"fields have spaces", `my\ f:abc`, []query.Doc{{"my f": {query.Text("abc")}}}, []query.Doc{texts("abc")}},
		{"fields have colons", `f\:g:abc`, []query.Doc{{"f:g": {query.Text("abc")}}}, []query.Doc{texts("g:abc")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			is, must, not := parse(t, tt.query), parse(t, "+"+tt.query), parse(t, "-"+tt.query)
			check := func(d query.Doc, want bool) {
				score := map[bool]float64{true: 1}[want]
				for _, q := range []*query.Query{is, must} {
					got, ok := q.Match(d)
					assert.Equal(t, want, ok, "%s on %v", q, d)
					assert.Equal(t, score, got, "score of %s on %v", q, d)
				}
				_, ok := not.Match(d)
				assert.Equal(t, !want, ok, "%s on %v", not, d)
			}
			for _, d := range tt.yes {
				check(d, true)
			}
			for _, d := range tt.no {
				check(d, false)
			}
		})
	}
}

func TestTermsTogether(t *testing.T) {
	d := query.Doc{"a": {query.Text("x")}, "b": {query.Number(5)}, "c": {query.Text("p"), query.Text("q")}}
	tests := []struct {
		name, query string
		score       float64
		ok          bool
	}{
		{"the empty query matches all", ``, 0, true},
		{"so does one of spaces", " \t\r\n ", 0, true},
		{"so does a star", `*`, 1, true},
		{"a must star matches all", `+*`, 1, true},
		{"a must-not star matches nothing", `-*`, 0, false},
		{"a star among others", `a:nope *`, 1, true},
		{"one should is enough", `a:x b:6`, 1, true},
		{"each should scores", `a:x b:5 c:p`, 3, true},
		{"no should is not enough", `a:y b:6`, 0, false},
		{"a must lets shoulds be", `+a:x b:6`, 1, true},
		{"shoulds add to a must", `+a:x b:5`, 2, true},
		{"a false must decides", `b:5 +a:y`, 0, false},
		{"all musts are needed", `+a:x +b:6`, 0, false},
		{"all musts score", `+a:x +b:5`, 2, true},
		{"musts may want two elements of an array", `+c:p +c:q`, 2, true},
		{"only must-nots match the rest", `-a:y -b:6`, 0, true},
		{"one true must-not decides", `-a:y -b:5`, 0, false},
		{"a must-not beats a should", `a:x -b:5`, 0, false},
		{"and a must", `+a:x -b:5`, 0, false},
		{"a should is needed beside a must-not", `a:y -b:6`, 0, false},
		{"a must-not does not score", `a:x -b:6`, 1, true},
		{"a must-not on a missing field is met", `-z:1`, 0, true},
		{"a term may contradict itself", `a:x -a:x`, 0, false},
		{"the same term twice scores twice", `a:x a:x`, 2, true},
		{"AND is a word like any other", `a:x AND b:6`, 1, true},
		{"a word without a field cannot be a must", `a:x +y`, 0, false},
		{"nor does it hinder as a must-not", `a:x -y`, 1, true},
		{"a range of two musts", `+b:>=5 +b:<6`, 2, true},
		{"spaces of all kinds separate", "\n  +a:x\n\t+b:5\r\n", 2, true},
		{"a sign may have spaces after it", `+ a:x -  a:y`, 1, true},
		{"a wildcard scores once for an array", `c:*`, 1, true},
		{"two expressions are two", `c:/p/ a:/x/`, 2, true},
		{"a text with a slash is no expression across spaces", `a:/x b:5 c:y/`, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			score, ok := parse(t, tt.query).Match(d)
			assert.Equal(t, tt.ok, ok)
			assert.Equal(t, tt.score, score)
		})
	}
}

func TestBoosts(t *testing.T) {
	d := query.Doc{"a": {query.Text("x"), query.Text("//")}, "b": {query.Number(5)}}
	tests := []struct {
		query string
		score float64
		ok    bool
	}{
		{`a:x^3`, 3, true},
		{`a:x^2.5 b:5^3`, 5.5, true},
		{`+a:x^3 b:5^2 a:y^100`, 5, true},
		{`+b:5^0`, 0, true},
		{`b:5^0`, 0, true},
		{`b:>4^7`, 7, true},
		{`a:"x"^7`, 7, true},
		{`a:/x|y/^7`, 7, true},
		{`a:?^7`, 7, true},
		{`a:*^7`, 7, true},
		{`*^7`, 7, true},
		{`a:x^`, 1, true},
		{`a:x ^3 b:5`, 4, true},
		{`a:x -a:y^3`, 1, true},
		{`a:x -b:5^3`, 0, false},
		{`word^3`, 0, false},
		{`"word"^3`, 0, false},
		{`a:/\/\//^2`, 2, true},
		{`a:x^1000000`, query.MaxBoost, true},
	}
	for _, tt := range tests {
		score, ok := parse(t, tt.query).Match(d)
		assert.Equal(t, tt.ok, ok, tt.query)
		assert.InDelta(t, tt.score, score, 1e-12, tt.query)
	}
}

// The nearer a text is, the more it adds.
func TestFuzzyTerms(t *testing.T) {
	tests := []struct {
		query, text string
		score       float64
		ok          bool
	}{
		{`f:abcd~`, "abcd", 1, true},
		{`f:abcd~`, "abxd", 3. / 4, true},
		{`f:abcd~1`, "abcde", 3. / 4, true},
		{`f:abcd~1`, "bcd", 2. / 3, true},
		{`f:abcd~1`, "acbd", 3. / 4, true},
		{`f:abcd~1`, "abxy", 0, false},
		{`f:abcd~1`, "ab", 0, false},
		{`f:abcd~1`, "abcdef", 0, false},
		{`f:abcd~1`, "", 0, false},
		{`f:abcd~2`, "abxy", 1. / 2, true},
		{`f:abcd~2`, "ab", 0, true},
		{`f:abcd~2`, "abcdef", 1. / 2, true},
		{`f:abcd~2`, "badc", 1. / 2, true},
		{`f:abcd~2`, "axyz", 0, false},
		{`f:ab~2`, "", 0, true},
		{`f:abcd~0`, "abcd", 1, true},
		{`f:abcd~0`, "abce", 0, false},
		{`f:abcd~1^4`, "abce", 3, true},
		{`f:abcd ~1 ^4`, "abce", 3, true},
		{`f:AbcD~1`, "abcd", 0, false},
		{`f:é€x~1`, "éx", 1. / 2, true},
		{`f:a\ c\~~1`, "a b~", 3. / 4, true},
		{`f:a*c~1`, "a*", 1. / 2, true},
		{`f:a*c~1`, "abbbc", 0, false},
		{`word~1`, "word", 0, false},
	}
	for _, tt := range tests {
		d := texts(tt.text)
		score, ok := parse(t, tt.query).Match(d)
		assert.Equal(t, tt.ok, ok, "%s on %q", tt.query, tt.text)
		assert.InDelta(t, tt.score, score, 1e-12, "%s on %q", tt.query, tt.text)
	}
	score, _ := parse(t, `f:abcd~2`).Match(texts("axyd", "abcx", "zzz"))
	assert.InDelta(t, 0.75, score, 1e-12, "the nearest of several counts")
	_, ok := parse(t, `f:one~2`).Match(numbers(1))
	assert.False(t, ok, "numbers are no texts")
}

func TestDateRanges(t *testing.T) {
	const noon = `"2026-01-31T12:00:00Z"`
	tests := []struct {
		value          string
		before, at, ok bool
	}{
		{"2026-01-31T12:00:00Z", false, true, true},
		{"2026-01-31T13:00:00+01:00", false, true, true},
		{"2026-01-31T07:30:00-04:30", false, true, true},
		{"2026-01-31T12:00:00.000Z", false, true, true},
		{"2026-01-31T12:00:00", false, true, true},
		{"2026-01-31 12:00:00", false, true, true},
		{"2026-01-31", true, false, true},
		{"2026-01-31T11:59:59.999999999Z", true, false, true},
		{"2026-01-31T12:00:00.000000001Z", false, false, true},
		{"2026-02-01 00:00:00.5", false, false, true},
		{"0001-01-01", true, false, true},
		{"9999-12-31", false, false, true},
		{"2024-02-29", true, false, true},
		{"2026-02-29", false, false, false},
		{"2026-13-01", false, false, false},
		{"2026-00-01", false, false, false},
		{"2026-01-00", false, false, false},
		{"2026-01-31T24:00:00Z", false, false, false},
		{"2026-01-31T12:60:00Z", false, false, false},
		{"2026-01-31T12:00:60Z", false, false, false},
		{"2026-01-31T12:00Z", false, false, false},
		{"2026-01-31T12:00:00.Z", false, false, false},
		{"2026-01-31T12:00:00+0100", false, false, false},
		{"2026-01-31T12:00:00+24:00", false, false, false},
		{"2026-01-31 12:00:00Z", false, false, false},
		{"2026-01-31Z", false, false, false},
		{"2026-1-31", false, false, false},
		{"noon", false, false, false},
		{"", false, false, false},
	}
	for _, tt := range tests {
		d := texts(tt.value)
		for comparison, want := range map[string]bool{
			"<": tt.before, "<=": tt.before || tt.at, ">=": tt.ok && !tt.before, ">": tt.ok && !tt.before && !tt.at,
		} {
			_, ok := parse(t, "f:"+comparison+noon).Match(d)
			assert.Equal(t, want, ok, "%s %s noon", tt.value, comparison)
		}
		_, ok := query.Text(tt.value).Time()
		assert.Equal(t, tt.ok, ok, tt.value)
	}
	_, ok := parse(t, "f:>"+noon).Match(numbers(1e18))
	assert.False(t, ok, "a number is no date")
	_, ok = parse(t, `f:"2026-01-31"`).Match(texts("2026-01-31"))
	assert.True(t, ok, "a date is a text too")
	moment := time.Date(2026, 1, 31, 12, 0, 0, 1, time.FixedZone("x", 3600))
	back, ok := query.Time(moment).Time()
	assert.True(t, ok)
	assert.True(t, back.Equal(moment))
}

func TestZeroQueryMatchesAll(t *testing.T) {
	var q query.Query
	score, ok := q.Match(texts("x"))
	assert.True(t, ok)
	assert.Zero(t, score)
	assert.Empty(t, q.String())
	_, ok = q.Match(nil)
	assert.True(t, ok, "a nil document is an empty one")
}

func TestFieldRenames(t *testing.T) {
	own := map[string]bool{"min_count": true}
	o := query.Options{Field: func(name string) string {
		if own[name] {
			return name
		}
		return "properties." + name
	}}
	q, err := query.Parse(`+region:eu +min_count:>=2 my\ rank:7 * word`, o)
	require.NoError(t, err)
	var fields []string
	for _, c := range q.Clauses() {
		fields = append(fields, c.Field)
	}
	assert.Equal(t, []string{"properties.region", "min_count", "properties.my rank", "", ""}, fields,
		"escapes are off before renaming, and terms without a field are not asked about")

	score, ok := q.Match(query.Doc{"properties.region": {query.Text("eu")}, "min_count": {query.Number(2)}})
	assert.True(t, ok)
	assert.Equal(t, 3.0, score)
}

func TestClauses(t *testing.T) {
	type plain struct {
		Occur  query.Occur
		Test   query.Test
		Field  string
		Text   string
		Number float64
	}
	c := parse(t, `a:>="2026-01-31T01:00:00+01:00"^2`).Clauses()[0]
	assert.Equal(t, query.Since, c.Test)
	assert.Equal(t, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), c.Time)
	assert.Equal(t, 2.0, c.Boost)
	c = parse(t, `a:x~2`).Clauses()[0]
	assert.Equal(t, plain{query.Should, query.Fuzzy, "a", "x", 0}, plain{c.Occur, c.Test, c.Field, c.Text, c.Number})
	assert.Equal(t, uint8(2), c.Distance)
	assert.Equal(t, 1.0, c.Boost)

	q := parse(t, `a:x -b:60 +c:"q \"u\"" d:>1 d:>=2 -d:<3 +d:<=-4.5 e:a\**? e:/\d\:+/ e:* * word`)
	var got []plain
	for _, c := range q.Clauses() {
		got = append(got, plain{c.Occur, c.Test, c.Field, c.Text, c.Number})
	}
	assert.Equal(t, []plain{
		{query.Must, query.EqualText, "c", `q "u"`, 0},
		{query.Must, query.AtMost, "d", "", -4.5},
		{query.MustNot, query.EqualNumber, "b", "60", 60},
		{query.MustNot, query.Less, "d", "", 3},
		{query.Should, query.Equal, "a", "x", 0},
		{query.Should, query.Greater, "d", "", 1},
		{query.Should, query.AtLeast, "d", "", 2},
		{query.Should, query.Wildcard, "e", `a\**?`, 0},
		{query.Should, query.Regexp, "e", `\d:+`, 0},
		{query.Should, query.Present, "e", "", 0},
		{query.Should, query.Everything, "", "", 0},
		{query.Should, query.Nothing, "", "", 0},
	}, got)

	q.Clauses()[0] = query.Clause{}
	assert.Equal(t, query.EqualText, q.Clauses()[0].Test, "the slice is the caller's own")
}

func TestClauseAccepts(t *testing.T) {
	c := parse(t, `-f:>=5`).Clauses()[0]
	assert.True(t, c.Accepts(query.Number(5)), "Occur plays no part")
	assert.False(t, c.Accepts(query.Text("5")))
	c = parse(t, `*`).Clauses()[0]
	assert.True(t, c.Accepts(query.Text("")))
	c = parse(t, `word`).Clauses()[0]
	assert.False(t, c.Accepts(query.Text("word")))
}

func TestStringIsTheSource(t *testing.T) {
	for _, text := range []string{``, ` `, `+a:x  b:"y z"`, "\ta:1\n"} {
		assert.Equal(t, text, parse(t, text).String())
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	q := parse(t, `+f:abc^2 -f:x f:60 f:>=5 f:a*c f:"q" g:* * word f:abd~1 f:>"2026-01-01" f:<="2026-01-01T00:00:00.5+01:00"`)
	d := texts("abc", "2026-01-31T12:00:00.25+01:00", "2026-99-31")
	d.Add("f", query.Number(60))
	assert.Zero(t, testing.AllocsPerRun(100, func() { q.Match(d) }))
}

func TestMatchConcurrently(t *testing.T) {
	q := parse(t, `+f:/a.*c/ f:a* -g:x`)
	d := texts("abc")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if score, ok := q.Match(d); !ok || score != 2 {
					t.Errorf("got %v, %v", score, ok)
				}
			}
		})
	}
	wg.Wait()
}
