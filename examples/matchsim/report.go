package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/shoal-go/shoal/matchmaker"
)

// report is an Outbox that keeps what a simulation shows. The Matchmaker calls it one call at a time.
type report struct {
	scenario *scenario
	all      line
	regions  map[string]*line
	left     int // still waiting at the end
}

// line is the figures of some players.
type line struct {
	waits   []float64 // seconds of the game
	spreads []float64
	expired int
}

func (r *report) of(t *matchmaker.Ticket) *line {
	region, _ := t.Text("region")
	if r.regions[region] == nil {
		r.regions[region] = &line{}
	}
	return r.regions[region]
}

// Matched implements matchmaker.Outbox.
func (r *report) Matched(res matchmaker.Result) {
	for _, e := range res.Entries {
		wait := r.scenario.played(res.Formed.Sub(e.Ticket.Created))
		for _, l := range []*line{&r.all, r.of(e.Ticket)} {
			l.waits = append(l.waits, wait)
			l.spreads = append(l.spreads, res.Spread)
		}
	}
}

// Expired implements matchmaker.Outbox.
func (r *report) Expired(t *matchmaker.Ticket) {
	r.all.expired++
	r.of(t).expired++
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%-10s %8s %8s %8s %8s %10s %10s\n", "region", "matched", "expired", "p50 s", "p99 s", "spread p50", "spread p99")
	for _, name := range slices.Sorted(maps.Keys(r.regions)) {
		r.regions[name].print(w, name)
	}
	r.all.print(w, "all")
	fmt.Fprintf(w, "\nstill waiting: %d\nfairness: %.2f (1: all regions wait the same time on average)\n\n", r.left, r.fairness())
	r.all.plot(w)
}

func (l *line) print(w io.Writer, name string) {
	fmt.Fprintf(w, "%-10s %8d %8d %8.1f %8.1f %10.0f %10.0f\n", name, len(l.waits), l.expired,
		share(l.waits, 50), share(l.waits, 99), share(l.spreads, 50), share(l.spreads, 99))
}

// share returns the number that so many in 100 are not above, or 0 if there is none.
func share(numbers []float64, percent int) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[(len(sorted)*percent+99)/100-1]
}

// fairness is Jain's index of the average waits of the regions.
func (r *report) fairness() float64 {
	sum, squares, n := 0.0, 0.0, 0.0
	for _, l := range r.regions {
		if len(l.waits) == 0 {
			continue
		}
		average := 0.0
		for _, wait := range l.waits {
			average += wait / float64(len(l.waits))
		}
		sum, squares, n = sum+average, squares+average*average, n+1
	}
	if squares == 0 {
		return 1
	}
	return sum * sum / (n * squares)
}

// plot shows how many players waited how long.
func (l *line) plot(w io.Writer) {
	const bars, width = 12, 50
	longest := share(l.waits, 100)
	counts := make([]int, bars)
	for _, wait := range l.waits {
		counts[min(bars-1, int(wait/max(longest, 1)*bars))]++
	}
	most := max(1, slices.Max(counts))
	for i, n := range counts {
		from := float64(i) * max(longest, 1) / bars
		fmt.Fprintf(w, "from %6.1f s |%s %d\n", from, strings.Repeat("#", (n*width+most-1)/most), n)
	}
}
