package roster_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/shoal-go/shoal/internal/roster"
	"github.com/shoal-go/shoal/presence"
)

func who(session string) presence.Presence {
	return presence.Presence{User: "u-" + session, Session: session, Username: "n-" + session}
}

func of(sessions ...string) *roster.Roster {
	r := &roster.Roster{}
	for _, s := range sessions {
		r.Join(who(s))
	}
	return r
}

func sessions(all []presence.Presence) []string {
	names := []string{}
	for _, p := range all {
		names = append(names, p.Session)
	}
	return names
}

func TestZeroRosterIsEmpty(t *testing.T) {
	var r roster.Roster
	require.Zero(t, r.Len())
	require.Empty(t, r.All())
	_, ok := r.Index("a")
	require.False(t, ok)
	_, ok = r.Leave("a")
	require.False(t, ok)
	_, ok = r.Replace("a", who("b"))
	require.False(t, ok)
	require.Empty(t, r.AppendOthers(nil, "a"))
}

func TestJoinKeepsTheOrderAndTheFirstPresenceOfASession(t *testing.T) {
	r := of("c", "a", "b")
	require.False(t, r.Join(presence.Presence{User: "other", Session: "a"}))
	require.Equal(t, []presence.Presence{who("c"), who("a"), who("b")}, r.All())
	require.Equal(t, 3, r.Len())
}

func TestLeaveKeepsTheOrderOfTheOthers(t *testing.T) {
	for _, test := range []struct {
		leaves string
		want   []string
	}{
		{"a", []string{"b", "c", "d"}},
		{"b", []string{"a", "c", "d"}},
		{"d", []string{"a", "b", "c"}},
	} {
		t.Run(test.leaves, func(t *testing.T) {
			r := of("a", "b", "c", "d")
			gone, ok := r.Leave(test.leaves)
			require.True(t, ok)
			require.Equal(t, who(test.leaves), gone)
			require.Equal(t, test.want, sessions(r.All()))
			_, ok = r.Leave(test.leaves)
			require.False(t, ok, "it has left")

			require.True(t, r.Join(who(test.leaves)))
			require.Equal(t, append(test.want, test.leaves), sessions(r.All()), "who comes back is the newest")
		})
	}
}

func TestReplaceKeepsThePlace(t *testing.T) {
	r := of("a", "b", "c")

	old, ok := r.Replace("b", who("x"))
	require.True(t, ok)
	require.Equal(t, who("b"), old)
	require.Equal(t, []string{"a", "x", "c"}, sessions(r.All()))
	_, ok = r.Index("b")
	require.False(t, ok)

	renamed := who("x")
	renamed.Username = "renamed"
	old, ok = r.Replace("x", renamed)
	require.True(t, ok, "the same session may change")
	require.Equal(t, who("x"), old)
	require.Equal(t, renamed, r.All()[1])

	_, ok = r.Replace("x", who("c"))
	require.False(t, ok, "c is a member already")
	_, ok = r.Replace("b", who("y"))
	require.False(t, ok, "b is no member")
	require.Equal(t, []string{"a", "x", "c"}, sessions(r.All()))
}

func TestAppendOthers(t *testing.T) {
	r := of("a", "b", "c")
	require.Equal(t, []string{"z", "a", "c"}, sessions(r.AppendOthers([]presence.Presence{who("z")}, "b")))
	require.Equal(t, []string{"a", "b", "c"}, sessions(r.AppendOthers(nil, "x")))
}

func TestAppendingToAllDoesNotChangeTheRoster(t *testing.T) {
	r := of("a", "b", "c")
	r.Leave("c") // leaves room behind b
	_ = append(r.All(), who("x"))
	r.Join(who("d"))
	require.Equal(t, []string{"a", "b", "d"}, sessions(r.All()))
}

func TestBroadcastAllocatesNothing(t *testing.T) {
	r := of("a", "b", "c")
	scratch := make([]presence.Presence, 0, 8)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for i := range r.All() {
			scratch = r.AppendOthers(scratch[:0], r.All()[i].Session)
		}
	}))
}

// A slice that is searched from the front is the plainest roster there is.
func TestRosterIsLikeASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r roster.Roster
		var model []presence.Presence
		find := func(s string) int {
			return slices.IndexFunc(model, func(p presence.Presence) bool { return p.Session == s })
		}
		session := rapid.Map(rapid.IntRange(0, 7), strconv.Itoa)
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				s := session.Draw(t, "session")
				fresh := find(s) < 0
				require.Equal(t, fresh, r.Join(who(s)))
				if fresh {
					model = append(model, who(s))
				}
			},
			"leave": func(t *rapid.T) {
				s := session.Draw(t, "session")
				i := find(s)
				_, ok := r.Leave(s)
				require.Equal(t, i >= 0, ok)
				if ok {
					model = slices.Delete(model, i, i+1)
				}
			},
			"replace": func(t *rapid.T) {
				s, by := session.Draw(t, "session"), session.Draw(t, "by")
				i, j := find(s), find(by)
				_, ok := r.Replace(s, who(by))
				require.Equal(t, i >= 0 && (j < 0 || i == j), ok)
				if ok {
					model[i] = who(by)
				}
			},
			"": func(t *rapid.T) {
				require.Equal(t, sessions(model), sessions(r.All()))
				require.Equal(t, len(model), r.Len())
				for i, p := range model {
					at, ok := r.Index(p.Session)
					require.True(t, ok)
					require.Equal(t, i, at)
				}
			},
		})
	})
}
