package query_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
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
		if score < 0 || int(score) > len(one) || len(one) != len(other) {
			t.Fatalf("%q: score %v, %d and %d clauses", text, score, len(one), len(other))
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
