package match_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
)

// hooked plays a match in which every hook has its turn.
func hooked(t *testing.T, hooks match.Hooks) {
	t.Helper()
	w := newWorld(t, &script{
		set: match.Settings{Inbox: 1, Capacity: 2},
	}, match.Config{Hooks: hooks})
	id, err := w.Create(t.Context(), "m", nil)
	require.NoError(t, err)
	require.NoError(t, w.join(id, ann))
	require.NoError(t, w.join(id, bob))
	require.Error(t, w.join(id, cid))
	require.NoError(t, w.Send(id, "ann", match.Message{}))
	require.Error(t, w.Send(id, "ann", match.Message{}))
	require.NoError(t, w.Leave(id, "bob", match.Disconnected))
	require.NoError(t, w.End(t.Context(), id, 0))
}

var hookedLines = []string{
	"hook created m", "hook joined ann", "hook joined bob", "hook refused cid (match: full)", "hook dropped ann",
	"hook left bob disconnected", "hook ended m [ann] (match: stopped)",
}

func TestHooks(t *testing.T) {
	j := &journal{}
	hooked(t, j.hooks())
	require.Equal(t, hookedLines, j.take())
}

func TestHooksMayBeNil(t *testing.T) {
	hooked(t, match.Hooks{})
	hooked(t, match.Hooks{}.With(match.Hooks{}))
}

func TestHooksWith(t *testing.T) {
	one, two := &journal{}, &journal{}
	hooked(t, one.hooks().With(match.Hooks{}).With(two.hooks()))
	require.Equal(t, hookedLines, one.take())
	require.Equal(t, hookedLines, two.take())
	hooked(t, match.Hooks{}.With(one.hooks()))
	require.Equal(t, hookedLines, one.take())

	var order []int
	first := match.Hooks{Created: func(match.Info) { order = append(order, 1) }}
	hooked(t, first.With(match.Hooks{Created: func(match.Info) { order = append(order, 2) }}))
	require.Equal(t, []int{1, 2}, order)
}

func TestEndedHookGetsTheRosterAndTheLastInfo(t *testing.T) {
	var got match.Info
	var members []presence.Presence
	w := newWorld(t, &script{set: match.Settings{Label: "x"}}, match.Config{Hooks: match.Hooks{
		Ended: func(i match.Info, roster []presence.Presence, _ error) {
			got, members = i, append(members, roster...)
		},
	}})
	id := w.create(ann, bob)
	require.NoError(t, w.End(t.Context(), id, 0))
	require.Equal(t, match.Info{ID: id, Handler: "m", Label: "x", Size: 2, Every: every, Created: noon}, got)
	require.Equal(t, []presence.Presence{ann, bob}, members)
}
