package blugetest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
)

// labels are documents of all kinds of value. No field of the plain ones has more than one value.
var (
	plainLabels = []string{
		`{"a":"ffa","b":60,"c":true,"d":"2024-02-01T00:00:00Z"}`,
		`{"a":"FFA","b":-3,"c":false,"d":"2024-02-01 00:00:01"}`,
		`{"a":"faf","b":60.5,"c":"T","d":"2024-02-01"}`,
		`{"a":"60","b":"60","c":"true","d":"2024-03-01T12:00:00.5+02:00"}`,
		`{"a":"us-east","b":0,"d":"noon"}`,
		`{"a":"us west","b":1000000,"n":{"a":"ffa","b":61}}`,
		`{"a":"a:b^c~d\\e\"f","b":"ffb","n":{"d":"1969-12-31T23:59:59Z"}}`,
		`{"a":"a*b?","b":"héllo wörld"}`,
		`{"a":"","b":null,"c":1}`,
		`{}`,
	}
	arrayLabels = []string{
		`{"a":["ffa","FFA","faf"],"b":[60,61,"60"],"c":[true,false],"d":["2024-02-01","2024-03-01","ffa"]}`,
		`{"a":[["ffa"],[{"x":"y"}]],"b":["60"],"n":[{"a":"ffa"},{"b":60}]}`,
		`{"a":[],"b":[null,-3.5]}`,
	}
)

// pair is one query in both dialects. They only differ in the boosts.
type pair struct {
	theirs, ours string
	vague        bool // all terms have a minus: then everything scores 1 there
}

// generator makes queries that both must understand alike.
type generator struct{ *rand.Rand }

func (g generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// query makes one to five terms.
func (g generator) query() pair {
	var q pair
	musts := 0
	n := 1 + g.IntN(5)
	for i := range n {
		sign := g.pick("", "", "+", "-")
		t := g.term()
		if sign != "-" {
			musts++
		}
		if i > 0 {
			q.theirs += " "
			q.ours += " "
		}
		q.theirs += sign + t.theirs
		q.ours += sign + t.ours
	}
	q.vague = musts == 0
	return q
}

func (g generator) term() pair {
	texts := g.pick("label.a", "label.a", "label.n.a", "zz") // fields without numbers and dates: patterns see those coded
	dates := g.pick("label.d", "label.d", "label.n.d", "zz") // fields without numbers, which are dates there
	field := g.pick("label.a", "label.a", "label.b", "label.b", "label.c", "label.n.a", "label.n.b", "label", "zz")
	boost := g.IntN(4)
	if g.IntN(3) > 0 {
		boost = 1
	}
	plain := fmt.Sprint("^", boost)
	term, theirs, ours := "", plain, plain
	switch g.IntN(7) {
	case 0:
		term, ours = g.text(), fmt.Sprint("^", boost*boost)
	case 1:
		term = g.number()
	case 2:
		term = g.pick(">", ">=", "<", "<=") + g.number()
	case 3:
		field = dates
		term, theirs, ours = g.pick(">", ">=", "<", "<=")+`"`+g.date()+`"`, "", ""
	case 4:
		field = texts
		term = g.pick("*", "f?a", "*a", "us*", "*f*", "??", "*-*", `us\ *`, "f*f*", "T*", "6?")
	case 5:
		field = texts
		term = g.pick("/f.a/", "/(?i)ffa/", "/us-.*/", "/us/", `/us\ .+/`, "/T|F/", "/6./", "/.*/")
	case 6:
		field = texts
		term, theirs, ours = g.pick("ffa", "faf", "ffaf", "us-eats", "us-est", "héllo\\ wörl", "hallo\\ wörld")+g.pick("~", "~1", "~2", "~0"), "", ""
	}
	if boost == 1 && g.IntN(2) == 0 {
		theirs, ours = "", ""
	}
	return pair{theirs: field + ":" + term + theirs, ours: field + ":" + term + ours}
}

var special = regexp.MustCompile(`[ +\-=&|><!(){}\[\]^"~:\\/]`)

func (g generator) text() string {
	return special.ReplaceAllString(g.pick("ffa", "FFA", "ff", "T", "F", "true", "us-east", "us west", `a:b^c~d\e"f`, "x"), `\$0`)
}

func (g generator) number() string {
	return g.pick("60", "60.0", "60.5", "-3", "0", "61", "1000000", "1", "-3.5", "0.0")
}

func (g generator) date() string {
	return g.pick("2024-02-01T00:00:00Z", "2024-02-01T00:00:01Z", "2024-03-01T11:00:00+01:00", "2024-03-01T10:00:00.5Z", "1970-01-01T00:00:00Z")
}
