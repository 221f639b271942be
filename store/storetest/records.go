package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// write returns a write at noon to the period of boards that never reset.
func write(board, owner string, op leaderboard.Operator, score int64) leaderboard.Write {
	return leaderboard.Write{Board: board, Owner: owner, Username: owner, Operator: op, Score: score, At: noon()}
}

// written writes a record that must be changed by it.
func written(t testing.TB, s LeaderboardStore, w leaderboard.Write) leaderboard.Record {
	t.Helper()
	r, changed, err := s.WriteRecord(t.Context(), w)
	noError(t, err, "write record")
	if !changed {
		t.Fatalf("the write %+v changed nothing", w)
	}
	return r
}

// recordOf returns the record of one owner, and whether there is one.
func recordOf(t testing.TB, s LeaderboardStore, board string, period time.Time, owner string) (leaderboard.Record, bool) {
	t.Helper()
	found, err := s.RecordsOf(t.Context(), board, period, []string{owner})
	noError(t, err, "records of "+owner)
	if len(found) > 1 {
		t.Fatalf("%d records of one owner", len(found))
	}
	if len(found) == 0 {
		return leaderboard.Record{}, false
	}
	return found[0], true
}

// scoreOf returns the score of one owner, -1 without a record.
func scoreOf(t testing.TB, s LeaderboardStore, board string, period time.Time, owner string) int64 {
	t.Helper()
	if r, ok := recordOf(t, s, board, period, owner); ok {
		return r.Score
	}
	return -1
}

// recorded ends the test unless the record is stored exactly like this.
func recorded(t testing.TB, s LeaderboardStore, want leaderboard.Record) {
	t.Helper()
	got, ok := recordOf(t, s, want.Board, want.Period, want.Owner)
	if !ok {
		t.Fatalf("there is no record of %q", want.Owner)
	}
	equal(t, "record of "+want.Owner, got, want)
}

func recordRules() []rule[LeaderboardStore] {
	return slices.Concat(writeRules(), readRules(), removeRules(), []rule[LeaderboardStore]{{
		"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
		recordsCancelled,
	}})
}

func writeRules() []rule[LeaderboardStore] {
	return []rule[LeaderboardStore]{
		{
			"every field round-trips", "what is not kept is lost at the next start",
			recordFields,
		},
		{
			"text is kept as it is", "names and metadata come from players, in every script and with every quote",
			recordTexts,
		},
		{
			"scores keep 64 bits", "a float in between loses the last digits",
			recordExtremes,
		},
		{
			"times are UTC seconds", "the period is a key and must be found again whatever the zone of the caller",
			recordTimes,
		},
		{
			"write applies the operator to what is stored", "the rules are in Apply, the store must give it both",
			writeApplies,
		},
		{
			"write without effect leaves the record alone", "a lower score must not even touch the name or the time",
			writeWithoutEffect,
		},
		{
			"an error of Apply stores nothing", "a refused score must not leave an empty record on the board",
			applyErrors,
		},
		{
			"write to a missing board is ErrNotFound", "the record would come back with the next board of that id",
			writeMissingBoard,
		},
		{
			"concurrent increments lose nothing", "reading and writing must be one transaction",
			concurrentIncrements,
		},
		{
			"joins and grants go through Apply", "attempts are counted where the score is kept",
			writeActions,
		},
		{
			"a full period takes no new record", "a place in a tournament must not be given twice",
			fullPeriod,
		},
		{
			"of concurrent newcomers as many get in as there are places", "counting and writing must be one transaction",
			concurrentNewcomers,
		},
		{
			"periods and boards are apart", "a reset deletes nothing, it starts the next period",
			periodsApart,
		},
	}
}

