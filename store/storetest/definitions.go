package storetest

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// board returns a plain definition.
func board(id string) leaderboard.Board {
	return leaderboard.Board{ID: id, Metadata: "{}", Created: noon()}
}

// cup returns a tournament that has everything.
func cup() leaderboard.Tournament {
	return leaderboard.Tournament{
		Title: "Cup", Description: "of the sea", Category: 127, Start: noon().Add(time.Hour), End: noon().Add(24 * time.Hour),
		Duration: 90 * time.Second, MaxSize: 1 << 20, MaxNumScore: 1 << 30, JoinRequired: true,
	}
}

// boards creates boards with these ids.
func boards(t testing.TB, s LeaderboardStore, ids ...string) {
	t.Helper()
	for _, id := range ids {
		_, err := s.CreateBoard(t.Context(), board(id))
		noError(t, err, "create board "+id)
	}
}

// defined ends the test unless exactly these boards are stored.
func defined(t testing.TB, s LeaderboardStore, want ...leaderboard.Board) {
	t.Helper()
	got, err := s.Boards(t.Context())
	noError(t, err, "boards")
	order := func(a, b leaderboard.Board) int { return cmp.Compare(a.ID, b.ID) }
	got = append([]leaderboard.Board{}, got...)
	want = append([]leaderboard.Board{}, want...)
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	equal(t, "boards", got, want)
}

func definitionRules() []rule[LeaderboardStore] {
	return []rule[LeaderboardStore]{
		{
			"every field round-trips", "what is not kept is lost at the next start",
			boardFields,
		},
		{
			"text is kept as it is", "the ids are the host's, in any script",
			boardTexts,
		},
		{
			"create is idempotent", "a host creates its boards at every start, and its scores must survive a changed line",
			boardTwice,
		},
		{
			"no metadata is an empty object", "clients parse it",
			boardMetadata,
		},
		{
			"concurrent creates agree", "several servers start at once",
			concurrentBoards,
		},
		{
			"delete takes the records along", "a board made anew under the same id starts empty",
			deleteBoard,
		},
		{
			"delete is idempotent", "deleting is retried",
			deleteBoardTwice,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			definitionsCancelled,
		},
	}
}

func boardFields(t testing.TB, s LeaderboardStore) {
	defined(t, s)
	full := leaderboard.Board{
		ID: "wins", Authoritative: true, Sort: leaderboard.Ascending, Operator: leaderboard.Decrement,
		Allowed: leaderboard.OperatorSet(leaderboard.Set), NoRanks: true, Reset: "@daily", Keep: 7,
		Metadata: `{"title": "Wins"}`, Created: noon(), Tournament: cup(),
	}
	filled(t, full.Tournament)
	filled(t, full)
	all := []leaderboard.Board{full}
	for _, op := range []leaderboard.Operator{leaderboard.Best, leaderboard.Set, leaderboard.Increment} {
		b := board("board " + string('a'+rune(op)))
		b.Operator, b.Sort = op, leaderboard.Descending
		all = append(all, b)
	}
	for _, b := range all {
		given := b
		given.Created = elsewhere(b.Created)
		if b.IsTournament() {
			given.Start, given.End = elsewhere(b.Start), elsewhere(b.End)
		}
		got, err := s.CreateBoard(t.Context(), given)
		noError(t, err, "create board")
		equal(t, "created board", got, b)
	}
	defined(t, s, all...)
}

func boardTexts(t testing.TB, s LeaderboardStore) {
	var all []leaderboard.Board
	for _, text := range oddTexts() {
		b := board(text)
		b.Metadata, b.Title, b.Description = text+long(), text, text
		_, err := s.CreateBoard(t.Context(), b)
		noError(t, err, "create board "+text)
		all = append(all, b)
	}
	defined(t, s, all...)
}

func boardTwice(t testing.TB, s LeaderboardStore) {
	first := board("wins")
	_, err := s.CreateBoard(t.Context(), first)
	noError(t, err, "create board")
	score := write("wins", "ann", leaderboard.Set, 7)
	_, _, err = s.WriteRecord(t.Context(), score)
	noError(t, err, "write record")

	second := leaderboard.Board{
		ID: "wins", Authoritative: true, Sort: leaderboard.Ascending, Operator: leaderboard.Increment,
		Metadata: `{"new": 1}`, Created: noon().Add(time.Hour),
	}
	got, err := s.CreateBoard(t.Context(), second)
	noError(t, err, "create board again")
	equal(t, "board that is now stored", got, first)
	defined(t, s, first)
	equal(t, "score after the second create", scoreOf(t, s, "wins", time.Time{}, "ann"), 7)
}

func boardMetadata(t testing.TB, s LeaderboardStore) {
	b := board("wins")
	b.Metadata = ""
	got, err := s.CreateBoard(t.Context(), b)
	noError(t, err, "create board")
	equal(t, "created board", got, board("wins"))
	defined(t, s, board("wins"))
}

func concurrentBoards(t testing.TB, s LeaderboardStore) {
	const n = 8
	ctx := t.Context()
	got := make([]leaderboard.Board, n)
	for _, err := range together(n, func(i int) (err error) {
		b := board("wins")
		b.Metadata = string('a' + rune(i))
		got[i], err = s.CreateBoard(ctx, b)
		return err
	}) {
		noError(t, err, "concurrent create")
	}
	for _, b := range got {
		equal(t, "board of a concurrent caller", b, got[0])
	}
	defined(t, s, got[0])
}

func deleteBoard(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	monday := noon()
	for _, w := range []leaderboard.Write{
		write("wins", "ann", leaderboard.Set, 1), write("wins", "bob", leaderboard.Set, 2), write("losses", "ann", leaderboard.Set, 3),
	} {
		written(t, s, w)
		w.Period = monday
		written(t, s, w)
	}
	noError(t, s.DeleteBoard(t.Context(), "wins"), "delete board")
	defined(t, s, board("losses"))
	boards(t, s, "wins")
	for _, period := range []time.Time{{}, monday} {
		equal(t, "owners on the new board", owners(scanned(t, s, "wins", period)), []string{})
		equal(t, "owners on the other board", owners(scanned(t, s, "losses", period)), []string{"ann"})
	}
	gone, err := s.DeleteRecordsOf(t.Context(), "bob")
	noError(t, err, "delete owner")
	equal(t, "records of bob", len(gone), 0)
}

func deleteBoardTwice(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	for range 2 {
		noError(t, s.DeleteBoard(t.Context(), "wins"), "delete board")
	}
	noError(t, s.DeleteBoard(t.Context(), "never was"), "delete a missing board")
	defined(t, s, board("losses"))
}

func definitionsCancelled(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	ctx := cancelled(t)
	_, create := s.CreateBoard(ctx, board("losses"))
	_, list := s.Boards(ctx)
	refused(t, map[string]error{"CreateBoard": create, "Boards": list, "DeleteBoard": s.DeleteBoard(ctx, "wins")})
	defined(t, s, board("wins"))
}
