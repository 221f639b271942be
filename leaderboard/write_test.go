package leaderboard_test

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

func TestWriteRefuses(t *testing.T) {
	const open_, closed, absent = "open", "closed", "absent"
	long := strings.Repeat("x", 129)
	type submission = leaderboard.Submission
	for name, c := range map[string]struct {
		s            submission
		host, client error
	}{
		"good":               {submission{Board: open_, Owner: "ann"}, nil, nil},
		"unknown board":      {submission{Board: absent, Owner: "ann"}, leaderboard.ErrNotFound, leaderboard.ErrNotFound},
		"authoritative":      {submission{Board: closed, Owner: "ann"}, nil, leaderboard.ErrAuthoritative},
		"own operator":       {submission{Board: open_, Owner: "ann", Operator: new(leaderboard.Increment)}, nil, nil},
		"other operator":     {submission{Board: open_, Owner: "ann", Operator: new(leaderboard.Set)}, nil, leaderboard.ErrOperator},
		"unknown operator":   {submission{Board: open_, Owner: "ann", Operator: new(leaderboard.Operator(9))}, leaderboard.ErrOperator, leaderboard.ErrOperator},
		"negative score":     {submission{Board: open_, Owner: "ann", Score: -1}, leaderboard.ErrNegativeScore, leaderboard.ErrNegativeScore},
		"negative subscore":  {submission{Board: open_, Owner: "ann", Subscore: -1}, leaderboard.ErrNegativeScore, leaderboard.ErrNegativeScore},
		"overflow":           {submission{Board: open_, Owner: "rich", Score: 1}, leaderboard.ErrOverflow, leaderboard.ErrOverflow},
		"no owner":           {submission{Board: open_}, leaderboard.ErrOwner, leaderboard.ErrOwner},
		"owner too long":     {submission{Board: open_, Owner: long}, leaderboard.ErrOwner, leaderboard.ErrOwner},
		"owner is not UTF-8": {submission{Board: open_, Owner: "\xff"}, leaderboard.ErrOwner, leaderboard.ErrOwner},
		"metadata":           {submission{Board: open_, Owner: "ann", Metadata: "\n{\"a\":1}"}, nil, nil},
		"metadata no JSON":   {submission{Board: open_, Owner: "ann", Metadata: "{"}, leaderboard.ErrMetadata, leaderboard.ErrMetadata},
		"metadata a list":    {submission{Board: open_, Owner: "ann", Metadata: "[]"}, leaderboard.ErrMetadata, leaderboard.ErrMetadata},
		"metadata a string":  {submission{Board: open_, Owner: "ann", Metadata: `"{}"`}, leaderboard.ErrMetadata, leaderboard.ErrMetadata},
		"metadata first":     {submission{Board: absent, Owner: "ann", Metadata: "x"}, leaderboard.ErrMetadata, leaderboard.ErrMetadata},
		"authority second":   {submission{Board: closed, Owner: "ann", Score: -1}, leaderboard.ErrNegativeScore, leaderboard.ErrAuthoritative},
	} {
		t.Run(name, func(t *testing.T) {
			store := newFakeStore()
			b := open(t, store,
				leaderboard.Board{ID: open_, Operator: leaderboard.Increment},
				leaderboard.Board{ID: closed, Operator: leaderboard.Increment, Authoritative: true})
			put(t, b, open_, "rich", math.MaxInt64)
			r, err := b.Submit(t.Context(), c.s)
			require.ErrorIs(t, err, c.client)
			require.Equal(t, err != nil, r == leaderboard.Ranked{})
			r, err = b.Write(t.Context(), c.s)
			require.ErrorIs(t, err, c.host)
			require.Equal(t, err != nil, r == leaderboard.Ranked{})
			if c.host != nil {
				require.Equal(t, []string{"rich"}, order(t, b, open_), "nothing has changed")
			}
		})
	}
}

func TestWriteReturnsTheRankedRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1500 * time.Millisecond)
		start := time.Now().UTC().Truncate(time.Second)
		b := open(t, newFakeStore(), leaderboard.Board{ID: "wins"})
		put(t, b, "wins", "bob", 9)
		s := leaderboard.Submission{Board: "wins", Owner: "ann", Username: "Ann", Score: 3, Subscore: 1, Metadata: `{"car":7}`}
		want := leaderboard.Ranked{Rank: 2, Record: leaderboard.Record{
			Board: "wins", Owner: "ann", Username: "Ann", Score: 3, Subscore: 1, NumScore: 1, Metadata: `{"car":7}`,
			MaxNumScore: leaderboard.MaxNumScore, Created: start, Updated: start,
		}}
		r, err := b.Submit(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, want, r)

		time.Sleep(time.Minute)
		s.Metadata, s.Username = `{"car":8}`, "Anna"
		r, err = b.Submit(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, want, r, "a write without effect returns the record as it is")

		s.Score = 10
		want.Score, want.NumScore, want.Rank, want.Metadata, want.Username = 10, 2, 1, `{"car":8}`, "Anna"
		want.Updated = start.Add(time.Minute)
		r, err = b.Submit(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, want, r)
	})
}

