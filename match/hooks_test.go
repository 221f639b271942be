package match_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
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

func TestHooksWithJoinsAllFields(t *testing.T) {
	calls := 0
	one := match.Hooks{
		Created: func(match.Info) { calls++ },
		Ended:   func(match.Info, []presence.Presence, error) { calls++ },
		Joined:  func(match.ID, presence.Presence) { calls++ },
		Refused: func(match.ID, presence.Presence, error) { calls++ },
		Left:    func(match.ID, match.Departure) { calls++ },
		Held:    func(match.ID, presence.Presence, time.Duration) { calls++ },
		Tick:    func(match.ID, tick.Tick, time.Duration) { calls++ },
		Slow:    func(match.ID, string, time.Duration) { calls++ },
		Dropped: func(match.ID, presence.Presence, match.Drop, int) { calls++ },
	}
	require.Equal(t, 9, reflect.TypeFor[match.Hooks]().NumField(), "a new hook has to be joined too")
	both := one.With(one)
	both.Created(match.Info{})
	both.Ended(match.Info{}, nil, nil)
	both.Joined("", ann)
	both.Refused("", ann, nil)
	both.Left("", match.Departure{})
	both.Held("", ann, 0)
	both.Tick("", tick.Tick{}, 0)
	both.Slow("", "", 0)
	both.Dropped("", ann, 0, 1)
	require.Equal(t, 18, calls)
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
	require.Equal(t, match.Info{ID: id, Handler: "m", Label: "x", Size: 2, Taken: 2, Every: every, Created: noon}, got)
	require.Equal(t, []presence.Presence{ann, bob}, members)
}
