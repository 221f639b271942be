package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
)

// scenario is who comes, and the policy that they are matched by. Times are in seconds of the game.
type scenario struct {
	Seed     uint64  `json:"seed"`
	Speed    float64 `json:"speed"` // how many of those seconds pass in a real one
	Seconds  float64 `json:"seconds"`
	Interval float64 `json:"interval"` // between two runs
	Expiry   float64 `json:"expiry"`   // 0: players wait for ever

	Arrivals []arrivals `json:"arrivals"`
	Policy   []step     `json:"policy"` // by the time that a player has waited
}

// arrivals are players of one kind, who come at random.
type arrivals struct {
	PerMinute float64            `json:"per_minute"`
	Regions   map[string]float64 `json:"regions"` // by weight
	Rating    float64            `json:"rating"`
	Deviation float64            `json:"deviation"`
	Min       int                `json:"min"`
	Max       int                `json:"max"`
}

// step is whom a player takes after a time.
type step struct {
	After     float64 `json:"after"`
	Within    float64 `json:"within"` // rating points
	AnyRegion bool    `json:"any_region"`
}

func (s *scenario) check() error {
	if s.Speed <= 0 || s.Seconds <= 0 || s.Interval <= 0 || len(s.Policy) == 0 || s.Policy[0].After != 0 {
		return errors.New("a scenario needs speed, seconds, interval, and a policy whose first step is after 0")
	}
	for _, a := range s.Arrivals {
		if a.PerMinute <= 0 || len(a.Regions) == 0 {
			return errors.New("arrivals need per_minute and regions")
		}
	}
	return nil
}

// real is how long some seconds of the game take.
func (s *scenario) real(seconds float64) time.Duration {
	return time.Duration(seconds / s.Speed * float64(time.Second))
}

// played is how many seconds of the game a time takes.
func (s *scenario) played(d time.Duration) float64 { return d.Seconds() * s.Speed }

// query is what a player asks for at a step.
func (p step) query(region string, rating float64) string {
	q := fmt.Sprintf("+rating:>=%.1f +rating:<=%.1f", rating-p.Within, rating+p.Within)
	if !p.AnyRegion {
		q += " +region:" + region
	}
	return q
}

func (s *scenario) widening() func(*matchmaker.Ticket, time.Duration) string {
	var steps []matchmaker.Step
	for _, p := range s.Policy {
		steps = append(steps, matchmaker.Step{After: s.real(p.After), Query: func(t *matchmaker.Ticket) string {
			region, _ := t.Text("region")
			rating, _ := t.Number("rating")
			return p.query(region, rating)
		}})
	}
	return matchmaker.Widening(steps...)
}

// play lets the players come, waits for the last ones, and reports.
func (s *scenario) play(ctx context.Context) (*report, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	r := &report{scenario: s, regions: make(map[string]*line)}
	m, err := matchmaker.New(matchmaker.Config{
		Outbox: r, Interval: s.real(s.Interval), Expiry: s.real(s.Expiry), Widen: s.widening(), Rating: "rating",
		Score: func(a, b *matchmaker.Ticket) float64 {
			one, _ := a.Number("rating")
			two, _ := b.Number("rating")
			return -max(one-two, two-one)
		},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.real(s.Seconds))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	err = s.arrive(ctx, m)
	cancel()
	r.left = m.Stats().Tickets
	return r, errors.Join(err, <-done)
}

// arrive adds the players as they come, until ctx is done.
func (s *scenario) arrive(ctx context.Context, m *matchmaker.Matchmaker) error {
	random := rand.New(rand.NewPCG(s.Seed, 0))
	start, next := time.Now(), make([]float64, len(s.Arrivals))
	for n := 0; ; n++ {
		kind := 0
		for i := range next {
			if next[i] < next[kind] {
				kind = i
			}
		}
		a := s.Arrivals[kind]
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(start.Add(s.real(next[kind])))):
		}
		next[kind] += random.ExpFloat64() * 60 / a.PerMinute
		if _, err := m.Add(s.player(random, a, n)); err != nil && !errors.Is(err, matchmaker.ErrStopped) {
			return err
		}
	}
}

func (s *scenario) player(random *rand.Rand, a arrivals, n int) matchmaker.Request {
	region, rating := pick(random, a.Regions), a.Rating+a.Deviation*random.NormFloat64()
	return matchmaker.Request{
		Presences: []presence.Presence{{Session: fmt.Sprint(n)}}, MinCount: a.Min, MaxCount: a.Max,
		Query:       s.Policy[0].query(region, rating),
		StringProps: map[string]string{"region": region}, NumericProps: map[string]float64{"rating": rating},
	}
}

// pick chooses by weight.
func pick(random *rand.Rand, weights map[string]float64) string {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at, names := random.Float64()*sum, slices.Sorted(maps.Keys(weights))
	for _, name := range names {
		if at -= weights[name]; at < 0 {
			return name
		}
	}
	return names[len(names)-1]
}
