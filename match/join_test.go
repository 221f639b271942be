package match_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

func TestJoinIsATransactionInThisOrder(t *testing.T) {
	var w *world
	w = newWorld(t, &script{
		set: match.Settings{Label: "lobby"},
		attempt: func(c turn, who match.Joiner) error {
			w.add("attempt %s, members %s", who.Session, names(c.Members()))
			return nil
		},
		join: func(c turn, who []presence.Presence) error {
			w.add("join %s, members %s", names(who), names(c.Members()))
			return c.Broadcast(match.Outgoing{Op: 1})
		},
	}, match.Config{})
	id := w.create(ann)
	q := seat(id, bob)
	q.Accepted = func(j match.Joined) {
		w.add("accepted %s, label %s, others %s, again %t", j.Self.Session, j.Label, names(j.Members), j.Again)
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Equal(t, 2, info.Size, "the seat is taken")
	}
	require.NoError(t, w.Join(t.Context(), q))
	require.Equal(t, []string{
		"attempt bob, members ann",
		"accepted bob, label lobby, others ann, again false",
		"presence +bob - to ann,bob",
		"join bob, members ann,bob",
		`data 1 "" to ann,bob`,
		"flush ann,bob",
	}, w.take())
}

func TestJoinAttemptSeesWhatTheClientSent(t *testing.T) {
	want := match.Joiner{
		Presence: ann, Meta: map[string]string{"team": "red"}, Vars: map[string]string{"v": "1"},
		Expires: noon.Add(time.Hour), Addr: netip.MustParseAddr("192.0.2.1"),
	}
	var got match.Joiner
	w := newWorld(t, &script{attempt: func(_ turn, who match.Joiner) error { got = who; return nil }}, match.Config{})
	require.NoError(t, w.Join(t.Context(), match.JoinRequest{ID: w.create(), Who: want}))
	require.Equal(t, want, got)
}

func TestRefusedJoin(t *testing.T) {
	broken := errors.New("database is down")
	for _, c := range []struct {
		name  string
		err   error
		check func(t *testing.T, err error)
	}{
		{"with a reason for the player", match.Reject("full up"), func(t *testing.T, err error) {
			rejected, ok := errors.AsType[*match.RejectError](err)
			require.True(t, ok)
			require.Equal(t, "full up", rejected.Reason)
			require.EqualError(t, err, "match: join rejected: full up")
		}},
		{"by a failure that is not for the player", broken, func(t *testing.T, err error) {
			require.ErrorIs(t, err, broken)
			_, ok := errors.AsType[*match.RejectError](err)
			require.False(t, ok)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := &journal{}
			w := newWorld(t, &script{attempt: func(_ turn, who match.Joiner) error {
				if who.Session == "ann" {
					return nil
				}
				return c.err
			}}, match.Config{Outbox: j, Hooks: match.Hooks{Refused: j.hooks().Refused}})
			id := w.create(ann)
			j.take()
			q := seat(id, bob)
			q.Accepted = func(match.Joined) { t.Error("refused, and accepted") }
			c.check(t, w.Join(t.Context(), q))
			require.Equal(t, []string{"hook refused bob (" + c.err.Error() + ")"}, j.take(), "nobody is told")
			info, err := w.Get(id)
			require.NoError(t, err, "the match goes on")
			require.Equal(t, 1, info.Size)
			require.ErrorIs(t, w.Leave(id, "bob", match.Left), match.ErrNotMember)
		})
	}
}

func TestCapacity(t *testing.T) {
	attempts := 0
	w := newWorld(t, &script{
		set:     match.Settings{Capacity: 2},
		attempt: func(turn, match.Joiner) error { attempts++; return nil },
	}, match.Config{})
	id := w.create(ann, bob)
	require.ErrorIs(t, w.join(id, cid), match.ErrFull)
	require.Equal(t, 2, attempts, "a full match is not asked")
	require.NoError(t, w.Leave(id, "ann", match.Left))
	require.NoError(t, w.join(id, cid), "a seat that was left is free again")
}

func TestSessionThatIsInIsAcceptedAgainWithoutCallbacks(t *testing.T) {
	calls := 0
	w := newWorld(t, &script{
		set:     match.Settings{Capacity: 3}, // there would be room
		attempt: func(turn, match.Joiner) error { calls++; return nil },
		join:    func(turn, []presence.Presence) error { calls++; return nil },
	}, match.Config{})
	id := w.create(ann, bob)
	calls = 0
	q := seat(id, ann)
	q.Accepted = func(j match.Joined) {
		w.add("accepted %s, all %s, again %t", j.Self.Session, names(j.Members), j.Again)
	}
	require.NoError(t, w.Join(t.Context(), q))
	require.Zero(t, calls)
	require.Equal(t, []string{"accepted ann, all ann,bob, again true", "flush ann"}, w.take(), "the reply leaves at once")
}

func TestWhoHasNoSessionCannotComeIn(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{})
	id := w.create()
	nobody, sink := bot(id, presence.Presence{User: "u-ann"})
	require.ErrorIs(t, w.Join(t.Context(), nobody), match.ErrNoSession)
	require.ErrorIs(t, w.Watch(t.Context(), nobody, 0), match.ErrNoSession)
	_, err := w.JoinOrCreate(t.Context(), match.JoinOrCreateRequest{Handler: "m", Query: "+label.x:1", Who: nobody.Who, Sink: sink})
	require.ErrorIs(t, err, match.ErrNoSession)
	require.Equal(t, 1, w.Len(), "no match was made for nobody")
	nobody.Who.Presence = ann
	require.NoError(t, w.Join(t.Context(), nobody), "the sink can still be used")
}