func recordFields(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	w := leaderboard.Write{
		Board: "wins", Owner: "ann", Username: "Ann", Score: 10, Subscore: 3, Metadata: `{"map": "reef"}`,
		Operator: leaderboard.Increment, Period: noon().Add(24 * time.Hour), At: noon(),
	}
	want := leaderboard.Record{
		Board: "wins", Owner: "ann", Username: "Ann", Score: 10, Subscore: 3, NumScore: 1, Metadata: `{"map": "reef"}`,
		MaxNumScore: leaderboard.MaxNumScore, Created: noon(), Updated: noon(), Period: w.Period,
	}
	equal(t, "first record", written(t, s, w), want)
	recorded(t, s, want)

	w.Username, w.Metadata, w.At = "Anna", `{"map": "cave"}`, noon().Add(time.Minute)
	want.Username, want.Metadata, want.Updated = w.Username, w.Metadata, w.At
	want.Score, want.Subscore, want.NumScore = 20, 6, 2
	filled(t, want)
	equal(t, "second record", written(t, s, w), want)
	recorded(t, s, want)
	equal(t, "scanned records", scanned(t, s, "wins", w.Period), []leaderboard.Record{want})
}

func recordTexts(t testing.TB, s LeaderboardStore) {
	for _, text := range oddTexts() {
		boards(t, s, text)
		w := write(text, text, leaderboard.Set, 5)
		w.Metadata = text + long()
		written(t, s, w)
	}
	for _, text := range oddTexts() {
		want := leaderboard.Record{
			Board: text, Owner: text, Username: text, Score: 5, NumScore: 1, Metadata: text + long(),
			MaxNumScore: leaderboard.MaxNumScore, Created: noon(), Updated: noon(),
		}
		recorded(t, s, want)
		equal(t, "scanned records", scanned(t, s, text, time.Time{}), []leaderboard.Record{want})
	}
}

func recordExtremes(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	for _, score := range []int64{0, 1, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64} {
		w := write("wins", "ann", leaderboard.Set, score)
		w.Subscore = math.MaxInt64 - score
		r, _, err := s.WriteRecord(t.Context(), w)
		noError(t, err, "write record")
		equal(t, "score", r.Score, score)
		recorded(t, s, r)
	}
}

func recordTimes(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	w := write("wins", "ann", leaderboard.Set, 1)
	w.At, w.Period = elsewhere(noon()), elsewhere(noon().Add(time.Hour))
	r := written(t, s, w)
	equal(t, "Created", r.Created, noon())
	equal(t, "Updated", r.Updated, noon())
	equal(t, "Period", r.Period, noon().Add(time.Hour))
	recorded(t, s, r)
	equal(t, "score by the period in another zone", scoreOf(t, s, "wins", w.Period, "ann"), 1)
	equal(t, "scanned by the period in another zone", scanned(t, s, "wins", w.Period), []leaderboard.Record{r})

	w.Period, w.Score = noon().Add(time.Hour), 2
	equal(t, "writes to one record", written(t, s, w).NumScore, 2)

	w.Period = time.Time{}
	r = written(t, s, w)
	equal(t, "period of a board that never resets", r.Period.IsZero(), true)
	recorded(t, s, r)
	w.Period = time.Unix(0, 0)
	equal(t, "writes to the period of 1970", written(t, s, w).NumScore, 1)
}

func writeApplies(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	var stored *leaderboard.Record
	for i, w := range []leaderboard.Write{
		{Operator: leaderboard.Best, Score: 10, Subscore: 1, Username: "Ann"},
		{Operator: leaderboard.Best, Score: 1, Subscore: 20},
		{Operator: leaderboard.Best, Sort: leaderboard.Ascending, Score: 4, Subscore: 30},
		{Operator: leaderboard.Increment, Score: 5, Subscore: 5, Metadata: `{"a": 1}`},
		{Operator: leaderboard.Increment},
		{Operator: leaderboard.Decrement, Score: 100, Subscore: 1, Username: "Anna"},
		{Operator: leaderboard.Set, Score: 3, Subscore: 3},
		{Operator: leaderboard.Set, Score: 3, Subscore: 3, Username: "Nobody"},
	} {
		w.Board, w.Owner, w.At = "wins", "ann", noon().Add(time.Duration(i)*time.Second)
		want, wantChanged, err := leaderboard.Apply(stored, w)
		noError(t, err, "Apply")
		got, changed, err := s.WriteRecord(t.Context(), w)
		noError(t, err, "write record")
		equal(t, "record written", got, want)
		equal(t, "changed", changed, wantChanged)
		recorded(t, s, want)
		stored = &want
	}
}

