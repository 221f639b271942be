package leaderboard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

var errStore = errors.New("store: out of order")

// open makes Boards over a store with the boards given.
func open(t *testing.T, store *fakeStore, defs ...leaderboard.Board) *leaderboard.Boards {
	t.Helper()
	b, err := leaderboard.Open(t.Context(), leaderboard.Config{Store: store})
	require.NoError(t, err)
	for _, def := range defs {
		require.NoError(t, b.Create(t.Context(), def))
	}
	return b
}

// put writes a score for the host and returns the rank.
func put(t *testing.T, b *leaderboard.Boards, board, owner string, score int64) int64 {
	t.Helper()
	r, err := b.Write(t.Context(), leaderboard.Submission{Board: board, Owner: owner, Score: score})
	require.NoError(t, err)
	return r.Rank
}

// order returns the owners of a board, best first, and checks that their ranks are 1 to n.
func order(t *testing.T, b *leaderboard.Boards, board string) []string {
	t.Helper()
	p, err := b.List(t.Context(), leaderboard.ListRequest{Board: board, Limit: 10_000})
	require.NoError(t, err)
	require.EqualValues(t, len(p.Records), p.RankCount)
	owners := []string{}
	for i, r := range p.Records {
		require.EqualValues(t, i+1, r.Rank)
		owners = append(owners, r.Owner)
	}
	return owners
}

// fail makes one method of the store return errStore, before or after it has done its work.
func fail(method string) func(context.Context, string) error {
	return func(_ context.Context, called string) error {
		if called == method {
			return errStore
		}
		return nil
	}
}

func TestOpenNeedsStores(t *testing.T) {
	store := newFakeStore()
	for name, c := range map[string]leaderboard.Config{
		"no store":  {},
		"short key": {Store: store, CursorKey: []byte("short")},
		"kept key":  {Store: store, Keys: keys{"leaderboard.cursor": []byte("short")}},
	} {
		_, err := leaderboard.Open(t.Context(), c)
		require.Error(t, err, name)
	}
}

// keys keeps keys; nil fails.
type keys map[string][]byte

func (k keys) Key(_ context.Context, name string, candidate []byte) ([]byte, error) {
	if k == nil {
		return nil, errStore
	}
	if k[name] == nil {
		k[name] = candidate
	}
	return k[name], nil
}

func TestCursorsOutliveTheProcessWhereTheirKeyIsKept(t *testing.T) {
	store, kept := newFakeStore(), keys{}
	open := func() *leaderboard.Boards {
		b, err := leaderboard.Open(t.Context(), leaderboard.Config{Store: store, Keys: kept})
		require.NoError(t, err)
		return b
	}
	first := open()
	require.NoError(t, first.Create(t.Context(), leaderboard.Board{ID: "wins"}))
	put(t, first, "wins", "ann", 2)
	put(t, first, "wins", "bob", 1)
	page, err := first.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1})
	require.NoError(t, err)
	page, err = open().List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1, Cursor: page.Next})
	require.NoError(t, err)
	require.Equal(t, "bob", page.Records[0].Owner)
	require.Len(t, kept, 1)

	_, err = leaderboard.Open(t.Context(), leaderboard.Config{Store: store, Keys: keys(nil)})
	require.ErrorIs(t, err, errStore)
}

func TestRanksAreExactRightAfterOpen(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "high"}, leaderboard.Board{ID: "low", Sort: leaderboard.Ascending})
	for i := range 100 {
		put(t, b, "high", fmt.Sprintf("u%02d", i), int64(i))
		put(t, b, "low", fmt.Sprintf("u%02d", i), int64(i))
	}
	again := open(t, store)
	require.Equal(t, order(t, b, "high"), order(t, again, "high"))
	require.Equal(t, order(t, b, "low"), order(t, again, "low"))
	require.Len(t, order(t, again, "low"), 100)
	require.EqualValues(t, 50, put(t, again, "high", "u50", 0), "best keeps the score")
}

