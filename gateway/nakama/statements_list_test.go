package nakama_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/transport"
)

// lobby is a world with matches that are known by their labels.
type lobby struct {
	*world
	ann *account
}

// lists runs a statement about listing, with matches of the labels, the oldest first.
func lists(t *testing.T, name string, labels []string, check func(t *testing.T, l lobby)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, nil)
			defer w.run()()
			l := lobby{w, w.newAccount("ann")}
			match.Register(w.matches, "stage", match.Handler[struct{}](&stage{
				signal: func(d *match.Dispatcher, label string) (string, error) { return "", d.SetLabel(label) },
			}))
			for _, label := range labels {
				l.open(label)
			}
			check(t, l)
		})
	})
}

// open creates a match.
func (l lobby) open(label string) match.ID {
	l.t.Helper()
	id, err := l.matches.Create(l.t.Context(), "stage", label)
	require.NoError(l.t, err)
	return id
}

// find lists, and returns the labels in order; a relayed match is "relayed".
func (l lobby) find(params ...string) []string {
	l.t.Helper()
	labels := []string{}
	matches, _ := l.ann.http("GET", "/v2/match?"+values(params).Encode(), "").ok()["matches"].([]any)
	for _, m := range matches {
		m := m.(map[string]any)
		if m["authoritative"] != true {
			labels = append(labels, "relayed")
			continue
		}
		label, _ := m["label"].(string)
		labels = append(labels, label)
	}
	return labels
}

// query lists by a query.
func (l lobby) query(q string) []string {
	l.t.Helper()
	return l.find("query", q)
}

func values(params []string) url.Values {
	v := url.Values{"limit": {"100"}}
	for i := 0; i < len(params); i += 2 {
		v.Set(params[i], params[i+1])
	}
	return v
}

