package match_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/tick"
)

// relabel is a match that takes its label from its creator, and from signals.
func relabel() *script {
	h := labelled(match.Settings{})
	h.signal = func(c turn, label string) (string, error) { return "", c.SetLabel(label) }
	return h
}

// find lists with a query and returns the ids.
func find(t require.TestingT, r *match.Registry, query string, limit int) []match.ID {
	page, err := r.List(match.ListRequest{Query: query, Limit: limit})
	require.NoError(t, err)
	var ids []match.ID
	for _, i := range page.Matches {
		ids = append(ids, i.ID)
	}
	return ids
}

func TestRangeQueries(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	var ids []match.ID
	for _, label := range []string{
		`{"rank":1}`, `{"rank":2,"map":"sea"}`, `{"rank":3,"map":"sea"}`, `{"rank":"2"}`, `rank`, `{"rank":[0,9]}`,
	} {
		id, err := w.Create(t.Context(), "m", label)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	for _, c := range []struct {
		query string
		want  []int
	}{
		{"label.rank:>=2", []int{5, 2, 1}},
		{"+label.rank:>=2 +label.map:sea", []int{2, 1}},
		{"+label.rank:>=2 label.map:sea", []int{2, 1, 5}},
		{"label.rank:>=3 label.map:sea", []int{2, 5, 1}},
		{"+label.rank:>2 +label.rank:<3", []int{5}},
		{"+label.rank:>=2 -label.rank:>2", []int{1}},
		{"label.rank:>9", nil},
		{"label.other:<9", nil},
		{"+tick_rate:>9 +tick_rate:<11 +label.rank:<1", []int{5}},
		{"+create_time:>0 +label.rank:<2", []int{5, 0}},
	} {
		var want []match.ID
		for _, i := range c.want {
			want = append(want, ids[i])
		}
		require.Equal(t, want, find(t, w.Registry, c.query, 0), c.query)
	}
	label := "no such label"
	query := "label.rank:>=3"
	page, err := w.List(match.ListRequest{Query: query, Handler: "m", MaxSize: 1})
	require.NoError(t, err)
	require.Len(t, page.Matches, 2)
	page, err = w.List(match.ListRequest{Query: query, Label: &label})
	require.NoError(t, err)
	require.Empty(t, page.Matches)
	page, err = w.List(match.ListRequest{Query: query, MinSize: 1})
	require.NoError(t, err)
	require.Empty(t, page.Matches)
}

func TestListOrder(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	var ids []match.ID
	for _, label := range []string{`{"rank":3}`, `{"rank":1}`, `rank`, `{"rank":[2,9]}`, `{"rank":3}`, `{"rank":-5,"map":"sea"}`} {
		id, err := w.Create(t.Context(), "m", label)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	for _, c := range []struct {
		order, query string
		limit        int
		want         []int
	}{
		{"label.rank", "", 0, []int{5, 1, 3, 4, 0, 2}},
		{"-label.rank", "", 0, []int{3, 4, 0, 1, 5, 2}},
		{"-label.rank", "", 2, []int{3, 4}},
		{"label.rank", "label.rank:>=1", 2, []int{1, 3}},
		{"label.rank", "label.rank:>=1 label.map:sea", 0, []int{5, 1, 3, 4, 0}},
		{"label.none", "", 0, []int{5, 4, 3, 2, 1, 0}},
		{"", "", 1, []int{5}},
	} {
		var want []match.ID
		for _, i := range c.want {
			want = append(want, ids[i])
		}
		page, err := w.List(match.ListRequest{Query: c.query, OrderBy: c.order, Limit: c.limit})
		require.NoError(t, err)
		var got []match.ID
		for _, i := range page.Matches {
			got = append(got, i.ID)
		}
		require.Equal(t, want, got, "%+v", c)
	}
}

// More fields than are indexed at a time are searched as well.
func TestRangesOfManyFields(t *testing.T) {
	w := newWorld(t, relabel(), match.Config{})
	fields := make(map[string]int)
	var all []string
	for i := range 40 {
		fields[fmt.Sprint("f", i)] = i
		all = append(all, fmt.Sprintf("+label.f%d:>=%d", i, i))
	}
	label, err := json.Marshal(fields)
	require.NoError(t, err)
	id, err := w.Create(t.Context(), "m", string(label))
	require.NoError(t, err)
	for range 2 {
		for i := range 40 {
			require.Equal(t, []match.ID{id}, find(t, w.Registry, all[i], 0))
			require.Empty(t, find(t, w.Registry, fmt.Sprintf("label.f%d:>%d", i, i), 0))
		}
		require.Equal(t, []match.ID{id}, find(t, w.Registry, strings.Join(all, " "), 0))
		require.Empty(t, find(t, w.Registry, strings.Join(all, " ")+" +label.f39:>39", 0))
	}
}

// TestSearchesAtOnce searches on many goroutines while labels change: who has set a label finds it.
func TestSearchesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := live(t, relabel(), tick.Config{Workers: 4}, match.Config{})
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(i), 2))
				for range 30 {
					id, err := r.Create(context.Background(), "m", fmt.Sprintf(`{"n":%d}`, i))
					assert.NoError(t, err)
					assert.Contains(t, find(t, r, fmt.Sprintf("+label.n:>=%d +label.n:<=%d", i, i), 0), id)
					_, err = r.Signal(context.Background(), id, fmt.Sprintf(`{"n":%d}`, 100+i))
					assert.NoError(t, err)
					assert.Contains(t, find(t, r, fmt.Sprintf("label.n:>=%d", 100+i), 0), id)
					assert.NotContains(t, find(t, r, "label.n:<100", 0), id)
					assert.Empty(t, find(t, r, fmt.Sprintf("label.o%d:>1", rnd.IntN(40)), 0))
					if rnd.IntN(2) == 0 {
						assert.NoError(t, r.End(context.Background(), id, 0))
						assert.NotContains(t, find(t, r, "label.n:>=100", 0), id)
					}
					time.Sleep(time.Millisecond)
				}
			})
		}
		all.Wait()
	})
}

// BenchmarkListRange searches 10,000 matches for those in a range of their labels.
func BenchmarkListRange(b *testing.B) {
	for _, c := range []struct{ name, query string }{
		{"few fit", "+label.rank:>=500 +label.rank:<=505 +label.ping:<50"},
		{"half fit", "label.rank:>=500"},
		{"and a text", "+label.rank:>=500 +label.rank:<=505 +label.map:sea"},
		{"a pattern", "+label.rank:>=500 +label.map:s*"},
		{"a date", `+label.rank:>=500 +label.day:>"2026-01-01"`},
		{"scored", "+label.rank:>=500 +label.rank:<=505 label.ping:<50^2 label.map:sea"},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, err := match.New(match.Config{Source: tick.NewManual(noon)})
			if err != nil {
				b.Fatal(err)
			}
			match.Register(r, "m", relabel())
			for i := range 10_000 {
				label := fmt.Sprintf(`{"rank":%d,"ping":%d,"map":"sea","day":"2026-02-01"}`, i*7%1000, i%100)
				if _, err := r.Create(b.Context(), "m", label); err != nil {
					b.Fatal(err)
				}
			}
			find(b, r, c.query, 10) // makes the index
			b.ReportAllocs()
			for b.Loop() {
				if len(find(b, r, c.query, 10)) != 10 {
					b.Fatal("not found")
				}
			}
		})
	}
}
