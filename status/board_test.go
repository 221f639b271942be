package status_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/status"
)

// session makes a session "user/n".
func session(user, n string) presence.Presence {
	return presence.Presence{User: user, Session: user + "/" + n, Username: "n-" + user}
}

var ann, bob, cid = session("ann", "1"), session("bob", "1"), session("cid", "1")

// recorder is an Outbox that writes down what each session gets.
type recorder struct {
	mu  sync.Mutex
	got map[string][]string
}

func (r *recorder) note(session, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.got == nil {
		r.got = make(map[string][]string)
	}
	r.got[session] = append(r.got[session], text)
}

func (r *recorder) StatusPresence(to []presence.Presence, now, before []status.Presence) {
	for _, p := range to {
		r.note(p.Session, strings.TrimSpace(signed("+", now)+signed("-", before)))
	}
}

func (r *recorder) Flush(to []presence.Presence) {
	for _, p := range to {
		r.note(p.Session, "|")
	}
}

func signed(sign string, all []status.Presence) string {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, " %s%s=%q", sign, p.Session, p.Text)
	}
	return b.String()
}

// take returns what a session got since the last take; flushes are bars.
func (r *recorder) take(p presence.Presence) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := strings.Join(r.got[p.Session], " ")
	delete(r.got, p.Session)
	return got
}

// world is a Board with its surroundings.
type world struct {
	*status.Board
	*recorder
	t *testing.T
}

func newWorld(t *testing.T, c status.Config, who ...presence.Presence) *world {
	t.Helper()
	w := &world{t: t, recorder: &recorder{}}
	c.Outbox = w.recorder
	var err error
	w.Board, err = status.New(c)
	require.NoError(t, err)
	for _, p := range who {
		w.Enter(p)
	}
	return w
}

func (w *world) show(p presence.Presence, text string) {
	w.t.Helper()
	require.NoError(w.t, w.Set(p.Session, &text, func() { w.note(p.Session, "ok") }))
}

func (w *world) hide(p presence.Presence) {
	w.t.Helper()
	require.NoError(w.t, w.Set(p.Session, nil, func() { w.note(p.Session, "ok") }))
}

// follow returns what the reply shows.
func (w *world) follow(p presence.Presence, users ...string) string {
	w.t.Helper()
	var shown string
	require.NoError(w.t, w.Follow(p.Session, users, func(all []status.Presence) {
		shown = strings.TrimSpace(signed("", all))
	}))
	return shown
}

func TestNewRefusesAWrongConfig(t *testing.T) {
	for name, c := range map[string]status.Config{
		"no outbox":       {},
		"negative number": {Outbox: &recorder{}, MaxFollowed: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := status.New(c)
			require.ErrorContains(t, err, "status: ")
		})
	}
}

func TestASessionSeesItself(t *testing.T) {
	w := newWorld(t, status.Config{}, ann)
	w.Enter(ann)
	require.False(t, w.Online("ann"))
	w.hide(ann)
	require.Equal(t, "ok", w.take(ann), "hidden is hidden")
	w.show(ann, "")
	require.Equal(t, `ok +ann/1="" |`, w.take(ann), "the reply comes first")
	require.True(t, w.Online("ann"))
	w.show(ann, "fishing")
	require.Equal(t, `ok +ann/1="fishing" -ann/1="" |`, w.take(ann), "how it is and how it was, in one event")
	w.show(ann, "fishing")
	require.Equal(t, `ok +ann/1="fishing" -ann/1="fishing" |`, w.take(ann))
	w.hide(ann)
	require.Equal(t, `ok -ann/1="fishing" |`, w.take(ann))
	require.False(t, w.Online("ann"))
}

func TestFollow(t *testing.T) {
	w := newWorld(t, status.Config{}, ann, bob, cid)
	w.show(bob, "here")
	require.Equal(t, `bob/1="here"`, w.follow(ann, "bob", "ann", "bob", "cid", "nobody"))
	w.show(bob, "there")
	require.Equal(t, `+bob/1="there" -bob/1="here" |`, w.take(ann))
	w.show(cid, "")
	require.Equal(t, `+cid/1="" |`, w.take(ann))
	require.Equal(t, `bob/1="there" cid/1=""`, w.follow(ann, "bob", "cid"), "again shows how they are now")
	w.hide(bob)
	require.Equal(t, `-bob/1="there" |`, w.take(ann), "and is told once")

	w.Unfollow(ann.Session, []string{"cid", "ann", "nobody"})
	w.hide(cid)
	require.Empty(t, w.take(ann))
	w.show(ann, "")
	require.Equal(t, `ok +ann/1="" |`, w.take(ann), "oneself cannot be unfollowed")
	require.NoError(t, w.Follow(ann.Session, nil, nil))
}