func writeWithoutEffect(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	first := written(t, s, write("wins", "ann", leaderboard.Best, 10))
	w := leaderboard.Write{
		Board: "wins", Owner: "ann", Username: "Impostor", Score: 9, Metadata: `{"x": 1}`, At: noon().Add(time.Hour),
	}
	got, changed, err := s.WriteRecord(t.Context(), w)
	noError(t, err, "write record")
	equal(t, "changed", changed, false)
	equal(t, "record returned", got, first)
	recorded(t, s, first)
}

func applyErrors(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins")
	_, changed, err := s.WriteRecord(t.Context(), write("wins", "bob", leaderboard.Set, -1))
	wantError(t, err, leaderboard.ErrNegativeScore, "write a negative score")
	equal(t, "changed", changed, false)
	equal(t, "score after a refused first write", scoreOf(t, s, "wins", time.Time{}, "bob"), -1)

	first := written(t, s, write("wins", "ann", leaderboard.Set, math.MaxInt64))
	_, changed, err = s.WriteRecord(t.Context(), write("wins", "ann", leaderboard.Increment, 1))
	wantError(t, err, leaderboard.ErrOverflow, "increment above 64 bits")
	equal(t, "changed", changed, false)
	recorded(t, s, first)
}

func writeMissingBoard(t testing.TB, s LeaderboardStore) {
	boards(t, s, "Wins")
	_, changed, err := s.WriteRecord(t.Context(), write("wins", "ann", leaderboard.Set, 1))
	wantError(t, err, leaderboard.ErrNotFound, "write to a missing board")
	equal(t, "changed", changed, false)
	boards(t, s, "wins")
	equal(t, "score on the board created later", scoreOf(t, s, "wins", time.Time{}, "ann"), -1)
}

func concurrentIncrements(t testing.TB, s LeaderboardStore) {
	const writers, writes = 8, 25
	boards(t, s, "wins")
	ctx := t.Context()
	for _, err := range together(writers, func(i int) error {
		for range writes {
			for _, owner := range []string{"all", "owner-" + string('a'+rune(i))} {
				if _, _, err := s.WriteRecord(ctx, write("wins", owner, leaderboard.Increment, 3)); err != nil {
					return err
				}
			}
		}
		return nil
	}) {
		noError(t, err, "concurrent increment")
	}
	all, _ := recordOf(t, s, "wins", time.Time{}, "all")
	equal(t, "score of all", all.Score, 3*writers*writes)
	equal(t, "writes of all", all.NumScore, writers*writes)
	for i := range writers {
		equal(t, "score of one writer", scoreOf(t, s, "wins", time.Time{}, "owner-"+string('a'+rune(i))), 3*writes)
	}
}

func periodsApart(t testing.TB, s LeaderboardStore) {
	boards(t, s, "wins", "losses")
	periods := []time.Time{{}, noon(), noon().Add(time.Second)}
	for i, period := range periods {
		for j, board := range []string{"wins", "losses"} {
			w := write(board, "ann", leaderboard.Increment, int64(1+i+10*j))
			w.Period = period
			equal(t, "writes to a new record", written(t, s, w).NumScore, 1)
		}
	}
	for i, period := range periods {
		equal(t, "score on wins", scoreOf(t, s, "wins", period, "ann"), int64(1+i))
		equal(t, "score on losses", scoreOf(t, s, "losses", period, "ann"), int64(11+i))
	}
	equal(t, "score of a period without writes", scoreOf(t, s, "wins", noon().Add(time.Hour), "ann"), -1)
}
