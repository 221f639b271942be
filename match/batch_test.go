package match_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// busyWhile plays a match that is busy while others call it, each a little later than the one before, and returns what
// came of all these calls at its next turn. A call is a session that joins, one with a "-" that leaves, with a "!" that
// is kicked, with a "*" that returns, or "signal".
func busyWhile(t *testing.T, h *holder, out *journal, calls ...string) []string {
	t.Helper()
	signal := func(c turn, data string) (string, error) {
		if data == "busy" {
			time.Sleep(time.Second)
			out.take()
		} else {
			out.add("signal among %s", names(c.Members()))
		}
		return "", nil
	}
	h.set.Every, h.signal = time.Hour, signal
	r, stop := live(t, h, tick.Config{}, match.Config{Outbox: out})
	id := create(t, r)
	require.NoError(t, r.Join(t.Context(), seat(id, ann)))
	var callers sync.WaitGroup
	for i, call := range append([]string{"busy"}, calls...) {
		callers.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			name, leaves := strings.CutPrefix(call, "-")
			kicked, kicks := strings.CutPrefix(call, "!")
			returned, returns := strings.CutPrefix(call, "*")
			switch {
			case call == "signal" || call == "busy":
				_, _ = r.Signal(t.Context(), id, call)
			case leaves:
				require.NoError(t, r.Leave(id, name, match.Left))
			case kicks:
				require.NoError(t, r.Kick(id, who(kicked)))
			case returns:
				_ = r.Join(t.Context(), seat(id, again(who(returned))))
			default:
				q := seat(id, who(call))
				q.Accepted = func(j match.Joined) { out.add("reply to %s beside %s", j.Self.Session, names(j.Members)) }
				_ = r.Join(t.Context(), q)
			}
		})
	}
	callers.Wait()
	synctest.Wait() // who has the answer may be ahead of the Join
	lines := out.take()
	stop()
	return lines
}

// telling is a handler that writes down what it is called with.
func telling(out *journal) *holder {
	h := &holder{
		hold: func(turn, presence.Presence) (time.Duration, error) { return time.Hour, nil },
		takeBack: func(_ turn, old, now presence.Presence) error {
			out.add("return of %s as %s", old.Session, now.Session)
			return nil
		},
	}
	h.attempt = func(c turn, who match.Joiner) error {
		out.add("attempt %s among %s", who.Session, names(c.Members()))
		return nil
	}
	h.join = func(c turn, who []presence.Presence) error {
		out.add("join %s among %s", names(who), names(c.Members()))
		return nil
	}
	h.leave = func(c turn, gone []match.Departure) error { out.add("leave %s", sessions(gone)); return nil }
	return h
}

func without(lines []string, prefix string) (out []string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, prefix) {
			out = append(out, line)
		}
	}
	return out
}

func TestJoinsThatWaitAreOneJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &journal{}
		h := telling(out)
		h.set.Capacity = 4
		got := busyWhile(t, h, out, "bob", "cid", "dan", "eve")
		require.Equal(t, []string{
			"attempt bob among ann", "reply to bob beside ann", "presence +bob - to ann,bob",
			"attempt cid among ann,bob", "reply to cid beside ann,bob", "presence +cid - to ann,bob,cid",
			"attempt dan among ann,bob,cid", "reply to dan beside ann,bob,cid", "presence +dan - to ann,bob,cid,dan",
			"join bob,cid,dan among ann,bob,cid,dan",
		}, without(got, "flush"), "eve finds it full")
	})
}

// Whatever comes between joins keeps its place, and finds that all members have had their Join.
func TestWhatEndsABatchOfJoins(t *testing.T) {
	for name, c := range map[string]struct {
		calls []string
		want  string
	}{
		"signal": {
			[]string{"bob", "cid", "signal", "dan"},
			"attempt bob, attempt cid, join bob,cid, signal, attempt dan, join dan",
		},
		"leave": {
			[]string{"bob", "cid", "-bob", "dan"},
			"attempt bob, attempt cid, join bob,cid, leave bob left, attempt dan, join dan",
		},
		"leave of a member": {
			[]string{"bob", "-ann", "cid"},
			"attempt bob, join bob, leave ann left, attempt cid, join cid",
		},
		"kick": {
			[]string{"bob", "!bob", "cid"},
			"attempt bob, join bob, leave bob kicked, attempt cid, join cid",
		},
		"return": {
			[]string{"bob", "*ann", "cid"},
			"attempt bob, join bob, return of ann as ann2, attempt cid, join cid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &journal{}
				var got []string
				for _, line := range busyWhile(t, telling(out), out, c.calls...) {
					line, _, _ = strings.Cut(line, " among")
					if !strings.HasPrefix(line, "flush") && !strings.HasPrefix(line, "presence") && !strings.HasPrefix(line, "reply") {
						got = append(got, line)
					}
				}
				require.Equal(t, c.want, strings.Join(got, ", "))
			})
		})
	}
}

func TestAttemptInABatchActs(t *testing.T) {
	t.Run("it kicks one of the batch", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			out := &journal{}
			h := telling(out)
			h.attempt = func(c turn, who match.Joiner) error {
				if who.Session == "cid" {
					return c.Kick(bob)
				}
				return nil
			}
			got := without(without(busyWhile(t, h, out, "bob", "cid", "dan"), "flush"), "presence")
			require.Equal(t, []string{
				"reply to bob beside ann", "join bob among ann,bob", "leave bob kicked",
				"reply to cid beside ann", "reply to dan beside ann,cid", "join cid,dan among ann,cid,dan",
			}, got)
		})
	})
	t.Run("it ends the match", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			out := &journal{}
			h := telling(out)
			h.attempt = func(_ turn, who match.Joiner) error {
				if who.Session == "cid" {
					return match.ErrEnd
				}
				return nil
			}
			got := without(busyWhile(t, h, out, "bob", "cid", "dan"), "flush")
			require.Equal(t, []string{
				"reply to bob beside ann", "presence +bob - to ann,bob", "ended (<nil>) to ann,bob",
			}, got, "bob has no Join, and like all members no Leave")
		})
	})
}

func TestManyJoinsWhileBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &journal{}
		h := telling(out)
		var players []string
		for i := range 100 {
			players = append(players, fmt.Sprintf("p%02d", i))
		}
		joins := 0
		for _, line := range busyWhile(t, h, out, players...) {
			if rest, ok := strings.CutPrefix(line, "join "); ok {
				joins++
				require.Equal(t, strings.Join(players, ","), strings.Split(rest, " ")[0])
			}
		}
		require.Equal(t, 1, joins)
	})
}