func TestWritesUseTheBoardsOperatorUnlessToldOtherwise(t *testing.T) {
	b := open(t, newFakeStore(), leaderboard.Board{ID: "coins", Operator: leaderboard.Increment})
	put(t, b, "coins", "ann", 3)
	put(t, b, "coins", "ann", 4)
	r, err := b.Write(t.Context(), leaderboard.Submission{Board: "coins", Owner: "ann", Score: 2, Operator: new(leaderboard.Decrement)})
	require.NoError(t, err)
	require.EqualValues(t, 5, r.Score)
	r, err = b.Write(t.Context(), leaderboard.Submission{Board: "coins", Owner: "ann", Score: 1, Operator: new(leaderboard.Best)})
	require.NoError(t, err)
	require.EqualValues(t, 5, r.Score)
}

func TestOrderAndTies(t *testing.T) {
	type score struct {
		owner    string
		score    int64
		subscore int64
	}
	scores := []score{{"c", 5, 1}, {"a", 5, 1}, {"b", 5, 1}, {"d", 5, 0}, {"e", 4, 9}, {"f", 6, 0}}
	for _, c := range []struct {
		sort leaderboard.Sort
		want []string
	}{
		{leaderboard.Descending, []string{"f", "c", "b", "a", "d", "e"}},
		{leaderboard.Ascending, []string{"e", "d", "a", "b", "c", "f"}},
	} {
		b := open(t, newFakeStore(), leaderboard.Board{ID: "wins", Sort: c.sort})
		for _, s := range scores {
			_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: s.owner, Score: s.score, Subscore: s.subscore})
			require.NoError(t, err)
		}
		require.Equal(t, c.want, order(t, b, "wins"))
	}
}

func TestDeletedRecordsRenumberRanks(t *testing.T) {
	b := open(t, newFakeStore(), leaderboard.Board{ID: "wins"})
	for i, owner := range []string{"ann", "bob", "cid"} {
		put(t, b, "wins", owner, int64(10-i))
	}
	require.NoError(t, b.Withdraw(t.Context(), "wins", "ann"))
	require.NoError(t, b.Withdraw(t.Context(), "wins", "ann"), "again")
	require.Equal(t, []string{"bob", "cid"}, order(t, b, "wins"))
	require.NoError(t, b.DeleteRecord(t.Context(), "wins", "bob"))
	require.NoError(t, b.DeleteRecord(t.Context(), "wins", "nobody"))
	require.EqualValues(t, 1, put(t, b, "wins", "cid", 0))

	r, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 1})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.NumScore, "a new record begins anew")
	require.Equal(t, []string{"cid", "ann"}, order(t, b, "wins"))
}

func TestDeleteRecordRefuses(t *testing.T) {
	b := open(t, newFakeStore(), leaderboard.Board{ID: "wins", Authoritative: true})
	put(t, b, "wins", "ann", 1)
	require.ErrorIs(t, b.Withdraw(t.Context(), "wins", "ann"), leaderboard.ErrAuthoritative)
	require.ErrorIs(t, b.Withdraw(t.Context(), "absent", "ann"), leaderboard.ErrNotFound)
	require.ErrorIs(t, b.DeleteRecord(t.Context(), "absent", "ann"), leaderboard.ErrNotFound)
	require.ErrorIs(t, b.DeleteRecord(t.Context(), "wins", ""), leaderboard.ErrOwner)
	require.Equal(t, []string{"ann"}, order(t, b, "wins"))
	require.NoError(t, b.DeleteRecord(t.Context(), "wins", "ann"))
	require.Empty(t, order(t, b, "wins"))
}

func TestDeleteOwnerRemovesAllRecords(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"}, leaderboard.Board{ID: "coins", Authoritative: true})
	for _, board := range []string{"wins", "coins"} {
		put(t, b, board, "ann", 2)
		put(t, b, board, "bob", 1)
	}
	require.ErrorIs(t, b.DeleteOwner(t.Context(), ""), leaderboard.ErrOwner)
	require.NoError(t, b.DeleteOwner(t.Context(), "ann"))
	require.NoError(t, b.DeleteOwner(t.Context(), "ann"), "again")
	require.Equal(t, []string{"bob"}, order(t, b, "wins"))
	require.Equal(t, []string{"bob"}, order(t, b, "coins"))
	require.Len(t, store.records, 2)
}