func TestOneUserMayHoldTwoSeats(t *testing.T) {
	w := newWorld(t, &script{}, match.Config{})
	second := ann
	second.Session = "ann on her phone"
	id := w.create(ann, second)
	info, err := w.Get(id)
	require.NoError(t, err)
	require.Equal(t, 2, info.Size)
}

func TestCallerWhoGivesUpBeforeTheSeatLeavesNoTrace(t *testing.T) {
	for _, c := range []struct {
		name     string
		patience time.Duration // of the caller
		busy     time.Duration // how long the match is busy before it sees the join
		attempt  time.Duration // how long JoinAttempt takes
		attempts int
	}{
		{name: "before the call"},
		{name: "while it waits", patience: time.Second, busy: 2 * time.Second},
		{name: "while JoinAttempt runs", patience: time.Second, attempt: 2 * time.Second, attempts: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, attempts := &journal{}, 0
				r, _ := live(t, &script{
					set:     match.Settings{Overrun: match.Skip},
					attempt: func(turn, match.Joiner) error { attempts++; time.Sleep(c.attempt); return nil },
					join:    func(turn, []presence.Presence) error { t.Error("Join was called"); return nil },
					leave:   func(turn, []match.Departure) error { t.Error("Leave was called"); return nil },
					signal:  func(turn, string) (string, error) { time.Sleep(c.busy); return "", nil },
				}, tick.Config{Workers: 1}, match.Config{Outbox: j, Hooks: j.hooks()})
				id := create(t, r)
				go func() { _, _ = r.Signal(t.Context(), id, "") }()
				synctest.Wait()
				j.take()
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				defer cancel()
				q := seat(id, ann)
				q.Accepted = func(match.Joined) { t.Error("accepted") }
				require.ErrorIs(t, r.Join(ctx, q), context.DeadlineExceeded)
				pause(time.Minute)
				require.Equal(t, c.attempts, attempts)
				require.Empty(t, j.take(), "neither hooks nor players hear of it")
				info, err := r.Get(id)
				require.NoError(t, err)
				require.Zero(t, info.Size)
				require.ErrorIs(t, r.Leave(id, "ann", match.Disconnected), match.ErrNotMember)
			})
		})
	}
}

func TestCallerWhoGivesUpAfterTheSeatIsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := live(t, &script{set: match.Settings{Overrun: match.Skip}}, tick.Config{Workers: 1}, match.Config{})
		id := create(t, r)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		q := seat(id, ann)
		q.Accepted = func(match.Joined) { time.Sleep(2 * time.Second) } // it must not, but if it does …
		require.NoError(t, r.Join(ctx, q), "the player has a reply that says so")
		require.Error(t, ctx.Err())
		require.NoError(t, r.Leave(id, "ann", match.Disconnected))
	})
}

func TestJoinGivesUpAfterCallTimeout(t *testing.T) {
	for _, c := range []struct {
		name          string
		timeout, want time.Duration
	}{{"default", 0, 10 * time.Second}, {"set", time.Second, time.Second}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _ := live(t, &script{
					set:  match.Settings{Overrun: match.Skip},
					loop: func(turn, []match.Message) error { time.Sleep(time.Minute); return nil },
				}, tick.Config{}, match.Config{CallTimeout: c.timeout})
				id := create(t, r)
				pause(every) // the loop has begun
				began := time.Now()
				require.ErrorIs(t, r.Join(t.Context(), seat(id, ann)), context.DeadlineExceeded)
				require.Equal(t, c.want, time.Since(began))
				require.ErrorIs(t, r.End(t.Context(), id, 0), context.DeadlineExceeded)
				require.Equal(t, 2*c.want, time.Since(began))
				pause(2 * time.Minute)
				_, err := r.Get(id)
				require.ErrorIs(t, err, match.ErrNotFound, "the end was asked for all the same")
			})
		})
	}
}

func TestADeadlineOfItsOwnBoundsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := live(t, &script{
			set: match.Settings{Overrun: match.Skip},
			loop: func(c turn, _ []match.Message) error {
				if c.tick.N == 0 {
					time.Sleep(time.Minute)
				}
				return nil
			},
		}, tick.Config{}, match.Config{})
		id := create(t, r)
		pause(every)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, r.Join(ctx, seat(id, ann)))
		require.Equal(t, time.Minute, time.Since(began), "CallTimeout is for those without")
	})
}

func TestTooManyWaitingJoinsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan none)
		r, _ := live(t, &script{loop: func(turn, []match.Message) error { <-release; return nil }},
			tick.Config{}, match.Config{})
		id := create(t, r)
		pause(every)
		results := make(chan error, 200)
		for i := range 200 {
			go func() { results <- r.Join(t.Context(), seat(id, who(string(rune('A'+i))))) }()
		}
		synctest.Wait()
		require.Len(t, results, 200-128)
		for range 200 - 128 {
			require.ErrorIs(t, <-results, match.ErrBusy)
		}
		close(release)
		for range 128 {
			require.NoError(t, <-results, "those who waited get in")
		}
	})
}
