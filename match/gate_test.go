package match_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/query"
	"github.com/shoal-go/shoal/tick"
)

// want asks for a seat in any match of "m".
func want(name, query string) match.JoinOrCreateRequest {
	return match.JoinOrCreateRequest{Handler: "m", Query: query, Who: match.Joiner{Presence: who(name)}}
}

// labelled is a script whose label is the Value given to Init, if that is a string.
func labelled(set match.Settings) *script {
	return &script{init: func(_ context.Context, p match.Params) (match.Settings, error) {
		s := set
		s.Label, _ = p.Value.(string)
		return s, nil
	}}
}

func TestJoinOrCreateAsksTheBestFirst(t *testing.T) {
	var asked []match.ID
	refuse := make(map[match.ID]bool)
	h := labelled(match.Settings{Capacity: 2})
	h.attempt = func(c turn, _ match.Joiner) error {
		asked = append(asked, c.ID())
		if refuse[c.ID()] {
			return match.Reject("not you")
		}
		return nil
	}
	w := newWorld(t, h, match.Config{})
	var ids []match.ID
	for _, label := range []string{`{"map":"sea","rank":1}`, `{"map":"sea","rank":2}`, `{"map":"sea"}`, `{"map":"ice","rank":2}`} {
		id, err := w.Create(t.Context(), "m", label)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	join := func(name string) match.ID {
		t.Helper()
		asked = nil
		id, err := w.JoinOrCreate(t.Context(), want(name, "+label.map:sea label.rank:2"))
		require.NoError(t, err)
		require.Equal(t, id, asked[len(asked)-1])
		return id
	}
	require.Equal(t, ids[1], join("ann"), "the best score")
	refuse[ids[1]] = true
	require.Equal(t, ids[2], join("bob"), "then the newest")
	require.Equal(t, []match.ID{ids[1], ids[2]}, asked, "a refusal goes on to the next")
	require.Equal(t, ids[2], join("cid"))
	require.Equal(t, ids[0], join("dan"), "who is full is not asked")
	require.Equal(t, []match.ID{ids[1], ids[0]}, asked)
	require.Equal(t, ids[0], join("eve"))
	require.Equal(t, 4, w.Len(), "there was no need for a new one")
	require.NotContains(t, ids, join("fay"))
	require.Equal(t, 5, w.Len())
	require.Equal(t, []match.ID{ids[1]}, asked[:len(asked)-1], "who has refused is not asked twice")
}

// Only callers who wait for a match take it whatever its label: later ones look for one that fits.
func TestLaterCallersGetWhatTheyAskFor(t *testing.T) {
	w := newWorld(t, labelled(match.Settings{}), match.Config{})
	for n, label := range []string{`{"map":"ice"}`, `{"map":"sea"}`, `{"map":"sea"}`} {
		q := want(fmt.Sprint(n), "+label.map:sea")
		q.Params = label
		_, err := w.JoinOrCreate(t.Context(), q)
		require.NoError(t, err)
	}
	require.Equal(t, 2, w.Len())
}

func TestJoinOrCreateCreatesWithTheParams(t *testing.T) {
	reserved := 0
	w := newWorld(t, labelled(match.Settings{}), match.Config{Hooks: match.Hooks{Created: func(i match.Info) { reserved = i.Taken }}})
	q := want("ann", "")
	q.Params = "mine"
	q.Accepted = func(j match.Joined) { w.add("accepted %s %s", j.Self.Session, j.Label) }
	id, err := w.JoinOrCreate(t.Context(), q)
	require.NoError(t, err)
	require.Contains(t, w.take(), "accepted ann mine")
	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, 1, reserved, "nobody can be before the creator")
	require.Equal(t, 1, info.Taken, "the creator's reservation is used up")
}

func TestJoinOrCreateErrors(t *testing.T) {
	broken := errors.New("no database")
	h := &script{}
	w := newWorld(t, h, match.Config{})
	q := want("ann", "+")
	_, err := w.JoinOrCreate(t.Context(), q)
	_, ok := errors.AsType[*query.SyntaxError](err)
	require.True(t, ok, "%v", err)
	q = want("ann", "")
	q.Handler = "other"
	_, err = w.JoinOrCreate(t.Context(), q)
	require.ErrorIs(t, err, match.ErrNoHandler)
	h.init = func(context.Context, match.Params) (match.Settings, error) { return match.Settings{}, broken }
	_, err = w.JoinOrCreate(t.Context(), want("ann", ""))
	require.ErrorIs(t, err, broken)
	require.Zero(t, w.Len())

	h.init = nil
	h.set.Capacity = 1
	h.attempt = func(turn, match.Joiner) error { return broken }
	_, err = w.JoinOrCreate(t.Context(), want("ann", ""))
	require.ErrorIs(t, err, broken, "the new match refused; no further one is created")
	require.Equal(t, 1, w.Len())
	h.attempt = nil
	_, err = w.JoinOrCreate(t.Context(), want("bob", ""))
	require.NoError(t, err)
	require.Equal(t, 1, w.Len(), "the seat of its creator is free")
}

