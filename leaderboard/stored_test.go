package leaderboard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/leaderboard"
)

func bounded(t *testing.T, store *fakeStore, limit int, key string) *leaderboard.Boards {
	t.Helper()
	b, err := leaderboard.Open(t.Context(), leaderboard.Config{Store: store, MaxRanks: limit, CursorKey: []byte(key)})
	require.NoError(t, err)
	return b
}

// Where the ranks come from is nothing that a player can see.
func TestRanksOfTheStoreAreThoseInMemory(t *testing.T) {
	const key = "0123456789abcdef"
	rapid.Check(t, func(rt *rapid.T) {
		def := leaderboard.Board{
			ID: "wins", Operator: leaderboard.Set,
			Sort: rapid.SampledFrom([]leaderboard.Sort{leaderboard.Descending, leaderboard.Ascending}).Draw(rt, "sort"),
		}
		memory := bounded(t, newFakeStore(), 0, key)
		stored := bounded(t, newFakeStore(), rapid.SampledFrom([]int{-1, 1, 3, 8}).Draw(rt, "room"), key)
		require.NoError(rt, memory.Create(t.Context(), def))
		require.NoError(rt, stored.Create(t.Context(), def))
		n := rapid.IntRange(0, 12).Draw(rt, "writes")
		for range n {
			s := leaderboard.Submission{
				Board: "wins", Owner: fmt.Sprint("u", rapid.IntRange(0, 9).Draw(rt, "owner")),
				Score: rapid.Int64Range(0, 3).Draw(rt, "score"),
			}
			want, err := memory.Write(t.Context(), s)
			require.NoError(rt, err)
			got, err := stored.Write(t.Context(), s)
			require.NoError(rt, err)
			require.Equal(rt, want.Rank, got.Rank)
		}
		same := func(ask func(b *leaderboard.Boards) (leaderboard.Page, error)) leaderboard.Page {
			want, err := ask(memory)
			require.NoError(rt, err)
			got, err := ask(stored)
			require.NoError(rt, err)
			require.Equal(rt, show(want.Records)+"|"+show(want.OwnerRecords), show(got.Records)+"|"+show(got.OwnerRecords))
			require.Equal(rt, []any{want.Next, want.Prev, want.RankCount}, []any{got.Next, got.Prev, got.RankCount})
			return want
		}
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		owners := []string{"u3", "u1", "u1", "nobody", "u8"}
		cursor := ""
		for first := true; first || cursor != ""; first = false {
			p := same(func(b *leaderboard.Boards) (leaderboard.Page, error) {
				return b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Owners: owners, Limit: limit, Cursor: cursor})
			})
			if p.Prev != "" {
				same(func(b *leaderboard.Boards) (leaderboard.Page, error) {
					return b.List(t.Context(), leaderboard.ListRequest{Board: "wins", Limit: limit, Cursor: p.Prev})
				})
			}
			cursor = p.Next
		}
		for i := range 10 {
			same(func(b *leaderboard.Boards) (leaderboard.Page, error) {
				p, err := b.Around(t.Context(), leaderboard.AroundRequest{Board: "wins", Owner: fmt.Sprint("u", i), Limit: limit})
				if len(p.Records) == 0 {
					p.RankCount = 0
				}
				return p, err
			})
		}
	})
}

func TestThereIsRoomAgainInTheNextPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		b := bounded(t, store, 2, "0123456789abcdef")
		require.NoError(t, b.Create(t.Context(), leaderboard.Board{ID: "daily", Reset: "@daily"}))
		for i := range 3 {
			require.EqualValues(t, 1, put(t, b, "daily", fmt.Sprint("u", i), int64(i)))
		}
		store.before = fail("CountRecords")
		require.Zero(t, put(t, b, "daily", "u1", 9), "written, and the store cannot count")
		time.Sleep(24 * time.Hour)
		require.EqualValues(t, 1, put(t, b, "daily", "u1", 9), "from memory")
	})
}

