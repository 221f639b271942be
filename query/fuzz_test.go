package query_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shoal-go/shoal/query"
)

// sample is a document with a value of each kind in the fields that the seeds name.
func sample() query.Doc {
	d := query.Doc{}
	d.Add("f", query.Text("abc"), query.Text("a b"), query.Number(60), query.Bool(true))
	d.Add("label.mode", query.Text("ffa"))
	d.Add("", query.Text("x"))
	return d
}

// No query makes Parse or Match panic, and a query means the same when it is parsed from its String.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `*`, `+f:abc`, `-f:abc f:60`, `f:-3`, `f:>=50 f:<1.5`, `f:a* f:?b?`, `f:/a.*/`, `f:/[\^x]\ b/`, `f:/^a:b~/`,
		`f:"a b" f:"\"\\"`, `my\ f:x\:y`, `f:T -f:F`, `word AND "quoted"`, `f:abc~1`, `f:abc^2`, `f:>"2024-02-01T00:00:00Z"`,
		`f:abd~2^2.5 *^3`, `f:<="2024-02-01"^0`, `f:/x/^2/ f:"q"^2`, `f:^ g:~`,
		`+`, `f:`, `::`, `f:=x`, `f:"`, `f:\`, `f:/`, `f://`, `f:/\/`, `f:/(a{9}){9}/`, `f:/\Q/`, "f:\xff", "\t\r\n",
	} {
		f.Add(seed)
	}
	d := sample()
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text, query.Options{})
		if err != nil {
			e := &query.SyntaxError{}
			ok := errors.As(err, &e)
			if !ok || q != nil || e.Query != text || e.Msg == "" || e.Pos < 0 || e.Pos > len(text) {
				t.Fatalf("bad error %#v for %q", err, text)
			}
			return
		}
		score, ok := q.Match(d)
		again, err := query.Parse(q.String(), query.Options{})
		if err != nil || q.String() != text {
			t.Fatalf("%q became %q: %v", text, q.String(), err)
		}
		if s, o := again.Match(d); s != score || o != ok {
			t.Fatalf("%q matched with %v, %v and then with %v, %v", text, score, ok, s, o)
		}
		one, other := q.Clauses(), again.Clauses()
		most := 0.0
		for _, c := range one {
			most += c.Boost
		}
		if score < 0 || score > most || len(one) != len(other) {
			t.Fatalf("%q: score %v of %v, %d and %d clauses", text, score, most, len(one), len(other))
		}
		for i := range one {
			a, b := one[i], other[i]
			if a.Occur != b.Occur || a.Test != b.Test || a.Field != b.Field || a.Text != b.Text || a.Number != b.Number {
				t.Fatalf("%q: clause %d was %+v and then %+v", text, i, a, b)
			}
		}
	})
}

// Any text can be asked for in quotes, and by escaping each of its special characters.
func FuzzQuotingAndEscaping(f *testing.F) {
	for _, seed := range []string{"", "abc", `a "b" \c`, "+-=&|><!(){}[]^\"~*?:\\/ \t", "é\uFFFD", `\`, "/x/", "60"} {
		f.Add(seed)
	}
	quotes := strings.NewReplacer(`"`, `\"`, `\`, `\\`)
	special := regexp.MustCompile(`[ \t\r\n+\-=&|><!(){}\[\]^"~*?:\\/]`)
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) || len(value) > 1000 {
			return
		}
		forms := []string{`f:"` + quotes.Replace(value) + `"`}
		if value != "" {
			forms = append(forms, `f:`+special.ReplaceAllString(value, `\$0`))
		}
		for _, form := range forms {
			if _, ok := parse(t, form).Match(texts(value)); !ok {
				t.Errorf("%s does not find %q", form, value)
			}
			if _, ok := parse(t, form).Match(texts(value + "x")); ok {
				t.Errorf("%s finds %q", form, value+"x")
			}
		}
	})
}

// The edits of a fuzzy term are those that the whole table of edits gives.
func FuzzEdits(f *testing.F) {
	for _, seed := range [][2]string{{"abcd", "acbd"}, {"", "ab"}, {"aab", "aba"}, {"ab", "bxa"}, {"éa", "aé"}, {"abcdef", "badcef"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, term, text string) {
		if term == "" || !utf8.ValidString(term) || !utf8.ValidString(text) || len(term) > 60 || len(text) > 200 {
			return
		}
		special := regexp.MustCompile(`[ \t\r\n+\-=&|><!(){}\[\]^"~*?:\\/]`)
		n := editTable([]rune(term), []rune(text))
		for limit, suffix := range map[int]string{1: "~1", 2: "~2"} {
			q, err := query.Parse("f:"+special.ReplaceAllString(term, `\$0`)+suffix, query.Options{})
			if err != nil {
				return // a number
			}
			if _, ok := q.Match(texts(text)); ok != (n <= limit) {
				t.Errorf("%q and %q are %d edits apart, not up to %d: %v", term, text, n, limit, ok)
			}
		}
	})
}

// editTable is the textbook's: a character less, more or another, or two neighbours swapped.
func editTable(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// A date is what package time takes for one.
func FuzzDates(f *testing.F) {
	for _, seed := range []string{"2026-01-31", "2026-01-31T00:00:00Z", "2026-02-30 10:00:00", "2026-01-31T00:00:00.123456789123+01:00"} {
		f.Add(seed)
	}
	generous := regexp.MustCompile(`[T ]\d:|,|24:|:60`) // what package time takes, and we do not
	layouts := []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"}
	f.Fuzz(func(t *testing.T, text string) {
		got, is := query.Text(text).Time()
		if generous.MatchString(text) {
			return
		}
		for _, layout := range layouts {
			if want, err := time.Parse(layout, text); err == nil {
				if !is || !want.Equal(got) {
					t.Fatalf("%q: got %v, %v, want %v", text, got, is, want)
				}
				return
			}
		}
		if is {
			t.Fatalf("%q was taken for %v", text, got)
		}
	})
}

// Wildcards mean what the regular expressions say that they stand for.
func FuzzWildcard(f *testing.F) {
	for _, seed := range [][2]string{
		{"a*", "abc"},
		{"*a", "aba"},
		{"a?c", "abc"},
		{"*ab*ab*", "abab"},
		{"*aab", "aaab"},
		{"?*?", "x"},
		{"*é?", "éé"},
		{"**a**", "a"},
		{"a*b*c", "abbc"},
		{"?", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	plain := regexp.MustCompile(`^[a-zé*?]+$`)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !plain.MatchString(pattern) || !utf8.ValidString(text) || len(pattern) > 100 {
			return
		}
		re := strings.NewReplacer("*", "(?s:.*)", "?", "(?s:.)").Replace(pattern)
		want := regexp.MustCompile(`\A` + re + `\z`).MatchString(text)
		if _, got := parse(t, "f:"+pattern).Match(texts(text)); got != want {
			t.Errorf("%q on %q: got %v", pattern, text, got)
		}
	})
}

// No text makes AddJSON panic or leave half a document behind.
func FuzzAddJSON(f *testing.F) {
	for _, seed := range []string{``, `{}`, `null`, `[1]`, `{"a":[1,"x",{"b":true}],"c":null}`, `{"a":1e999}`, `{"a":{"a":{}}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := query.Doc{}
		if !d.AddJSON("label", []byte(text)) && len(d) > 0 {
			t.Fatalf("%q was refused and left %v", text, d)
		}
		for field, values := range d {
			if !strings.HasPrefix(field, "label.") || len(values) == 0 {
				t.Fatalf("%q gave field %q with %v", text, field, values)
			}
		}
	})
}
