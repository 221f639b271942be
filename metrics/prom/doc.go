// Package prom shows what happens on a server to Prometheus.
//
// A [Metrics] is made first. Its hooks are given to the domains when they are made, next to those of the host if it has
// some, and its Handler takes those whose figures are read when Prometheus asks:
//
//	metrics, err := prom.New(prom.Config{})
//	matches, err := match.New(match.Config{Hooks: metrics.Match()})
//	mux.Handle("/metrics", metrics.Handler(prom.Domains{Matches: matches}))
//
// docs/metrics.md lists the series. No label has the id of a match or of a player; those that have names which the host
// chooses, as of handlers, have at most [Config.MaxNames] of them. Hooks that are called often allocate nothing.
package prom
