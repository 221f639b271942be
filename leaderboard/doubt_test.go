package leaderboard_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

// A store may fail before or after it has done what it was asked for, and does not say which. Either way the ranks
// are what the store has.
func TestRanksFollowTheStoreWhenItFails(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		change func(ctx context.Context, b *leaderboard.Boards) error
		done   []string // the order if the store has done it
	}{
		"write": {"WriteRecord", func(ctx context.Context, b *leaderboard.Boards) error {
			_, err := b.Write(ctx, leaderboard.Submission{Board: "wins", Owner: "cid", Score: 5})
			return err
		}, []string{"cid", "ann", "bob"}},
		"first write": {"WriteRecord", func(ctx context.Context, b *leaderboard.Boards) error {
			_, err := b.Submit(ctx, leaderboard.Submission{Board: "wins", Owner: "dan", Score: 5})
			return err
		}, []string{"dan", "ann", "bob", "cid"}},
		"delete record": {"DeleteRecord", func(ctx context.Context, b *leaderboard.Boards) error {
			return b.DeleteRecord(ctx, "wins", "ann")
		}, []string{"bob", "cid"}},
		"delete owner": {"DeleteRecordsOf", func(ctx context.Context, b *leaderboard.Boards) error {
			return b.DeleteOwner(ctx, "bob")
		}, []string{"ann", "cid"}},
	} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s done %v", name, done), func(t *testing.T) {
				store := newFakeStore()
				b := open(t, store, leaderboard.Board{ID: "wins"})
				for i, owner := range []string{"ann", "bob", "cid"} {
					put(t, b, "wins", owner, int64(3-i))
				}
				want := []string{"ann", "bob", "cid"}
				if done {
					store.after, want = fail(c.method), c.done
				} else {
					store.before = fail(c.method)
				}
				require.ErrorIs(t, c.change(t.Context(), b), errStore)
				require.Equal(t, want, order(t, b, "wins"))

				store.before, store.after = nil, nil
				require.NoError(t, c.change(t.Context(), b), "may be repeated")
				require.Equal(t, c.done, order(t, b, "wins"))
			})
		}
	}
}

func TestNothingIsReadWhileAnOwnerIsInDoubt(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"}, leaderboard.Board{ID: "other"})
	put(t, b, "wins", "ann", 3)
	put(t, b, "wins", "bob", 2)
	put(t, b, "other", "bob", 2)
	store.after = fail("WriteRecord")
	_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "bob", Score: 9})
	require.ErrorIs(t, err, errStore)
	store.after = nil

	store.before = fail("RecordsOf")
	_, err = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 1})
	require.ErrorIs(t, err, errStore)
	_, err = b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: "ann", Limit: 1})
	require.ErrorIs(t, err, errStore)
	require.Zero(t, put(t, b, "wins", "ann", 4), "written, but the rank depends on bob's score")
	require.EqualValues(t, 1, put(t, b, "other", "bob", 3), "other boards are not concerned")

	store.before = nil
	require.Equal(t, []string{"bob", "ann"}, order(t, b, "wins"))
}

func TestTheNextWriteEndsADoubt(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"})
	put(t, b, "wins", "ann", 3)
	store.before = fail("WriteRecord")
	_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 9})
	require.ErrorIs(t, err, errStore)
	store.before = fail("RecordsOf")
	require.EqualValues(t, 1, put(t, b, "wins", "ann", 10), "the store has told what ann has")
}

// What settling a doubt has read may be old by the time it arrives.
func TestAnOlderReadDoesNotReplaceANewerWrite(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"})
	put(t, b, "wins", "ann", 5)
	put(t, b, "wins", "bob", 3)
	store.before = fail("WriteRecord")
	_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "bob", Score: 4})
	require.ErrorIs(t, err, errStore)
	store.before = nil

	var once sync.Once
	store.after = func(_ context.Context, method string) error {
		if method == "RecordsOf" { // bob's 3 has been read
			once.Do(func() { put(t, b, "wins", "bob", 9) })
		}
		return nil
	}
	require.Equal(t, []string{"bob", "ann"}, order(t, b, "wins"))
}

func TestAWriteGivesUpWithItsContext(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins"}, leaderboard.Board{ID: "other"})
	writing, goOn := make(chan struct{}), make(chan struct{})
	store.before = func(_ context.Context, method string) error {
		if method == "WriteRecord" {
			close(writing)
			<-goOn
		}
		return nil
	}
	first := make(chan error)
	go func() {
		_, err := b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: "ann", Score: 1})
		first <- err
	}()
	<-writing
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Write(ctx, leaderboard.Submission{Board: "wins", Owner: "ann", Score: 2})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, b.DeleteRecord(ctx, "wins", "ann"), context.Canceled)
	require.ErrorIs(t, b.DeleteOwner(ctx, "ann"), context.Canceled)
	close(goOn)
	require.NoError(t, <-first)
	require.EqualValues(t, 1, store.standings("wins", leaderboard.Descending)[0].Score)
}

func TestConcurrentIncrementsAreAllCounted(t *testing.T) {
	const owners, writers, times = 4, 20, 50
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "coins", Operator: leaderboard.Increment})
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for range times {
				owner := fmt.Sprintf("owner%d", w%owners)
				r, err := b.Submit(t.Context(), leaderboard.Submission{Board: "coins", Owner: owner, Score: int64(w + 1)})
				if err != nil || r.Rank < 1 || r.Rank > owners {
					t.Errorf("%+v, %v", r, err)
				}
			}
		})
	}
	all.Wait()
	var total int64
	for _, r := range store.standings("coins", leaderboard.Descending) {
		require.EqualValues(t, writers/owners*times, r.NumScore)
		total += r.Score
	}
	require.EqualValues(t, times*writers*(writers+1)/2, total)
	requireRanksOfTheStore(t, b, store, "coins", leaderboard.Descending)
}

// Everything at once, with a store that fails now and then, on either side of its work.
func TestRanksSurviveChaos(t *testing.T) {
	store := newFakeStore()
	b := open(t, store, leaderboard.Board{ID: "wins", Operator: leaderboard.Set})
	flaky := func(context.Context, string) error {
		if rand.IntN(20) == 0 {
			return errStore
		}
		return nil
	}
	store.before, store.after = flaky, flaky
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				owner := fmt.Sprintf("owner%d", rand.IntN(12))
				switch rand.IntN(12) {
				case 0:
					_ = b.DeleteRecord(t.Context(), "wins", owner)
				case 1:
					_ = b.DeleteOwner(t.Context(), owner)
				case 2:
					_ = b.Delete(t.Context(), "wins")
				case 3, 4:
					_ = b.Create(t.Context(), leaderboard.Board{ID: "wins", Operator: leaderboard.Set})
				case 5, 6:
					_, _ = b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: 10})
				default:
					_, _ = b.Write(t.Context(), leaderboard.Submission{Board: "wins", Owner: owner, Score: rand.Int64N(9)})
				}
			}
		})
	}
	all.Wait()
	store.before, store.after = nil, nil
	require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "wins", Operator: leaderboard.Set}))
	requireRanksOfTheStore(t, b, store, "wins", leaderboard.Descending)
}

func requireRanksOfTheStore(t *testing.T, b *leaderboard.Boards, store *fakeStore, board string, sort leaderboard.Sort) {
	t.Helper()
	want := []string{}
	for _, r := range store.standings(board, sort) {
		want = append(want, r.Owner)
	}
	require.Equal(t, want, order(t, b, board))
}
