package leaderboard_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/leaderboard"
)

// ladder makes a board "wins" on which "a" has rank 1, "b" rank 2 and so on.
func ladder(t *testing.T, n int) (*leaderboard.Boards, *fakeStore) {
	t.Helper()
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins", Operator: leaderboard.Set})
	for i := range n {
		put(t, b, "wins", string(rune('a'+i)), int64(1000-i))
	}
	return b, store
}

// show writes the owners and ranks of records as "a1 b2".
func show(records []leaderboard.Ranked) string {
	var parts []string
	for _, r := range records {
		parts = append(parts, fmt.Sprintf("%s%d", r.Owner, r.Rank))
	}
	return strings.Join(parts, " ")
}

func TestListRefuses(t *testing.T) {
	b, _ := ladder(t, 3)
	for name, c := range map[string]struct {
		q    leaderboard.ListRequest
		want error
	}{
		"unknown board":     {leaderboard.ListRequest{Board: "absent", Limit: 1}, leaderboard.ErrNotFound},
		"negative limit":    {leaderboard.ListRequest{Board: "wins", Limit: -1, Owners: []string{"a"}}, leaderboard.ErrLimit},
		"limit too large":   {leaderboard.ListRequest{Board: "wins", Limit: 10_001}, leaderboard.ErrLimit},
		"too many owners":   {leaderboard.ListRequest{Board: "wins", Limit: 1, Owners: make([]string, 10_001)}, leaderboard.ErrLimit},
		"cursor of nothing": {leaderboard.ListRequest{Board: "wins", Limit: 1, Cursor: "x"}, leaderboard.ErrCursor},
	} {
		p, err := b.List(t.Context(), c.q)
		require.ErrorIs(t, err, c.want, name)
		require.Zero(t, p, name)
	}
}

func TestListShowsAHundredByDefault(t *testing.T) {
	b, _ := ladder(t, 102)
	p, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins"})
	require.NoError(t, err)
	require.Len(t, p.Records, 100)
	p, err = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Owners: []string{"a"}, Cursor: p.Next})
	require.NoError(t, err)
	require.Len(t, p.Records, 2)
	p, err = b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: "a"})
	require.NoError(t, err)
	require.Len(t, p.Records, 100)
}

func TestListOwners(t *testing.T) {
	b, _ := ladder(t, 5)
	p, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Owners: []string{"d", "nobody", "b", "d"}})
	require.NoError(t, err)
	require.Empty(t, p.Records, "without a limit there is no page")
	require.Empty(t, p.Next+p.Prev)
	require.Equal(t, "b2 d4", show(p.OwnerRecords), "in board order, each once, missing ones left out")
	require.EqualValues(t, 5, p.RankCount)

	p, err = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Owners: []string{"e", "a"}, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, "a1 b2", show(p.Records))
	require.Equal(t, "a1 e5", show(p.OwnerRecords))
	require.NotEmpty(t, p.Next)

	p, err = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Owners: []string{"a"}, Limit: 2, Cursor: p.Next})
	require.NoError(t, err)
	require.Equal(t, "c3 d4", show(p.Records))
	require.Equal(t, "a1", show(p.OwnerRecords))
}

func TestListOfAnEmptyBoard(t *testing.T) {
	b, _ := ladder(t, 0)
	p, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 10, Owners: []string{"a"}})
	require.NoError(t, err)
	require.Zero(t, p)
}

func TestListFailsWithItsStore(t *testing.T) {
	b, store := ladder(t, 3)
	store.before = fail("RecordsOf")
	_, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 10})
	require.ErrorIs(t, err, errStore)
}

func TestPagesForwardAndBackAreTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sort := rapid.SampledFrom([]leaderboard.Sort{leaderboard.Descending, leaderboard.Ascending}).Draw(rt, "sort")
		scores := rapid.SliceOfN(rapid.Int64Range(0, 4), 1, 30).Draw(rt, "scores")
		limit := rapid.IntRange(1, 12).Draw(rt, "limit")
		b := open(t, newFakeStore(), leaderboard.Board{ID: "wins", Sort: sort})
		for i, score := range scores {
			put(t, b, "wins", fmt.Sprint("u", i), score)
		}
		var pages []leaderboard.Page
		for cursor := ""; len(pages) == 0 || cursor != ""; {
			p, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: limit, Cursor: cursor})
			require.NoError(rt, err)
			pages, cursor = append(pages, p), p.Next
		}
		require.Empty(rt, pages[0].Prev, "nothing is before the first page")
		var all []leaderboard.Ranked
		for i, p := range pages {
			require.EqualValues(rt, len(scores), p.RankCount)
			all = append(all, p.Records...)
			if i > 0 {
				before, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: limit, Cursor: p.Prev})
				require.NoError(rt, err)
				require.Equal(rt, pages[i-1], before, "also its cursors")
			}
		}
		require.Len(rt, pages, (len(scores)+limit-1)/limit)
		whole, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 100})
		require.NoError(rt, err)
		require.Equal(rt, whole.Records, all)
	})
}

