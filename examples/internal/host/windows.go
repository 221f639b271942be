package host

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/shoal-go/shoal/dashboard"
	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/metrics/prom"
)

// windows are what the host is watched through: the dashboard at /shoal/, and /metrics for Prometheus. Both ask for the
// same key.
type windows struct {
	dashboard *dashboard.Dashboard
	metrics   *prom.Metrics
}

func openWindows(key string, log *slog.Logger) (*windows, error) {
	window, err := dashboard.New(dashboard.Config{Key: key, Logger: log})
	if err != nil {
		return nil, err
	}
	metrics, err := prom.New(prom.Config{})
	return &windows{window, metrics}, err
}

func (w *windows) match() match.Hooks { return w.dashboard.Match().With(w.metrics.Match()) }

// gateway counts the requests of clients.
func (w *windows) gateway() nakama.Hooks {
	return nakama.Hooks{After: func(_ context.Context, r *nakama.Request, _ proto.Message, err error) {
		w.metrics.Request(r.Name, err)
	}}
}

// mount puts the windows in front of the host's own routes.
func (h *Host) mount(routes http.Handler) http.Handler {
	const folder = "/shoal"
	page := http.StripPrefix(folder, h.windows.dashboard.Handler(dashboard.Domains{
		Matches: h.Matches, Relays: h.Relays, Sessions: h.Sessions, Matchmaker: h.Queue, Boards: h.Boards,
	}))
	metrics := h.windows.dashboard.Guard(h.windows.metrics.Handler(prom.Domains{Matches: h.Matches, Matchmaker: h.Queue}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == folder:
			http.Redirect(w, r, folder+"/", http.StatusMovedPermanently)
		case strings.HasPrefix(path, folder+"/"):
			page.ServeHTTP(w, r)
		case path == "/metrics":
			metrics.ServeHTTP(w, r)
		default:
			routes.ServeHTTP(w, r)
		}
	})
}
