package dashboard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/shoal-go/shoal/match"
)

// MinKey is how many bytes a key has at least: it is all that keeps strangers out.
const MinKey = 16

// ErrKey means that a key is too short.
var ErrKey = errors.New("dashboard: the key has less than 16 bytes")

// Config configures a [Dashboard].
type Config struct {
	// Key opens the dashboard: at least MinKey bytes, as from crypto/rand.Text. Required.
	Key string
	// Secure is for a server that browsers reach over TLS though it does not speak it itself: the cookie is then never
	// sent without TLS. A proxy that says so in X-Forwarded-Proto is believed without it.
	Secure bool
	// Logger is told of wrong keys, and of what is done to matches from the page. nil drops it.
	Logger *slog.Logger
}

// Dashboard is a window into one server. It is safe for concurrent use.
type Dashboard struct {
	gate    gate
	log     *slog.Logger
	journal *journal
	closing context.Context // of all streams
	close   context.CancelFunc
}

// New makes a Dashboard. ErrKey.
func New(c Config) (*Dashboard, error) {
	if len(c.Key) < MinKey {
		return nil, ErrKey
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Dashboard{gate: newGate(c), log: c.Logger, journal: newJournal()}
	d.closing, d.close = context.WithCancel(context.Background())
	return d, nil
}

// Match returns the hooks for [match.Config], by which the dashboard learns what happens in matches. They note it and
// return.
func (d *Dashboard) Match() match.Hooks { return d.journal.hooks() }

// Guard lets only those through to h who have the key, as cookie or as bearer token: for pages of the host's own, such as
// metrics. Others get a 401.
func (d *Dashboard) Guard(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.gate.open(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the key of the dashboard is needed, as bearer token", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Close ends what is being streamed, and what is asked for later; it is for [http.Server.RegisterOnShutdown], since a
// server that stops would wait for the pages that are open.
func (d *Dashboard) Close() { d.close() }
