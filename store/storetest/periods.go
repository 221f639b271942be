package storetest

import (
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

func periodRules() []rule[LeaderboardStore] {
	return []rule[LeaderboardStore]{
		{
			"periods are those with records, oldest first", "the oldest are deleted first",
			listPeriods,
		},
		{
			"delete period keeps to its limit and period", "old periods go a little at a time, while scores are written",
			deletePeriod,
		},
		{
			"handled never goes back", "a reset that was told is not told again",
			handledForward,
		},
		{
			"what is handled goes with its board", "a board made anew under the same id starts anew",
			handledBoards,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			periodsCancelled,
		},
	}
}

// periods ends the test unless a board has records in exactly these periods.
func periods(t testing.TB, s LeaderboardStore, board string, want ...time.Time) {
	t.Helper()
	got, err := s.Periods(t.Context(), board)
	noError(t, err, "periods")
	equal(t, "periods", append([]time.Time{}, got...), append([]time.Time{}, want...))
}

// handled ends the test unless the resets of a board are handled up to at.
func handled(t testing.TB, s LeaderboardStore, board string, at time.Time) {
	t.Helper()
	got, err := s.Handled(t.Context(), board)
	noError(t, err, "handled")
	equal(t, "handled", got, at)
}

// days writes records of these owners to three days of a board, the last one first.
func days(t testing.TB, s LeaderboardStore, board string, owners ...string) []time.Time {
	t.Helper()
	days := []time.Time{noon(), noon().Add(24 * time.Hour), noon().Add(48 * time.Hour)}
	for i := range days {
		for _, owner := range owners {
			w := write(board, owner, leaderboard.Set, 1)
			w.Period = days[len(days)-1-i]
			written(t, s, w)
		}
	}
	return days
}

func listPeriods(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	periods(t, s, "wins")
	periods(t, s, "no such board")
	d := days(t, s, "wins", "ann", "bob")
	periods(t, s, "wins", d...)
	periods(t, s, "losses")
	written(t, s, write("wins", "ann", leaderboard.Set, 1))
	periods(t, s, "wins", append([]time.Time{{}}, d...)...)
	_, err := s.DeleteRecord(t.Context(), "wins", time.Time{}, "ann")
	noError(t, err, "delete record")
	periods(t, s, "wins", d...)
}

func deletePeriod(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	d := days(t, s, "wins", "ann", "bob", "cid")
	days(t, s, "losses", "ann")
	for _, want := range []int{2, 1, 0} {
		n, err := s.DeletePeriod(t.Context(), "wins", elsewhere(d[0]), 2)
		noError(t, err, "delete period")
		equal(t, "records deleted", n, want)
	}
	periods(t, s, "wins", d[1:]...)
	periods(t, s, "losses", d...)
	equal(t, "records of the next period", len(scanned(t, s, "wins", d[1])), 3)
	n, err := s.DeletePeriod(t.Context(), "no such board", d[0], 2)
	noError(t, err, "delete a period of a missing board")
	equal(t, "records deleted", n, 0)
}

func handledForward(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	handled(t, s, "wins", time.Time{})
	for _, at := range []time.Time{elsewhere(noon()), noon().Add(-time.Hour), noon()} {
		noError(t, s.SetHandled(t.Context(), "wins", at), "set handled")
		handled(t, s, "wins", noon())
	}
	noError(t, s.SetHandled(t.Context(), "wins", noon().Add(time.Hour)), "set handled")
	handled(t, s, "wins", noon().Add(time.Hour))
	handled(t, s, "losses", time.Time{})
}

func handledBoards(t testing.TB, s LeaderboardStore) {
	wantError(t, s.SetHandled(t.Context(), "wins", noon()), leaderboard.ErrNotFound, "set handled of a missing board")
	handled(t, s, "wins", time.Time{})
	boards(t, s, "wins")
	noError(t, s.SetHandled(t.Context(), "wins", noon()), "set handled")
	noError(t, s.DeleteBoard(t.Context(), "wins"), "delete board")
	boards(t, s, "wins")
	handled(t, s, "wins", time.Time{})
}

func periodsCancelled(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	d := days(t, s, "wins", "ann")
	ctx := cancelled(t)
	_, list := s.Periods(ctx, "wins")
	_, remove := s.DeletePeriod(ctx, "wins", d[0], 1)
	_, read := s.Handled(ctx, "wins")
	refused(t, map[string]error{
		"Periods": list, "DeletePeriod": remove, "Handled": read, "SetHandled": s.SetHandled(ctx, "wins", noon()),
	})
	periods(t, s, "wins", d...)
	handled(t, s, "wins", time.Time{})
}
