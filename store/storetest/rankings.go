package storetest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

func rankingRules() []rule[LeaderboardStore] {
	return []rule[LeaderboardStore]{
		{
			"order is score, subscore and the owner's bytes", "ranks in memory and ranks in the store must be the same",
			rankingOrder,
		},
		{
			"a span has what is between its ends", "the next page begins behind the last record of this one",
			rankingSpans,
		},
		{
			"a span keeps to its limit", "ranks of a million players are loaded in pages",
			rankingLimit,
		},
		{
			"a span keeps to its board and period", "ranks of two periods must not mix",
			rankingApart,
		},
		{
			"a score that changes moves its record", "an index that is behind shows a player twice",
			rankingMoves,
		},
		{
			"cancelled context is an error", "a caller that has gone away must not keep the store busy",
			rankingsCancelled,
		},
	}
}

// ranked ends the test unless all three readings of a span are the records wanted, which are in ascending order.
func ranked(t testing.TB, s LeaderboardStore, span leaderboard.Span, want []leaderboard.Record) {
	t.Helper()
	standings := []leaderboard.Standing{}
	for _, r := range want {
		standings = append(standings, r.Standing())
	}
	what := clip([]any{"after", span.After, "before", span.Before})
	got, err := s.Standings(t.Context(), span, len(want)+1)
	noError(t, err, "standings")
	equal(t, "standings "+what, append([]leaderboard.Standing{}, got...), standings)
	n, err := s.CountRecords(t.Context(), span)
	noError(t, err, "count records")
	equal(t, "number of records "+what, n, int64(len(want)))
	for _, order := range []leaderboard.Sort{leaderboard.Ascending, leaderboard.Descending} {
		page, err := s.PageRecords(t.Context(), span, order, len(want)+1)
		noError(t, err, "page of records")
		if order == leaderboard.Descending {
			slices.Reverse(page)
		}
		equal(t, "page of records "+what, append([]leaderboard.Record{}, page...), append([]leaderboard.Record{}, want...))
	}
}

// ladder writes records with many equal scores and returns them in ascending order.
func ladder(t testing.TB, s LeaderboardStore, board string) []leaderboard.Record {
	t.Helper()
	var all []leaderboard.Record
	for i, owner := range append(oddTexts(), "a", "B", "b", "A", "aa", "a ", "é", "z", "10", "9") {
		w := write(board, owner, leaderboard.Set, []int64{0, 1, 10, 9, math.MaxInt64}[i%5])
		w.Subscore = []int64{0, 7, math.MaxInt64}[i%3]
		all = append(all, written(t, s, w))
	}
	slices.SortFunc(all, func(a, b leaderboard.Record) int { return a.Standing().Compare(b.Standing()) })
	return all
}

func rankingOrder(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	ranked(t, s, leaderboard.Span{Board: "wins"}, nil)
	ranked(t, s, leaderboard.Span{Board: "wins"}, ladder(t, s, "wins"))
	ranked(t, s, leaderboard.Span{Board: "no such board"}, nil)
}

func rankingSpans(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	all := ladder(t, s, "wins")
	for i := range all {
		at := all[i].Standing()
		ranked(t, s, leaderboard.Span{Board: "wins", After: &at}, all[i+1:])
		ranked(t, s, leaderboard.Span{Board: "wins", Before: &at}, all[:i])
		end := all[len(all)-1-i].Standing()
		ranked(t, s, leaderboard.Span{Board: "wins", After: &at, Before: &end}, all[min(i+1, len(all)-1-i):len(all)-1-i])
	}
	nobody := leaderboard.Standing{Owner: "nobody", Score: 5, Subscore: 3}
	less := func(r leaderboard.Record) bool { return r.Standing().Compare(nobody) > 0 }
	at := slices.IndexFunc(all, less)
	ranked(t, s, leaderboard.Span{Board: "wins", After: &nobody}, all[at:])
	ranked(t, s, leaderboard.Span{Board: "wins", Before: &nobody}, all[:at])
	ranked(t, s, leaderboard.Span{Board: "wins", After: &nobody, Before: &nobody}, nil)
}