func TestOpenFailsWithItsStore(t *testing.T) {
	store := newFakeStore()
	open(t, store, leaderboard.Board{ID: "wins"})
	for _, method := range []string{"Boards", "Standings"} {
		store.before = fail(method)
		_, err := leaderboard.Open(t.Context(), leaderboard.Config{Store: store})
		require.ErrorIs(t, err, errStore, method)
	}
}

func TestCreateChecksTheDefinition(t *testing.T) {
	for name, c := range map[string]struct {
		def  leaderboard.Board
		want error
	}{
		"no id":              {leaderboard.Board{}, leaderboard.ErrBoard},
		"longest id":         {leaderboard.Board{ID: strings.Repeat("x", 128)}, nil},
		"id too long":        {leaderboard.Board{ID: strings.Repeat("x", 129)}, leaderboard.ErrBoard},
		"id is not UTF-8":    {leaderboard.Board{ID: "\xff"}, leaderboard.ErrBoard},
		"unknown order":      {leaderboard.Board{ID: "b", Sort: 2}, leaderboard.ErrBoard},
		"unknown operator":   {leaderboard.Board{ID: "b", Operator: 4}, leaderboard.ErrBoard},
		"metadata":           {leaderboard.Board{ID: "b", Metadata: ` {"a":[1]} `}, nil},
		"metadata no object": {leaderboard.Board{ID: "b", Metadata: `[]`}, leaderboard.ErrMetadata},
		"metadata no JSON":   {leaderboard.Board{ID: "b", Metadata: `{`}, leaderboard.ErrMetadata},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, newFakeStore())
			err := b.Create(t.Context(), c.def)
			require.ErrorIs(t, err, c.want)
			_, err = b.Get(c.def.ID)
			require.Equal(t, c.want == nil, err == nil)
		})
	}
}

func TestCreateChangesNothingThatExists(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment, Metadata: `{"a":1}`})
	put(t, b, "wins", "ann", 3)
	before, err := b.Get("wins")
	require.NoError(t, err)
	require.False(t, before.Created.IsZero())

	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins", Sort: leaderboard.Ascending, Authoritative: true}))
	after, _ := b.Get("wins")
	require.Equal(t, before, after)
	require.Equal(t, []string{"ann"}, order(t, b, "wins"))

	store.before = fail("CreateBoard")
	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}), "the store is not even asked")
	store.before = nil

	reopened, _ := open(t, store, leaderboard.Board{ID: "wins", Operator: leaderboard.Set}).Get("wins")
	require.Equal(t, before, reopened, "nor after a restart")
}

func TestCreateFindsABoardOnlyTheStoreKnows(t *testing.T) {
	store := newFakeStore()
	b := open(t, store)
	other := open(t, store, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment})
	put(t, other, "wins", "ann", 3)

	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}))
	def, _ := b.Get("wins")
	require.Equal(t, leaderboard.Increment, def.Operator)
	require.Equal(t, []string{"ann"}, order(t, b, "wins"))
}

func TestCreateFails(t *testing.T) {
	for _, method := range []string{"CreateBoard", "Standings"} {
		t.Run(method, func(t *testing.T) {
			store := newFakeStore()
			b := open(t, store)
			store.before = fail(method)
			require.ErrorIs(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}), errStore)
			_, err := b.Get("wins")
			require.ErrorIs(t, err, leaderboard.ErrNotFound)

			store.before = nil
			require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}))
			require.Empty(t, order(t, b, "wins"))
		})
	}
}

func TestNobodyUsesABoardThatWasNotLoaded(t *testing.T) {
	store := newFakeStore()
	b := open(t, store)
	early := make(chan error, 1)
	store.before = func(_ context.Context, method string) error {
		if method != "Standings" {
			return nil
		}
		go func() {
			_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 2})
			early <- err
		}()
		for range 100 {
			runtime.Gosched() // lets it come as far as the board, usually
		}
		return errStore
	}
	require.ErrorIs(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}), errStore)
	require.ErrorIs(t, <-early, leaderboard.ErrNotFound)
	require.Empty(t, store.records)
}