func TestPagesWhileTheBoardChanges(t *testing.T) {
	b, _ := ladder(t, 6)
	first, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 2})
	require.NoError(t, err)
	require.Equal(t, "a1 b2", show(first.Records))
	next := leaderboard.ListRequest{Board: "wins", Limit: 2, Cursor: first.Next}

	put(t, b, "wins", "z", 1000)
	p, err := b.List(t.Context(), next)
	require.NoError(t, err)
	require.Equal(t, "c4 d5", show(p.Records), "nobody is shown twice, and the ranks are those of now")

	require.NoError(t, b.DeleteRecord(t.Context(), "wins", "b"))
	p, err = b.List(t.Context(), next)
	require.NoError(t, err)
	require.Equal(t, "c3 d4", show(p.Records), "the cursor is good without its record")
	back, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 9, Cursor: p.Prev})
	require.NoError(t, err)
	require.Equal(t, "z1 a2", show(back.Records))
	require.Empty(t, back.Prev)

	for _, owner := range []string{"z", "a"} {
		require.NoError(t, b.DeleteRecord(t.Context(), "wins", owner))
	}
	back, err = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 9, Cursor: p.Prev})
	require.NoError(t, err)
	require.Equal(t, leaderboard.Page{RankCount: 4}, back, "nothing is left there")
}

// Between the look at the ranks and the read of the records others write.
func TestAPageShowsOneMoment(t *testing.T) {
	b, store := ladder(t, 3)
	var once sync.Once
	store.before = func(_ context.Context, method string) error {
		if method == "RecordsOf" {
			once.Do(func() {
				put(t, b, "wins", "a", 1)
				require.NoError(t, b.DeleteRecord(t.Context(), "wins", "b"))
			})
		}
		return nil
	}
	p, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 3})
	require.NoError(t, err)
	require.Equal(t, "a1 c3", show(p.Records))
	require.EqualValues(t, 1000, p.Records[0].Score, "the score that has rank 1")
	require.Equal(t, []string{"c", "a"}, order(t, b, "wins"))
}

func TestAroundWindows(t *testing.T) {
	b, _ := ladder(t, 7)
	for _, c := range []struct {
		owner      string
		limit      int
		want       string
		prev, next bool
	}{
		{"a", 1, "a1", false, true},
		{"a", 2, "a1 b2", false, true},
		{"a", 3, "a1 b2 c3", false, true},
		{"a", 4, "a1 b2 c3 d4", false, true},
		{"a", 5, "a1 b2 c3 d4 e5", false, true},
		{"b", 5, "a1 b2 c3 d4 e5", false, true},
		{"d", 1, "d4", true, true},
		{"d", 2, "d4 e5", true, true},
		{"d", 3, "c3 d4 e5", true, true},
		{"d", 4, "c3 d4 e5 f6", true, true},
		{"d", 5, "b2 c3 d4 e5 f6", true, true},
		{"f", 5, "c3 d4 e5 f6 g7", true, false},
		{"g", 1, "g7", true, false},
		{"g", 2, "f6 g7", true, false},
		{"g", 3, "e5 f6 g7", true, false},
		{"g", 4, "d4 e5 f6 g7", true, false},
		{"g", 5, "c3 d4 e5 f6 g7", true, false},
		{"d", 7, "a1 b2 c3 d4 e5 f6 g7", false, false},
		{"a", 100, "a1 b2 c3 d4 e5 f6 g7", false, false},
		{"g", 100, "a1 b2 c3 d4 e5 f6 g7", false, false},
	} {
		t.Run(fmt.Sprint(c.owner, c.limit), func(t *testing.T) {
			p, err := b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: c.owner, Limit: c.limit})
			require.NoError(t, err)
			require.Equal(t, c.want, show(p.Records))
			require.Equal(t, c.prev, p.Prev != "")
			require.Equal(t, c.next, p.Next != "")
			require.EqualValues(t, 7, p.RankCount)
			require.Empty(t, p.OwnerRecords)
		})
	}
}

