package match_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/query"
)

func TestList(t *testing.T) {
	h := &script{init: func(_ context.Context, p match.Params) (match.Settings, error) {
		return match.Settings{Label: p.Value.(string), Every: match.PerSecond(60)}, nil
	}}
	w := newWorld(t, h, match.Config{Node: "n1"})
	match.Register(w.Registry, "slow", &script{set: match.Settings{Every: match.PerSecond(1)}})
	names := map[match.ID]string{}
	for i, m := range []struct {
		name, kind, label string
		size              int
	}{
		{"plain", "m", "plain text", 0},
		{"forty", "m", `{"skill":40,"open":true,"baz":2}`, 1},
		{"sixty", "m", `{"skill":60,"open":false,"baz":4}`, 2},
		{"fifty", "m", `{"skill":50,"open":true,"maps":["dust","inferno"],"rules":{"laps":3}}`, 3},
		{"slow", "slow", "", 0},
	} {
		id, err := w.Create(t.Context(), m.kind, m.label)
		require.NoError(t, err)
		names[id] = m.name
		for s := range m.size {
			require.NoError(t, w.join(id, who(fmt.Sprint(i, s))))
		}
		w.clock.Advance(time.Second)
	}
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		name string
		q    match.ListRequest
		want []string
	}{
		{"all, the newest first", match.ListRequest{}, []string{"slow", "fifty", "sixty", "forty", "plain"}},
		{"limit", match.ListRequest{Limit: 2}, []string{"slow", "fifty"}},
		{"limit above", match.ListRequest{Limit: 99, Handler: "slow"}, []string{"slow"}},
		{"kind", match.ListRequest{Handler: "m", Limit: 1}, []string{"fifty"}},
		{"exact label", match.ListRequest{Label: text("plain text")}, []string{"plain"}},
		{"exact JSON label", match.ListRequest{Label: text(`{"skill":40,"open":true,"baz":2}`)}, []string{"forty"}},
		{"empty label", match.ListRequest{Label: text("")}, []string{"slow"}},
		{"no such label", match.ListRequest{Label: text("plain")}, nil},
		{"at least", match.ListRequest{MinSize: 2}, []string{"fifty", "sixty"}},
		{"at most", match.ListRequest{MaxSize: 1}, []string{"slow", "forty", "plain"}},
		{"sizes are looked at before the limit", match.ListRequest{MaxSize: 2, MinSize: 1, Limit: 1}, []string{"sixty"}},
		{"query", match.ListRequest{Query: "+label.skill:>=50"}, []string{"fifty", "sixty"}},
		{"query and limit", match.ListRequest{Query: "+label.skill:>=40", Limit: 2}, []string{"fifty", "sixty"}},
		{"boolean", match.ListRequest{Query: "+label.open:T"}, []string{"fifty", "forty"}},
		{"element of an array", match.ListRequest{Query: "+label.maps:inferno"}, []string{"fifty"}},
		{"nested", match.ListRequest{Query: "+label.rules.laps:3"}, []string{"fifty"}},
		{
			"score before age",
			match.ListRequest{Query: "+label.skill:* label.baz:*"},
			[]string{"sixty", "forty", "fifty"},
		},
		{"query and label", match.ListRequest{Query: "+label.skill:*", Label: text(`{"skill":40,"open":true,"baz":2}`)}, []string{"forty"}},
		{"query or label", match.ListRequest{Query: "+label.skill:60", Label: text("x")}, nil},
		{"query and size", match.ListRequest{Query: "+label.skill:*", MaxSize: 2}, []string{"sixty", "forty"}},
		{"whole label", match.ListRequest{Query: `+label_string:"plain text"`}, []string{"plain"}},
		{"handler_name", match.ListRequest{Query: "+handler_name:slow"}, []string{"slow"}},
		{"node", match.ListRequest{Query: "+node:n1", Limit: 1}, []string{"slow"}},
		{"tick_rate as it was asked for", match.ListRequest{Query: "+tick_rate:60 -label.skill:*"}, []string{"plain"}},
		{
			"create_time",
			match.ListRequest{Query: fmt.Sprintf("+create_time:>%d", noon.Add(2*time.Second).UnixMilli())},
			[]string{"slow", "fifty"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, err := w.List(c.q)
			require.NoError(t, err)
			require.NotNil(t, page.Matches)
			var got []string
			for _, i := range page.Matches {
				got = append(got, names[i.ID])
			}
			require.Equal(t, c.want, got)
		})
	}
	t.Run("bad query", func(t *testing.T) {
		_, err := w.List(match.ListRequest{Query: `"`})
		var syntax *query.SyntaxError
		require.ErrorAs(t, err, &syntax)
	})
}

func TestSearchSeesTheNewLabel(t *testing.T) {
	w := newWorld(t, &script{
		set:    match.Settings{Label: `{"round":1}`},
		signal: func(c turn, label string) (string, error) { return "", c.SetLabel(label) },
	}, match.Config{})
	id := w.create()
	found := func(q string) int {
		page, err := w.List(match.ListRequest{Query: q})
		require.NoError(t, err)
		return len(page.Matches)
	}
	require.Equal(t, 1, found("+label.round:1"))
	_, err := w.Signal(t.Context(), id, `{"round":2}`)
	require.NoError(t, err)
	require.Zero(t, found("+label.round:1"))
	require.Equal(t, 1, found("+label.round:2"))
	require.NoError(t, w.End(t.Context(), id, 0))
	require.Zero(t, found(""), "an ended match takes no place in a list")
}

func TestListOpenSeats(t *testing.T) {
	for _, c := range []struct {
		capacity, members, reserved int
		open                        int
		listed                      bool
	}{
		{2, 1, 0, 1, true},
		{2, 1, 0, 2, false},
		{2, 2, 0, 1, false},
		{2, 1, 1, 1, false},
		{2, 2, 0, 0, true},
		{0, 2, 2, 100, true},
		{3, 1, 1, 1, true},
	} {
		w := newWorld(t, &script{set: match.Settings{Capacity: c.capacity}}, match.Config{})
		id := w.create([]presence.Presence{ann, bob}[:c.members]...)
		require.NoError(t, w.reserve(id, time.Minute, []presence.Presence{cid, dan}[:c.reserved]...))
		page, err := w.List(match.ListRequest{Open: c.open})
		require.NoError(t, err)
		require.Equal(t, c.listed, len(page.Matches) == 1, "%+v", c)
		info, err := w.Get(id)
		require.NoError(t, err)
		require.Equal(t, c.members+c.reserved, info.Taken)
		require.Equal(t, c.capacity, info.Capacity)
	}
}
