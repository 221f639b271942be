package docs_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/tick"
)

// newQueue is a matchmaker whose groups play races.
func newQueue(out matchmaker.Outbox, matches *match.Registry) (*matchmaker.Matchmaker, error) {
	return matchmaker.New(matchmaker.Config{
		Outbox: out,
		Matched: func(ctx context.Context, r matchmaker.Result) (string, error) {
			id, err := matches.Create(ctx, "race", "race") // or "", for a relayed match
			return string(id), err
		},
		Reserve: func(ctx context.Context, id string, users []presence.Presence) error {
			return matches.Reserve(ctx, match.ID(id), users, 30*time.Second)
		},

		Interval: 5 * time.Second,
		Expiry:   2 * time.Minute,
		Widen:    matchmaker.Widening(steps...),
		Score:    matchmaker.BySkill("rating", "uncertainty"),
		Pool:     func(t *matchmaker.Ticket) string { mode, _ := t.Text("mode"); return mode },
	})
}

// steps ask for less the longer a ticket waits.
var steps = []matchmaker.Step{
	{After: 15 * time.Second, Query: func(t *matchmaker.Ticket) string {
		rating, _ := t.Number("rating")
		return fmt.Sprintf("+rating:>=%g +rating:<=%g", rating-200, rating+200)
	}},
	{After: time.Minute, Query: func(*matchmaker.Ticket) string { return "*" }},
}

// told is an Outbox that remembers.
type told struct {
	mu      sync.Mutex
	results []matchmaker.Result
}

func (o *told) Matched(r matchmaker.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.results = append(o.results, r)
}

func (*told) Expired(*matchmaker.Ticket) {}

func (o *told) all() []matchmaker.Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.results)
}

// ticket waits for a race of two.
func ticket(name string, rating float64, query string) matchmaker.Request {
	return matchmaker.Request{
		Presences: []presence.Presence{{User: name, Session: name, Username: name}},
		MinCount:  2, MaxCount: 2, Query: query,
		StringProps:  map[string]string{"mode": "race"},
		NumericProps: map[string]float64{"rating": rating},
	}
}

func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		matches, err := match.New(match.Config{Source: tick.NewManual(time.Now())})
		require.NoError(t, err)
		match.Register(matches, "race", race{})
		out := &told{}
		queue, err := newQueue(out, matches)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- queue.Run(ctx) }()

		ann, err := queue.Add(ticket("ann", 1500, "+rating:>=1450 +rating:<=1550"))
		require.NoError(t, err)
		_, err = queue.Add(ticket("bob", 1600, "+rating:>=1550 +rating:<=1650"))
		require.NoError(t, err)
		why, err := queue.Explain(ann)
		require.NoError(t, err)
		require.Equal(t, []string{"+rating:<=1550"}, why.Obstacles[0].Mine)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Empty(t, out.all(), "they want others")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Len(t, out.all(), 1, "after 15 s they take each other")
		require.Equal(t, 1, queue.Stats().Pools["race"].Groups[2])
		stop()
		require.NoError(t, <-done)
	})
}

// fill finds players for the free seats of a match that runs, until ctx ends.
func fill(ctx context.Context, queue *matchmaker.Matchmaker, id match.ID, roster []presence.Presence) error {
	return queue.Backfill(ctx, matchmaker.BackfillRequest{
		MatchID: string(id),
		Roster:  roster,
		Players: 4 - len(roster),
		Query:   "+mode:race",
	})
}

func TestFill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		matches, err := match.New(match.Config{Source: tick.NewManual(time.Now())})
		require.NoError(t, err)
		match.Register(matches, "race", race{})
		out := &told{}
		queue, err := newQueue(out, matches)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		done, filled := make(chan error), make(chan error)
		go func() { done <- queue.Run(ctx) }()
		id, err := matches.Create(ctx, "race", "race")
		require.NoError(t, err)
		roster := []presence.Presence{{User: "a", Session: "a"}, {User: "b", Session: "b"}, {User: "c", Session: "c"}}
		go func() { filled <- fill(ctx, queue, id, roster) }()
		synctest.Wait()
		late := ticket("late", 1500, "+mode:race")
		late.MinCount, late.MaxCount = 2, 4
		_, err = queue.Add(late)
		require.NoError(t, err)
		require.NoError(t, <-filled)
		synctest.Wait() // it is told after the match has been
		require.Equal(t, string(id), out.all()[0].MatchID)
		stop()
		require.NoError(t, <-done)
	})
}
