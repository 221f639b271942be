package prom_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/metrics/prom"
	"github.com/shoal-go/shoal/tick"
)

func Example() {
	metrics, err := prom.New(prom.Config{})
	if err != nil {
		panic(err)
	}
	clock := tick.NewManual(time.Now())
	matches, err := match.New(match.Config{Source: clock, Hooks: metrics.Match()})
	if err != nil {
		panic(err)
	}
	match.Register(matches, "game", game{})
	if _, err := matches.Create(context.Background(), "game", nil); err != nil {
		panic(err)
	}
	clock.Advance(time.Minute)

	page := httptest.NewRecorder()
	metrics.Handler(prom.Domains{Matches: matches}).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(page.Body.String()) {
		if strings.HasPrefix(line, "shoal_match_tick_duration_seconds_count") {
			fmt.Print(line)
		}
	}
	// Output:
	// shoal_match_tick_duration_seconds_count{handler="game"} 600
	// shoal_match_tick_duration_seconds_count{handler="other"} 0
}
