package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// scanned returns one page of a scan.
func scanned(t testing.TB, s LeaderboardStore, board string, period time.Time, after string, limit int) []leaderboard.Record {
	t.Helper()
	page, err := s.ScanRecords(t.Context(), board, period, after, limit)
	noError(t, err, "scan records")
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
			"scan is in the order of the owners' bytes", "the next page starts after the last owner of this one",
			scanOrder,
		},
		{
			"scan keeps to its limit", "ranks of a million players are loaded in pages",
			scanLimit,
		},
		{
			"scan keeps to its board and period", "ranks of two periods must not mix",
			scanApart,
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

func scanOrder(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	all := append(oddTexts(), "a", "B", "b", "A", "aa", "a ", "é", "z", "10", "9")
	for i, owner := range all {
		written(t, s, write("wins", owner, leaderboard.Set, int64(i)))
	}
	slices.Sort(all)
	equal(t, "owners in order", owners(scanned(t, s, "wins", time.Time{}, "", len(all)+1)), all)
	for i, owner := range all {
		page := owners(scanned(t, s, "wins", time.Time{}, owner, 2))
		equal(t, "owners after "+owner, page, append([]string{}, all[i+1:min(i+3, len(all))]...))
	}
}

func scanLimit(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	want := []string{}
	for i := range 10 {
		owner := fmt.Sprintf("owner %d", i)
		written(t, s, write("wins", owner, leaderboard.Set, int64(100-i)))
		want = append(want, owner)
	}
	for limit := 1; limit <= 11; limit++ {
		got, after := []string{}, ""
		for range 11 {
			page := owners(scanned(t, s, "wins", time.Time{}, after, limit))
			if len(page) > limit {
				t.Fatalf("a page has %d records, its limit is %d", len(page), limit)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1]
		}
		equal(t, "owners of all pages", got, want)
	}
	equal(t, "owners with limit 0", owners(scanned(t, s, "wins", time.Time{}, "", 0)), []string{})
	equal(t, "owners after an owner without a record", owners(scanned(t, s, "wins", time.Time{}, "owner 75", 1)), []string{"owner 8"})
}

func scanApart(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	for _, owner := range []string{"ann", "bob"} {
		written(t, s, write("losses", owner, leaderboard.Set, 1))
		w := write("wins", owner, leaderboard.Set, 1)
		w.Period = noon()
		written(t, s, w)
	}
	written(t, s, write("wins", "cid", leaderboard.Set, 1))
	equal(t, "owners", owners(scanned(t, s, "wins", time.Time{}, "", 10)), []string{"cid"})
	equal(t, "owners", owners(scanned(t, s, "wins", noon(), "ann", 10)), []string{"bob"})
	equal(t, "owners", owners(scanned(t, s, "wins", noon().Add(time.Hour), "", 10)), []string{})
	equal(t, "owners", owners(scanned(t, s, "no such board", time.Time{}, "", 10)), []string{})
}

func recordsAreCopies(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	want := written(t, s, write("wins", "ann", leaderboard.Set, 1))
	for range 2 {
		found, err := s.RecordsOf(t.Context(), "wins", time.Time{}, []string{"ann"})
		noError(t, err, "records of")
		page := scanned(t, s, "wins", time.Time{}, "", 10)
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
	equal(t, "owners left", owners(scanned(t, s, "wins", time.Time{}, "", 10)), []string{"bob"})

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
	got, err := s.DeleteOwner(t.Context(), "ann")
	noError(t, err, "delete owner")
	slices.SortFunc(got, func(a, b leaderboard.Record) int {
		return cmp.Or(cmp.Compare(a.Board, b.Board), a.Period.Compare(b.Period))
	})
	equal(t, "records removed", got, want)
	for _, r := range want {
		equal(t, "owners left", owners(scanned(t, s, r.Board, r.Period, "", 10)), []string{"bob"})
	}
	got, err = s.DeleteOwner(t.Context(), "ann")
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
	_, scan := s.ScanRecords(ctx, "wins", period, "", 10)
	_, one := s.DeleteRecord(ctx, "wins", period, "ann")
	_, all := s.DeleteOwner(ctx, "ann")
	refused(t, map[string]error{
		"WriteRecord": first, "WriteRecord of a stored one": again, "RecordsOf": of, "ScanRecords": scan,
		"DeleteRecord": one, "DeleteOwner": all,
	})
	equal(t, "records", scanned(t, s, "wins", period, "", 10), []leaderboard.Record{want})
}
