package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// scanned returns all records of a period, ascending.
func scanned(t testing.TB, s LeaderboardStore, board string, period time.Time) []leaderboard.Record {
	t.Helper()
	page, err := s.PageRecords(t.Context(), leaderboard.Span{Board: board, Period: period}, leaderboard.Ascending, 100)
	noError(t, err, "page of records")
	return page
}

// owners returns the owners of records in their order.
func owners(records []leaderboard.Record) []string {
	names := []string{}
	for _, r := range records {
		names = append(names, r.Owner)
	}
	return names
}

func readRules() []rule[LeaderboardStore] {
	return []rule[LeaderboardStore]{
		{
			"records of owners", "a list of friends: those without a record are left out, repetitions too",
			recordsOf,
		},
		{
			"records are copies", "a caller may sort and change the list it got",
			recordsAreCopies,
		},
	}
}

func recordsOf(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	asked := []string{"cid", "ann", "nobody", "", "ann", "ANN"}
	for _, owner := range []string{"ann", "bob", "cid"} {
		written(t, s, write("wins", owner, leaderboard.Set, 1))
	}
	for i := range 2500 {
		asked = append(asked, fmt.Sprintf("missing %d", i))
	}
	found, err := s.RecordsOf(t.Context(), "wins", time.Time{}, asked)
	noError(t, err, "records of many")
	got := owners(found)
	slices.Sort(got)
	equal(t, "owners", got, []string{"ann", "cid"})

	for what, ask := range map[string][]string{"no owners": nil, "missing owners": {"nobody"}} {
		found, err = s.RecordsOf(t.Context(), "wins", time.Time{}, ask)
		noError(t, err, "records of "+what)
		equal(t, "records of "+what, len(found), 0)
	}
	found, err = s.RecordsOf(t.Context(), "no such board", time.Time{}, asked)
	noError(t, err, "records on a missing board")
	equal(t, "records on a missing board", len(found), 0)
}

func recordsAreCopies(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	want := written(t, s, write("wins", "ann", leaderboard.Set, 1))
	for range 2 {
		found, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"})
		noError(t, err, "records of")
		page := scanned(t, s, "wins", time.Time{})
		list, err := s.Boards(t.Context())
		noError(t, err, "boards")
		equal(t, "records", found, []leaderboard.Record{want})
		equal(t, "scanned", page, []leaderboard.Record{want})
		equal(t, "boards", list, []leaderboard.Board{board("wins")})
		found[0], page[0], list[0] = leaderboard.Record{}, leaderboard.Record{}, leaderboard.Board{}
	}
}

func removeRules() []rule[LeaderboardStore] {
	return []rule[LeaderboardStore]{
		{
			"delete removes one record", "a player takes a score back; the others, and the other periods, stay",
			deleteOne,
		},
		{
			"delete owner removes and returns all", "a deleted account leaves no score, and the ranks must hear of each",
			deleteOwner,
		},
	}
}

func deleteOne(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	written(t, s, write("wins", "ann", leaderboard.Set, 1))
	written(t, s, write("wins", "bob", leaderboard.Set, 2))
	written(t, s, write("losses", "ann", leaderboard.Set, 3))
	w := write("wins", "ann", leaderboard.Set, 4)
	w.Period = noon()
	written(t, s, w)

	for _, want := range []bool{true, false} {
		there, err := s.DeleteRecord(t.Context(), "wins", time.Time{}, "ann")
		noError(t, err, "delete record")
		equal(t, "record was there", there, want)
	}
	equal(t, "score deleted", scoreOf(t, s, "wins", time.Time{}, "ann"), -1)
	equal(t, "score of another owner", scoreOf(t, s, "wins", time.Time{}, "bob"), 2)
	equal(t, "score on another board", scoreOf(t, s, "losses", time.Time{}, "ann"), 3)
	equal(t, "score of another period", scoreOf(t, s, "wins", noon(), "ann"), 4)
	equal(t, "owners left", owners(scanned(t, s, "wins", time.Time{})), []string{"bob"})

	there, err := s.DeleteRecord(t.Context(), "wins", elsewhere(noon()), "ann")
	noError(t, err, "delete record")
	equal(t, "record by the period in another zone was there", there, true)
	equal(t, "writes after delete", written(t, s, write("wins", "ann", leaderboard.Increment, 5)).NumScore, 1)
}

func deleteOwner(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses", "empty")
	var want []leaderboard.Record
	for _, board := range []string{"losses", "wins"} {
		for _, period := range []time.Time{{}, noon()} {
			w := write(board, "ann", leaderboard.Set, 1)
			w.Period = period
			want = append(want, written(t, s, w))
			w.Owner = "bob"
			written(t, s, w)
		}
	}
	got, err := s.DeleteRecordsOf(t.Context(), "ann")
	noError(t, err, "delete owner")
	slices.SortFunc(got, func(a, b leaderboard.Record) int {
		return cmp.Or(cmp.Compare(a.Board, b.Board), a.Period.Compare(b.Period))
	})
	equal(t, "records removed", got, want)
	for _, r := range want {
		equal(t, "owners left", owners(scanned(t, s, r.Board, r.Period)), []string{"bob"})
	}
	got, err = s.DeleteRecordsOf(t.Context(), "ann")
	noError(t, err, "delete owner again")
	equal(t, "records removed the second time", len(got), 0)
}

func recordsCancelled(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	want := written(t, s, write("wins", "ann", leaderboard.Set, 1))
	ctx, period := cancelled(t), time.Time{}
	_, _, first := s.WriteRecord(ctx, write("wins", "bob", leaderboard.Set, 1))
	_, _, again := s.WriteRecord(ctx, write("wins", "ann", leaderboard.Set, 2))
	_, of := s.RecordsOf(ctx, "wins", period, []string{"ann"})
	_, one := s.DeleteRecord(ctx, "wins", period, "ann")
	_, all := s.DeleteRecordsOf(ctx, "ann")
	refused(t, map[string]error{
		"WriteRecord": first, "WriteRecord of a stored one": again, "RecordsOf": of,
		"DeleteRecord": one, "DeleteRecordsOf": all,
	})
	equal(t, "records", scanned(t, s, "wins", period), []leaderboard.Record{want})
}
