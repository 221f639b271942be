package prom_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/metrics/prom"
	"github.com/shoal-go/shoal/transport"
)

// build is the host of docs/metrics.md.
func build(out outbox, mux *http.ServeMux) error {
	metrics, err := prom.New(prom.Config{})
	if err != nil {
		return err
	}
	sessions := transport.NewSessions(transport.Config{Hooks: metrics.Transport()})
	matches, err := match.New(match.Config{Outbox: out, Hooks: metrics.Match()})
	if err != nil {
		return err
	}
	queue, err := matchmaker.New(matchmaker.Config{Outbox: out, Hooks: metrics.Matchmaker()})
	if err != nil {
		return err
	}
	mux.Handle("/metrics", metrics.Handler(prom.Domains{Matches: matches, Matchmaker: queue}))
	return sessions.Shutdown(context.Background(), transport.CloseGoingAway, "")
}

// outbox is what the gateway's is, as far as this host needs it.
type outbox interface {
	match.Outbox
	matchmaker.Outbox
}

func TestHost(t *testing.T) {
	mux := http.NewServeMux()
	require.NoError(t, build(struct{ outbox }{}, mux))
	page := httptest.NewRecorder()
	mux.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, page.Code)
	require.Contains(t, page.Body.String(), "shoal_sessions")
}