func TestJoinOrCreateMakesNoMoreMatchesThanAreFilled(t *testing.T) {
	for _, c := range []struct {
		name     string
		callers  int
		capacity int
		init     time.Duration
		attempt  time.Duration
		query    string
		stagger  time.Duration // between two callers
		matches  int
	}{
		{"at once", 100, 4, 0, 0, "", 0, 25},
		{"slow Init", 100, 4, 300 * time.Millisecond, 0, "", 0, 25},
		{"slow Init and attempt", 100, 4, 30 * time.Millisecond, 3 * time.Millisecond, "", 0, 25},
		{"a label that the query does not select", 100, 4, 10 * time.Millisecond, 0, "+label.map:sea", 0, 25},
		{"one after the other, during the first Init", 100, 4, 300 * time.Millisecond, 0, "", time.Millisecond, 25},
		{"the last is not full", 10, 4, time.Millisecond, 0, "", 0, 3},
		{"no room for two", 40, 1, time.Millisecond, 0, "", 0, 40},
		{"room for all, more than may wait for a match", 300, 0, 100 * time.Millisecond, 0, "", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &script{
					attempt: func(turn, match.Joiner) error { time.Sleep(c.attempt); return nil },
					init: func(context.Context, match.Params) (match.Settings, error) {
						time.Sleep(c.init)
						return match.Settings{Capacity: c.capacity, Overrun: match.Skip}, nil
					},
				}
				r, _ := live(t, h, tick.Config{Workers: 4}, match.Config{CallTimeout: time.Minute})
				var all sync.WaitGroup
				for i := range c.callers {
					time.Sleep(c.stagger)
					all.Go(func() {
						id, err := r.JoinOrCreate(t.Context(), want(fmt.Sprint(i), c.query))
						assert.NoError(t, err)
						assert.NotEmpty(t, id)
					})
				}
				all.Wait()
				page, err := r.List(match.ListRequest{})
				require.NoError(t, err)
				require.Len(t, page.Matches, c.matches)
				players := 0
				for _, i := range page.Matches {
					players += i.Size
					require.Equal(t, i.Size, i.Taken)
				}
				require.Equal(t, c.callers, players)
			})
		})
	}
}

// TestInitThatFailsFailsItsCallerOnly: those who wait for a creation that fails go on with one of their own.
func TestInitThatFailsFailsItsCallerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inits atomic.Int32
		h := &script{init: func(context.Context, match.Params) (match.Settings, error) {
			time.Sleep(10 * time.Millisecond)
			switch inits.Add(1) {
			case 1:
				return match.Settings{}, errors.New("no luck")
			case 2:
				panic("oh")
			}
			return match.Settings{Capacity: 4}, nil
		}}
		r, _ := live(t, h, tick.Config{}, match.Config{})
		var failed atomic.Int32
		var all sync.WaitGroup
		for i := range 22 {
			all.Go(func() {
				if _, err := r.JoinOrCreate(t.Context(), want(fmt.Sprint(i), "")); err != nil {
					failed.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 2, failed.Load())
		require.Equal(t, 5, r.Len())
	})
}

func TestCallerOfJoinOrCreateMayGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &script{init: func(context.Context, match.Params) (match.Settings, error) {
			time.Sleep(time.Minute)
			return match.Settings{}, nil
		}}
		r, _ := live(t, h, tick.Config{}, match.Config{CallTimeout: time.Hour})
		var all sync.WaitGroup
		all.Go(func() {
			_, err := r.JoinOrCreate(t.Context(), want("ann", ""))
			assert.NoError(t, err)
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := r.JoinOrCreate(ctx, want("bob", ""))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		all.Wait()
		page, err := r.List(match.ListRequest{})
		require.NoError(t, err)
		require.Equal(t, 1, page.Matches[0].Size)
	})
}

// Who gives up while a match is asked has not made another one.
func TestCallerOfJoinOrCreateMayGiveUpWhileItAsks(t *testing.T) {
	for name, early := range map[string]bool{"the match was there": false, "the match was being made": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &script{
					init: func(context.Context, match.Params) (match.Settings, error) {
						time.Sleep(time.Second)
						return match.Settings{Overrun: match.Skip}, nil
					},
					attempt: func(_ turn, who match.Joiner) error {
						if who.User == bob.User {
							time.Sleep(time.Minute)
						}
						return nil
					},
				}
				r, _ := live(t, h, tick.Config{}, match.Config{CallTimeout: time.Hour})
				var all sync.WaitGroup
				all.Go(func() {
					_, err := r.JoinOrCreate(t.Context(), want("ann", ""))
					assert.NoError(t, err)
				})
				if synctest.Wait(); !early {
					all.Wait()
				}
				tired := errors.New("tired")
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, tired)
				defer cancel()
				_, err := r.JoinOrCreate(ctx, want("bob", ""))
				require.ErrorIs(t, err, tired)
				pause(time.Hour)
				require.Equal(t, 1, r.Len())
			})
		})
	}
}

// A creator who gives up while Init runs leaves a match behind, in which no seat is kept for it.
func TestCreatorMayGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &script{init: func(context.Context, match.Params) (match.Settings, error) {
			time.Sleep(time.Minute)
			return match.Settings{Capacity: 1}, nil
		}}
		r, _ := live(t, h, tick.Config{}, match.Config{CallTimeout: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := r.JoinOrCreate(ctx, want("ann", ""))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		_, err = r.JoinOrCreate(t.Context(), want("bob", ""))
		require.NoError(t, err)
		require.Equal(t, 1, r.Len())
	})
}
