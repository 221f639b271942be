package prom

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	namespace = "shoal"
	other     = "other" // the value of a label that has as many as it may have
)

// series makes series and remembers them.
type series struct{ all []prometheus.Collector }

func (s *series) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
	s.all = append(s.all, c)
	return c
}

func (s *series) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	s.all = append(s.all, c)
	return c
}

func (s *series) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	s.all = append(s.all, g)
	return g
}

func (s *series) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	s.all = append(s.all, g)
	return g
}

func (s *series) histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
	s.all = append(s.all, h)
	return h
}

func (s *series) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(
		prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	s.all = append(s.all, h)
	return h
}

// names keeps something for each of a bounded number of names, and one thing for all others.
type names[V any] struct {
	most  int
	build func(name string) V

	mu   sync.RWMutex
	have map[string]V
}

func newNames[V any](most int, build func(name string) V) names[V] {
	return names[V]{most: most, build: build, have: map[string]V{other: build(other)}}
}

func (n *names[V]) of(name string) V {
	n.mu.RLock()
	v, ok := n.have[name]
	full := len(n.have) > n.most // other is not counted
	if !ok && full {
		v, ok = n.have[other], true
	}
	n.mu.RUnlock()
	if ok {
		return v
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if v, ok = n.have[name]; ok {
		return v
	}
	if len(n.have) > n.most {
		return n.have[other]
	}
	v = n.build(name)
	n.have[name] = v
	return v
}