func TestListingStatements(t *testing.T) {
	lists(t, "R053_differs", nil, func(t *testing.T, l lobby) {
		id := l.open(`{"round":1}`)
		require.Equal(t, []string{`{"round":1}`}, l.query("+label.round:1"), "at once")
		_, err := l.matches.Signal(t.Context(), id, `{"round":2}`)
		require.NoError(t, err)
		require.Empty(t, l.query("+label.round:1"))
		require.Equal(t, []string{`{"round":2}`}, l.query("+label.round:2"), "at once, too")
		info, err := l.matches.Get(id)
		require.NoError(t, err)
		require.Equal(t, `{"round":2}`, info.Label)
		in := l.connect("bob", transport.Text).ask(join(string(id))).GetMatch()
		require.Equal(t, `{"round":2}`, in.Label.Value)
	})
	lists(t, "R054", []string{"old"}, func(t *testing.T, l lobby) {
		id := l.open("other")
		_, err := l.matches.Signal(t.Context(), id, strings.Repeat("x", 2049))
		require.ErrorIs(t, err, match.ErrLabel)
		require.Equal(t, []string{"other", "old"}, l.find())
		_, err = l.matches.Signal(t.Context(), id, strings.Repeat("x", 2048))
		require.NoError(t, err)
	})
	lists(t, "R055", []string{"", "plain", `{"a":1}`}, func(t *testing.T, l lobby) {
		require.Equal(t, []string{"plain"}, l.find("label", "plain"))
		require.Equal(t, []string{`{"a":1}`}, l.find("label", `{"a":1}`))
		require.Equal(t, []string{""}, l.find("label", ""))
		require.Empty(t, l.find("label", "plai"))
	})
	lists(t, "R056", []string{`{"skill":40}`, `{"skill":50}`, `{"skill":"50"}`, `{"skill":60}`}, func(t *testing.T, l lobby) {
		require.Equal(t, []string{`{"skill":60}`, `{"skill":50}`}, l.query("+label.skill:>=50"))
	})
	lists(t, "R057", []string{`{"open":true}`, `{"open":false}`}, func(t *testing.T, l lobby) {
		require.Equal(t, []string{`{"open":true}`}, l.query("label.open:T"))
		require.Empty(t, l.query("label.open:true"))
	})
	lists(t, "R058", []string{`{"tags":["a","b"]}`, `{"rules":{"laps":{"n":3}}}`}, func(t *testing.T, l lobby) {
		for q, want := range map[string][]string{
			"label.tags:a": {`{"tags":["a","b"]}`}, "label.tags:b": {`{"tags":["a","b"]}`}, "label.tags:c": {},
			"label.rules.laps.n:3": {`{"rules":{"laps":{"n":3}}}`}, "label.rules.laps:3": {},
		} {
			require.Equal(t, want, l.query(q), q)
		}
	})
	lists(t, "R059", []string{`{"region":"us-east"}`}, func(t *testing.T, l lobby) {
		for q, n := range map[string]int{
			"label.region:us-east": 1, "label.region:US-east": 0, "label.region:us*": 1, "label.region:/us-.*/": 1, "label.region:/us/": 0,
		} {
			require.Len(t, l.query(q), n, q)
		}
	})
	lists(t, "R060", []string{`{"a":1}`, `{"a":1,"b":1}`, `{"b":1}`}, func(t *testing.T, l lobby) {
		require.Equal(t, []string{`{"a":1,"b":1}`, `{"a":1}`}, l.query("+label.a:1 label.b:1"))
		require.Equal(t, []string{`{"b":1}`}, l.query("-label.a:1"))
	})
	lists(t, "R061", []string{
		`{"foo":5,"baz":4}`, `{"foo":5}`, `{"foo":5,"baz":2}`, `{"foo":5,"baz":9}`, `{"foo":4,"baz":4}`,
	}, func(t *testing.T, l lobby) {
		require.Equal(t, []string{
			`{"foo":5,"baz":4}`, `{"foo":5,"baz":2}`, `{"foo":5,"baz":9}`, `{"foo":5}`,
		}, l.query("+label.foo:5 label.baz:4^10 label.baz:2^5"))
	})
	lists(t, "R062", []string{`{"a":1}`, "x"}, func(t *testing.T, l lobby) {
		require.Equal(t, []string{`{"a":1}`}, l.find("query", "label.a:1", "label", "x"))
		l.ann.http("GET", "/v2/match?authoritative=false&query=label.a:1", "").
			refused(http.StatusBadRequest, 3, "Query filtering is not supported for non-authoritative matches.")
	})
	lists(t, "R063", []string{"x"}, func(t *testing.T, l lobby) {
		bob := l.connect("bob", transport.Text)
		bob.ask(create(""))
		bob.next()
		l.open("y")
		require.Equal(t, []string{"y", "x", "relayed"}, l.find())
		require.Equal(t, []string{"y", "x"}, l.find("limit", "2"))
		require.Equal(t, []string{"y", "x", "relayed"}, l.find("limit", "3"))
		require.Equal(t, []string{"relayed"}, l.find("authoritative", "false"))
		require.Equal(t, []string{"y", "x"}, l.find("authoritative", "true"))
	})
	lists(t, "R064", make([]string, 12), func(t *testing.T, l lobby) {
		for _, limit := range []string{"0", "101"} {
			l.ann.http("GET", "/v2/match?limit="+limit, "").
				refused(http.StatusBadRequest, 3, "Invalid limit - limit must be between 1 and 100.")
		}
		require.Len(t, l.ann.http("GET", "/v2/match", "").ok()["matches"], 10)
	})
	lists(t, "R065", []string{"x"}, func(t *testing.T, l lobby) {
		for _, q := range []string{"+", "a:", `a:"x`} {
			got := l.ann.http("GET", "/v2/match?query="+url.QueryEscape(q), "")
			require.Equal(t, http.StatusBadRequest, got.status, q)
			require.Contains(t, got.body, "Invalid query", q)
		}
	})
}
