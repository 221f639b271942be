package prom

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
)

// figure is a series of the matches that is read when Prometheus asks.
type figure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(*match.Totals) float64
}

func newFigure(name, help string, kind prometheus.ValueType, of func(*match.Totals) float64) figure {
	return figure{describe(name, help), kind, of}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// figures collect what domains know of themselves.
type figures struct {
	domains         Domains
	maxNames        int
	matches         []figure
	tickets, oldest *prometheus.Desc
}

func newFigures(d Domains, maxNames int) *figures {
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	return &figures{
		domains: d, maxNames: maxNames,
		matches: []figure{
			newFigure("match_members", "Players in matches now.", gauge,
				func(t *match.Totals) float64 { return float64(t.Members) }),
			newFigure("match_spectators", "Spectators of matches now.", gauge,
				func(t *match.Totals) float64 { return float64(t.Spectators) }),
			newFigure("match_inbox_messages", "Messages that wait for a Loop now.", gauge,
				func(t *match.Totals) float64 { return float64(t.Inbox) }),
			newFigure("match_waiting_calls", "Joins, leaves, signals and ends that wait for a turn now.", gauge,
				func(t *match.Totals) float64 { return float64(t.Calls) }),
			newFigure("match_busy_seconds_total", "Time spent in turns of matches.", counter,
				func(t *match.Totals) float64 { return t.Busy.Seconds() }),
			newFigure("match_messages_received_total", "Messages that were put into an inbox.", counter,
				func(t *match.Totals) float64 { return float64(t.In.Messages) }),
			newFigure("match_received_bytes_total", "The data of these messages.", counter,
				func(t *match.Totals) float64 { return float64(t.In.Bytes) }),
			newFigure("match_messages_sent_total", "Messages that matches sent; one to three players counts as three.", counter,
				func(t *match.Totals) float64 { return float64(t.Out.Messages) }),
			newFigure("match_sent_bytes_total", "The data of these messages.", counter,
				func(t *match.Totals) float64 { return float64(t.Out.Bytes) }),
		},
		tickets: describe("matchmaker_tickets", "Tickets that wait now.", "pool"),
		oldest:  describe("matchmaker_oldest_ticket_seconds", "How long the oldest of them has waited.", "pool"),
	}
}

// Describe implements [prometheus.Collector].
func (f *figures) Describe(out chan<- *prometheus.Desc) {
	for _, one := range f.matches {
		out <- one.desc
	}
	out <- f.tickets
	out <- f.oldest
}

// Collect implements [prometheus.Collector].
func (f *figures) Collect(out chan<- prometheus.Metric) {
	if f.domains.Matches != nil {
		total := f.domains.Matches.Totals()
		for _, one := range f.matches {
			out <- prometheus.MustNewConstMetric(one.desc, one.kind, one.of(&total))
		}
	}
	if f.domains.Matchmaker == nil {
		return
	}
	now := time.Now()
	for name, p := range bounded(f.domains.Matchmaker.Stats().Pools, f.maxNames) {
		waited := 0.0
		if !p.Oldest.IsZero() {
			waited = now.Sub(p.Oldest).Seconds()
		}
		out <- prometheus.MustNewConstMetric(f.tickets, prometheus.GaugeValue, float64(p.Waiting), name)
		out <- prometheus.MustNewConstMetric(f.oldest, prometheus.GaugeValue, waited, name)
	}
}

// bounded puts the pools that are too many into one.
func bounded(pools map[string]matchmaker.PoolStats, most int) map[string]matchmaker.PoolStats {
	if len(pools) <= most {
		return pools
	}
	few := make(map[string]matchmaker.PoolStats, most+1)
	for i, name := range slices.Sorted(maps.Keys(pools)) {
		p := pools[name]
		if i >= most {
			name = other
			o := few[other]
			p.Waiting += o.Waiting
			if p.Oldest.IsZero() || !o.Oldest.IsZero() && o.Oldest.Before(p.Oldest) {
				p.Oldest = o.Oldest
			}
		}
		few[name] = p
	}
	return few
}
