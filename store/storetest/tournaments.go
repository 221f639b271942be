package storetest

import (
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// enter returns a write at noon with which an owner joins a tournament of some size.
func enter(board, owner string, size int) leaderboard.Write {
	return leaderboard.Write{
		Action: leaderboard.Enter, Board: board, Owner: owner, Username: owner, MaxNumScore: 2, MaxSize: size,
		Tournament: true, At: noon(),
	}
}

func writeActions(t testing.TB, s LeaderboardStore) {
	boards(t, s, "cup")
	score := write("cup", "ann", leaderboard.Best, 5)
	score.Tournament, score.MustJoin = true, true
	_, _, err := s.WriteRecord(t.Context(), score)
	wantError(t, err, leaderboard.ErrNotJoined, "a score of who has not joined")

	joined := written(t, s, enter("cup", "ann", 0))
	equal(t, "record of who has joined", joined, leaderboard.Record{
		Board: "cup", Owner: "ann", Username: "ann", MaxNumScore: 2, Metadata: "{}", Created: noon(), Updated: noon(),
	})
	recorded(t, s, joined)
	again, changed, err := s.WriteRecord(t.Context(), enter("cup", "ann", 0))
	noError(t, err, "join again")
	equal(t, "changed by joining again", changed, false)
	equal(t, "record after joining again", again, joined)

	for n := range int32(2) {
		r := written(t, s, score)
		equal(t, "scores counted", r.NumScore, n+1)
		recorded(t, s, r)
	}
	_, _, err = s.WriteRecord(t.Context(), score)
	wantError(t, err, leaderboard.ErrAttempts, "one score too many")
	r := written(t, s, leaderboard.Write{Action: leaderboard.Grant, Board: "cup", Owner: "ann", MaxNumScore: 1, At: noon()})
	equal(t, "scores allowed", r.MaxNumScore, 3)
	recorded(t, s, r)
	equal(t, "scores counted", written(t, s, score).NumScore, 3)
}

func fullPeriod(t testing.TB, s LeaderboardStore) {
	boards(t, s, "cup", "other")
	w := enter("cup", "ann", 2)
	written(t, s, w)
	written(t, s, enter("other", "cid", 2))
	later := w
	later.Period = noon()
	written(t, s, later)
	written(t, s, enter("cup", "bob", 2))

	_, changed, err := s.WriteRecord(t.Context(), enter("cup", "cid", 2))
	wantError(t, err, leaderboard.ErrFull, "join a full tournament")
	equal(t, "changed", changed, false)
	equal(t, "score of who did not get in", scoreOf(t, s, "cup", time.Time{}, "cid"), -1)
	score := write("cup", "cid", leaderboard.Set, 1)
	score.Tournament, score.MaxSize = true, 2
	_, _, err = s.WriteRecord(t.Context(), score)
	wantError(t, err, leaderboard.ErrFull, "first score in a full tournament")
	score.Owner = "bob"
	equal(t, "score of who is in", written(t, s, score).Score, 1)

	_, err = s.DeleteRecord(t.Context(), "cup", time.Time{}, "ann")
	noError(t, err, "delete record")
	written(t, s, enter("cup", "cid", 2))
}

func concurrentNewcomers(t testing.TB, s LeaderboardStore) {
	const callers, places = 12, 5
	boards(t, s, "cup")
	ctx := t.Context()
	in := 0
	for _, err := range together(callers, func(i int) error {
		_, _, err := s.WriteRecord(ctx, enter("cup", "owner "+string('a'+rune(i)), places))
		return err
	}) {
		if err == nil {
			in++
			continue
		}
		wantError(t, err, leaderboard.ErrFull, "join a full tournament")
	}
	equal(t, "owners who were told that they are in", in, places)
	equal(t, "owners who are in", len(scanned(t, s, "cup", time.Time{})), places)
}
