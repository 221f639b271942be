package match_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/query"
	"github.com/shoal-go/shoal/tick"
)

// listed is one match as the model knows it.
type listed struct {
	id       match.ID
	doc      query.Doc
	label    string
	capacity int
	members  int
}

// relist is a match with a label and a capacity from its creator, and labels from signals.
func relist() *script {
	h := relabel()
	h.init = func(_ context.Context, p match.Params) (match.Settings, error) {
		return p.Value.(match.Settings), nil
	}
	return h
}

func (l *listed) relabel(label string) {
	l.label, l.doc = label, query.Doc{}
	l.doc.Add("label_string", query.Text(label))
	l.doc.Add("handler_name", query.Text("m"))
	l.doc.Add("tick_rate", query.Number(10))
	l.doc.AddJSON("label", []byte(label))
}

// values are what a field of a label may be. A date in it differs from others by less than a float64 can say.
var values = []any{
	1, 2, 3, -3, 1.5, 0, "x", "xy", "2", "T", true, false, nil,
	"2026-01-31", "2026-01-31T00:00:00.000000001Z", "2026-01-30T23:59:59Z",
}

func drawLabel(t *rapid.T) string {
	fields := make(map[string]any)
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "fields") {
		some := rapid.SliceOfN(rapid.SampledFrom(values), 0, 3).Draw(t, name)
		if fields[name] = some; len(some) == 1 {
			fields[name] = some[0]
		}
	}
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return string(text)
}

func drawQuery(t *rapid.T) string {
	var terms []string
	for range rapid.IntRange(0, 4).Draw(t, "terms") {
		term := rapid.SampledFrom([]string{
			":>2", ":>=2", ":<2", ":<=2", ":>-3", ":<0", ":0", ":-3", ":2", ":1.5", ":x", ":T", ":*", ":x*", ":?", ":/x|2/", ":xx~1", `:"T"`,
			`:>"2026-01-31"`, `:>="2026-01-31"`, `:<"2026-01-31"`, `:<="2026-01-31"`, `:>="2026-01-31T00:00:00.000000001Z"`,
		}).Draw(t, "term")
		sign := rapid.SampledFrom([]string{"", "+", "+", "-"}).Draw(t, "sign")
		boost := rapid.SampledFrom([]string{"", "", "^2", "^0"}).Draw(t, "boost")
		field := rapid.SampledFrom([]string{"label.a", "label.b", "label.c", "label.d"}).Draw(t, "field")
		if rapid.IntRange(0, 9).Draw(t, "other") == 0 {
			field, term = rapid.SampledFrom([]string{"*", "word", "handler_name:m", "tick_rate:>=10"}).Draw(t, "whole"), ""
		}
		terms = append(terms, sign+field+term+boost)
	}
	return strings.Join(terms, " ")
}

func drawRequest(t *rapid.T) match.ListRequest {
	q := match.ListRequest{
		MinSize: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "min"),
		MaxSize: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "max"),
		Open:    rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "open"),
		OrderBy: rapid.SampledFrom([]string{"", "", "label.a", "-label.b"}).Draw(t, "order"),
		Handler: rapid.SampledFrom([]string{"", "m", "n"}).Draw(t, "handler"),
	}
	switch rapid.IntRange(0, 5).Draw(t, "select") {
	case 0:
	case 1:
		q.Label = new(drawLabel(t))
	case 2:
		q.Label, q.Query = new(drawLabel(t)), drawQuery(t)
	default:
		q.Query = drawQuery(t)
	}
	return q
}

// naiveList lists as the documentation says, match by match. all has the newest first.
func naiveList(t *rapid.T, all []*listed, q match.ListRequest) (ids []match.ID) {
	type hit struct {
		id   match.ID
		rank float64
	}
	var hits []hit
	for _, l := range all {
		h := hit{id: l.id}
		parsed, err := query.Parse(q.Query, query.Options{})
		require.NoError(t, err)
		score, ok := parsed.Match(l.doc)
		h.rank = score
		if !ok || q.Label != nil && *q.Label != l.label || q.Handler == "n" || l.members < q.MinSize || q.MaxSize > 0 && l.members > q.MaxSize ||
			l.capacity > 0 && l.capacity-l.members < q.Open {
			continue
		}
		if q.OrderBy != "" {
			h.rank = rank(l.doc, q.OrderBy)
		}
		hits = append(hits, h)
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.rank, a.rank) })
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids
}

func rank(d query.Doc, order string) float64 {
	field, greatest := strings.CutPrefix(order, "-")
	best := math.Inf(-1)
	for _, v := range d[field] {
		switch {
		case v.Kind != query.KindNumber:
		case greatest:
			best = max(best, v.Number)
		default:
			best = max(best, -v.Number)
		}
	}
	return best
}

// pages lists page by page.
func pages(t *rapid.T, r *match.Registry, q match.ListRequest) (ids []match.ID) {
	for {
		p, err := r.List(q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Matches), q.Limit)
		for _, m := range p.Matches {
			ids = append(ids, m.ID)
		}
		if p.Next == "" {
			return ids
		}
		require.Len(t, p.Matches, q.Limit)
		q.Cursor = p.Next
		q.Limit = rapid.IntRange(1, 3).Draw(t, "limit of the next page")
	}
}

