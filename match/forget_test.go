package match

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// fickle is a match whose label is what the last signal said.
type fickle struct{ NopHandler[struct{}] }

func (fickle) Init(context.Context, Params) (s struct{}, set Settings, err error) {
	return s, Settings{Every: time.Second, EmptyAfter: time.Minute}, nil
}

func (fickle) Loop(context.Context, *Dispatcher, tick.Tick, *struct{}, []Message) error { return nil }

func (fickle) Signal(_ context.Context, d *Dispatcher, _ tick.Tick, _ *struct{}, label string) (string, error) {
	return "", d.SetLabel(label)
}

// What labels, queries and matches there have been leaves nothing behind.
func TestWhatIsOverIsForgotten(t *testing.T) {
	clock := tick.NewManual(time.Now())
	r, err := New(Config{Source: clock})
	require.NoError(t, err)
	Register(r, "fickle", fickle{})
	id, err := r.Create(t.Context(), "fickle", nil)
	require.NoError(t, err)
	list := func() int {
		p, err := r.List(ListRequest{Query: "label.x:1", Limit: 1})
		require.NoError(t, err)
		return len(p.Matches)
	}
	require.Zero(t, list())
	fields := len(r.index.fields)
	for n := range 100 {
		_, err = r.Signal(t.Context(), id, fmt.Sprintf(`{"field%d":%d}`, n, n))
		require.NoError(t, err)
		require.Zero(t, list())
		who := presence.Presence{User: fmt.Sprint(n), Session: fmt.Sprint(n)}
		_, err := r.JoinOrCreate(t.Context(), JoinOrCreateRequest{
			Handler: "fickle", Query: fmt.Sprintf("label.game:%d", n), Who: Joiner{Presence: who},
		})
		require.NoError(t, err)
	}
	require.Len(t, r.index.fields, fields+1, "fields of labels")
	require.Empty(t, r.gates, "callers of JoinOrCreate")
	for n := range 100 {
		for _, m := range r.matches {
			_ = r.Leave(m.id, fmt.Sprint(n), Left)
		}
	}
	clock.Advance(time.Minute)
	require.Empty(t, r.matches)
	require.Zero(t, list())
	require.Zero(t, r.index.live.Len())
	require.Empty(t, r.index.changed)
	require.Empty(t, r.index.fields)
}
