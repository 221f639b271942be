package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

type still struct{ match.NopHandler[struct{}] }

func (still) Init(context.Context, match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: match.PerSecond(10), Label: `{"mode":"bench"}`}, nil
}

func (still) Loop(context.Context, *match.Dispatcher, tick.Tick, *struct{}, []match.Message) error {
	return nil
}

// BenchmarkSecond is what one second costs of somebody watching 2,000 matches of four players.
func BenchmarkSecond(b *testing.B) {
	clock := tick.NewManual(time.Now())
	matches, err := match.New(match.Config{Source: clock})
	require.NoError(b, err)
	match.Register(matches, "still", still{})
	for i := range 2000 {
		id, err := matches.Create(b.Context(), "still", nil)
		require.NoError(b, err)
		for j := range 4 {
			who := presence.Presence{Session: fmt.Sprint(i, " ", j)}
			require.NoError(b, matches.Join(b.Context(), match.JoinRequest{ID: id, Who: match.Joiner{Presence: who}}))
		}
	}
	clock.Advance(time.Second)
	s := &sampler{matches: matches}
	v := &viewer{page: &page{}, query: url.Values{}}
	b.ReportAllocs()
	for now := time.Now(); b.Loop(); now = now.Add(time.Second) {
		v.matches(s.collect(now))
	}
}
