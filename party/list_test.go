package party_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/party"
	"github.com/shoal-go/shoal/query"
)

// labelled makes a party with a label and returns its id.
func (w *world) labelled(i int, s party.Settings) party.ID {
	w.t.Helper()
	id, err := w.Create(party.CreateRequest{Who: who(fmt.Sprint("leader", i)), MaxSize: i + 1, Settings: s})
	require.NoError(w.t, err)
	return id
}

func TestList(t *testing.T) {
	w := newWorld(t, party.Config{Node: "here"})
	names := map[party.ID]string{
		w.labelled(0, party.Settings{Open: true, Label: `{"mode":"ffa","rank":5}`}): "ffa5",
		w.labelled(1, party.Settings{Label: `{"mode":"ffa","rank":9}`}):             "ffa9",
		w.labelled(2, party.Settings{Open: true, Label: `{"mode":"duel"}`}):         "duel",
		w.labelled(3, party.Settings{Open: true}):                                   "bare",
		w.labelled(4, party.Settings{Hidden: true, Label: `{"mode":"ffa"}`}):        "secret",
	}
	yes, no := true, false
	for _, test := range []struct {
		name string
		r    party.ListRequest
		want string
	}{
		{"newest first", party.ListRequest{}, "bare duel ffa9 ffa5"},
		{"limit", party.ListRequest{Limit: 2}, "bare duel"},
		{"open", party.ListRequest{Open: &yes}, "bare duel ffa5"},
		{"closed", party.ListRequest{Open: &no}, "ffa9"},
		{"for the host", party.ListRequest{Hidden: true}, "secret bare duel ffa9 ffa5"},
		{"label", party.ListRequest{Query: "+label.mode:ffa"}, "ffa9 ffa5"},
		{"number", party.ListRequest{Query: "+label.rank:>=9"}, "ffa9"},
		{"best first", party.ListRequest{Query: "label.mode:duel label.rank:5 label.mode:ffa"}, "ffa5 duel ffa9"},
		{"fields", party.ListRequest{Query: "+open:T +hidden:F +max_size:>=3 +node:here +create_time:>0"}, "bare duel"},
		{"dates", party.ListRequest{Query: `+create_time:>"2000-01-01T00:00:00Z" -label.mode:ffa`}, "bare duel"},
		{"none", party.ListRequest{Query: "+label.mode:none"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			page, err := w.List(test.r)
			require.NoError(t, err)
			var got string
			for _, p := range page.Parties {
				got += " " + names[p.ID]
			}
			require.Equal(t, test.want, got[min(len(got), 1):])
		})
	}
	_, err := w.List(party.ListRequest{Query: "+"})
	var syntax *query.SyntaxError
	require.ErrorAs(t, err, &syntax)
}

func TestListFollowsAtOnce(t *testing.T) {
	w := newWorld(t, party.Config{})
	id := w.of(ann)
	listed := func(query string) bool {
		page, err := w.List(party.ListRequest{Query: query})
		require.NoError(t, err)
		return len(page.Parties) == 1
	}
	require.True(t, listed(""))
	require.NoError(t, w.Update(w.call(id, ann), party.Settings{Label: `{"a":"b"}`}))
	require.True(t, listed("label.a:b"))
	require.NoError(t, w.Update(w.call(id, ann), party.Settings{Hidden: true}))
	require.False(t, listed(""))
	require.NoError(t, w.Update(w.call(id, ann), party.Settings{}))
	require.False(t, listed("label.a:b"))
	w.LeaveAll(ann.Session)
	require.False(t, listed(""))
}