// TestListAgainstAModel lists while matches come, change their labels, fill, empty and end.
func TestListAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, err := match.New(match.Config{Source: tick.NewManual(noon)})
		require.NoError(t, err)
		match.Register(r, "m", relist())
		var all []*listed // newest first
		users := 0
		pick := func(t *rapid.T) int {
			if len(all) == 0 {
				t.Skip("no match")
			}
			return rapid.IntRange(0, len(all)-1).Draw(t, "which")
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				l := &listed{capacity: rapid.IntRange(0, 3).Draw(t, "capacity")}
				l.relabel(drawLabel(t))
				l.id, err = r.Create(t.Context(), "m", match.Settings{Label: l.label, Capacity: l.capacity, Every: match.PerSecond(10)})
				require.NoError(t, err)
				all = slices.Insert(all, 0, l)
			},
			"relabel": func(t *rapid.T) {
				l := all[pick(t)]
				l.relabel(drawLabel(t))
				_, err := r.Signal(t.Context(), l.id, l.label)
				require.NoError(t, err)
			},
			"join": func(t *rapid.T) {
				l := all[pick(t)]
				if l.capacity > 0 && l.members == l.capacity {
					t.Skip("full")
				}
				users++
				who := presence.Presence{User: fmt.Sprint(users), Session: fmt.Sprint(users)}
				require.NoError(t, r.Join(t.Context(), match.JoinRequest{ID: l.id, Who: match.Joiner{Presence: who}}))
				l.members++
			},
			"end": func(t *rapid.T) {
				i := pick(t)
				require.NoError(t, r.End(t.Context(), all[i].id, 0))
				all = slices.Delete(all, i, i+1)
			},
			"list": func(t *rapid.T) {
				q := drawRequest(t)
				want := naiveList(t, all, q)
				p, err := r.List(q)
				require.NoError(t, err)
				var got []match.ID
				for _, m := range p.Matches {
					got = append(got, m.ID)
				}
				require.Equal(t, want, got)
				require.Empty(t, p.Next)
				q.Limit = rapid.IntRange(1, 3).Draw(t, "limit")
				require.Equal(t, want, pages(t, r, q))
			},
		})
	})
}

// A cursor keeps its place while matches come and go, and is good for its request only.
func TestCursor(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	create := func() match.ID {
		id, err := w.Create(t.Context(), "m", `{"a":1}`)
		require.NoError(t, err)
		return id
	}
	oldest, older, newer := create(), create(), create()
	q := match.ListRequest{Limit: 1, Query: "label.a:1 label.b:1"}
	p, err := w.List(q)
	require.NoError(t, err)
	require.Equal(t, newer, p.Matches[0].ID)
	create()
	require.NoError(t, w.End(t.Context(), newer, 0))
	require.NoError(t, w.End(t.Context(), older, 0))
	q.Cursor = p.Next
	p, err = w.List(q)
	require.NoError(t, err)
	require.Equal(t, oldest, p.Matches[0].ID)
	require.Empty(t, p.Next)

	for name, change := range map[string]func(*match.ListRequest){
		"another query":   func(q *match.ListRequest) { q.Query = "label.a:1" },
		"no query":        func(q *match.ListRequest) { q.Query = "" },
		"another handler": func(q *match.ListRequest) { q.Handler = "m" },
		"another label":   func(q *match.ListRequest) { q.Label = new("") },
		"another order":   func(q *match.ListRequest) { q.OrderBy = "label.a" },
		"another size":    func(q *match.ListRequest) { q.MinSize = 1 },
		"open":            func(q *match.ListRequest) { q.Open = 1 },
		"not a cursor":    func(q *match.ListRequest) { q.Cursor = "x" },
		"a shorter one":   func(q *match.ListRequest) { q.Cursor = "AAAA" },
		"a longer one":    func(q *match.ListRequest) { q.Cursor += "AAAA" },
		"a line break":    func(q *match.ListRequest) { q.Cursor += "\n" },
	} {
		other := q
		change(&other)
		_, err := w.List(other)
		require.ErrorIs(t, err, match.ErrCursor, name)
	}
	q.Limit = 5
	_, err = w.List(q)
	require.NoError(t, err, "another limit")
}

func TestListShowsAHundredByDefault(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	for range 102 {
		_, err := w.Create(t.Context(), "m", "")
		require.NoError(t, err)
	}
	for _, limit := range []int{0, -2} {
		p, err := w.List(match.ListRequest{Limit: limit})
		require.NoError(t, err)
		require.Len(t, p.Matches, 100)
		p, err = w.List(match.ListRequest{Limit: limit, Cursor: p.Next})
		require.NoError(t, err)
		require.Len(t, p.Matches, 2)
		require.Empty(t, p.Next)
	}
	p, err := w.List(match.ListRequest{Limit: math.MaxInt})
	require.NoError(t, err)
	require.Len(t, p.Matches, 102)
}

// The index has room for matches that come and go, and finds them in order.
func TestListAfterManyMatches(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	var kept []match.ID
	for i := range 5000 {
		id, err := w.Create(t.Context(), "m", fmt.Sprintf(`{"n":%d}`, i))
		require.NoError(t, err)
		if i%100 > 0 {
			if i%3 == 0 { // so often that the places run out
				find(t, w.Registry, "label.n:>0", 1)
			}
			require.NoError(t, w.End(t.Context(), id, 0))
			continue
		}
		kept = slices.Insert(kept, 0, id)
		require.Equal(t, kept, find(t, w.Registry, "label.n:>=0", 0))
		w.clock.Advance(time.Millisecond)
	}
}
