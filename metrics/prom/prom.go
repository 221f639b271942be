package prom

import (
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
)

const defaultNames = 64

// Config configures [Metrics]. The zero value is ready for use.
type Config struct {
	// Registry gets the series. nil means a new one, which has those of the Go runtime and of the process besides.
	Registry *prometheus.Registry
	// MaxNames is how many values a label may have that the host, and not this package, has names for: the names of
	// handlers, of pools, and of requests. What comes after that many is "other". 0 means 64.
	MaxNames int
}

// Metrics are the series of one server. It is safe for concurrent use, and so are all its hooks.
type Metrics struct {
	registry    *prometheus.Registry
	maxNames    int
	match       *matchSeries
	transport   *transportSeries
	matchmaker  *matchmakerSeries
	party       *groupSeries
	relay       *groupSeries
	leaderboard *leaderboardSeries
	auth        *authSeries
	requests    *requestSeries
}

// New registers the series. The error says that a Config.Registry has one of them already, or that MaxNames is negative.
func New(c Config) (*Metrics, error) {
	if c.MaxNames < 0 {
		return nil, errors.New("prom: Config.MaxNames is negative")
	}
	if c.MaxNames == 0 {
		c.MaxNames = defaultNames
	}
	var s series
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
		s.all = append(s.all, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	m := &Metrics{
		registry:    c.Registry,
		maxNames:    c.MaxNames,
		match:       newMatchSeries(&s, c.MaxNames),
		transport:   newTransportSeries(&s, c.MaxNames),
		matchmaker:  newMatchmakerSeries(&s),
		party:       newGroupSeries(&s, "parties", "party", "Parties"),
		relay:       newGroupSeries(&s, "relayed_matches", "relayed_match", "Relayed matches"),
		leaderboard: newLeaderboardSeries(&s),
		auth:        newAuthSeries(&s),
		requests:    newRequestSeries(&s, c.MaxNames),
	}
	for _, one := range s.all {
		if err := c.Registry.Register(one); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Domains are asked for their figures whenever Prometheus asks. Each may be nil.
type Domains struct {
	Matches    interface{ Totals() match.Totals }
	Matchmaker interface{ Stats() matchmaker.Stats }
}

// Handler answers with all series, in the format that is asked for. It asks for no key: whoever may reach it may read
// them.
func (m *Metrics) Handler(d Domains) http.Handler {
	figures := prometheus.NewRegistry()
	figures.MustRegister(newFigures(d, m.maxNames)) // it is new, so this cannot fail
	return promhttp.HandlerFor(prometheus.Gatherers{m.registry, figures}, promhttp.HandlerOpts{})
}