func TestSubmitAsksTheHost(t *testing.T) {
	var asked []leaderboard.Operator
	answer := errors.New("referee asleep")
	b, err := leaderboard.Open(t.Context(), leaderboard.Config{
		Store: newFakeStore(),
		Validate: func(_ context.Context, b leaderboard.Board, s leaderboard.Submission) error {
			asked = append(asked, *s.Operator)
			switch {
			case s.Score > 100:
				return leaderboard.Reject("nobody has " + b.ID + " that high")
			case s.Score > 50:
				return answer
			}
			return nil
		},
	})
	require.NoError(t, err)
	require.NoError(t, b.Create(t.Context(), leaderboard.Board{
		ID: "jumps", Operator: leaderboard.Increment, Allowed: leaderboard.OperatorSet(leaderboard.Best, leaderboard.Set),
	}))
	submit := func(score int64, op *leaderboard.Operator) error {
		_, err := b.Submit(t.Context(), leaderboard.Submission{Board: "jumps", Owner: "ann", Score: score, Operator: op})
		return err
	}
	var rejected *leaderboard.RejectError
	require.ErrorAs(t, submit(101, nil), &rejected)
	require.Equal(t, "nobody has jumps that high", rejected.Reason)
	require.ErrorIs(t, submit(51, nil), answer)
	require.Empty(t, order(t, b, "jumps"))
	require.NoError(t, submit(50, new(leaderboard.Set)))
	require.ErrorIs(t, submit(50, new(leaderboard.Decrement)), leaderboard.ErrOperator)
	require.Equal(t, []leaderboard.Operator{leaderboard.Increment, leaderboard.Increment, leaderboard.Set}, asked)
	require.EqualValues(t, 1, put(t, b, "jumps", "bob", 1000), "the host is not asked about its own")
}

func TestTournamentsAreListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, newFakeStore(), leaderboard.Board{ID: "plain"})
		start := time.Now().UTC()
		for _, c := range []struct {
			id         string
			category   int
			start, end time.Duration
		}{
			{"e", 1, 2 * time.Hour, 0},
			{"d", 0, 0, 0},
			{"c", 9, 0, 0},
			{"b", 0, 0, time.Hour},
			{"a", 0, 0, 3 * time.Hour},
		} {
			def := leaderboard.Board{ID: c.id, Tournament: leaderboard.Tournament{
				Category: c.category, Start: start.Add(c.start), Duration: time.Hour, MaxSize: 1,
			}}
			if c.end > 0 {
				def.End = start.Add(c.end)
			}
			require.NoError(t, b.Create(t.Context(), def))
		}
		put(t, b, "d", "ann", 1)
		list := func(q leaderboard.TournamentsRequest) string {
			var all []string
			q.Limit, q.LastCategory = 2, max(q.LastCategory, 1)
			for first := true; first || q.Cursor != ""; first = false {
				p, err := b.Tournaments(t.Context(), q)
				require.NoError(t, err)
				for _, s := range p.Tournaments {
					text := s.ID
					if s.CanEnter {
						text += "!"
					}
					all = append(all, text)
				}
				q.Cursor = p.Next
			}
			return strings.Join(all, " ")
		}
		require.Equal(t, "a! b! d e", list(leaderboard.TournamentsRequest{}))
		require.Equal(t, "a! b! d c! e", list(leaderboard.TournamentsRequest{LastCategory: 127}))
		require.Equal(t, "e", list(leaderboard.TournamentsRequest{From: start.Add(time.Second)}))
		require.Equal(t, "b!", list(leaderboard.TournamentsRequest{Until: start.Add(time.Hour)}))
		time.Sleep(2 * time.Hour)
		require.Equal(t, "a d e!", list(leaderboard.TournamentsRequest{}), "what is over is left out")
		for _, q := range []leaderboard.TournamentsRequest{{Limit: -1}, {Limit: 10_001}, {Limit: 1, Cursor: "x"}} {
			_, err := b.Tournaments(t.Context(), q)
			require.Error(t, err)
		}
	})
}