func TestTwoSessionsOfOneUser(t *testing.T) {
	phone := session("ann", "2")
	w := newWorld(t, status.Config{}, ann, phone, bob)
	w.follow(bob, "ann")
	w.show(phone, "out")
	require.Equal(t, `+ann/2="out" |`, w.take(ann))
	w.show(ann, "in")
	w.take(bob)
	require.Equal(t, `ann/2="out" ann/1="in"`, w.follow(bob, "ann"))
	w.LeaveAll(phone.Session)
	require.Equal(t, `-ann/2="out" |`, w.take(bob))
	require.True(t, w.Online("ann"))
	w.LeaveAll(ann.Session)
	require.False(t, w.Online("ann"))
}

func TestLeaveAll(t *testing.T) {
	w := newWorld(t, status.Config{}, ann, bob)
	w.follow(ann, "bob")
	w.follow(bob, "ann")
	w.show(ann, "here")
	w.take(ann)
	w.take(bob)
	w.LeaveAll(ann.Session)
	w.LeaveAll(ann.Session)
	require.Equal(t, `-ann/1="here" |`, w.take(bob))
	w.show(bob, "")
	require.Empty(t, w.take(ann), "who is gone follows nobody")

	text := ""
	require.ErrorIs(t, w.Set(ann.Session, &text, nil), status.ErrNoSession)
	require.ErrorIs(t, w.Follow(ann.Session, []string{"bob"}, nil), status.ErrNoSession)
	w.Unfollow(ann.Session, []string{"bob"})
	w.LeaveAll(bob.Session)
	require.False(t, w.Online("bob"))
}

func TestLimits(t *testing.T) {
	w := newWorld(t, status.Config{MaxFollowed: 3}, ann)
	text := strings.Repeat("x", status.MaxText)
	w.show(ann, text)
	text += "x"
	require.ErrorIs(t, w.Set(ann.Session, &text, nil), status.ErrTooLong)

	w.follow(ann, "a", "b", "b", "ann")
	err := w.Follow(ann.Session, []string{"b", "c", "d"}, func([]status.Presence) { t.Error("accepted") })
	require.ErrorIs(t, err, status.ErrTooMany)
	w.follow(ann, "a", "b", "c")
	w.Unfollow(ann.Session, []string{"a"})
	w.follow(ann, "d")
}

// What nobody needs any more is forgotten: a board is as large as what is on it.
func TestNothingIsLeft(t *testing.T) {
	w := newWorld(t, status.Config{})
	empty := fmt.Sprint(w.Board)
	for i := range 100 {
		p := session(fmt.Sprint("user", i), "1")
		w.Enter(p)
		w.follow(p, "ann", fmt.Sprint("user", i+1), fmt.Sprint("user", i-1))
		w.show(p, "")
	}
	for i := range 100 {
		w.LeaveAll(fmt.Sprintf("user%d/1", i))
	}
	require.Equal(t, empty, fmt.Sprint(w.Board))
}

// Sessions come, follow each other, change and go, all at once: the race detector looks on, and what a follower hears of
// one session fits together.
func TestEverythingAtOnce(t *testing.T) {
	const users = 5
	w := newWorld(t, status.Config{})
	watcher := session("watcher", "1")
	w.Enter(watcher)
	var all []string
	for g := range users {
		all = append(all, fmt.Sprint(g))
	}
	w.follow(watcher, all...)
	var wg sync.WaitGroup
	for g := range users {
		wg.Go(func() {
			for i := range 50 {
				me := session(fmt.Sprint(g), fmt.Sprint(i))
				w.Enter(me)
				if err := w.Follow(me.Session, all, nil); err != nil {
					t.Error(err)
				}
				for n := range 3 {
					text := fmt.Sprint(n)
					if err := w.Set(me.Session, &text, nil); err != nil {
						t.Error(err)
					}
					assert.True(t, w.Online(me.User))
				}
				w.Unfollow(me.Session, all[:2])
				w.LeaveAll(me.Session)
				assert.False(t, w.Online(me.User))
			}
		})
	}
	wg.Wait()
	heard := strings.ReplaceAll(w.take(watcher), " |", "")
	for g := range users {
		for i := range 50 {
			me := fmt.Sprintf("%d/%d", g, i)
			var last string
			for word := range strings.FieldsSeq(heard) {
				sign, text, ok := strings.Cut(word, me+"=")
				if !ok || len(sign) != 1 {
					continue
				}
				last += sign + strings.Trim(text, `"`)
			}
			require.Equal(t, "+0+1-0+2-1-2", last, me)
		}
	}
}

// A session that ends while it follows and shows itself leaves nothing behind.
func TestLeavingMeetsEverythingElse(t *testing.T) {
	w := newWorld(t, status.Config{})
	empty := fmt.Sprint(w.Board)
	for i := range 200 {
		me := session("me", fmt.Sprint(i))
		w.Enter(me)
		var wg sync.WaitGroup
		wg.Go(func() { w.LeaveAll(me.Session) })
		wg.Go(func() { _ = w.Follow(me.Session, []string{"ann", "bob"}, nil) })
		wg.Go(func() {
			text := "x"
			_ = w.Set(me.Session, &text, nil)
		})
		wg.Wait()
		require.False(t, w.Online("me"))
	}
	require.Equal(t, empty, fmt.Sprint(w.Board))
}