func TestAroundFollowsCursors(t *testing.T) {
	b, _ := ladder(t, 7)
	p, err := b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: "d", Limit: 3})
	require.NoError(t, err)
	next, err := b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: "d", Limit: 3, Cursor: p.Next})
	require.NoError(t, err)
	require.Equal(t, "f6 g7", show(next.Records))
	prev, err := b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: "nobody", Limit: 3, Cursor: p.Prev})
	require.NoError(t, err)
	require.Equal(t, "a1 b2", show(prev.Records), "whoever the owner is")
	listed, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 3, Cursor: p.Prev})
	require.NoError(t, err)
	require.Equal(t, prev, listed, "List takes the cursor too")
}

func TestAroundRefuses(t *testing.T) {
	b, _ := ladder(t, 3)
	for name, c := range map[string]struct {
		q    leaderboard.AroundRequest
		want error
	}{
		"nobody":          {leaderboard.AroundRequest{Board: "wins", Owner: "nobody", Limit: 3}, nil},
		"unknown board":   {leaderboard.AroundRequest{Board: "absent", Owner: "a", Limit: 3}, leaderboard.ErrNotFound},
		"negative limit":  {leaderboard.AroundRequest{Board: "wins", Owner: "a", Limit: -1}, leaderboard.ErrLimit},
		"limit too large": {leaderboard.AroundRequest{Board: "wins", Owner: "a", Limit: 10_001}, leaderboard.ErrLimit},
		"bad cursor":      {leaderboard.AroundRequest{Board: "wins", Owner: "a", Limit: 3, Cursor: "?"}, leaderboard.ErrCursor},
	} {
		p, err := b.Around(t.Context(), c.q)
		require.ErrorIs(t, err, c.want, name)
		require.Zero(t, p, name)
	}
}

func TestCursorsAreOfOneBoardAndKey(t *testing.T) {
	keyed := func(key string, store *fakeStore) *leaderboard.Boards {
		c := leaderboard.Config{Store: store}
		if key != "" {
			c.CursorKey = []byte(key)
		}
		b, err := leaderboard.Open(t.Context(), c)
		require.NoError(t, err)
		return b
	}
	_, store := ladder(t, 3)
	const key = "0123456789abcdef"
	b := keyed(key, store)
	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "other"}))
	p, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1})
	require.NoError(t, err)

	for name, c := range map[string]struct {
		boards *leaderboard.Boards
		board  string
		cursor string
		want   error
	}{
		"same":                  {b, "wins", p.Next, nil},
		"same key, restarted":   {keyed(key, store), "wins", p.Next, nil},
		"other board":           {b, "other", p.Next, leaderboard.ErrCursor},
		"other key":             {keyed("another key of 24 bytes.", store), "wins", p.Next, leaderboard.ErrCursor},
		"random key, restarted": {keyed("", store), "wins", p.Next, leaderboard.ErrCursor},
		"cut":                   {b, "wins", p.Next[:len(p.Next)-1], leaderboard.ErrCursor},
		"longer":                {b, "wins", p.Next + "A", leaderboard.ErrCursor},
		"very long":             {b, "wins", strings.Repeat("A", 1<<20), leaderboard.ErrCursor},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.boards.List(t.Context(), leaderboard.ListRequest{Board: c.board, Limit: 1, Cursor: c.cursor})
			require.ErrorIs(t, err, c.want)
		})
	}
	for i := range p.Next {
		forged := []byte(p.Next)
		forged[i] ^= 1
		_, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1, Cursor: string(forged)})
		require.ErrorIs(t, err, leaderboard.ErrCursor, "byte %d", i)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(p.Next) - 1
	for _, end := range strings.Replace(alphabet, p.Next[last:], "", 1) {
		_, err := b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1, Cursor: p.Next[:last] + string(end)})
		require.ErrorIs(t, err, leaderboard.ErrCursor, "not even where a bit has no meaning")
	}
	require.False(t, slices.ContainsFunc([]byte(p.Next), func(c byte) bool { return strings.ContainsRune("+/=", rune(c)) }),
		"may stand in a URL as it is")
}
