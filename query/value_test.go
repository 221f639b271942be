package query_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/query"
)

func TestAddJSON(t *testing.T) {
	text, number, yes, no := query.Text, query.Number, query.Bool(true), query.Bool(false)
	tests := []struct {
		name, json string
		want       query.Doc
	}{
		{"an empty object", `{}`, query.Doc{}},
		{"each kind of member", `{"s":"ffa","n":60,"f":-1.5,"t":true,"u":false,"z":null}`, query.Doc{
			"label.s": {text("ffa")}, "label.n": {number(60)}, "label.f": {number(-1.5)}, "label.t": {yes}, "label.u": {no},
		}},
		{"numbers however written", `{"a":6e1,"b":60.0,"c":-0}`, query.Doc{
			"label.a": {number(60)}, "label.b": {number(60)}, "label.c": {number(0)},
		}},
		{"nested objects by dots", `{"a":{"b":{"c":1}},"d":{}}`, query.Doc{"label.a.b.c": {number(1)}}},
		{"dots in names are the same dots", `{"a.b":1}`, query.Doc{"label.a.b": {number(1)}}},
		{"names of all kinds", `{"my f":1,"":2,"é":3}`, query.Doc{
			"label.my f": {number(1)}, "label.": {number(2)}, "label.é": {number(3)},
		}},
		{"each element of an array", `{"a":["x",2,true,null,"x"]}`, query.Doc{
			"label.a": {text("x"), number(2), yes, text("x")},
		}},
		{"arrays in arrays", `{"a":[["x"],[["y"]],[]]}`, query.Doc{"label.a": {text("x"), text("y")}}},
		{"objects in arrays", `{"a":[{"k":1},{"k":2},"x"]}`, query.Doc{
			"label.a.k": {number(1), number(2)}, "label.a": {text("x")},
		}},
		{"arrays in objects", `{"a":{"k":[1,2]}}`, query.Doc{"label.a.k": {number(1), number(2)}}},
		{"dates are texts", `{"a":"2024-02-01T00:00:00Z"}`, query.Doc{"label.a": {text("2024-02-01T00:00:00Z")}}},
		{"texts keep case and spaces", `{"a":" A b "}`, query.Doc{"label.a": {text(" A b ")}}},
		{"the last of two equal names", `{"a":1,"a":"x"}`, query.Doc{"label.a": {text("x")}}},
		{"space around", " {\"a\":1}\n", query.Doc{"label.a": {number(1)}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := query.Doc{}
			require.True(t, d.AddJSON("label", []byte(tt.json)))
			assert.Equal(t, tt.want, d)
		})
	}
}

func TestAddJSONWantsOneObject(t *testing.T) {
	for _, text := range []string{
		``, `team-deathmatch`, `null`, `true`, `60`, `"x"`, `[{"a":1}]`, `{"a":1`, `{"a":1} x`, `{"a":1}{"a":2}`,
		`{"a":01}`, `{a:1}`, `{"ok":1,"a":1e999}`,
	} {
		d := query.Doc{}
		assert.False(t, d.AddJSON("label", []byte(text)), "%q", text)
		assert.Empty(t, d, "%q", text)
	}
}

func TestAddJSONDepth(t *testing.T) {
	object := func(n int) []byte { return []byte(strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n)) }
	array := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `,"b":1}`)
	}
	d := query.Doc{}
	assert.True(t, d.AddJSON("x", object(64)))
	assert.Contains(t, d, "x"+strings.Repeat(".a", 64))

	for _, n := range []int{65, 9_000, 1_000_000} {
		d := query.Doc{}
		assert.False(t, d.AddJSON("x", object(n)), "%d objects", n)
		assert.False(t, d.AddJSON("x", array(n)), "%d arrays", n)
		assert.Empty(t, d, "nothing is added of what is refused")
	}
	assert.True(t, query.Doc{}.AddJSON("x", array(64)))
}

func TestAddJSONWithoutPrefix(t *testing.T) {
	d := query.Doc{}
	require.True(t, d.AddJSON("", []byte(`{"a":{"b":1}}`)))
	assert.Equal(t, query.Doc{"a.b": {query.Number(1)}}, d)
}

func TestAddJSONAddsToWhatIsThere(t *testing.T) {
	d := query.Doc{}
	d.Add("node", query.Text("n1"))
	d.Add("label.a", query.Number(1))
	require.True(t, d.AddJSON("label", []byte(`{"a":2}`)))
	assert.Equal(t, query.Doc{"node": {query.Text("n1")}, "label.a": {query.Number(1), query.Number(2)}}, d)
}

// A label is searched as a developer would: these are the facts that clients of the reference server rely on.
func TestSearchLabels(t *testing.T) {
	const label = `{"mode":"ffa","skill":60,"open":true,"tags":["ranked","eu"],"nest":{"k":"v"},"region":"us-east"}`
	d := query.Doc{}
	require.True(t, d.AddJSON("label", []byte(label)))
	tests := map[string]bool{
		`+label.skill:>=50`:               true,
		`+label.skill:>60`:                false,
		`label.open:T`:                    true,
		`label.open:true`:                 false,
		`label.tags:ranked`:               true,
		`label.tags:eu`:                   true,
		`-label.tags:eu`:                  false,
		`label.nest.k:v`:                  true,
		`label.nest:v`:                    false,
		`label.region:us*`:                true,
		`label.region:/us-.*/`:            true,
		`label.region:/us/`:               false,
		`label.mode:FFA`:                  false,
		`mode:ffa`:                        false,
		`ffa`:                             false,
		`+label.mode:ffa +label.skill:60`: true,
	}
	for text, want := range tests {
		_, ok := parse(t, text).Match(d)
		assert.Equal(t, want, ok, text)
	}
}
