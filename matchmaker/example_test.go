package matchmaker_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
)

// console is an Outbox that shows what it should tell.
type console struct{}

func (console) Matched(r matchmaker.Result) {
	for _, e := range r.Entries {
		fmt.Printf("%s plays in %s\n", e.Presence.Username, r.MatchID)
	}
}

func (console) Expired(t *matchmaker.Ticket) {
	for _, p := range t.Presences {
		fmt.Printf("%s has waited too long\n", p.Username)
	}
}

func ExampleMatchmaker() {
	made := make(chan struct{})
	mm, err := matchmaker.New(matchmaker.Config{
		Outbox: console{},
		Matched: func(context.Context, matchmaker.Result) (string, error) {
			return "arena-1", nil // where a host creates a match
		},
		Hooks: matchmaker.Hooks{Matched: func(matchmaker.Result) { close(made) }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, name := range []string{"ann", "bob", "cid"} {
		_, err := mm.Add(matchmaker.Request{
			Presences:    []presence.Presence{{User: name, Session: name, Username: name}},
			MinCount:     2,
			MaxCount:     2,
			Query:        "+region:europe +rank:>=7 +rank:<=9",
			StringProps:  map[string]string{"region": "europe"},
			NumericProps: map[string]float64{"rank": []float64{8, 6, 9}[i]}, // bob is not good enough
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	<-made
	fmt.Println(mm.Stats().Tickets, "waits")

	// Output:
	// ann plays in arena-1
	// cid plays in arena-1
	// 1 waits
}

// reserve stands for matches with seats: see [match.Registry.Reserve], which takes one argument more, how long.
func reserve(_ context.Context, id string, users []presence.Presence) error {
	fmt.Println(id, "keeps a seat for", users[0].Username)
	return nil
}

// A match that has lost a player asks for another one.
func ExampleMatchmaker_Backfill() {
	waiting := make(chan struct{})
	mm, err := matchmaker.New(matchmaker.Config{
		Outbox: console{}, Reserve: reserve,
		Hooks: matchmaker.Hooks{Added: func(t *matchmaker.Ticket) {
			if t.Presences[0].Username == "ann" {
				close(waiting)
			}
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		<-waiting
		_, err := mm.Add(matchmaker.Request{
			Presences: []presence.Presence{{User: "bob", Session: "bob", Username: "bob"}}, MinCount: 2, MaxCount: 2,
		})
		if err != nil {
			fmt.Println(err)
		}
	}()
	ann := presence.Presence{User: "ann", Session: "ann", Username: "ann"}
	err = mm.Backfill(context.Background(), matchmaker.BackfillRequest{
		MatchID: "arena-1", Roster: []presence.Presence{ann}, Players: 1,
	})
	fmt.Println(err, mm.Stats().Tickets)

	// Output:
	// arena-1 keeps a seat for bob
	// bob plays in arena-1
	// <nil> 0
}

// Who waits long plays with anybody who is near.
func ExampleWidening() {
	widen := matchmaker.Widening(
		matchmaker.Step{After: 15 * time.Second, Query: func(t *matchmaker.Ticket) string {
			rank, _ := t.Number("rank")
			return fmt.Sprintf("+region:europe +rank:>=%g +rank:<=%g", rank-3, rank+3)
		}},
		matchmaker.Step{After: time.Minute, Query: func(*matchmaker.Ticket) string { return "+region:europe" }},
	)
	ann := &matchmaker.Ticket{
		Query: "+region:europe +rank:8", Numbers: []matchmaker.NumberProperty{{Key: "rank", Value: 8}},
	}
	for _, waited := range []time.Duration{0, 20 * time.Second, 2 * time.Minute} {
		fmt.Println(waited, widen(ann, waited))
	}

	// Output:
	// 0s +region:europe +rank:8
	// 20s +region:europe +rank:>=5 +rank:<=11
	// 2m0s +region:europe
}

// Two players wait, and do not play with each other.
func ExampleMatchmaker_Explain() {
	mm, err := matchmaker.New(matchmaker.Config{Outbox: console{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	wait := func(name, query, region string) string {
		ticket, err := mm.Add(matchmaker.Request{
			Presences: []presence.Presence{{User: name, Session: name, Username: name}}, MinCount: 2, MaxCount: 2,
			Query: query, StringProps: map[string]string{"region": region},
		})
		if err != nil {
			fmt.Println(err)
		}
		return ticket
	}
	ann := wait("ann", "+region:europe", "europe")
	wait("bob", "", "asia")

	why, err := mm.Explain(ann)
	fmt.Println(len(why.Candidates), "candidates,", err)
	fmt.Println(why.Obstacles[0].Mine, why.Relaxations)

	// Output:
	// 0 candidates, <nil>
	// [+region:europe] [{+region:europe 1} {counts 0}]
}
