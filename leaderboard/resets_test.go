package leaderboard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/leaderboard"
)

// diary notes what hooks are told, and who was best in the period.
type diary struct {
	boards *leaderboard.Boards
	fail   func() error // what the hooks return; nil: nothing

	mu   sync.Mutex
	told []string
}

// lines is what has been told so far.
func (d *diary) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.told)
}

func (d *diary) hooks() leaderboard.Hooks {
	note := func(what string) func(context.Context, leaderboard.Ended) error {
		return func(ctx context.Context, e leaderboard.Ended) error {
			page, err := d.boards.List(ctx, leaderboard.ListRequest{Board: e.Board.ID, Period: e.Period, Limit: 1})
			if err != nil {
				return err
			}
			d.mu.Lock()
			d.told = append(d.told, fmt.Sprintf("%s %s day %d %s", e.Board.ID, what, e.At.YearDay(), show(page.Records)))
			d.mu.Unlock()
			if d.fail != nil {
				return d.fail()
			}
			return nil
		}
	}
	return leaderboard.Hooks{Reset: note("reset"), TournamentEnd: note("end")}
}

// run opens boards over a store whose Run ends when stop is called. The clock of bubbles begins at midnight, UTC.
func (d *diary) run(t *testing.T, store leaderboard.Store, defs ...leaderboard.Board) (stop func()) {
	var err error
	d.boards, err = leaderboard.Open(t.Context(), leaderboard.Config{Store: store, Hooks: d.hooks()})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.boards.Run(ctx) }()
	for _, def := range defs {
		require.NoError(t, d.boards.Create(t.Context(), def))
	}
	return func() {
		cancel()
		require.NoError(t, <-done)
	}
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func TestResetsAreToldOnceEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		store := newFakeStore()
		stop := d.run(t, store, leaderboard.Board{ID: "daily", Reset: "@daily"})
		put(t, d.boards, "daily", "ann", 3)
		time.Sleep(days(1) + time.Second)
		put(t, d.boards, "daily", "bob", 1)
		require.Equal(t, []string{"bob"}, order(t, d.boards, "daily"))
		stop()
		require.Equal(t, []string{"daily reset day 2 ann1"}, d.lines())

		time.Sleep(days(3))
		stop = d.run(t, store)
		synctest.Wait()
		require.Equal(t, []string{
			"daily reset day 2 ann1", "daily reset day 3 bob1", "daily reset day 4 ", "daily reset day 5 ",
		}, d.lines(), "what passed in between is told at the next start, in order")
		stop()
		defer d.run(t, store)()
		time.Sleep(days(1) - 2*time.Second)
		require.Len(t, d.lines(), 4, "nothing is told again")
	})
}

func TestAHookThatFailsIsCalledAgain(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("no prizes left") },
		"panic": func() error { panic("no prizes left") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := diary{fail: fail}
				store := newFakeStore()
				stop := d.run(t, store, leaderboard.Board{ID: "bad", Reset: "@daily"})
				time.Sleep(days(1) + 15*time.Second)
				require.Len(t, d.lines(), 2, "ten seconds later")
				stop()
				d.fail = nil
				defer d.run(t, store)()
				synctest.Wait()
				require.Len(t, d.lines(), 3, "and by the next process")
				time.Sleep(time.Hour)
				require.Len(t, d.lines(), 3)
			})
		})
	}
}

func TestHooksJoined(t *testing.T) {
	var told []string
	failed := errors.New("no prizes left")
	hooks := func(who string, err error) leaderboard.Hooks {
		note := func(what string) func(context.Context, leaderboard.Ended) error {
			return func(context.Context, leaderboard.Ended) error {
				told = append(told, who+" "+what)
				return err
			}
		}
		return leaderboard.Hooks{Reset: note("reset"), TournamentEnd: note("end")}
	}
	good := hooks("first", nil).With(hooks("second", nil)).With(leaderboard.Hooks{})
	require.NoError(t, good.Reset(t.Context(), leaderboard.Ended{}))
	require.NoError(t, good.TournamentEnd(t.Context(), leaderboard.Ended{}))
	require.ErrorIs(t, hooks("bad", failed).With(good).Reset(t.Context(), leaderboard.Ended{}), failed)
	require.Equal(t, []string{"first reset", "second reset", "first end", "second end", "bad reset"}, told)
}

// A process that dies after the hook and before it is noted is a store that fails then.
func TestAHookMayBeCalledTwiceWhenTheNoteIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		store := newFakeStore()
		store.before = fail("SetHandled")
		stop := d.run(t, store, leaderboard.Board{ID: "daily", Reset: "@daily"})
		time.Sleep(days(1) + time.Second)
		stop()
		store.before = nil
		defer d.run(t, store)()
		synctest.Wait()
		require.Equal(t, []string{"daily reset day 2 ", "daily reset day 2 "}, d.lines())
	})
}

func TestOldPeriodsAreDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		store := newFakeStore()
		defer d.run(t, store, leaderboard.Board{ID: "daily", Reset: "@daily", Keep: 2}, leaderboard.Board{ID: "all", Reset: "@daily"})()
		for range 5 {
			for i := range 5 {
				put(t, d.boards, "daily", fmt.Sprint(i), 3)
				put(t, d.boards, "all", fmt.Sprint(i), 3)
			}
			time.Sleep(days(1))
			synctest.Wait()
		}
		kept, err := store.Periods(t.Context(), "daily")
		require.NoError(t, err)
		require.Len(t, kept, 2)
		all, err := store.Periods(t.Context(), "all")
		require.NoError(t, err)
		require.Equal(t, all[3:], kept)
	})
}

func TestTournamentTellsItsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		defer d.run(t, newFakeStore(), leaderboard.Board{ID: "cup", Reset: "@daily", Tournament: leaderboard.Tournament{
			Duration: time.Hour, End: time.Now().Add(days(1) + 30*time.Minute),
		}})()
		put(t, d.boards, "cup", "ann", 3)
		time.Sleep(days(3))
		require.Equal(t, []string{"cup end day 1 ann1", "cup reset day 2 ann1", "cup end day 2 ", "cup reset day 2 "}, d.lines())
		_, err := d.boards.Write(t.Context(), leaderboard.Submission{Board: "cup", Owner: "ann", Score: 1})
		require.ErrorIs(t, err, leaderboard.ErrEnded)
	})
}