func TestCursors(t *testing.T) {
	for query, want := range map[string]int{"": 25, "label.third:0 label.third:<2": 17} {
		t.Run(query, func(t *testing.T) {
			w := newWorld(t, party.Config{})
			for i := range 25 {
				w.labelled(i, party.Settings{Label: fmt.Sprintf(`{"third":%d}`, i%3)})
			}
			seen := map[party.ID]bool{}
			r := party.ListRequest{Limit: 4, Query: query}
			for {
				page, err := w.List(r)
				require.NoError(t, err)
				for _, p := range page.Parties {
					require.False(t, seen[p.ID], "twice")
					seen[p.ID] = true
				}
				if r.Cursor = page.Next; r.Cursor == "" {
					break
				}
				require.Len(t, page.Parties, 4)
				w.labelled(0, party.Settings{Label: `{"third":0}`}) // what is new does not push the others back
				require.NoError(t, w.Close(party.Call{
					ID: page.Parties[3].ID, Session: fmt.Sprint("leader", page.Parties[3].MaxSize-1),
				})) // and what is gone does not pull them forward
			}
			require.Len(t, seen, want)
		})
	}
}

func TestListShowsAHundredByDefault(t *testing.T) {
	w := newWorld(t, party.Config{MaxJoined: 200})
	for range 102 {
		w.of(ann)
	}
	page, err := w.List(party.ListRequest{})
	require.NoError(t, err)
	require.Len(t, page.Parties, 100)
	page, err = w.List(party.ListRequest{Cursor: page.Next})
	require.NoError(t, err)
	require.Len(t, page.Parties, 2)
	require.Empty(t, page.Next)
}

func TestACursorBelongsToItsList(t *testing.T) {
	w := newWorld(t, party.Config{})
	w.of(ann)
	w.of(bob)
	yes, no := true, false
	page, err := w.List(party.ListRequest{Limit: 1})
	require.NoError(t, err)
	opened, err := w.List(party.ListRequest{Limit: 1, Open: &yes})
	require.NoError(t, err)
	raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, r := range map[string]party.ListRequest{
		"limit":        {Limit: 2, Cursor: page.Next},
		"open":         {Limit: 1, Open: &yes, Cursor: page.Next},
		"query":        {Limit: 1, Query: "*", Cursor: page.Next},
		"hidden":       {Limit: 1, Hidden: true, Cursor: page.Next},
		"not open":     {Limit: 1, Cursor: opened.Next},
		"closed":       {Limit: 1, Open: &no, Cursor: opened.Next},
		"no base64":    {Limit: 1, Cursor: "!"},
		"no JSON":      {Limit: 1, Cursor: raw("x")},
		"another JSON": {Limit: 1, Cursor: raw("[]")},
		"null":         {Limit: 1, Cursor: raw("null")},
		"a line break": {Limit: 1, Cursor: page.Next + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.List(r)
			require.ErrorIs(t, err, party.ErrCursor)
		})
	}
	again := true // another bool of the same value
	_, err = w.List(party.ListRequest{Limit: 1, Open: &again, Cursor: opened.Next})
	require.NoError(t, err)
}

func FuzzCursor(f *testing.F) {
	p, err := party.New(party.Config{Outbox: &recorder{}})
	require.NoError(f, err)
	for i := range 3 {
		_, err := p.Create(party.CreateRequest{Who: who(fmt.Sprint(i)), MaxSize: 1})
		require.NoError(f, err)
	}
	page, err := p.List(party.ListRequest{Limit: 1})
	require.NoError(f, err)
	for _, seed := range []string{page.Next, "", "e30", "bnVsbA", "eyJsIjoxLCJvIjp0cnVlfQ"} {
		f.Add(seed, 1, "", true, false)
		f.Add(seed, 1, "label.a:b", false, true)
	}
	f.Fuzz(func(t *testing.T, cursor string, limit int, query string, open, filter bool) {
		r := party.ListRequest{Limit: limit, Query: query, Cursor: cursor}
		if filter {
			r.Open = &open
		}
		page, err := p.List(r)
		if err == nil && limit > 0 && len(page.Parties) > limit {
			t.Errorf("%d parties for a limit of %d", len(page.Parties), limit)
		}
	})
}
