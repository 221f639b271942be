package host

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

// season is boards over a store, and what their hooks are told, by board.
type season struct {
	*leaderboard.Boards
	store store
	told  map[string][]string
}

// begin runs the boards until end is called.
func (s *season) begin(t *testing.T) (end func()) {
	t.Helper()
	note := func(what string) func(context.Context, leaderboard.Ended) error {
		return func(ctx context.Context, e leaderboard.Ended) error {
			page, err := s.List(ctx, leaderboard.ListRequest{Board: e.Board.ID, Period: e.Period})
			line := fmt.Sprintf("%s of day %d:", what, e.At.YearDay())
			for _, r := range page.Records {
				line += fmt.Sprintf(" %s %d", r.Username, r.Score)
			}
			s.told[e.Board.ID] = append(s.told[e.Board.ID], line)
			return err
		}
	}
	var err error
	s.Boards, err = leaderboard.Open(t.Context(), leaderboard.Config{
		Store: s.store, Keys: s.store, Hooks: leaderboard.Hooks{Reset: note("reset"), TournamentEnd: note("end")},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() { synctest.Wait(); cancel(); require.NoError(t, <-done) }
}

func (s *season) score(t *testing.T, name string, score int64) {
	t.Helper()
	for _, def := range s.All() {
		_, err := s.Write(t.Context(), leaderboard.Submission{Board: def.ID, Owner: "id of " + name, Username: name, Score: score})
		require.NoError(t, err, def.ID)
	}
}

// What happened while no server was there is told when one is again, each thing once; and old periods go.
func TestResetsOverDowntime(t *testing.T) {
	for _, kind := range stores {
		t.Run(kind.name, func(t *testing.T) {
			db := kind.empty(t)
			synctest.Test(t, func(t *testing.T) { downtime(t, db, kind.durable) })
		})
	}
}

func downtime(t *testing.T, db string, durable bool) {
	s := &season{told: map[string][]string{}}
	var closeStore func() error
	open := func() {
		var err error
		s.store, closeStore, err = openStore(t.Context(), db)
		require.NoError(t, err)
	}
	restart := func() {
		if durable {
			require.NoError(t, closeStore())
			open()
		}
	}
	open()
	defer func() { require.NoError(t, closeStore()) }()

	end := s.begin(t) // at midnight, as all bubbles do
	for _, def := range []leaderboard.Board{
		{ID: "daily", Reset: "@daily", Operator: leaderboard.Increment, Keep: 1},
		{ID: "cup", Reset: "0 0 * * *", Tournament: leaderboard.Tournament{Duration: time.Hour}},
	} {
		require.NoError(t, s.Create(t.Context(), def))
	}
	s.score(t, "ann", 3)
	time.Sleep(24*time.Hour + time.Minute)
	s.score(t, "bob", 1)
	end()
	restart()
	time.Sleep(3 * 24 * time.Hour)
	s.begin(t)()
	daily := []string{"reset of day 2: ann 3", "reset of day 3: bob 1", "reset of day 4:", "reset of day 5:"}
	require.Equal(t, daily, s.told["daily"])
	require.Equal(t, []string{
		"end of day 1: ann 3", "reset of day 2: ann 3", "end of day 2: bob 1", "reset of day 3: bob 1",
		"end of day 3:", "reset of day 4:", "end of day 4:", "reset of day 5:",
	}, s.told["cup"])
	for id, kept := range map[string]int{"daily": 1, "cup": 2} {
		periods, err := s.store.Periods(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, periods, kept, id)
		page, err := s.List(t.Context(), leaderboard.ListRequest{Board: id, Period: periods[kept-1]})
		require.NoError(t, err)
		require.Equal(t, "bob", page.Records[0].Username, id)
	}
	restart()
	s.begin(t)()
	require.Equal(t, daily, s.told["daily"], "nothing is told again")
}