func rankingLimit(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	want := []string{}
	for i := range 10 {
		owner := fmt.Sprintf("owner %d", i)
		written(t, s, write("wins", owner, leaderboard.Set, int64(i)))
		want = append(want, owner)
	}
	for limit := 1; limit <= 11; limit++ {
		got, span := []string{}, leaderboard.Span{Board: "wins"}
		for range 11 {
			page, err := s.Standings(t.Context(), span, limit)
			noError(t, err, "standings")
			if len(page) > limit {
				t.Fatalf("a page has %d standings, its limit is %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			for _, x := range page {
				got = append(got, x.Owner)
			}
			span.After = &page[len(page)-1]
		}
		equal(t, "owners of all pages", got, want)
		page, err := s.PageRecords(t.Context(), leaderboard.Span{Board: "wins"}, leaderboard.Descending, limit)
		noError(t, err, "page of records")
		backwards := slices.Clone(want)
		slices.Reverse(backwards)
		equal(t, "owners of the page with the best", owners(page), backwards[:min(limit, 10)])
	}
	page, err := s.PageRecords(t.Context(), leaderboard.Span{Board: "wins"}, leaderboard.Ascending, 0)
	noError(t, err, "page of no records")
	equal(t, "records with limit 0", len(page), 0)
	standings, err := s.Standings(t.Context(), leaderboard.Span{Board: "wins"}, 0)
	noError(t, err, "no standings")
	equal(t, "standings with limit 0", len(standings), 0)
}

func rankingApart(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	written(t, s, write("losses", "ann", leaderboard.Set, 1))
	plain := written(t, s, write("wins", "cid", leaderboard.Set, 1))
	w := write("wins", "ann", leaderboard.Set, 1)
	w.Period = noon()
	ranked(t, s, leaderboard.Span{Board: "wins", Period: noon()}, nil)
	timed := written(t, s, w)
	ranked(t, s, leaderboard.Span{Board: "wins"}, []leaderboard.Record{plain})
	ranked(t, s, leaderboard.Span{Board: "wins", Period: noon()}, []leaderboard.Record{timed})
	ranked(t, s, leaderboard.Span{Board: "wins", Period: elsewhere(noon())}, []leaderboard.Record{timed})
	ranked(t, s, leaderboard.Span{Board: "wins", Period: noon().Add(time.Hour)}, nil)
}

func rankingMoves(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	ann := written(t, s, write("wins", "ann", leaderboard.Set, 1))
	bob := written(t, s, write("wins", "bob", leaderboard.Set, 2))
	ranked(t, s, leaderboard.Span{Board: "wins"}, []leaderboard.Record{ann, bob})
	ann = written(t, s, write("wins", "ann", leaderboard.Increment, 5))
	ranked(t, s, leaderboard.Span{Board: "wins"}, []leaderboard.Record{bob, ann})
	_, err := s.DeleteRecord(t.Context(), "wins", time.Time{}, "bob")
	noError(t, err, "delete record")
	ranked(t, s, leaderboard.Span{Board: "wins"}, []leaderboard.Record{ann})
	_, err = s.DeleteRecordsOf(t.Context(), "ann")
	noError(t, err, "delete owner")
	ranked(t, s, leaderboard.Span{Board: "wins"}, nil)
}

func rankingsCancelled(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	ctx, span := cancelled(t), leaderboard.Span{Board: "wins"}
	_, standings := s.Standings(ctx, span, 1)
	_, page := s.PageRecords(ctx, span, leaderboard.Ascending, 1)
	_, count := s.CountRecords(ctx, span)
	refused(t, map[string]error{"Standings": standings, "PageRecords": page, "CountRecords": count})
}