func TestAllIsSorted(t *testing.T) {
	b := open(t, newFakeStore())
	require.Empty(t, b.All())
	for _, id := range []string{"b", "c", "a"} {
		require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: id}))
	}
	var ids []string
	for _, def := range b.All() {
		require.Equal(t, "{}", def.Metadata)
		ids = append(ids, def.ID)
	}
	require.Equal(t, []string{"a", "b", "c"}, ids)
}

func TestDeleteRemovesBoardAndRecords(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"}, leaderboard.Board{ID: "other"})
	put(t, b, "wins", "ann", 3)
	put(t, b, "other", "ann", 3)
	require.NoError(t, b.Delete(t.Context(), "wins"))
	require.NoError(t, b.Delete(t.Context(), "wins"), "a missing board is no error")

	_, err := b.Get("wins")
	require.ErrorIs(t, err, leaderboard.ErrNotFound)
	_, err = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1})
	require.ErrorIs(t, err, leaderboard.ErrNotFound)
	require.Equal(t, []string{"ann"}, order(t, b, "other"))

	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}))
	require.Empty(t, order(t, b, "wins"), "a new board of the name is empty")
}

func TestDeleteThatFailedClosesTheBoard(t *testing.T) {
	for name, gone := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			store := newFakeStore()
			b := open(t, store, leaderboard.Board{ID: "wins"})
			put(t, b, "wins", "ann", 3)
			if gone {
				store.after = fail("DeleteBoard")
			} else {
				store.before = fail("DeleteBoard")
			}
			require.ErrorIs(t, b.Delete(t.Context(), "wins"), errStore)
			_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 4})
			require.ErrorIs(t, err, leaderboard.ErrNotFound)

			store.before, store.after = nil, nil
			require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}))
			if gone {
				require.Empty(t, order(t, b, "wins"))
			} else {
				require.Equal(t, []string{"ann"}, order(t, b, "wins"), "Create opens it again with all records")
			}
		})
	}
}

func TestDeleteWaitsForWritesUnderWay(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"})
	writing, goOn := make(chan struct{}), make(chan struct{})
	store.before = func(_ context.Context, method string) error {
		if method == "WriteRecord" {
			close(writing)
			<-goOn
		}
		return nil
	}
	written, deleted := make(chan error), make(chan error)
	go func() {
		_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 1})
		written <- err
	}()
	<-writing
	go func() { deleted <- b.Delete(t.Context(), "wins") }()
	for err := error(nil); err == nil; _, err = b.Get("wins") {
		runtime.Gosched()
	}
	require.Contains(t, store.definitions(), "wins", "closed to others, but not deleted yet")
	close(goOn)
	require.NoError(t, <-written)
	require.NoError(t, <-deleted)
	require.Empty(t, store.records, "no record outlives its board")
}

func TestTheLogTellsOfUnknownOutcomes(t *testing.T) {
	var text bytes.Buffer
	store := newFakeStore()
	b, err := leaderboard.Open(t.Context(), leaderboard.Config{
		Store: store, Logger: slog.New(slog.NewTextHandler(&text, nil)),
	})
	require.NoError(t, err)
	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins"}))
	put(t, b, "wins", "ann", 1)
	require.Empty(t, text.String())
	store.before = fail("WriteRecord")
	_, err = b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 2})
	require.ErrorIs(t, err, errStore)
	require.Contains(t, text.String(), "owner=ann")
}

func TestABoardRemovedBehindOurBack(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"})
	require.NoError(t, store.DeleteBoard(t.Context(), "wins"))
	_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 2})
	require.ErrorIs(t, err, leaderboard.ErrNotFound)
	store.before = fail("RecordsOf")
	require.Empty(t, order(t, b, "wins"), "without a doubt that would have to be settled")
}
